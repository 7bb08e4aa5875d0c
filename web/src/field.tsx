// Fields: a label above, a line below, and under it a hint or what is wrong. Each takes a signal, so that what was
// typed lives outside the field and outlasts it.

import { type Signal, useSignal } from '@preact/signals'
import type { ComponentChildren, InputHTMLAttributes, TargetedEvent } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { type Day, dayText, fullDate, parseDay } from './days.ts'

interface Common {
  readonly label: string
  readonly hint?: ComponentChildren
  /** What is wrong, then what to do. Focus goes to the field when it appears. */
  readonly fault?: string | undefined
  readonly class?: string
}

function Below({ id, hint, fault }: { id: string; hint?: ComponentChildren; fault?: string | undefined }) {
  if (fault !== undefined)
    return (
      <p class="hung fault" id={id} role="alert">
        {fault}
      </p>
    )
  return hint === undefined ? null : (
    <p class="hint" id={id}>
      {hint}
    </p>
  )
}

/** Focus to the field whenever a fault appears at it. */
function useFaultFocus<T extends HTMLElement>(fault: string | undefined) {
  const ref = useRef<T>(null)
  useEffect(() => {
    if (fault !== undefined) ref.current?.focus()
  }, [fault])
  return ref
}

function describing(id: string, { hint, fault }: Common) {
  return {
    ...(hint === undefined && fault === undefined ? {} : { 'aria-describedby': id }),
    ...(fault === undefined ? {} : { 'aria-invalid': 'true' as const }),
  }
}

export type TextFieldProps = Common & {
  readonly value: Signal<string>
  readonly onInput?: (text: string) => void
  readonly mono?: boolean
  /** A text area of so many lines. */
  readonly lines?: number
  readonly input?: InputHTMLAttributes<HTMLInputElement>
}

export function TextField(props: TextFieldProps) {
  const id = useId()
  const ref = useFaultFocus<HTMLInputElement & HTMLTextAreaElement>(props.fault)
  const shared = {
    ref,
    id,
    class: `input ${props.mono === true ? 'mono' : ''}`,
    value: props.value.value,
    onInput: (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      props.value.value = event.currentTarget.value
      props.onInput?.(event.currentTarget.value)
    },
    ...describing(`${id}-below`, props),
  }
  return (
    <div class={`field ${props.class ?? ''}`}>
      <label for={id}>{props.label}</label>
      {props.lines === undefined ? (
        <input type="text" autocomplete="off" spellcheck={false} {...props.input} {...shared} />
      ) : (
        <textarea rows={props.lines} spellcheck={false} {...shared} />
      )}
      <Below id={`${id}-below`} hint={props.hint} fault={props.fault} />
    </div>
  )
}

export interface Choice {
  readonly value: string
  readonly text: string
}

export type SelectFieldProps = Common & {
  readonly value: Signal<string>
  readonly choices: readonly Choice[]
  readonly onInput?: (value: string) => void
  readonly disabled?: boolean
}

export function SelectField(props: SelectFieldProps) {
  const id = useId()
  const ref = useFaultFocus<HTMLSelectElement>(props.fault)
  return (
    <div class={`field ${props.class ?? ''}`}>
      <label for={id}>{props.label}</label>
      <span class="select">
        <select
          ref={ref}
          id={id}
          class="input"
          value={props.value.value}
          disabled={props.disabled}
          onInput={(event) => {
            props.value.value = event.currentTarget.value
            props.onInput?.(event.currentTarget.value)
          }}
          {...describing(`${id}-below`, props)}
        >
          {props.choices.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </span>
      <Below id={`${id}-below`} hint={props.hint} fault={props.fault} />
    </div>
  )
}

/** A date in words; the native field takes its place while it has the focus. `onDay` hears of whole dates
 * from `min` to `max`, `onBeyond` of others. */
export function DateInput(props: {
  id?: string
  day: Day
  min?: string
  max?: string
  words?: string
  onDay: (day: Day) => void
  onBeyond?: (day: Day) => void
  /** For screen readers, where no label leads to `id`. */
  name?: string
  chevron?: boolean
  class?: string
}) {
  const text = useSignal('')
  text.value = dayText(props.day)
  return (
    <span class={`date ${props.chevron === true ? 'chevron' : ''} ${props.class ?? ''}`}>
      <input
        type="date"
        id={props.id}
        class="input"
        aria-label={props.name}
        required
        value={text.value}
        min={props.min}
        max={props.max ?? '9999-12-31'}
        onInput={(event) => {
          const day = parseDay(event.currentTarget.value)
          if (day === undefined) return
          if (event.currentTarget.validity.valid) props.onDay(day)
          else props.onBeyond?.(day)
        }}
      />
      <span class="words" aria-hidden="true">
        {props.words ?? fullDate(props.day)}
      </span>
    </span>
  )
}
