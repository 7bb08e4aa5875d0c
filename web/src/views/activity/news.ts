// What a screen reader hears of the list: how many verdicts are new, and not each of them.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** No more than one sentence in this time, in milliseconds: a busy minute must not talk without end. */
const TOLD_MS = 3000

/** "1 new verdict"; while the list is held, how many wait. */
export function newsInWords(fresh: number, waiting: number): string {
  if (waiting > 0) return `${waiting} new, not shown yet.`
  if (fresh === 0) return ''
  return fresh === 1 ? '1 new verdict.' : `${fresh} new verdicts.`
}

/** The sentence to read out, given how many have come since the view stands and how many of them wait. */
export function useNews(came: number, waiting: number): string {
  const says = useSignal('')
  const told = useRef(0)
  const latest = useRef({ came, waiting })
  latest.current = { came, waiting }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (came === told.current || timer.current !== undefined) return
    // The same sentence again is only heard when it was gone meanwhile.
    says.value = ''
    timer.current = setTimeout(() => {
      const now = latest.current
      timer.current = undefined
      says.value = newsInWords(now.came - told.current, now.waiting)
      told.current = now.came
    }, TOLD_MS)
  }, [came])
  return says.value
}
