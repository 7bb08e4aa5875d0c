// What cannot be taken back with one press is asked once, where the hand already is: what follows, and whether it can
// be undone. The safe answer stands second and is Escape.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../button.tsx'

export interface AskProps {
  /** "Refuse its mail from now on?" */
  readonly title: string
  /** What follows from a yes. */
  readonly children: ComponentChildren
  readonly yes: string
  readonly no: string
  /** Answers what is wrong, or nothing when it is done. */
  readonly onYes: () => Promise<string | undefined>
  readonly onNo: () => void
}

export function Ask(props: AskProps) {
  const trouble = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const ref = useRef<HTMLDivElement>(null)
  // The safe answer has the focus: Enter pressed by habit does no harm.
  useEffect(() => ref.current?.querySelector<HTMLButtonElement>('button:last-of-type')?.focus(), [])
  const yes = async () => {
    busy.value = true
    trouble.value = await props.onYes()
    busy.value = false
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is the second button's key
    <div
      class="ask"
      ref={ref}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        props.onNo()
      }}
    >
      <h2>{props.title}</h2>
      <p class="quiet">{props.children}</p>
      {trouble.value !== undefined && (
        <p class="hung fault" role="alert">
          {trouble.value}
        </p>
      )}
      <p class="actions">
        <Button primary small disabled={busy.value} onClick={() => void yes()}>
          {props.yes}
        </Button>
        <Button small onClick={props.onNo}>
          {props.no}
        </Button>
      </p>
    </div>
  )
}
