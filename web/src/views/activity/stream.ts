// The service's verdicts as they happen, by server-sent events. The browser itself goes back to a stream that broke,
// with the number of the last event it has; what it does not do by itself is done here.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { VerdictEvent } from '../../../../src/admin/schemas.ts'
import { readJson } from '../../api.ts'

/** Until a stream that was refused is tried anew, in milliseconds. */
const RETRY_MS = 4000

export interface StreamListener {
  readonly onEvent: (event: VerdictEvent) => void
  /** It stands. Something may have been missed: since the list was asked for, or since it was away (`again`). */
  readonly onStanding: (again: boolean) => void
  /** The server did not let it begin. */
  readonly onRefused: () => void
}

/** True while the stream is broken. A page nobody looks at holds none: browsers allow few connections at a time. */
export function useStream(url: string, listener: StreamListener): boolean {
  const broken = useSignal(false)
  const latest = useRef(listener)
  latest.current = listener
  useEffect(() => {
    const stream = new Stream(url, {
      onEvent: (event) => latest.current.onEvent(event),
      onStanding: (again) => latest.current.onStanding(again),
      onRefused: () => latest.current.onRefused(),
      onBroken: (is) => {
        broken.value = is
      },
    })
    const look = () => (document.hidden ? stream.close() : stream.open())
    document.addEventListener('visibilitychange', look)
    look()
    return () => {
      document.removeEventListener('visibilitychange', look)
      stream.close()
    }
  }, [url])
  return broken.value
}

class Stream {
  readonly #url: string
  readonly #listener: StreamListener & { readonly onBroken: (is: boolean) => void }
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #opened = false

  constructor(url: string, listener: StreamListener & { readonly onBroken: (is: boolean) => void }) {
    this.#url = url
    this.#listener = listener
  }

  open(): void {
    if (this.#source !== undefined) return
    const source = new EventSource(this.#url)
    this.#source = source
    source.onopen = () => {
      this.#listener.onBroken(false)
      this.#listener.onStanding(this.#opened)
      this.#opened = true
    }
    source.onmessage = ({ data }) => this.#listener.onEvent(readJson(String(data)) as VerdictEvent)
    source.onerror = () => {
      this.#listener.onBroken(true)
      // After an HTTP error the browser gives up for good.
      if (source.readyState !== EventSource.CLOSED) return
      this.close()
      this.#listener.onRefused()
      this.#timer = setTimeout(() => this.open(), RETRY_MS)
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = undefined
  }
}
