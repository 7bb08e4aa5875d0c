// The answer of a handler that takes its time: waited for by one session, taken once, or given up.

import type { Question } from './answers.ts'

export interface LateAnswer {
  readonly question: Question
  /** What the handler returned, to be checked like any other answer. */
  readonly verdict: unknown
  readonly failed: boolean
}

export class PendingAnswer {
  readonly #arrived: () => void
  #question: Question | undefined
  /** Tells the answer that is waited for from one that was given up. */
  #ticket = 0
  #answer: LateAnswer | undefined

  /** `arrived` is called when `take` has something to give. */
  constructor(arrived: () => void) {
    this.#arrived = arrived
  }

  /** What a handler is thinking about. */
  get question(): Question | undefined {
    return this.#question
  }

  wait(question: Question, promise: PromiseLike<unknown>): void {
    const ticket = ++this.#ticket
    this.#question = question
    const arrive = (verdict: unknown, failed: boolean): void => {
      if (ticket !== this.#ticket) return
      this.#answer = { question, verdict, failed }
      this.#arrived()
    }
    Promise.resolve(promise).then(
      (verdict) => arrive(verdict, false),
      (error: unknown) => arrive(error, true),
    )
  }

  take(): LateAnswer | undefined {
    const answer = this.#answer
    if (answer === undefined) return undefined
    this.giveUp()
    return answer
  }

  /** Whatever comes is dropped. */
  giveUp(): void {
    this.#question = undefined
    this.#answer = undefined
    this.#ticket++
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
