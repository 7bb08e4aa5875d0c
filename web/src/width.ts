// How wide the page is, in three steps, for the few views whose parts change places. Everything else is CSS.

import { signal } from '@preact/signals'

export type Width = 'narrow' | 'middle' | 'wide'

const width = signal<Width>('wide')

/** Follows the window. 760 px is also 1280 px at 200 % zoom. */
export function followWidth(): void {
  const narrow = matchMedia('(width < 47.5rem)')
  const wide = matchMedia('(width >= 66rem)')
  const read = () => {
    width.value = narrow.matches ? 'narrow' : wide.matches ? 'wide' : 'middle'
  }
  read()
  narrow.addEventListener('change', read)
  wide.addEventListener('change', read)
}

export function useWidth(): Width {
  return width.value
}
