// The words of the console that more than one view says, so that they say them alike.

import type { AddressFilter, AddressState, AddressView } from '../../src/admin/schemas.ts'
import { type Day, dayIn, dayOf, daysInWords, shortDate } from './days.ts'

/** The last day an address works: the owner's extension wins over its own days. */
export function lastDayOf(view: Pick<AddressView, 'lastDay' | 'extendedThrough'>): Day {
  const own = dayOf(view.lastDay)
  return view.extendedThrough === undefined ? own : Math.max(own, dayOf(view.extendedThrough))
}

/** "43 days left", "ended 21 Oct", "revoked 7 Nov", "begins 3 Dec". */
export function stateInWords(view: AddressView, today: Day, zone = 'UTC'): string {
  if (view.state === 'revoked') {
    return view.revokedAt === undefined
      ? 'revoked'
      : `revoked ${shortDate(dayIn(zone, view.revokedAt), today)}`
  }
  if (view.state === 'ended') return `ended ${shortDate(lastDayOf(view) + 1, today)}`
  if (view.state === 'waiting') return `begins ${shortDate(dayOf(view.firstDay), today)}`
  return `${daysInWords(view.daysLeft)} left`
}

/** The state of a life for an address that has no record. */
export function stateOf(first: Day, last: Day, today: Day): AddressState {
  if (today > last) return 'ended'
  if (today < first) return 'waiting'
  return last - today < 7 ? 'soon' : 'works'
}

export const NAMES_OF_FILTERS: Record<AddressFilter, string> = {
  works: 'Works',
  soon: 'Ends soon',
  ended: 'Ended',
  revoked: 'Revoked',
  waiting: 'Not begun',
  leaked: 'Leaked',
}

/** A very long sender keeps its domain: that is what tells senders apart. */
export function shortSender(sender: string): string {
  return sender.length > 44 ? sender.replace(/^(.{10}).+(?=@[^@]*$)/, '$1…') : sender
}

/** "1,284" in the reader's locale. */
export function count(value: number): string {
  return value.toLocaleString()
}

/** What follows where a domain has no mailbox for the two that every mail domain must have. */
export const NO_POSTMASTER =
  'Without one, mail to postmaster@ and abuse@ goes round until it bounces. Name a mailbox.'

export const NO_ANSWER = 'The server does not answer.'
export const STILL_HERE = 'What you typed is still here. Addresses you copied work all the same.'
