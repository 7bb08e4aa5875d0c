// "As it happens": the list, what narrows it, and what holds it.

import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { VerdictEvent } from '../../../../src/admin/schemas.ts'
import { Button, LinkButton } from '../../button.tsx'
import { todayIn, zoneOf } from '../../state.ts'
import { EventRow } from './event-row.tsx'
import type { Feed, Hold } from './feed.ts'

export interface EventListProps {
  readonly feed: Feed<VerdictEvent>
  readonly onHold: (by: Hold) => void
  readonly onRelease: (by: Hold) => void
  /** Undefined when there are no earlier ones. */
  readonly onEarlier: (() => void) | undefined
}

export function EventList({ feed, onHold, onRelease, onEarlier }: EventListProps) {
  const open = useSignal<number | undefined>(undefined)
  const at = useSignal<number | undefined>(undefined)
  const body = useRef<HTMLTableSectionElement>(null)
  const reachable = feed.rows.some(({ id }) => id === at.value) ? at.value : feed.rows[0]?.id

  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const openers = [...(body.current?.querySelectorAll<HTMLButtonElement>('.row-opener') ?? [])]
    const here = openers.indexOf(event.target as HTMLButtonElement)
    if (event.key === 'Escape' && open.value !== undefined) {
      const row = feed.rows.findIndex(({ id }) => id === open.value)
      open.value = undefined
      openers[row]?.focus()
    }
    if (step === undefined || here < 0) return
    event.preventDefault()
    openers[here + step]?.focus()
  }

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hovering only holds the rows still, and focus does, too */}
      <div
        onPointerEnter={(event) => event.pointerType === 'mouse' && onHold('pointed')}
        onPointerLeave={() => onRelease('pointed')}
        onFocusIn={() => onHold('focused')}
        onFocusOut={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) onRelease('focused')
        }}
        onKeyDown={move}
      >
        <table class="events">
          <Columns />
          <thead>
            <tr>
              {['time', 'verdict', 'address', 'sender', 'what followed'].map((head) => (
                <th key={head} scope="col">
                  <span class="unseen">{head}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {feed.rows.map((event) => (
              <EventRow
                key={event.id}
                event={event}
                zone={zoneOf()}
                today={todayIn()}
                newest={event.id === feed.rows[0]?.id}
                fresh={event.id > feed.fresh}
                open={event.id === open.value}
                reachable={event.id === reachable}
                onToggle={() => {
                  open.value = open.value === event.id ? undefined : event.id
                }}
                onFocus={() => {
                  at.value = event.id
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      {onEarlier !== undefined && <LinkButton onClick={onEarlier}>Show earlier ones</LinkButton>}
    </>
  )
}

function Columns() {
  return (
    <colgroup>
      <col />
      <col />
      <col />
      <col />
      <col />
    </colgroup>
  )
}

/** What stands for rows before the first answer. */
export function EmptyRules() {
  return (
    <table class="events" aria-hidden="true">
      <tbody>
        {[1, 2, 3, 4, 5, 6, 7, 8].map((row) => (
          <tr key={row}>
            <td colSpan={5} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function PauseButton(props: { words: string; paused: boolean; onClick: () => void }) {
  return (
    <Button small hotkey="P" onClick={props.onClick} class={props.paused ? 'pressed' : ''}>
      {props.words}
    </Button>
  )
}
