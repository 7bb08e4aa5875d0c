// Editing in the row: the fields keep the order of the columns, Save names its object, Escape leaves it as it was. What
// was typed stays through every refusal.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Answer } from '../../api.ts'
import { Button } from '../../button.tsx'
import type { Fault } from './faults.ts'

export interface Saving {
  readonly busy: boolean
  /** What is wrong with the whole, and not with one field of it. */
  readonly trouble: string | undefined
  /** What is wrong with a field. */
  at(field: string): string | undefined
  clear(): void
  /** Asks the service unless `found` says no already; answers what the service said. */
  run<T>(found: Fault | undefined, send: () => Promise<Answer<T>>): Promise<Answer<T> | undefined>
}

/** `fields`: those that the form shows; a fault elsewhere is one of the whole. */
export function useSaving(fields: readonly string[]): Saving {
  const fault = useSignal<Fault | undefined>(undefined)
  const busy = useSignal(false)
  const known = (field: string) => fields.includes(field)
  return {
    busy: busy.value,
    trouble: fault.value === undefined || known(fault.value.field) ? undefined : fault.value.message,
    at: (field) => (fault.value?.field === field ? fault.value.message : undefined),
    clear: () => {
      fault.value = undefined
    },
    run: async (found, send) => {
      // Taken away first: the same fault again takes the focus again.
      fault.value = undefined
      if (found !== undefined) {
        await undefined
        fault.value = found
        return undefined
      }
      busy.value = true
      const answer = await send()
      busy.value = false
      if (!answer.ok && !isConflict(answer)) {
        fault.value = { field: answer.problem.field ?? '', message: answer.problem.message }
      }
      return answer
    },
  }
}

function isConflict(answer: { readonly status: number; readonly body?: unknown }): boolean {
  return (
    answer.status === 409 &&
    typeof answer.body === 'object' &&
    answer.body !== null &&
    'theirs' in answer.body
  )
}

export interface RowFormProps {
  /** "Save foo", "Add the prefix". */
  readonly save: string
  readonly leave?: string
  readonly saving: Saving
  readonly onSave: () => void
  readonly onLeave: () => void
  /** Names the columns of the fields in the style sheet. */
  readonly fields: string
  readonly children: ComponentChildren
  /** Between the fields and the buttons: a second line of fields, a conflict. */
  readonly between?: ComponentChildren
  /** At the right of the buttons: what else can be done with it. */
  readonly aside?: ComponentChildren
}

export function RowForm(props: RowFormProps) {
  const ref = useRef<HTMLFormElement>(null)
  useEffect(() => ref.current?.querySelector<HTMLElement>('.input')?.focus(), [])
  return (
    <form
      ref={ref}
      class="row-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!props.saving.busy) props.onSave()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        props.onLeave()
      }}
    >
      <div class={`row-fields ${props.fields}`}>{props.children}</div>
      {props.between}
      {props.saving.trouble !== undefined && (
        <p class="hung fault" role="alert">
          {props.saving.trouble}
        </p>
      )}
      <div class="row-end">
        <p class="actions">
          <Button primary type="submit" disabled={props.saving.busy}>
            {props.save}
          </Button>
          <Button hotkey="esc" onClick={props.onLeave}>
            {props.leave ?? 'Leave as it was'}
          </Button>
        </p>
        {props.aside !== undefined && <p class="actions aside">{props.aside}</p>}
      </div>
    </form>
  )
}
