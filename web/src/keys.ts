// The keyboard. Single letters work outside fields and can be switched off; a letter after `g` goes to a view.

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { go, type Place } from './router.ts'
import { letterKeys } from './state.ts'

export interface Key {
  /** As `KeyboardEvent.key` has it. */
  readonly key: string
  /** What it does, for the list behind `?`. */
  readonly does: string
  readonly run: (event: KeyboardEvent) => void
}

const bound = signal<readonly Key[]>([])
/** Whether the list of keys is open. */
export const keyListOpen = signal(false)

const PLACES: Readonly<Record<string, Place>> = {
  m: 'make',
  a: 'addresses',
  e: 'explain',
  v: 'activity',
  p: 'mappings',
}

export const GENERAL_KEYS: readonly (readonly [string, string])[] = [
  ['g m', 'Make an address'],
  ['g a', 'Addresses'],
  ['g e', 'Explain'],
  ['g v', 'Activity'],
  ['g p', 'Mappings, or your tokens'],
  ['?', 'This list'],
]

/** The keys of the views on the page. */
export const viewKeys = bound

/** Binds a key while the component is on the page. */
export function useKey(key: string, does: string, run: (event: KeyboardEvent) => void): void {
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    const mine: Key = { key, does, run: (event) => latest.current(event) }
    bound.value = [...bound.peek(), mine]
    return () => {
      bound.value = bound.peek().filter((other) => other !== mine)
    }
  }, [key, does])
}

/** Whether typing belongs to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}

const NEVER = Number.NEGATIVE_INFINITY
/** When `g` was pressed; never as long as it was not: 0 would be the moment that the page was opened. */
let pressedG = NEVER

/** Whether a letter now says where to go: the letters of a view's own must not act on it. */
export function isAfterG({ timeStamp }: Event): boolean {
  return timeStamp - pressedG < 1500
}

/** Listens for the keys. `mappings` is the place `g p` leads to: an owner's tokens stand there. */
export function listenForKeys(mappings: () => Place): void {
  addEventListener('keydown', (event) => {
    if (!letterKeys.value || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isTyping(event.target)) return
    const place = PLACES[event.key]
    if (isAfterG(event) && place !== undefined) {
      pressedG = NEVER
      event.preventDefault()
      go(place === 'mappings' ? mappings() : place)
      return
    }
    pressedG = event.key === 'g' ? event.timeStamp : NEVER
    if (event.key === '?') keyListOpen.value = !keyListOpen.value
    else bound.value.find(({ key }) => key === event.key)?.run(event)
  })
}
