// The sentences of Make: how long the address works, and what happens then.

import { cityOf, type Day, dateNear, fullDate, ordinal } from '../../days.ts'

/** "midnight in Berlin", "midnight UTC". */
export function midnightIn(zone: string): string {
  return /^(Etc\/|UTC$|GMT$)/.test(zone) ? `midnight ${cityOf(zone)}` : `midnight in ${cityOf(zone)}`
}

/** What stands before the date: "Works through", or "Works from 3 December through". */
export function worksThrough(first: Day, today: Day): string {
  return first > today ? `Works from ${dateNear(first, today)} through` : 'Works through'
}

/** The whole sentence, for the live region. */
export function worksSentence(first: Day, last: Day, today: Day): string {
  return `${worksThrough(first, today)} ${fullDate(last)}.`
}

/** "From midnight in Berlin on the 6th the server refuses it." */
export function refusedFrom(last: Day, zone: string): string {
  return `From ${midnightIn(zone)} on the ${ordinal(last + 1)} the server refuses it.`
}

/** "a@b and c@d": mailboxes as a sentence has them. */
export function together(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
