// Which row of a table is open, and the keys that go from row to row. One stop for Tab; Up and Down move, Enter opens,
// Escape closes and gives the focus back.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** What stands for the row that is being added. */
export const NEW = ' new'

export interface OpenRow {
  readonly at: string | undefined
  open(row: string): void
  /** Closes what is open; the focus goes back to `to`, or to the row it was. */
  close(to?: string): void
}

export function useOpenRow(): OpenRow {
  const at = useSignal<string | undefined>(undefined)
  const back = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (at.value !== undefined || back.current === undefined) return
    const row = back.current
    back.current = undefined
    const openers = [...document.querySelectorAll<HTMLElement>('[data-row]')]
    openers.find((opener) => opener.getAttribute('data-row') === row)?.focus()
  }, [at.value])
  return {
    at: at.value,
    open: (row) => {
      at.value = row
    },
    close: (to) => {
      back.current = to ?? at.value
      at.value = undefined
    },
  }
}

/** The first cell's text opens its row, for the keyboard; the whole row does for the pointer. */
export function RowOpener(props: {
  row: string
  rows: OpenRow
  children: ComponentChildren
  mono?: boolean
}) {
  return (
    <button
      type="button"
      class={`opener ${props.mono === true ? 'mono' : ''}`}
      data-row={props.row}
      aria-expanded={props.rows.at === props.row}
      onClick={(event) => {
        event.stopPropagation()
        props.rows.open(props.row)
      }}
    >
      {props.children}
    </button>
  )
}

/** Up and Down go from opener to opener. */
export function moveByRow(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const openers = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const here = openers.indexOf(event.target as HTMLElement)
  if (here < 0) return
  event.preventDefault()
  openers[here + step]?.focus()
}
