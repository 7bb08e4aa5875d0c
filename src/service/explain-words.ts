// An explanation in plain English: one headline with the verdict, and the sentences that carry it.

import { Calendar, formatDay } from '../address/index.ts'
import type { Refusal } from '../filter/decide.ts'
import { smtpLine } from '../filter/replies.ts'
import { counted } from './answer.ts'
import type { Explanation, Meaning } from './explain.ts'

export interface Words {
  readonly headline: string
  readonly sentences: readonly string[]
}

export function explainInWords(explanation: Explanation): Words {
  const { domain, meaning, reply } = explanation
  const calendar = domain && new Calendar(domain.timeZone)
  return {
    headline: headline(explanation, calendar),
    sentences: [
      ...(meaning === undefined ? [] : meant(explanation, meaning, calendar)),
      ...(reply === undefined ? [] : [`The sender is told: ${smtpLine(reply)}`]),
    ],
  }
}

const NO_POSTMASTER =
  'Its domain has no postmaster mailbox, so it goes round until it bounces. Name a mailbox for it.'

/** The verdict as the console says it: "Refused. It ended 32 days ago." */
export function verdictInWords(explanation: Explanation): string {
  const { verdict, domain, because, meaning, present } = explanation
  if (verdict === 'pass' && domain === undefined) return 'Not ours. The filter lets it pass untouched.'
  if (verdict === 'pass') return `Not touched. ${NO_POSTMASTER}`
  if (because !== undefined) return `Refused. ${sentence(reasonInWords(explanation))}`
  if (meaning === undefined) return `Delivered. It goes to ${destinationOf(explanation)}.`
  if (meaning.foreign) return 'Accepted. Its prefix is not yours.'
  return `Delivered. ${sentence(remaining(meaning, present))}`
}

/** Why it is refused: "it ended 32 days ago". */
export function reasonInWords({ because, domain, meaning, present }: Explanation): string {
  if (because === undefined) return ''
  const calendar = domain && new Calendar(domain.timeZone)
  const reason = meaning?.foreign === true ? OUTWARD[because] : REASONS[because]
  return typeof reason === 'string' ? reason : meaning === undefined ? '' : reason(meaning, present, calendar)
}

/** An owner is not told which mailbox the postmaster's is. */
export function destinationOf({ mailboxes, domain }: Explanation): string {
  return mailboxes.length === 0 ? `the postmaster of ${domain?.name}` : listed(mailboxes)
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}

function headline(explanation: Explanation, calendar: Calendar | undefined): string {
  const { recipient, verdict, meaning, present, at, because } = explanation
  const when = present ? '' : ` at ${clockTime(at, calendar)}`
  if (verdict === 'pass' && explanation.domain === undefined) {
    return `${recipient} is in none of the domains judged here: the filter lets it pass untouched.`
  }
  if (verdict === 'pass') return `${recipient} passes untouched. ${NO_POSTMASTER}`
  if (because === undefined) {
    if (meaning?.foreign === true) return `${recipient} is accepted${when}. Its prefix is not yours.`
    const left = meaning === undefined ? '' : `: ${remaining(meaning, present)}`
    return `${recipient} ${present ? 'is' : 'would be'} accepted${when} and goes to ${destinationOf(explanation)}${left}.`
  }
  return `${recipient} ${present ? 'is' : 'would be'} refused${when}: ${reasonInWords(explanation)}.`
}

type Reason = (meaning: Meaning, present: boolean, calendar: Calendar | undefined) => string

const REASONS: Readonly<Record<Refusal, string | Reason>> = {
  'not-understood': 'it is not a prefix, a date and two digits of days, as in djb2026112045',
  'no-such-date': 'its date is in no calendar',
  'no-such-prefix': ({ address }) => `there is no prefix ${address.prefix}`,
  'prefix-disabled': ({ address }) => `the prefix ${address.prefix} is disabled`,
  'tag-wrong': 'its seal is wrong, so it was mistyped, guessed, or made with a key that is gone',
  'tag-missing': ({ address }) =>
    `it is not sealed, and the prefix ${address.prefix} takes sealed addresses only`,
  revoked: ({ record }, _present, calendar) =>
    record?.revokedAt === undefined
      ? 'it was revoked'
      : `it was revoked on ${clockTime(record.revokedAt, calendar)}`,
  'not-yet-valid': ({ firstDay, today }, present) => `it begins ${distance(firstDay - today, present)}`,
  expired: ({ address, lastDay, extendedThrough = lastDay, today }, present) =>
    address.days === 0
      ? 'it says 00 days and never works'
      : // At the midnight that follows its last day.
        `it ended ${distance(extendedThrough + 1 - today, present)}`,
}

const UNKNOWN = 'nothing is known about such an address'
const NOT_NOW = 'it does not work at the moment'

/** As much as the sender is told: `replies.ts`. */
const OUTWARD: Readonly<Record<Refusal, string>> = {
  'not-understood': 'it cannot be read',
  'no-such-date': 'it cannot be read',
  'no-such-prefix': UNKNOWN,
  'prefix-disabled': UNKNOWN,
  'tag-wrong': UNKNOWN,
  'tag-missing': UNKNOWN,
  revoked: 'it was revoked',
  'not-yet-valid': NOT_NOW,
  expired: NOT_NOW,
}

/** What the address says, part by part. */
function meant(explanation: Explanation, meaning: Meaning, calendar: Calendar | undefined): string[] {
  if (meaning.foreign) return [lifetime(explanation, meaning)]
  const { address, prefix, record } = meaning
  const own =
    prefix &&
    `It belongs to ${prefix.name}${aside(prefix.note)}, whose mail goes to ${listed(prefix.mailboxes)}.`
  // The headline has said where the mail goes.
  const sentences = [
    explanation.accepted ? prefix && belonging(prefix) : own,
    lifetime(explanation, meaning),
    seal(meaning),
  ]
  if (address.salt !== undefined) sentences.push(salt(meaning))
  else if (meaning.site !== undefined)
    sentences.push(`It names no site, so nothing tells whether ${meaning.site.name} got it.`)
  if (record !== undefined) sentences.push(...remembered(meaning, record, calendar))
  return sentences.filter((sentence) => sentence !== undefined)
}

function belonging({ name, note }: NonNullable<Meaning['prefix']>): string {
  return `It belongs to ${name}${aside(note)}.`
}

function lifetime({ domain }: Explanation, meaning: Meaning): string {
  const { address, firstDay, lastDay, extendedThrough, capped, prefix } = meaning
  const days = lastDay - firstDay + 1
  const span =
    days < 1
      ? `It was made for ${counted(address.days, 'day')} from ${formatDay(firstDay)} on.`
      : `It was made for ${formatDay(firstDay)} through ${formatDay(lastDay)}: ${counted(days, 'day')} in ${domain?.timeZone}.`
  const cap = capped
    ? ` It says ${counted(address.days, 'day')}, and its prefix allows ${prefix?.maxDays}.`
    : ''
  const extension =
    extendedThrough === undefined ? '' : ` Its owner extended it through ${formatDay(extendedThrough)}.`
  return span + cap + extension
}

function seal({ seal: state, prefix }: Meaning): string | undefined {
  if (prefix === undefined) return undefined
  if (state === 'right') return 'It is sealed, and the seal is genuine: nobody can have guessed it.'
  if (state === 'wrong') return 'It has a seal, and none of the keys made it.'
  return 'It is not sealed: anybody who has seen such an address can make another.'
}

function salt({ address, seal: state, site }: Meaning): string {
  const name = `Its salt is ${address.salt}`
  if (site === undefined) return `${name}: it was made for one site, or to be unique.`
  if (!site.matches) return `${name}, which is not that of ${site.name}: it was made for another.`
  if (state !== 'right')
    return `${name}, which is that of ${site.name}; but without a genuine seal that proves nothing.`
  return `${name}, which is that of ${site.name}: it was made for that site.`
}

function remembered(
  { address }: Meaning,
  record: NonNullable<Meaning['record']>,
  calendar: Calendar | undefined,
): string[] {
  const sentences: string[] = []
  if (record.note !== '')
    sentences.push(`Its note says: ${record.note}${/[.!?…]$/.test(record.note) ? '' : '.'}`)
  if (record.site !== '' && address.salt !== undefined)
    sentences.push(`It is recorded as made for ${record.site}.`)
  const { accepted, refused, lastSender, lastSeenAt } = record
  if (accepted + refused === 0) return sentences
  const last = lastSeenAt === undefined ? '' : `, last on ${clockTime(lastSeenAt, calendar)}`
  const sender = lastSender === '' ? '' : ` from ${lastSender}`
  sentences.push(`So far ${counted(accepted, 'message')} accepted and ${refused} refused${last}${sender}.`)
  return sentences
}

function remaining({ lastDay, extendedThrough = lastDay, today }: Meaning, present: boolean): string {
  const days = extendedThrough - today
  if (days === 0) return `${present ? 'today' : 'that'} is its last day`
  // Today included, as the console counts them.
  return `it works through ${formatDay(extendedThrough)}, ${counted(days + 1, 'day')} left`
}

/** How far a day lies from today, or from the day that was asked about. */
function distance(days: number, present: boolean): string {
  if (days === 0) return present ? 'today' : 'that day'
  if (present && days === 1) return 'tomorrow'
  if (present && days === -1) return 'yesterday'
  const count = counted(Math.abs(days), 'day')
  if (days > 0) return present ? `in ${count}` : `${count} later`
  return present ? `${count} ago` : `${count} before`
}

/** A time in the zone of a domain: `2026-11-20 15:30 Europe/Berlin` */
export function clockTimeOf(instant: number, domain: Explanation['domain']): string {
  return clockTime(instant, domain && new Calendar(domain.timeZone))
}

function clockTime(instant: number, calendar: Calendar | undefined): string {
  if (calendar === undefined) return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const { hour, minute } = calendar.wallClock(instant)
  const time = [hour, minute].map((part) => String(part).padStart(2, '0')).join(':')
  return `${formatDay(calendar.today(instant))} ${time} ${calendar.zone}`
}

function listed(items: readonly string[]): string {
  return items.length < 3 ? items.join(' and ') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

function aside(note: string): string {
  return note === '' ? '' : ` (${note})`
}
