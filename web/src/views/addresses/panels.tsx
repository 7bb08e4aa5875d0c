// What opens inside a row: its record, the day to extend it to, and the question before it is revoked. Each asks the
// service itself and hands the changed address on; what was typed stays when the service refuses.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { AddressView, Problem } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { Button } from '../../button.tsx'
import { type Day, dateNear, dayOf, dayText, longDate } from '../../days.ts'
import { DateInput, TextField } from '../../field.tsx'
import { Bar, EmptyLine, LifeLine, MonthDates, Needle, Ruler, Ticks } from '../../ruler.tsx'
import { placeOf, type Scale } from '../../ruler-geometry.ts'
import { state, todayIn, zoneOf } from '../../state.ts'
import { lastDayOf, stateOf } from '../../words.ts'
import { extensionWord, offeredDay, usualDaysOf } from './extension.ts'
import { lastMail, leakInWords, lifeInWords } from './row-words.ts'

export interface PanelProps {
  readonly view: AddressView
  /** It was done; the words are read out. */
  readonly onDone: (changed: AddressView, says: string) => void
  /** The safe answer. */
  readonly onLeave: () => void
}

/** The site and the note, and what stands in no column: the whole address, its last day, whom it leaked to. */
export function RecordPanel({
  view,
  onDone,
  onLeave,
  children,
}: PanelProps & { children?: ComponentChildren }) {
  const site = useSignal(view.site)
  const note = useSignal(view.note)
  const problem = useSignal<Problem | undefined>(undefined)
  const [today, zone] = [todayIn(view.domain), zoneOf(view.domain)]
  const leak = leakInWords(view, today, zone)
  const save = async () => {
    const answer = await api.changeAddress(view.address, { site: site.value.trim(), note: note.value.trim() })
    if (answer.ok) onDone(answer.value, 'Saved.')
    else problem.value = answer.problem
  }
  const faultAt = (field: string) => (problem.value?.field === field ? problem.value.message : undefined)
  return (
    <form
      class="panel-body"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <p class="quiet">
        {lifeInWords(view, today, zone)}
        {view.lastSeenAt !== undefined && ` The last mail came from ${lastMail(view, zone, today)}.`}
      </p>
      {leak !== undefined && (
        <p class="leaked">
          {leak} {view.state === 'revoked' ? '' : 'Revoke it, or let it be.'}
        </p>
      )}
      <div class="record-fields">
        <TextField label="given to" value={site} fault={faultAt('site')} input={{ maxLength: 253 }} />
        <TextField
          label="note, for your eyes only"
          value={note}
          fault={faultAt('note')}
          input={{ maxLength: 500 }}
        />
      </div>
      <General problem={problem.value} known={['site', 'note']} />
      <div class="actions">
        <Button type="submit" primary small>
          Save it
        </Button>
        <Button small hotkey="esc" onClick={onLeave}>
          Leave as it was
        </Button>
        {children}
      </div>
    </form>
  )
}

export function ExtendPanel({ view, onDone, onLeave }: PanelProps) {
  const today = todayIn(view.domain)
  const until = useSignal(offeredDay(view, today, usualDaysOf(state.value?.prefixes ?? [], view)))
  const problem = useSignal<Problem | undefined>(undefined)
  const word = extensionWord(view, until.value, today)
  const form = useFirstFocus<HTMLFormElement>('input')
  const extend = async () => {
    if (word === undefined) return
    const answer = await api.extendAddress(view.address, { until: dayText(until.value) })
    if (answer.ok) onDone(answer.value, `Works through ${longDate(lastDayOf(answer.value))}.`)
    else problem.value = answer.problem
  }
  return (
    <form
      class="panel-body"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        void extend()
      }}
    >
      <ExtensionRuler view={view} until={until.value} today={today} />
      <div class="actions">
        <span class="until">
          Works through
          <DateInput
            class="until-date"
            name="Works through"
            day={until.value}
            words={longDate(until.value)}
            min={dayText(today)}
            onDay={(day) => {
              until.value = day
            }}
          />
        </span>
        <Button type="submit" primary small disabled={word === undefined}>
          {word ?? 'Extend'}
        </Button>
        <Button small hotkey="esc" onClick={onLeave}>
          Leave it
        </Button>
      </div>
      {word === undefined && (
        <p class="note">
          {until.value < today
            ? 'That day is gone. Give one from today on.'
            : `It works through ${longDate(lastDayOf(view))} anyway.`}
        </p>
      )}
      <General problem={problem.value} known={[]} />
    </form>
  )
}

/** The life as it is, and as a double line what would be added. */
function ExtensionRuler({ view, until, today }: { view: AddressView; until: Day; today: Day }) {
  const [first, own] = [dayOf(view.firstDay), dayOf(view.lastDay)]
  const end = Math.max(until, own, today) + 1
  const start = Math.max(Math.min(first, today), today - 120)
  const margin = Math.max(6, Math.round((end - start) * 0.15))
  // Room for the date beside the last bar, and day ticks only where they can be told apart.
  const [wide, room] = innerWidth < 760 ? [innerWidth - 40, 0.55] : [736, 0.3]
  const scale: Scale = {
    start: start - margin,
    end: end + Math.max(margin, Math.round((end - start) * room)),
  }
  const preview = stateOf(first, Math.max(until, own), today)
  return (
    <Ruler height={58} class="moves panel-ruler">
      <EmptyLine y={22} />
      <Ticks scale={scale} y={32} width={wide} />
      <MonthDates scale={scale} y={56} width={wide} />
      <LifeLine
        scale={scale}
        life={{ first, last: own, extended: until }}
        today={today}
        state={preview}
        y={22}
        tall={16}
      />
      {until > own && (
        <g class={`life-end ${preview}`}>
          <Bar place={placeOf(scale, until + 1)} y={10} height={24} width={2} />
          <text x={`${placeOf(scale, until + 1)}%`} dx={7} y={14}>
            {dateNear(until, today)}
          </text>
        </g>
      )}
      <Needle scale={scale} day={today} y={6} height={36} />
    </Ruler>
  )
}

export function RevokePanel({ view, onDone, onLeave }: PanelProps) {
  const problem = useSignal<Problem | undefined>(undefined)
  const body = useFirstFocus<HTMLDivElement>('button')
  const revoke = async () => {
    const answer = await api.revokeAddress(view.address)
    if (answer.ok) onDone(answer.value, 'Revoked. The next mail is refused.')
    else problem.value = answer.problem
  }
  return (
    <div class="panel-body" ref={body}>
      <h2>Refuse its mail from now on?</h2>
      <p class="quiet">The next mail is turned away at the door. You can restore it any day.</p>
      <div class="actions">
        <Button primary small onClick={() => void revoke()}>
          Revoke it
        </Button>
        <Button small hotkey="esc" onClick={onLeave}>
          Keep it
        </Button>
      </div>
      <General problem={problem.value} known={[]} />
    </div>
  )
}

/** What is wrong with none of the fields in particular. */
function General({ problem, known }: { problem: Problem | undefined; known: readonly string[] }) {
  if (problem === undefined || (problem.field !== undefined && known.includes(problem.field))) return null
  return (
    <p class="hung fault" role="alert">
      {problem.message}
    </p>
  )
}

/** Where the hand goes on: the first field or button of what has opened. */
function useFirstFocus<T extends HTMLElement>(selector: string) {
  const ref = useRef<T>(null)
  // Before the next key: `r` and Enter may come quickly.
  useLayoutEffect(() => {
    ref.current?.querySelector<HTMLElement>(selector)?.focus()
  }, [selector])
  return ref
}
