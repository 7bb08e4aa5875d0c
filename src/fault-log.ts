// What failed and was survived, told without flooding the log: a broken store fails once for each recipient.

import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/** Milliseconds before a fault with the same words is told again. */
const QUIET = 10_000
/** Different faults remembered. Beyond it all are forgotten, and told again. */
const MEMORY = 100

interface Told {
  readonly at: number
  repeated: number
}

export class FaultLog {
  readonly #log: Pick<Log, 'error'>
  readonly #clock: Clock
  readonly #told = new Map<string, Told>()

  constructor(log: Pick<Log, 'error'>, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** `doing` completes "... failed": 'judging a recipient'. */
  report(fault: unknown, doing: string): void {
    const reason = fault instanceof Error ? fault.message : String(fault)
    const key = `${doing} ${reason}`
    const now = this.#clock()
    const known = this.#told.get(key)
    // A clock that was set back must not silence us.
    if (known !== undefined && Math.abs(now - known.at) < QUIET) {
      known.repeated += 1
      return
    }
    if (this.#told.size >= MEMORY) this.#told.clear()
    this.#told.set(key, { at: now, repeated: 0 })
    this.#log.error({ reason, repeated: known?.repeated, err: fault }, `${doing} failed`)
  }
}
