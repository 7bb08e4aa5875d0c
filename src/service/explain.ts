// What an address means, and what would become of mail to it at a given time. The verdict is the filter's own.

import {
  addDays,
  type Calendar,
  type Day,
  type DelayAddress,
  lifetimeOf,
  type Mailbox,
  parseDay,
  parseRecipient,
  Signer,
} from '../address/index.ts'
import type { Refusal, Seal } from '../filter/decide.ts'
import type { Judged, Judgement } from '../filter/judge.ts'
import {
  REFUSALS,
  type RefusalCode,
  refusalReply,
  type SmtpReply,
  type VerdictName,
} from '../filter/replies.ts'
import type { AddressRecord, Domain, Prefix } from '../store/store.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import { type IssueParts, readSite } from './issue.ts'
import type { Permission } from './permission.ts'
import { recipientArgument } from './recipients.ts'

export interface ExplainParts extends IssueParts {
  readonly refusalCode: RefusalCode
}

export interface ExplainWishes {
  readonly domain?: string | undefined
  /** RFC 3339, or a date or a date and time in the domain's zone; now unless told. */
  readonly at?: string | undefined
  /** Was it made for this host name? */
  readonly site?: string | undefined
}

export interface Explanation {
  /** As the filter understood it: `local@domain`, canonical where it is an address of ours. */
  readonly recipient: string
  readonly verdict: VerdictName
  /** The filter lets the recipient pass, changed or untouched. */
  readonly accepted: boolean
  /** What the sender is told; nothing when it is accepted. */
  readonly reply: SmtpReply | undefined
  readonly because: Refusal | undefined
  /** Where its mail goes; nothing when it passes untouched or is refused, or where the actor may not know. */
  readonly mailboxes: readonly Mailbox[]
  /** The time asked about, in milliseconds since 1970. */
  readonly at: number
  /** That time is the present. */
  readonly present: boolean
  /** Nothing when it is in none of our domains. */
  readonly domain: Domain | undefined
  /** Nothing when it has not the form of an address. */
  readonly meaning: Meaning | undefined
}

/** An address read aloud. */
export interface Meaning {
  readonly address: DelayAddress
  readonly prefix: Prefix | undefined
  readonly seal: Seal
  readonly today: Day
  readonly firstDay: Day
  /** By its date and days, capped as its prefix says. The day before `firstDay` for 00 days: it never works. */
  readonly lastDay: Day
  /** Last day on which it works because its owner said so; only where that is after `lastDay`. */
  readonly extendedThrough: Day | undefined
  /** It claims more days than its prefix allows. */
  readonly capped: boolean
  readonly record: AddressRecord | undefined
  /** Somebody else's prefix, or none: only what a sender could learn is told. */
  readonly foreign: boolean
  /** Whether the salt stands for the site that was asked about. Nothing when none was. */
  readonly site: { readonly name: string; readonly matches: boolean } | undefined
}

export async function explainAddress(
  parts: ExplainParts,
  text: string,
  wishes: ExplainWishes,
): Promise<Answer<Explanation>> {
  const argument = await recipientArgument(text, wishes.domain, parts.domains)
  if (!argument.ok) return argument
  const site = wishes.site === undefined ? granted(undefined) : readSite(wishes.site)
  if (!site.ok) return site
  // The domain tells the zone that a local time is meant in; the verdict at that time comes after.
  const { domain } = { domain: undefined, ...(await parts.judge.judge(argument.value)) }
  const at = readInstant(wishes.at, domain && parts.judge.calendarOf(domain), parts.clock())
  if (!at.ok) return at
  const judgement = await parts.judge.judge(argument.value, at.value)
  const meaning = judgement.kind === 'address' ? await meaningOf(parts, judgement, site.value) : undefined
  return granted({
    recipient: canonical(argument.value, judgement),
    at: at.value,
    present: wishes.at === undefined,
    domain,
    meaning,
    ...concealed(verdictOf(judgement, parts), meaning, parts.permission),
  })
}

/**
 * Who may not see the prefix learns what a sender hears, and not where mail goes or which of the reasons it was. The
 * postmaster's mailbox belongs to the domain, and is told to whoever keeps domains.
 */
function concealed(verdict: Verdict, meaning: Meaning | undefined, permission: Permission): Verdict {
  const postmasters = verdict.verdict === 'postmaster' && !permission.administer().ok
  return postmasters || meaning?.foreign === true ? { ...verdict, mailboxes: [] } : verdict
}

function canonical(argument: string, judgement: Judgement): string {
  if (judgement.kind === 'address') return `${judgement.localPart}@${judgement.domain.name}`
  const recipient = parseRecipient(argument)
  return recipient === undefined ? argument : `${recipient.localPart}@${recipient.domain}`
}

type Verdict = Pick<Explanation, 'verdict' | 'accepted' | 'reply' | 'because' | 'mailboxes'>

function verdictOf(judgement: Judgement, { refusalCode }: Pick<ExplainParts, 'refusalCode'>): Verdict {
  const refused = (because: Refusal): Verdict => ({
    verdict: REFUSALS[because].verdict,
    accepted: false,
    reply: refusalReply(because, refusalCode),
    because,
    mailboxes: [],
  })
  const accepted = (verdict: VerdictName, mailboxes: readonly Mailbox[]): Verdict => {
    return { verdict, accepted: true, reply: undefined, because: undefined, mailboxes }
  }
  switch (judgement.kind) {
    case 'foreign':
      return accepted('pass', [])
    case 'role': {
      const { postmaster } = judgement.domain
      return postmaster === undefined ? accepted('pass', []) : accepted('postmaster', [postmaster])
    }
    case 'malformed':
      return refused(judgement.because)
    case 'address': {
      const { decision } = judgement
      if (decision.kind === 'refuse') return refused(decision.because)
      return accepted('forward', decision.mailboxes)
    }
  }
}

async function meaningOf(
  { store, permission }: ExplainParts,
  { address, facts, seal, today, domain, localPart }: Judged,
  site: string | undefined,
): Promise<Meaning> {
  if (!permission.sees(facts.prefix)) return outwardly(address, today)
  const record = await store.findAddress(domain.name, localPart)
  const maxDays = facts.prefix?.maxDays ?? address.days
  const last = addDays(lifetimeOf(address, maxDays).end, -1)
  const { extendedThrough = last } = facts
  return {
    address,
    prefix: facts.prefix,
    seal,
    today,
    firstDay: address.issued,
    lastDay: last,
    extendedThrough: extendedThrough > last ? extendedThrough : undefined,
    capped: address.days > maxDays,
    record,
    foreign: false,
    site: await siteOf(store, address, site, record),
  }
}

/** What anybody can read in an address: whether its prefix exists stays as open as it is to a sender. */
function outwardly(address: DelayAddress, today: Day): Meaning {
  return {
    address,
    prefix: undefined,
    seal: 'none',
    today,
    firstDay: address.issued,
    lastDay: addDays(lifetimeOf(address, address.days).end, -1),
    extendedThrough: undefined,
    capped: false,
    record: undefined,
    foreign: true,
    site: undefined,
  }
}

/** The site that was asked about; else, for a salted address, the one on record. */
async function siteOf(
  store: ExplainParts['store'],
  address: DelayAddress,
  asked: string | undefined,
  record: AddressRecord | undefined,
): Promise<Meaning['site']> {
  if (asked !== undefined) return { name: asked, matches: await madeFor(store, address, asked) }
  if (address.salt === undefined || record === undefined || record.site === '') return undefined
  const matches = await madeFor(store, address, record.site)
  // A site that was written to it later says nothing about the salt.
  return matches ? { name: record.site, matches } : undefined
}

async function madeFor(store: ExplainParts['store'], address: DelayAddress, site: string): Promise<boolean> {
  const { keys } = await store.settings()
  return address.salt !== undefined && new Signer(keys).madeFor(address, site)
}

const WITH_OFFSET = /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i
const LOCAL = /^(\d{4}-?\d{2}-?\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/i

/** RFC 3339, or a local time in the calendar's zone; a date alone means its first instant. Where no zone is known, UTC. */
function readInstant(text: string | undefined, calendar: Calendar | undefined, now: number): Answer<number> {
  if (text === undefined) return granted(now)
  const [, date] = WITH_OFFSET.exec(text) ?? []
  // Date.parse takes February 30th for March 2nd.
  const exists = date !== undefined && parseDay(date) !== undefined
  const instant = exists ? Date.parse(text.replace(' ', 'T')) : localInstant(text, calendar)
  if (instant !== undefined && !Number.isNaN(instant)) return granted(instant)
  const message = `${quoted(text)} is no time. Write one like 2026-11-20, 2026-11-20T15:30 or 2026-11-20T15:30:00+01:00.`
  return declined('invalid', message, 'at')
}

function localInstant(text: string, calendar: Calendar | undefined): number | undefined {
  const [, date = '', hour, minute, second = '0'] = LOCAL.exec(text) ?? []
  const day = parseDay(date)
  if (day === undefined) return undefined
  const midnight = calendar?.startOf(day) ?? day * 86_400_000
  if (hour === undefined) return midnight
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (calendar === undefined) return midnight + ((h * 60 + m) * 60 + s) * 1000
  // An hour that the clocks skip is taken for the one after it.
  return calendar.wallClock(midnight).with({ hour: h, minute: m, second: s, millisecond: 0 })
    .epochMilliseconds
}
