// Explain: paste an address or a whole To: header, and read what it is, what the server would answer now, and why.

import './explain/explain.css'
import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { ExplainView as Explanation, Explanations } from '../../../src/admin/schemas.ts'
import { api } from '../api.ts'
import { go, route } from '../router.ts'
import { useReading } from './addresses/list.ts'
import { Block, ClosedBlock } from './explain/block.tsx'
import { datesInWords } from './explain/explained.ts'

/** After so many milliseconds without another key the text is explained. */
const DEBOUNCE_MS = 200
/** The service reads no more than this. */
const TEXT_MAX = 20_000
/** A longer text stays out of the address bar. */
const URL_MAX = 1000

export function ExplainView() {
  const asked = useSignal(route.value.query.get('address') ?? '')
  const round = useSignal(0)
  const says = useSignal('')
  const linked = route.value.query.get('address') ?? ''
  useEffect(() => {
    // Another link, or Back: the field follows the address bar.
    if (linked !== '' && linked !== asked.peek()) asked.value = linked
  }, [linked])
  const text = asked.value.trim()
  const reading = useReading<Explanations>(`${round.value} ${text}`, (abort) =>
    text === ''
      ? Promise.resolve({ ok: true, value: { explanations: [] } })
      : api.explain({ text: text.slice(0, TEXT_MAX) }, abort),
  )
  const ask = (typed: string) => {
    asked.value = typed
    says.value = ''
    const address = typed.trim()
    go('explain', { address: address.length <= URL_MAX ? address : undefined }, { replace: true })
  }
  const explanations = reading.value.value?.explanations
  return (
    <div class="explain-view">
      <h1 class="unseen">Explain</h1>
      <Paste text={asked.value} onText={ask} fault={reading.trouble.value} />
      {reading.slow.value && <p class="note">Still reading ...</p>}
      <p role="status" class="unseen">
        {says.value || (explanations !== undefined && spoken(explanations))}
      </p>
      {text === '' ? (
        <p class="quiet teach">
          An address says who it belongs to, when it starts and how long it lives. Here stands what the server
          would answer a sender right now, and why, in the order it asks. A whole header may hold several.
        </p>
      ) : (
        explanations !== undefined &&
        reading.trouble.value === undefined && (
          <Blocks
            key={explanations.map(({ recipient }) => recipient).join(' ')}
            explanations={explanations}
            onChanged={(words) => {
              says.value = words
              round.value++
            }}
          />
        )
      )}
    </div>
  )
}

/** What a screen reader hears of them: the verdicts, with their dates as one says them. */
export function spoken(explanations: readonly Explanation[]): string {
  return explanations.map(({ recipient, verdict }) => `${recipient}: ${datesInWords(verdict)}`).join(' ')
}

/** A block for each address; open is the first of ours, until another is chosen. */
function Blocks(props: { explanations: readonly Explanation[]; onChanged: (says: string) => void }) {
  const { explanations } = props
  const open = useSignal(
    Math.max(
      0,
      explanations.findIndex(({ ours }) => ours),
    ),
  )
  if (explanations.length === 0) {
    return (
      <p class="quiet teach">No address stands in that text. One looks like djb2026112045@td.example.com.</p>
    )
  }
  return (
    <>
      {explanations.map((explanation, index) =>
        index === open.value ? (
          <Block key={explanation.recipient} explanation={explanation} onChanged={props.onChanged} />
        ) : (
          <ClosedBlock
            key={explanation.recipient}
            explanation={explanation}
            onOpen={() => {
              open.value = index
            }}
          />
        ),
      )}
    </>
  )
}

/** One line that grows: a header may be folded over several. */
function Paste(props: { text: string; onText: (text: string) => void; fault: string | undefined }) {
  const { text, onText, fault } = props
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const typed = useSignal(text)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (text === '') field.current?.focus()
    return () => clearTimeout(timer.current)
  }, [])
  useEffect(() => {
    if (text.trim() !== typed.peek().trim()) typed.value = text
  }, [text])
  const later = (milliseconds: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onText(typed.peek()), milliseconds)
  }
  return (
    <div class="field paste">
      <label for={id}>paste an address, or a whole To: header</label>
      <textarea
        ref={field}
        id={id}
        class="input mono"
        rows={1}
        maxLength={TEXT_MAX}
        spellcheck={false}
        autocapitalize="off"
        value={typed.value}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={`${id}-fault`}
        onInput={(event) => {
          typed.value = event.currentTarget.value
          // What was pasted is whole; what is typed is not yet.
          later(event.inputType === 'insertFromPaste' ? 0 : DEBOUNCE_MS)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return
          event.preventDefault()
          later(0)
        }}
      />
      <p id={`${id}-fault`} role="status" class={fault === undefined ? '' : 'hung fault'}>
        {fault}
      </p>
    </div>
  )
}
