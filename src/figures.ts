// What the filter counts about itself, so that the console's process can show it. Counting is cheap enough for every
// recipient: no allocation, no clock of its own.

/** Durations, sorted into bounds. */
export interface Histogram {
  /** Upper bounds in seconds, ascending; one more count than bounds, for all that is above. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  /** Seconds. */
  readonly sum: number
}

export interface MilterFigures {
  /** How many sockets are listened on. */
  readonly listening: number
  /** SMTP connections that are open. */
  readonly connections: number
  /** Recipients since the start, by verdict: 'forward', 'expired', ... */
  readonly verdicts: Readonly<Record<string, number>>
  /** What our own code took for a recipient, or for the end of a message. */
  readonly replies: Histogram
  /** Time that the mail path spent in the database. */
  readonly database: Histogram
  /** Events that are not stored yet. */
  readonly waiting: number
  /** Events that were lost because too many were waiting. */
  readonly dropped: number
}

/** From 50 microseconds to 5 seconds: an answer takes the first, the MTA's patience ends beyond the last. */
const BOUNDS = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5,
] as const

export class DurationTally {
  readonly #counts: number[] = new Array(BOUNDS.length + 1).fill(0)
  #sum = 0

  /** `milliseconds`, as `performance.now()` counts. */
  add(milliseconds: number): void {
    const seconds = milliseconds / 1000
    let slot = 0
    while (slot < BOUNDS.length && seconds > BOUNDS[slot]!) slot += 1
    this.#counts[slot]! += 1
    this.#sum += seconds
  }

  get histogram(): Histogram {
    return { bounds: BOUNDS, counts: [...this.#counts], sum: this.#sum }
  }
}

/** Counts by name. */
export class NameTally {
  readonly #counts: Map<string, number>

  /** `names`: told from the start, with 0. Who watches a rate would not see the first one of a name that comes up new. */
  constructor(names: readonly string[]) {
    this.#counts = new Map(names.map((name) => [name, 0]))
  }

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
