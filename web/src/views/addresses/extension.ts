// What a new last day would do to an address, and the word on the button that does it.

import type { AddressView, UsablePrefix } from '../../../../src/admin/schemas.ts'
import { type Day, dayOf, daysInWords } from '../../days.ts'
import { lastDayOf } from '../../words.ts'

export type Extendable = Pick<AddressView, 'state' | 'lastDay' | 'extendedThrough' | 'daysLeft'>

/**
 * "Extend by 48 days", "Let it live for 30 days", "Shorten by 3 days", "Take the extension back". Undefined when that
 * day changes nothing: an extension can only add to an address's own days.
 */
export function extensionWord(view: Extendable, until: Day, today: Day): string | undefined {
  const [own, last] = [dayOf(view.lastDay), lastDayOf(view)]
  if (until < today || until === last) return undefined
  if (until > last)
    return last < today
      ? `Let it live for ${daysInWords(until - today + 1)}`
      : `Extend by ${daysInWords(until - last)}`
  if (until > own) return `Shorten by ${daysInWords(last - until)}`
  return last > own && own >= today ? 'Take the extension back' : undefined
}

/** The day that is offered first: the prefix's usual lifetime, from now for what has ended, else on top of the rest. */
export function offeredDay(view: Extendable, today: Day, usualDays: number): Day {
  const last = lastDayOf(view)
  return last < today ? today + usualDays - 1 : last + usualDays
}

/** A prefix's usual lifetime; 30 days where the prefix is gone or somebody else's. */
export function usualDaysOf(
  prefixes: readonly UsablePrefix[],
  { prefix, domain }: Pick<AddressView, 'prefix' | 'domain'>,
): number {
  return prefixes.find((known) => known.name === prefix && known.domain === domain)?.defaultDays ?? 30
}
