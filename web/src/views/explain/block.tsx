// One address explained: taken apart, the verdict, the time line, the questions, and what a sender hears.

import { useSignal } from '@preact/signals'
import type { AddressView, ExplainView } from '../../../../src/admin/schemas.ts'
import { Hero, HeroLabel } from '../../address-parts.tsx'
import { spellOut, takeApart } from '../../anatomy.ts'
import { api } from '../../api.ts'
import { Button, CopyButton } from '../../button.tsx'
import { type Day, dayOf, longDate } from '../../days.ts'
import { Mark } from '../../mark.tsx'
import { state, todayIn, zoneOf } from '../../state.ts'
import { Verdict } from '../../verdict.tsx'
import { ExtendPanel } from '../addresses/panels.tsx'
import {
  canBeRead,
  datesInWords,
  type Remedy,
  recordOf,
  remedyFor,
  sentencesOf,
  stateOfExplained,
} from './explained.ts'
import { TimeLine } from './time-line.tsx'

export interface BlockProps {
  readonly explanation: ExplainView
  /** The address has changed: explain it anew. */
  readonly onChanged: (says: string) => void
}

export function Block({ explanation, onChanged }: BlockProps) {
  const today = explanation.today === undefined ? todayIn() : dayOf(explanation.today)
  const zone = explanation.timeZone ?? zoneOf()
  const state = stateOfExplained(explanation, today)
  return (
    <article class="explained">
      <TakenApart explanation={explanation} state={state} />
      <Answer {...{ explanation, today, onChanged }} {...(state === undefined ? {} : { state })} />
      {canBeRead(explanation) && <TimeLine explanation={explanation} today={today} zone={zone} />}
      <div class="because">
        <Questions explanation={explanation} />
        <Hears explanation={explanation} />
      </div>
    </article>
  )
}

/** An address of several: closed to one line, which opens it. */
export function ClosedBlock({ explanation, onOpen }: { explanation: ExplainView; onOpen: () => void }) {
  const state = stateOfExplained(
    explanation,
    explanation.today === undefined ? todayIn() : dayOf(explanation.today),
  )
  return (
    <button type="button" class="closed-block" aria-expanded="false" onClick={onOpen}>
      <span class={state ?? 'waiting'}>{state === undefined ? null : <Mark state={state} />}</span>
      <span class="mono">{explanation.recipient}</span>
      <span class="quiet">{datesInWords(explanation.verdict)}</span>
    </button>
  )
}

function TakenApart({
  explanation,
  state,
}: {
  explanation: ExplainView
  state: AddressView['state'] | undefined
}) {
  const { recipient, parts, record } = explanation
  const anatomy = takeApart(recipient)
  if (anatomy === undefined || parts === undefined) return <p class="whole mono">{recipient}</p>
  const from = longDate(dayOf(parts.firstDay))
  const sealedFor = record?.site ?? ''
  return (
    <Hero anatomy={anatomy} state={state ?? 'works'} says={spellOut(anatomy, from, sealedFor)}>
      <HeroLabel part="who" label="who" says={anatomy.who} />
      <HeroLabel part="from" label="from" says={from} />
      <HeroLabel part="days" label="for days" short="for" says={anatomy.days} />
      {anatomy.seal !== '' && (
        <HeroLabel
          part="seal"
          label={sealedFor === '' ? 'seal' : 'sealed for'}
          short="seal"
          says={sealedFor}
        />
      )}
    </Hero>
  )
}

function Answer(props: BlockProps & { today: Day; state?: AddressView['state'] }) {
  const { explanation, today, onChanged } = props
  const extending = useSignal(false)
  const fault = useSignal<string | undefined>(undefined)
  const remedy = remedyFor(explanation, today, state.value?.prefixes ?? [])
  const restore = async () => {
    const answer = await api.restoreAddress(explanation.recipient)
    fault.value = answer.ok ? undefined : answer.problem.message
    if (answer.ok) onChanged('Restored.')
  }
  const record = canBeRead(explanation) ? recordOf(explanation, today) : undefined
  return (
    <>
      <div class="answer">
        <Verdict
          large
          more={sentencesOf(explanation)}
          {...(props.state === undefined ? {} : { state: props.state })}
        >
          {datesInWords(explanation.verdict)}
        </Verdict>
        <div class="actions">
          <RemedyButton
            remedy={remedy}
            open={extending.value}
            onExtend={() => {
              extending.value = !extending.value
            }}
            onRestore={() => void restore()}
          />
          <CopyButton text={explanation.recipient} />
        </div>
      </div>
      {fault.value !== undefined && (
        <p class="hung fault" role="alert">
          {fault.value}
        </p>
      )}
      {extending.value && record !== undefined && (
        <div class="extending sunk">
          <ExtendPanel
            view={record}
            onDone={(_, says) => {
              extending.value = false
              onChanged(says)
            }}
            onLeave={() => {
              extending.value = false
            }}
          />
        </div>
      )}
    </>
  )
}

function RemedyButton(props: { remedy: Remedy; open: boolean; onExtend: () => void; onRestore: () => void }) {
  switch (props.remedy) {
    case 'restore':
      return (
        <Button primary onClick={props.onRestore}>
          Restore it
        </Button>
      )
    case 'live-again':
      return (
        <Button primary disabled={props.open} onClick={props.onExtend}>
          Let it live again until ...
        </Button>
      )
    case 'extend':
      return (
        <Button disabled={props.open} onClick={props.onExtend}>
          Extend it until ...
        </Button>
      )
    default:
      return null
  }
}

/** In the order of `decide`, up to the one that settled it. */
function Questions({ explanation: { steps } }: { explanation: ExplainView }) {
  return (
    <section>
      <h2>Why, in the order the server asks</h2>
      <ol class="questions">
        {steps.map(({ question, answer, settles }, index) => (
          <li key={question} class={settles ? 'sunk settles' : ''}>
            <span class="at" aria-hidden="true">
              {index + 1}
            </span>
            <span class="question">{question}</span>
            <span class="reply">
              {datesInWords(answer)}
              {settles && <span class="unseen"> (this settled it)</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Hears({ explanation }: { explanation: ExplainView }) {
  return (
    <section class="hears">
      <h2>What a sender hears</h2>
      {explanation.smtp !== '' && (
        <blockquote class={explanation.accepted ? 'mono works' : 'mono ended'}>
          <span>{explanation.smtp}</span>
        </blockquote>
      )}
      {!explanation.accepted && (
        <p class="note">
          Said while the sender is still connected. Nothing is stored, and no bounce is sent.
        </p>
      )}
      <p class="note">
        In the terminal: <code>timedelay address explain</code>
      </p>
    </section>
  )
}
