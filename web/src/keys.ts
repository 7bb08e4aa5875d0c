// The keyboard. Single letters work outside fields and can be switched off; a letter after `g` goes to a view.

import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { go, type Place, route } from './router.ts'
import { letterKeys } from './state.ts'

interface Key {
  /** As `KeyboardEvent.key` has it. */
  readonly key: string
  readonly run: (event: KeyboardEvent) => void
}

/** The keys of the views on the page. */
let bound: readonly Key[] = []
/** Whether the list of keys is open. */
export const keyListOpen = signal(false)

const PLACES: Readonly<Record<string, Place>> = {
  m: 'make',
  a: 'addresses',
  e: 'explain',
  v: 'activity',
  p: 'mappings',
}

/** The list behind `?`: where, and which key does what there. */
export const KEY_LIST: readonly (readonly [where: string, keys: readonly (readonly [string, string])[]])[] = [
  [
    'Anywhere',
    [
      ['g m', 'Make an address'],
      ['g a', 'Addresses'],
      ['g e', 'Explain'],
      ['g v', 'Activity'],
      ['g p', 'Mappings, or your tokens'],
      ['?', 'This list'],
    ],
  ],
  [
    'In Make',
    [
      ['Enter', 'Copy the address'],
      ['Ctrl Enter', 'Copy it, and start the next one'],
      ['Page Up', 'The next longer lifetime'],
      ['Page Down', 'The next shorter lifetime'],
    ],
  ],
  [
    'In tables',
    [
      ['↑ ↓', 'The row above or below'],
      ['Enter', 'Open the row'],
      ['Escape', 'Close what is open'],
    ],
  ],
  [
    'In Addresses',
    [
      ['/', 'Search'],
      ['c', 'Copy the address of the row'],
      ['x', 'Extend it'],
      ['r', 'Revoke or restore it'],
      ['e', 'Explain it'],
    ],
  ],
  ['In Activity', [['p', 'Pause the list, or let it go on']]],
]

/** Binds a key while the component is on the page. Whoever adds one adds it to the list, too. */
export function useKey(key: string, run: (event: KeyboardEvent) => void): void {
  const latest = useRef(run)
  latest.current = run
  // With the view, not after it is painted: a key that was pressed meanwhile would be lost.
  useLayoutEffect(() => {
    const mine: Key = { key, run: (event) => latest.current(event) }
    bound = [...bound, mine]
    return () => {
      bound = bound.filter((other) => other !== mine)
    }
  }, [key])
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
    if (event.key === 'Escape' && !event.defaultPrevented) keyListOpen.value = false
    if (!letterKeys.value || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isTyping(event.target)) return
    const place = PLACES[event.key]
    if (isAfterG(event) && place !== undefined) {
      pressedG = NEVER
      event.preventDefault()
      const to = place === 'mappings' ? mappings() : place
      // What has the focus is left, so that the new view takes it.
      if (to !== route.value.place && event.target instanceof HTMLElement) event.target.blur()
      go(to)
      return
    }
    pressedG = event.key === 'g' ? event.timeStamp : NEVER
    if (event.key === '?') keyListOpen.value = !keyListOpen.value
    else bound.find(({ key }) => key === event.key)?.run(event)
  })
}
