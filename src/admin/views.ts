// From what the services know to what the page is sent. A stored record is never sent as it is.

import { type Day, formatDay } from '../address/index.ts'
import { DEFER, type RefusalCode } from '../filter/replies.ts'
import type {
  AuditRecord,
  BookAddress,
  ConsoleExplanation,
  Domain,
  IssuedAddress,
  ListedPerson,
  Person,
  Prefix,
  SenderRecord,
  SessionRecord,
  TokenRecord,
  ToldDecision,
} from '../service/index.ts'
import type {
  AddressView,
  AuditEntry,
  DomainView,
  ExplainView,
  MadeAddress,
  Me,
  PersonView,
  PrefixView,
  Sender,
  SessionView,
  TokenView,
  UsablePrefix,
  VerdictEvent,
} from './schemas.ts'

export const instant = (at: number): string => new Date(at).toISOString()

/** Members that are there only when they are known. */
function known<K extends string, T, V>(name: K, value: T | undefined, view: (value: T) => V) {
  return (value === undefined ? {} : { [name]: view(value) }) as { [P in K]?: V }
}

const same = <T>(value: T): T => value

export function meView({ name, role, totp }: Person): Me {
  return { name, role, totp }
}

export function sessionView(session: SessionRecord, current: number): SessionView {
  return {
    id: String(session.id),
    current: session.id === current,
    client: session.client,
    agent: session.agent,
    since: instant(session.createdAt),
    lastSeen: instant(session.lastSeenAt),
  }
}

export function usablePrefixView({
  domain,
  name,
  mailboxes,
  maxDays,
  defaultDays,
  signed,
}: Prefix): UsablePrefix {
  return { domain, name, mailboxes: [...mailboxes], maxDays, defaultDays, signed }
}

export function madeAddressView({ prefix, ...made }: IssuedAddress): MadeAddress {
  return {
    address: made.address,
    localPart: made.localPart,
    domain: made.domain,
    prefix: prefix.name,
    firstDay: formatDay(made.firstDay),
    lastDay: formatDay(made.lastDay),
    days: made.days,
    signed: made.signed,
    salted: made.salted,
    mailboxes: [...prefix.mailboxes],
    timeZone: made.timeZone,
  }
}

export function addressView(row: BookAddress): AddressView {
  return {
    address: row.address,
    localPart: row.localPart,
    domain: row.domain,
    prefix: row.prefix,
    state: row.state,
    firstDay: formatDay(row.firstDay),
    lastDay: formatDay(row.lastDay),
    ...known('extendedThrough', row.extendedThrough, formatDay),
    ...known('revokedAt', row.revokedAt, instant),
    daysLeft: row.daysLeft,
    signed: row.signed,
    site: row.site,
    note: row.note,
    accepted: row.accepted,
    refused: row.refused,
    lastSender: row.lastSender,
    ...known('lastSeenAt', row.lastSeenAt, instant),
    ...known('leak', row.leak, ({ to, sender, since }) => ({ to, sender, since: instant(since) })),
    ...known('barred', row.barred, same),
  }
}

/** Who still tries: what was accepted while the address worked is no try. */
export function senderView(sender: SenderRecord): Sender {
  return {
    domain: sender.domain,
    sender: sender.lastSender,
    count: sender.refused,
    first: instant(sender.firstAt),
    last: instant(sender.lastAt),
  }
}

export function explainView(explanation: ConsoleExplanation): ExplainView {
  const { recipient, ours, accepted, verdict, smtp } = explanation
  return {
    recipient,
    ours,
    accepted,
    verdict,
    sentences: [...explanation.sentences],
    steps: [...explanation.steps],
    smtp,
    ...known('parts', explanation.parts, ({ firstDay, lastDay, ...parts }) => ({
      ...parts,
      firstDay: formatDay(firstDay),
      lastDay: formatDay(lastDay),
    })),
    ...known('timeZone', explanation.timeZone, same),
    ...known('today', explanation.today, formatDay),
    ...known('record', explanation.record, addressView),
    marks: explanation.marks.map(({ at, ...mark }) => ({ at: instant(at), ...mark })),
  }
}

/** The prefixes that the asker may see, to tell where delivered mail went. */
export type Mailboxes = ReadonlyMap<string, readonly string[]>

export function mailboxesOf(prefixes: readonly Prefix[]): Mailboxes {
  return new Map(prefixes.map(({ domain, name, mailboxes }) => [`${name}@${domain}`, mailboxes]))
}

const DELIVERED = new Set(['forward', 'postmaster', 'pass'])

export function eventView(event: ToldDecision, mailboxes: Mailboxes, refusalCode: RefusalCode): VerdictEvent {
  const { id, verdict, sender, recipient, domain, client, queueId, prefix = '' } = event
  const to = verdict === 'forward' ? mailboxes.get(`${prefix}@${domain}`) : undefined
  const code = DELIVERED.has(verdict) ? undefined : verdict === 'defer' ? DEFER.code : refusalCode
  return {
    id,
    at: instant(event.at),
    verdict,
    sender,
    recipient,
    prefix,
    client,
    queueId,
    domain,
    ...known('code', code, same),
    ...known('to', to, (list) => [...list]),
    ...known('on', event.on, formatDay),
    ...known('leaked', event.leaked, same),
  }
}

export function dayView({
  day,
  counts,
}: {
  readonly day: Day
  readonly counts: Readonly<Record<string, number>>
}) {
  return { day: formatDay(day), counts }
}

export function domainView(domain: Domain, prefixes: number): DomainView {
  const { name, timeZone, postmaster = '', maxPrefixLength, revision } = domain
  return { name, timeZone, postmaster, maxPrefixLength, prefixes, revision: String(revision) }
}

/** `names` of people by their number. */
export function prefixView(prefix: Prefix, names: ReadonlyMap<number, string>): PrefixView {
  return {
    ...usablePrefixView(prefix),
    enabled: prefix.enabled,
    note: prefix.note,
    owner: prefix.owner === undefined ? '' : (names.get(prefix.owner) ?? ''),
    revision: String(prefix.revision),
  }
}

export function personView(person: ListedPerson): PersonView {
  const { name, role, totp, enabled, prefixes, lastSeenAt } = person
  return {
    name,
    role,
    totp,
    enabled,
    prefixes: [...prefixes],
    ...known('lastSeen', lastSeenAt, instant),
    revision: String(person.revision),
  }
}

export function tokenView(token: TokenRecord): TokenView {
  const { id, name, person, domain, prefix, days, createdAt, lastUsedAt, revokedAt } = token
  return {
    id,
    name,
    person,
    domain,
    prefix,
    days,
    createdAt: instant(createdAt),
    ...known('lastUsedAt', lastUsedAt, instant),
    ...known('revokedAt', revokedAt, instant),
  }
}

export function auditView({ at, ...entry }: AuditRecord): AuditEntry {
  return { ...entry, at: instant(at) }
}
