// The server: what `timedelay doctor` finds, and the configuration to paste.

import { useSignal } from '@preact/signals'
import type { FindingView } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { CopyButton, LinkButton } from '../../button.tsx'
import { Mark } from '../../mark.tsx'
import { Notice } from '../../notice.tsx'
import { useLoaded } from '../loaded.ts'
import { healthWords, inOrder } from './findings.ts'

export function Server() {
  const list = useLoaded(api.findings)
  const findings = list.value.value?.findings
  return (
    <>
      <section class="findings" aria-label="What the doctor finds">
        <p class="verdict">{findings === undefined ? '\u00a0' : healthWords(findings)}</p>
        {list.slow && <p class="note">Still looking at the mail server ...</p>}
        {list.refusal !== undefined && <Notice title={list.refusal} />}
        <ul>
          {inOrder(findings ?? []).map((finding) => (
            <Finding key={`${finding.check} ${finding.says}`} finding={finding} />
          ))}
        </ul>
        {findings !== undefined && <LinkButton onClick={() => void list.again()}>Look again</LinkButton>}
      </section>
      <Configuration />
    </>
  )
}

function Finding({ finding }: { finding: FindingView }) {
  const { level, says, todo } = finding
  const what = todo !== undefined && <code class="todo">{todo}</code>
  if (level === 'fault') {
    return (
      <li class="hung">
        <strong>{says}</strong>
        {what}
      </li>
    )
  }
  return (
    <li>
      <span class={level === 'warn' ? 'soon' : 'works'}>
        <Mark state={level === 'warn' ? 'soon' : 'works'} />
      </span>
      <span>
        <span class="unseen">{level === 'warn' ? 'Not as it should be: ' : 'Right: '}</span>
        {says}
      </span>
      {what}
    </li>
  )
}

const MTAS = [
  ['postfix', 'Postfix'],
  ['sendmail', 'Sendmail'],
] as const

function Configuration() {
  const mta = useSignal<'postfix' | 'sendmail'>('postfix')
  const { value, refusal } = useLoaded(() => api.mtaText(mta.value), mta.value)
  const text = value.value?.text
  return (
    <section class="configuration">
      <div class="title">
        <h2>What to paste</h2>
        <fieldset class="tabs" aria-label="Mail server">
          {MTAS.map(([key, name]) => (
            <button
              key={key}
              type="button"
              class="tab"
              aria-pressed={mta.value === key}
              onClick={() => {
                mta.value = key
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
      </div>
      {refusal !== undefined && <Notice title={refusal} />}
      {text !== undefined && (
        <>
          <pre>{text}</pre>
          <CopyButton text={text} primary>
            Copy it all
          </CopyButton>
        </>
      )}
    </section>
  )
}
