// How often something may be done: a number of times in each of several windows of time.

import type { Clock } from '../clock.ts'

export interface Window {
  readonly times: number
  readonly seconds: number
}

/** Keys remembered; beyond it the one that began first is forgotten. */
const CAPACITY = 10_000

export class Limit {
  readonly #windows: readonly Window[]
  readonly #clock: Clock
  readonly #longest: number
  /** When each key did it, oldest first. */
  readonly #log = new Map<string, number[]>()

  constructor(windows: readonly Window[], clock: Clock) {
    this.#windows = windows
    this.#clock = clock
    this.#longest = Math.max(...windows.map(({ seconds }) => seconds)) * 1000
  }

  /** Does it once more, which answers nothing; or answers after how many seconds it may be done again. */
  take(key: string): number | undefined {
    const wait = this.wait(key)
    if (wait !== undefined) return wait
    const times = this.#log.get(key)
    if (times !== undefined) times.push(this.#clock())
    else {
      const [oldest] = this.#log.keys()
      if (this.#log.size >= CAPACITY && oldest !== undefined) this.#log.delete(oldest)
      this.#log.set(key, [this.#clock()])
    }
    return undefined
  }

  /** Seconds until it may be done again; nothing when it may be done now. */
  wait(key: string): number | undefined {
    const now = this.#clock()
    // A clock that was set back must not lock anybody out.
    const times = (this.#log.get(key) ?? []).filter((time) => time <= now && time > now - this.#longest)
    if (times.length === 0) this.#log.delete(key)
    else this.#log.set(key, times)
    const waits = this.#windows.flatMap(({ times: most, seconds }) => {
      const blocking = times.at(-most)
      const left = blocking === undefined ? 0 : blocking + seconds * 1000 - now
      return left > 0 ? [left / 1000] : []
    })
    return waits.length === 0 ? undefined : Math.ceil(Math.max(...waits))
  }
}
