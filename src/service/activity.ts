// What the milter decided, as it happened and by the day.

import type { Day } from '../address/index.ts'
import type { Decision } from '../store/store.ts'

export interface ActivityWishes {
  /** A verdict's name: 'forward', 'expired', ... */
  readonly verdict?: string | undefined
  readonly prefix?: string | undefined
  /** Only those before that number. */
  readonly before?: number | undefined
  /** 1 to 1000; 100 unless told. */
  readonly limit?: number | undefined
}

export interface DayOfMail {
  readonly day: Day
  /** Recipients by verdict; verdicts that did not occur are left out. */
  readonly counts: Readonly<Record<string, number>>
}

export class ActivityService {
  /** Newest first: of one's own prefixes, or all of them for a postmaster. */
  list(_wishes: ActivityWishes = {}): Promise<readonly Decision[]> {
    throw new Error('not built yet')
  }

  /** Those after the number `id`, oldest first, `limit` at most: what a live view asks for again and again. */
  since(
    _id: number,
    _wishes: Pick<ActivityWishes, 'verdict' | 'prefix' | 'limit'> = {},
  ): Promise<readonly Decision[]> {
    throw new Error('not built yet')
  }

  /** The number of the newest decision, 0 when there is none: where a live view begins. */
  newest(): Promise<number> {
    throw new Error('not built yet')
  }

  /** 30 days through today, oldest first, days without mail too. */
  days(): Promise<readonly DayOfMail[]> {
    throw new Error('not built yet')
  }
}
