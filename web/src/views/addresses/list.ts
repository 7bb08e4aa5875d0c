// The rows of one question. Old rows stay while new ones load, and an answer that was overtaken is dropped.

import { type Signal, signal, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { AddressPage, AddressQuery, AddressView } from '../../../../src/admin/schemas.ts'
import { type Answer, api, queryText } from '../../api.ts'

/** After so many milliseconds without an answer the page says that it is still reading. */
const SLOW_MS = 1000

export interface Reading<T> {
  readonly value: Signal<T | undefined>
  /** It has taken a second and is not here. */
  readonly slow: Signal<boolean>
  /** Why the service will not answer this. */
  readonly trouble: Signal<string | undefined>
}

/** Reads anew whenever `key` changes. */
export function useReading<T>(key: string, read: (signal: AbortSignal) => Promise<Answer<T>>): Reading<T> {
  const value = useSignal<T | undefined>(undefined)
  const slow = useSignal(false)
  const trouble = useSignal<string | undefined>(undefined)
  useEffect(() => {
    const abort = new AbortController()
    const timer = setTimeout(() => {
      slow.value = true
    }, SLOW_MS)
    void read(abort.signal).then((answer) => {
      if (abort.signal.aborted) return
      clearTimeout(timer)
      slow.value = false
      if (answer.ok) value.value = answer.value
      trouble.value = answer.ok ? undefined : answer.problem.message
    })
    return () => {
      clearTimeout(timer)
      slow.value = false
      abort.abort()
    }
  }, [key])
  return { value, slow, trouble }
}

export interface AddressList extends Reading<AddressPage> {
  /** A row has changed: it stays where it is, under the hand that changed it; the counts are read anew. */
  changed(view: AddressView): void
  /** Rows have come from elsewhere: all is read anew. */
  reread(): void
}

export function useAddressList(query: AddressQuery): AddressList {
  const round = useMemo(() => signal(0), [])
  const reading = useReading(`${round.value}${queryText(query)}`, (abort) => api.addresses(query, abort))
  const { value } = reading
  const recount = async () => {
    const { offset: _, ...counted } = query
    const answer = await api.addresses({ ...counted, limit: 1 })
    if (!answer.ok || value.value === undefined) return
    const { counts, total } = answer.value
    value.value = { ...value.value, counts, total }
  }
  return {
    ...reading,
    changed: (view) => {
      const page = value.value
      if (page === undefined) return
      value.value = { ...page, rows: page.rows.map((row) => (row.address === view.address ? view : row)) }
      void recount()
    },
    reread: () => {
      round.value++
    },
  }
}
