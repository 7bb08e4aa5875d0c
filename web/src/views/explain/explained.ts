// What the page makes of an explanation: its state, what can be done about it, and its mail in words.

import type { AddressView, ExplainView } from '../../../../src/admin/schemas.ts'
import { clockTime, type Day, dateNear, dayIn, dayOf, longDate, parseDay } from '../../days.ts'
import { count, lastDayOf, stateOf } from '../../words.ts'

export type Explained = ExplainView & { readonly parts: NonNullable<ExplainView['parts']> }

export function canBeRead(explanation: ExplainView): explanation is Explained {
  return explanation.parts !== undefined
}

/** The questions of `decide`: an address that was asked the last of them is genuine. */
const ALL_QUESTIONS = 8

/** Undefined where no state says it: mail that passes untouched. */
export function stateOfExplained(explanation: ExplainView, today: Day): AddressView['state'] | undefined {
  const { record, parts, accepted, ours } = explanation
  const alive = record?.state === 'works' || record?.state === 'soon'
  if (record !== undefined) return alive && !accepted ? 'ended' : record.state
  if (!ours) return undefined
  if (parts === undefined || !accepted) {
    const waits = parts !== undefined && reachedItsDays(explanation) && dayOf(parts.firstDay) > today
    return accepted ? undefined : waits ? 'waiting' : 'ended'
  }
  return stateOf(dayOf(parts.firstDay), dayOf(parts.lastDay), today)
}

/** Everything else about it was right, so the verdict is about its days. */
function reachedItsDays({ steps }: ExplainView): boolean {
  return steps.length >= ALL_QUESTIONS - 1
}

/** What a person can do about it. A guess or a forgery can only be looked at. */
export type Remedy = 'extend' | 'live-again' | 'restore' | undefined

/** The prefixes that whoever asks makes addresses of. */
export type Own = readonly { readonly name: string; readonly domain: string }[]

export function remedyFor(explanation: ExplainView, today: Day, own: Own): Remedy {
  if (explanation.record !== undefined) {
    const { state, barred } = explanation.record
    if (barred !== undefined && state !== 'revoked') return undefined
    return state === 'revoked' ? 'restore' : state === 'ended' ? 'live-again' : 'extend'
  }
  if (!canBeRead(explanation) || !explanation.ours) return undefined
  const { prefix, domain } = explanation.parts
  // Somebody else's is explained, but theirs to change.
  if (!own.some((one) => one.name === prefix && one.domain === domain)) return undefined
  if (explanation.accepted) return 'extend'
  const over = dayOf(explanation.parts.lastDay) < today && explanation.steps.length >= ALL_QUESTIONS
  return over ? 'live-again' : undefined
}

/** Its record, or what its record would be if somebody made one now. */
export function recordOf(explanation: Explained, today: Day): AddressView {
  const { record, recipient, parts } = explanation
  if (record !== undefined) return record
  const { firstDay, lastDay, prefix, domain } = parts
  const state = stateOf(dayOf(firstDay), dayOf(lastDay), today)
  return {
    address: recipient,
    localPart: recipient.slice(0, recipient.lastIndexOf('@')),
    ...{ domain, prefix, state, firstDay, lastDay },
    daysLeft: Math.max(0, dayOf(lastDay) - today + 1),
    signed: parts.seal !== '',
    site: '',
    note: '',
    accepted: 0,
    refused: 0,
    lastSender: '',
  }
}

/** The service writes days as `2026-11-20`; the reader's locale may know better. */
export function datesInWords(text: string): string {
  return text.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (written) => {
    const day = parseDay(written)
    return day === undefined ? written : longDate(day)
  })
}

/** The sentences beside the verdict: without the one that says it again and the one that has a place of its own. */
export function sentencesOf({ sentences, recipient }: ExplainView): string {
  return sentences
    .filter((sentence) => !sentence.startsWith(recipient) && !sentence.startsWith('The sender is told:'))
    .map((sentence) => (sentence.startsWith('Its note says:') ? sentence : datesInWords(sentence)))
    .join(' ')
}

/** The day that is no longer its. */
export function endOf({ record, parts }: Explained): Day {
  return (record === undefined ? dayOf(parts.lastDay) : lastDayOf(record)) + 1
}

/** A moment on the ruler: its day in that zone, and how far that day had gone. */
export function momentOf(instant: string, zone: string): number {
  const [hours = 0, minutes = 0] = clockTime(instant, zone).split(':').map(Number)
  return dayIn(zone, instant) + (hours * 60 + minutes) / 1440
}

export interface MailWords {
  readonly anyRefused: boolean
  readonly accepted: string
  readonly refused: string
  /** "all from a@b.example"; empty when there were several, or none is known. */
  readonly from: string
}

export function mailInWords({ record, marks }: ExplainView): MailWords {
  const marked = (accepted: boolean) => marks.filter((mark) => mark.accepted === accepted)
  const refused = marked(false)
  const [accepts, refuses] = [record?.accepted ?? marked(true).length, record?.refused ?? refused.length]
  const senders = new Set(refused.map(({ sender }) => sender))
  const [only] = senders
  return {
    anyRefused: refuses > 0,
    accepted: `${mails(accepts)} accepted`,
    refused: refuses === 0 ? 'none refused' : `${mails(refuses)} refused`,
    from: refuses > 1 && senders.size === 1 && only !== undefined && only !== '' ? `all from ${only}` : '',
  }
}

function mails(number: number): string {
  return number === 0 ? 'no mail' : number === 1 ? '1 mail' : `${count(number)} mails`
}

/** "21 October, 00:00": the midnight on which it ends. */
export function endInWords(end: Day, today: Day): string {
  return `ends ${dateNear(end, today)}, 00:00`
}
