// Takes events from the mail path and gives them to a sink in batches. The mail path never waits for it and never hears
// of its troubles; what cannot be written is kept, up to a bound, and tried again.

import type { EventRecorder, MailEvent } from './store.ts'

/** Stores one batch, whole or not at all. Rejects when it could not. */
type EventSink = (events: readonly MailEvent[]) => Promise<void>

/** Told at most once a minute while something is wrong: fit for one log line. */
export interface RecorderTrouble {
  /** Events lost since the last report, the oldest ones: more had to be held than there is room for. */
  readonly dropped: number
  /** Events held now. */
  readonly waiting: number
  /** Why the last batch could not be stored; nothing when it could. */
  readonly error: unknown
}

export interface RecorderOptions {
  readonly sink: EventSink
  readonly report?: (trouble: RecorderTrouble) => void
  /** Events held at most, and never less than two batches; 50,000 unless told. */
  readonly capacity?: number
  /** Events in a batch at most; 5,000 unless told. */
  readonly batchSize?: number
  /** Milliseconds that an event waits for others; 200 unless told. */
  readonly flushAfter?: number
  /**
   * Milliseconds from one batch to the next at least, unless it is full; 1000 unless told. Each batch rewrites the pages of
   * the rows that it touches, so under load few large ones cost half as much as many small ones.
   */
  readonly pause?: number
  /** Milliseconds before the first repetition of a failed batch; doubled for each further one, up to `retryAtMost`. */
  readonly retryAfter?: number
  readonly retryAtMost?: number
  /** Milliseconds between two reports; a minute unless told. */
  readonly reportEvery?: number
}

const defaults = {
  report: (): void => undefined,
  capacity: 50_000,
  batchSize: 5_000,
  flushAfter: 200,
  pause: 1_000,
  retryAfter: 250,
  retryAtMost: 10_000,
  reportEvery: 60_000,
}

export class BatchingRecorder implements EventRecorder {
  readonly #options: Required<RecorderOptions>
  readonly #capacity: number
  /** Oldest first. The last one is being filled. */
  readonly #batches: MailEvent[][] = []
  #waiting = 0
  #dropped = 0
  #unreported = 0
  #writing = false
  #failures = 0
  #lastError: unknown
  #timer: NodeJS.Timeout | undefined
  #flushedAt = Number.NEGATIVE_INFINITY
  #nextReport = Number.NEGATIVE_INFINITY
  #closing = false
  #closed = false
  #drained: (() => void) | undefined

  constructor(options: RecorderOptions) {
    this.#options = { ...defaults, ...options }
    this.#capacity = Math.max(this.#options.capacity, 2 * this.#options.batchSize)
  }

  /** Events not stored yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Events lost since the start because too many were waiting. */
  get dropped(): number {
    return this.#dropped
  }

  record(event: MailEvent): void {
    if (this.#closed) {
      this.#lose(1)
      return
    }
    const last = this.#batches.at(-1)
    if (last !== undefined && last.length < this.#options.batchSize) last.push(event)
    else this.#batches.push([event])
    this.#waiting += 1
    if (this.#waiting > this.#capacity) this.#dropOldest()
    if (!this.#writing) this.#proceed()
  }

  async close(deadline: number): Promise<void> {
    this.#closing = true
    if (this.#waiting > 0) {
      this.#flush()
      await this.#drain(deadline)
    }
    this.#closed = true
    clearTimeout(this.#timer)
    if (this.#waiting > 0) this.#lose(this.#waiting, true)
  }

  #drain(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const over = setTimeout(resolve, deadline)
      this.#drained = () => {
        clearTimeout(over)
        resolve()
      }
    })
  }

  /** Decides when the next batch goes. */
  #proceed(): void {
    const { batchSize, retryAfter, retryAtMost } = this.#options
    if (this.#waiting === 0) this.#drained?.()
    else if (this.#failures > 0) {
      const most = this.#closing ? retryAfter : retryAtMost
      this.#wait(Math.min(retryAfter * 2 ** (this.#failures - 1), most))
    } else if (this.#closing || this.#waiting >= batchSize) this.#flush()
    else if (this.#timer === undefined) this.#waitForMore()
  }

  #waitForMore(): void {
    const { flushAfter, pause } = this.#options
    this.#wait(Math.max(flushAfter, this.#flushedAt + pause - performance.now()))
  }

  /** A pause that has begun stands, however many events arrive meanwhile. */
  #wait(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#flush(), milliseconds).unref()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#writing) return
    this.#flushedAt = performance.now()
    const batch = this.#batches.shift()
    if (batch !== undefined) void this.#write(batch)
  }

  async #write(batch: MailEvent[]): Promise<void> {
    this.#writing = true
    try {
      await this.#options.sink(batch)
      this.#waiting -= batch.length
      this.#failures = 0
      this.#lastError = undefined
    } catch (error) {
      this.#batches.unshift(batch)
      this.#failures += 1
      this.#lastError = error
      this.#report()
    }
    this.#writing = false
    if (!this.#closed) this.#proceed()
  }

  /** A whole batch, so that a full queue does not move at each event. The batch being written is not in the queue. */
  #dropOldest(): void {
    const oldest = this.#batches.shift()
    if (oldest === undefined) return
    this.#waiting -= oldest.length
    this.#lose(oldest.length)
  }

  #lose(events: number, last = false): void {
    this.#dropped += events
    this.#unreported += events
    this.#report(last)
  }

  #report(evenSo = false): void {
    const now = performance.now()
    if (now < this.#nextReport && !evenSo) return
    this.#nextReport = now + this.#options.reportEvery
    const trouble = { dropped: this.#unreported, waiting: this.#waiting, error: this.#lastError }
    this.#unreported = 0
    try {
      this.#options.report(trouble)
    } catch {
      // The log is gone, and there is nobody else to tell. Mail goes on.
    }
  }
}
