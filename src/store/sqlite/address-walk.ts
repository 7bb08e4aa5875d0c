// The page that the console opens with: all addresses, by their end. It is counted and walked along indexes, state after
// state, in a few milliseconds. A search, another order or somebody's own addresses are sorted: `address-book.ts`.

import type { Database, Statement } from 'better-sqlite3'
import type { Day } from '../../address/index.ts'
import type { AddressSelection, AddressState } from '../store.ts'

type Counts = AddressSelection['counts']

/** Today, and the last day of what ends soon. */
interface Days {
  readonly today: number
  readonly soon: number
}

/** One stretch of the order: a state, and the walk along its rows. */
type Stretch = readonly [state: AddressState, walk: string]

const LIVE = 'addresses INDEXED BY addresses_by_end WHERE revoked_at IS NULL AND begins <= :today AND'

const STRETCHES: readonly Stretch[] = [
  ['soon', `${LIVE} ends > :today AND ends <= :soon ORDER BY ends, begins, id`],
  ['works', `${LIVE} ends > :soon ORDER BY ends, begins, id`],
  [
    'waiting',
    `addresses INDEXED BY addresses_by_beginning WHERE revoked_at IS NULL AND begins > :today
      ORDER BY begins, id`,
  ],
  [
    'ended',
    `addresses INDEXED BY addresses_by_end WHERE revoked_at IS NULL AND ends <= :today
      ORDER BY ends DESC, begins DESC, id DESC`,
  ],
  [
    'revoked',
    'addresses INDEXED BY revoked_addresses WHERE revoked_at IS NOT NULL ORDER BY ends DESC, id DESC',
  ],
]

export class AddressWalk {
  readonly #ranges: Statement<[Days], Omit<Counts, 'works' | 'ended'> & { live: number }>
  readonly #stretches: readonly (readonly [
    AddressState,
    Statement<[Days & { limit: number; offset: number }], number>,
  ])[]

  constructor(db: Database) {
    // Each is a walk over the numbers of one range; the largest, what ended, is what the others leave.
    this.#ranges = db.prepare(`
      SELECT (SELECT count(*) FROM addresses) AS "all",
        (SELECT count(*) FROM addresses INDEXED BY revoked_addresses WHERE revoked_at IS NOT NULL) AS revoked,
        (SELECT count(*) FROM addresses INDEXED BY addresses_by_end
          WHERE revoked_at IS NULL AND ends > :today) AS live,
        (SELECT count(*) FROM ${LIVE} ends > :today AND ends <= :soon) AS soon,
        (SELECT count(*) FROM addresses INDEXED BY addresses_by_beginning
          WHERE revoked_at IS NULL AND begins > :today) AS waiting,
        (SELECT count(*) FROM addresses INDEXED BY leaked_addresses WHERE leaked = 1) AS leaked`)
    this.#stretches = STRETCHES.map(([state, walk]) => [
      state,
      db
        .prepare<[Days & { limit: number; offset: number }], number>(
          `SELECT id FROM ${walk} LIMIT :limit OFFSET :offset`,
        )
        .pluck(),
    ])
  }

  counts(days: Days): Counts {
    const { all, revoked, live, soon, waiting, leaked } = this.#ranges.get(days)!
    return { all, works: live - soon - waiting, soon, ended: all - revoked - live, revoked, waiting, leaked }
  }

  /** The numbers of a page, of one state or of all. */
  ids(days: Days, counts: Counts, state: AddressState | undefined, limit: number, offset: number): number[] {
    const ids: number[] = []
    let skip = offset
    for (const [name, walk] of this.#stretches) {
      if (state !== undefined && state !== name) continue
      if (skip < counts[name]) ids.push(...walk.all({ ...days, limit: limit - ids.length, offset: skip }))
      skip = Math.max(0, skip - counts[name])
      if (ids.length >= limit) break
    }
    return ids
  }
}

/** The one day that it is in all zones, or nothing while it is not. */
export function commonDay(todays: ReadonlyMap<string, Day>): Day | undefined {
  const [first, ...others] = new Set(todays.values())
  return others.length === 0 ? first : undefined
}
