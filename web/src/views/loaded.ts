// What a view asked the service for. The old answer stays while a new one is on its way; after a second of waiting the
// view may say so.

import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Answer } from '../api.ts'

/** How long nothing is said about waiting, in milliseconds. */
const SLOW_MS = 1000

export interface Loaded<T> {
  readonly value: Signal<T | undefined>
  /** What the service said instead; it answered, so asking again would not help. */
  readonly refusal: string | undefined
  /** It takes longer than a second. */
  readonly slow: boolean
  /** Asks again. */
  again(): Promise<void>
}

/** Asks as soon as the view stands, and again whenever `key` changes. A late answer to an old question is dropped. */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<Answer<T>>,
  key: string | number = '',
): Loaded<T> {
  const value = useSignal<T | undefined>(undefined)
  const refusal = useSignal<string | undefined>(undefined)
  const slow = useSignal(false)
  const ask = useCallback(
    async (signal: AbortSignal) => {
      const timer = setTimeout(() => {
        slow.value = !signal.aborted
      }, SLOW_MS)
      const answer = await load(signal)
      clearTimeout(timer)
      if (signal.aborted) return
      slow.value = false
      if (answer.ok) value.value = answer.value
      refusal.value = answer.ok ? undefined : answer.problem.message
    },
    // `key` says when the question is another one; `load` is a new function at each drawing.
    [key],
  )
  useEffect(() => {
    const question = new AbortController()
    void ask(question.signal)
    return () => question.abort()
  }, [ask])
  return {
    value,
    refusal: refusal.value,
    slow: slow.value,
    again: () => ask(new AbortController().signal),
  }
}
