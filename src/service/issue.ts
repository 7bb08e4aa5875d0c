// Making a new address. Nothing need be stored for it: only a note or a site leaves a record.

import { randomBytes } from 'node:crypto'
import { domainToASCII } from 'node:url'
import {
  addDays,
  type Day,
  type DelayAddress,
  formatDay,
  formatLocalPart,
  parseDay,
  parseHostName,
  Signer,
  saltFromBytes,
} from '../address/index.ts'
import type { Judge } from '../filter/judge.ts'
import type { Domain, Prefix } from '../store/store.ts'
import { type Answer, counted, declined, granted, quoted } from './answer.ts'
import type { DeskParts } from './desk.ts'
import type { DomainService } from './domains.ts'
import { readNote } from './inputs.ts'
import type { PrefixService } from './prefixes.ts'

/** What the address is to be like. What is left out follows from the prefix. */
export interface IssueWishes {
  readonly prefix: string
  readonly domain?: string | undefined
  /** Lifetime, 1 to the prefix's maximum. Not together with `until`. */
  readonly days?: number | undefined
  /** Last day on which it works, YYYY-MM-DD. */
  readonly until?: string | undefined
  /** First day, YYYY-MM-DD; today in the domain's zone unless told. */
  readonly from?: string | undefined
  /** Host name that the address is made for: its salt then stands for that site. Implies a tag. */
  readonly site?: string | undefined
  readonly note?: string | undefined
  /** When the very address was made before with another note: true keeps that one, false is a conflict. */
  readonly keepNote?: boolean | undefined
  /**
   * Add a salt, so that it differs from the other addresses of that day. Implies a tag. True: a random one. A text: one
   * that follows from it, so that what was previewed is what is made.
   */
  readonly unique?: boolean | string | undefined
  /** With or without a tag; unless told, as the prefix demands. */
  readonly signed?: boolean | undefined
  /** Several at once that differ by their salt, 1 to 50; more than one implies `unique` for the rest. */
  readonly count?: number | undefined
}

export interface IssuedAddress {
  /** `local@domain` */
  readonly address: string
  readonly localPart: string
  readonly domain: string
  readonly prefix: Prefix
  readonly timeZone: string
  readonly firstDay: Day
  readonly lastDay: Day
  readonly days: number
  readonly signed: boolean
  readonly salted: boolean
  readonly site: string
  readonly note: string
}

export interface IssueParts extends DeskParts {
  readonly judge: Judge
  readonly domains: DomainService
  readonly prefixes: PrefixService
}

/** Most addresses made at once. */
const MOST_AT_ONCE = 50

/** A new address for these wishes, or the first of them that cannot be. */
export async function issueAddress(parts: IssueParts, wishes: IssueWishes): Promise<Answer<IssuedAddress>> {
  const issued = await issueAddresses(parts, { ...wishes, count: 1 })
  // One was asked for.
  return issued.ok ? granted(issued.value[0]!) : issued
}

/** As many as `wishes.count` says. Those with a site or a note are kept, all or none. */
export async function issueAddresses(
  parts: IssueParts,
  wishes: IssueWishes,
): Promise<Answer<readonly IssuedAddress[]>> {
  const planned = await planAddresses(parts, wishes)
  if (!planned.ok) return planned
  const { store, clock, journal } = parts
  const entries = planned.value
    .filter(({ site, note }) => site !== '' || note !== '')
    .map(({ prefix, localPart, site, note }) => ({
      domain: prefix.domain,
      localPart,
      prefix: prefix.name,
      ...(site === '' ? {} : { site }),
      ...(note === '' ? {} : { note }),
    }))
  if (entries.length === 0) return planned
  if ((await store.importAddresses(entries, clock())) === 'no-domain') {
    return declined('not-found', 'The domain was removed meanwhile.', 'domain')
  }
  for (const { address, site, note } of planned.value)
    await journal.note('address made', address, site || note)
  return planned
}

/** What `issueAddresses` would make. Nothing is stored. */
export async function planAddresses(
  parts: IssueParts,
  { site, ...others }: IssueWishes,
): Promise<Answer<readonly IssuedAddress[]>> {
  // A field that was left empty is no site.
  const wishes = site?.trim() === '' ? others : { ...others, site }
  const domain = await parts.domains.find(wishes.domain)
  if (!domain.ok) return domain
  const prefix = await parts.prefixes.find(wishes.prefix, domain.value.name)
  if (!prefix.ok) return prefix
  if (!prefix.value.enabled) {
    return declined('conflict', `The prefix ${prefix.value.name} is disabled. Enable it first.`, 'prefix')
  }
  const texts = checkTexts(wishes)
  if (!texts.ok) return texts
  const several = checkCount(wishes)
  if (!several.ok) return several
  const signed = checkForm(several.value, prefix.value)
  if (!signed.ok) return signed
  const today = parts.judge.calendarOf(domain.value).today(parts.clock())
  const lifetime = checkLifetime(wishes, prefix.value, today)
  if (!lifetime.ok) return lifetime
  const plain = { prefix: prefix.value.name, ...lifetime.value, salt: undefined, tag: undefined }
  const addresses = signed.value
    ? await signSeveral(parts, domain.value, plain, texts.value.site, several.value)
    : [plain]
  const planned: IssuedAddress[] = []
  for (const address of addresses) {
    const note = await noteFor(parts, domain.value, address, { ...wishes, note: texts.value.note })
    if (!note.ok) return note
    const { site } = texts.value
    planned.push(issued(domain.value, prefix.value, address, { site, note: note.value }))
  }
  return granted(planned)
}

/** More than one differ by their salts. */
function checkCount(wishes: IssueWishes): Answer<IssueWishes> {
  const { count = 1, site, unique = false } = wishes
  if (!Number.isInteger(count) || count < 1 || count > MOST_AT_ONCE) {
    return declined('invalid', `1 to ${MOST_AT_ONCE} addresses can be made at once.`, 'count')
  }
  return granted({ ...wishes, count, unique: unique || (count > 1 && site === undefined) })
}

function checkTexts(wishes: IssueWishes): Answer<{ readonly site: string; readonly note: string }> {
  const note = readNote(wishes.note ?? '')
  if (!note.ok) return note
  if (wishes.site === undefined) return granted({ site: '', note: note.value })
  const site = readSite(wishes.site)
  return site.ok ? granted({ site: site.value, note: note.value }) : site
}

/** Letters of any alphabet, digits, dots and hyphens: what a name may have before it is written in ASCII. */
const INTERNATIONAL = /^[\p{L}\p{M}\p{N}.\u3002-]{1,253}$/u

/** A host name in canonical form; an internationalized one in its xn-- form (RFC 5891), which is the same site. */
export function readSite(text: string): Answer<string> {
  const foreign = /[^ -~]/.test(text) && INTERNATIONAL.test(text)
  const site = parseHostName(foreign ? domainToASCII(text) : text)
  if (site !== undefined) return granted(site)
  return declined(
    'invalid',
    `${quoted(text)} is no host name. Write one like shop.example, without path.`,
    'site',
  )
}

/** A host name, or '' to take one away. */
export function readSiteOrNone(text: string): Answer<string> {
  return text.trim() === '' ? granted('') : readSite(text.trim())
}

/** Whether the address gets a tag. */
function checkForm(wishes: IssueWishes, prefix: Prefix): Answer<boolean> {
  if (wishes.signed !== false) {
    return granted(wishes.signed ?? (prefix.signed || wishes.site !== undefined || wishes.unique !== false))
  }
  if (prefix.signed) {
    const message = `The prefix ${prefix.name} takes signed addresses only: an unsigned one would be refused.`
    return declined('conflict', message, 'signed')
  }
  if (wishes.site === undefined && wishes.unique === false) return granted(false)
  const what = wishes.site === undefined ? 'salt' : 'site'
  return declined(
    'invalid',
    `Only a signed address has room for a ${what}. Leave out one of the two.`,
    'signed',
  )
}

function checkLifetime(
  wishes: IssueWishes,
  { name, maxDays, defaultDays }: Prefix,
  today: Day,
): Answer<Pick<DelayAddress, 'issued' | 'days'>> {
  const issued = readDay(wishes.from, 'from', today)
  if (!issued.ok) return issued
  const until = readDay(wishes.until, 'until', addDays(issued.value, (wishes.days ?? defaultDays) - 1))
  if (!until.ok) return until
  if (wishes.days !== undefined && wishes.until !== undefined) {
    return declined('invalid', 'Give either the number of days or the last day, not both.', 'until')
  }
  const days = until.value - issued.value + 1
  if (!Number.isInteger(days) || days < 1) {
    if (wishes.until === undefined) return declined('invalid', 'An address works for at least 1 day.', 'days')
    return declined(
      'invalid',
      `${formatDay(until.value)} is before its first day, ${formatDay(issued.value)}.`,
      'until',
    )
  }
  if (days > maxDays) {
    const message = `That would be ${days} days, and the prefix ${name} allows ${counted(maxDays, 'day')} at most.`
    return declined('conflict', message, wishes.until === undefined ? 'days' : 'until')
  }
  if (until.value < today) {
    return declined('invalid', `Its last day, ${formatDay(until.value)}, would be over already.`, 'from')
  }
  return granted({ issued: issued.value, days })
}

/** A date that somebody gave, or `otherwise`. Addresses have room for the years 0000 to 9999. */
export function readDay(text: string | undefined, field: string, otherwise: Day): Answer<Day> {
  if (text === undefined) return granted(otherwise)
  const day = parseDay(text)
  if (day !== undefined) return granted(day)
  return declined('invalid', `${quoted(text)} is no date in the calendar. Write one like 2026-11-20.`, field)
}

/** The first for the site, where there is one; the rest with salts of their own. */
async function signSeveral(
  { store }: IssueParts,
  { name }: Domain,
  plain: DelayAddress,
  site: string,
  { unique = false, count = 1 }: IssueWishes,
): Promise<readonly DelayAddress[]> {
  const { keys } = await store.settings()
  const signer = new Signer(keys)
  if (site === '' && unique === false) return [signer.sign(name, plain)]
  const salts = new Set(site === '' ? [] : [signer.saltFor(plain.prefix, site)])
  for (let turn = 0; salts.size < count; turn += 1) {
    salts.add(
      typeof unique === 'string'
        ? signer.saltForText(plain.prefix, unique, turn)
        : saltFromBytes(randomBytes(8)),
    )
  }
  return [...salts].map((salt) => signer.sign(name, { ...plain, salt }))
}

/** The note that the address gets; nothing where it was given away before and something stands against doing it again. */
async function noteFor(
  { store }: IssueParts,
  { name }: Domain,
  address: DelayAddress,
  { note = '', keepNote = false }: IssueWishes,
): Promise<Answer<string>> {
  const localPart = formatLocalPart(address)
  const known = await store.findAddress(name, localPart)
  if (known === undefined) return granted(note)
  const others = 'Choose another lifetime, or ask for a unique one.'
  if (known.revokedAt !== undefined) {
    return declined('conflict', `${localPart}@${name} was made before and revoked. ${others}`)
  }
  if (known.note === '' || note === '' || known.note === note) return granted(note)
  if (keepNote) return granted(known.note)
  const message = `${localPart}@${name} was made before, with the note ${quoted(known.note)}. ${others}`
  return declined('conflict', message, 'note')
}

function issued(
  domain: Domain,
  prefix: Prefix,
  address: DelayAddress,
  { site, note }: { readonly site: string; readonly note: string },
): IssuedAddress {
  const localPart = formatLocalPart(address)
  return {
    address: `${localPart}@${domain.name}`,
    localPart,
    domain: domain.name,
    prefix,
    timeZone: domain.timeZone,
    firstDay: address.issued,
    lastDay: addDays(address.issued, address.days - 1),
    days: address.days,
    signed: address.tag !== undefined,
    salted: address.salt !== undefined,
    site,
    note,
  }
}
