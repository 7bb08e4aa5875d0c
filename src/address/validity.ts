// When an address works.

import { addDays, type Day } from './calendar.ts'
import type { DelayAddress } from './local-part.ts'

/** Half-open: it works on every day from `first` up to and not including `end`. */
export interface Lifetime {
  readonly first: Day
  readonly end: Day
}

export type Validity = 'not-yet-valid' | 'current' | 'expired'

/** The days of an address; those beyond `maxDays`, the prefix's maximum, do not count. */
export function lifetimeOf(address: DelayAddress, maxDays: number): Lifetime {
  return { first: address.issued, end: addDays(address.issued, Math.min(address.days, maxDays)) }
}

export function validityOn(today: Day, { first, end }: Lifetime): Validity {
  // An address of no days is expired from the start, not first waited for.
  if (today >= end) return 'expired'
  return today < first ? 'not-yet-valid' : 'current'
}
