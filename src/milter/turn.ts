// One turn of the event loop, and how much of it those connections may take that have brought much at once.

/** Milliseconds. Whoever asks for one thing at a time waits for no more than this, and for eight commands of each other. */
const BUDGET = 1

export class Turn {
  #began = 0
  #running = false

  /** Whether it is time for others. The first to ask begins the turn. */
  isUsedUp(): boolean {
    const now = performance.now()
    if (this.#running) return now - this.#began > BUDGET
    this.#running = true
    this.#began = now
    setImmediate(() => {
      this.#running = false
    })
    return false
  }
}
