// Make an address: the first thing one sees. The address stands at once; its brackets are the headings of the fields
// that change it, and the ruler is the control for its lifetime. What is computed lies in `make/`; this is the one sheet on
// which all of it stands, and its keys act on all of it.

import './make/make.css'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { AddressRow, Hero, HeroLabel } from '../address-parts.tsx'
import { spellOut } from '../anatomy.ts'
import { Button, CopyButton, LinkButton, useDone } from '../button.tsx'
import { dateNear, dayOf, dayText, LAST_DAY, longDate, whenShort } from '../days.ts'
import { DateInput, TextField } from '../field.tsx'
import { Notice } from '../notice.tsx'
import { me } from '../state.ts'
import { Verdict } from '../verdict.tsx'
import { useWidth } from '../width.ts'
import { stateOf } from '../words.ts'
import { DaysField, daysFault, FromField, faultAt, NoteField, SiteField, WhoField } from './make/fields.tsx'
import { LifetimeRuler } from './make/lifetime-ruler.tsx'
import { nextLifetime } from './make/lifetimes.ts'
import { type Made, madeBefore, recallMade } from './make/made-before.ts'
import {
  addresses,
  anatomy,
  chooseDays,
  chooseLast,
  copyAddresses,
  days,
  first,
  isAnother,
  isBeyond,
  isOver,
  isSameAgain,
  keepSealed,
  lacking,
  last,
  most,
  prefix,
  problem,
  refusedLast,
  sealDots,
  sealed,
  sealWish,
  several,
  severalText,
  site,
  startMaking,
  startNext,
  today,
  trouble,
  zone,
} from './make/making.ts'
import { NoPrefix } from './make/no-prefix.tsx'
import { QrCode } from './make/qr.tsx'
import { refusedFrom, together, worksSentence, worksThrough } from './make/sentence.ts'
import { timesIn } from './zone-note.tsx'

/** The key that stands for control on this keyboard. */
const COMMAND = typeof navigator !== 'undefined' && /Mac|iP/.test(navigator.platform) ? '⌘' : 'ctrl'

export function MakeView() {
  startMaking()
  if (prefix.value === undefined) return <NoPrefix />
  return <Making />
}

function Making() {
  const width = useWidth()
  const form = useRef<HTMLFormElement>(null)
  const copied = useDone()
  useEffect(keepSealed, [])
  useEffect(() => recallMade(me.value?.name ?? ''), [])
  const focusSite = () => form.current?.querySelector<HTMLInputElement>('.site-field input')?.focus()
  const copy = async () => {
    if (await copyAddresses()) copied.raise()
    else form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }
  const next = async () => {
    if (!(await copyAddresses())) return
    copied.raise()
    startNext()
    focusSite()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'PageUp' || event.key === 'PageDown') {
      event.preventDefault()
      chooseDays(nextLifetime(days.value ?? 1, event.key === 'PageUp' ? 'longer' : 'shorter', most.value))
    }
    if (event.key !== 'Enter' || event.isComposing || event.target instanceof HTMLButtonElement) return
    event.preventDefault()
    // A date that cannot be stands in the field, and another one in the address.
    if (event.target instanceof HTMLInputElement && !event.target.validity.valid) return
    void (event.ctrlKey || event.metaKey ? next() : copy())
  }
  const fields = { narrow: width === 'narrow', short: width !== 'wide' }
  return (
    <form
      class="make"
      ref={form}
      onKeyDown={onKeyDown}
      onSubmit={(event) => event.preventDefault()}
      novalidate
    >
      <h1 class="unseen">Make an address</h1>
      <TheAddress narrow={fields.narrow}>
        {!fields.narrow && (
          <>
            <WhoField />
            <FromField short={fields.short} />
            <DaysField short={fields.short} />
            <SiteField focus />
            <NoteField />
          </>
        )}
      </TheAddress>
      {!fields.narrow && <LifetimeRuler />}
      <div class="make-say">
        <Sentence />
        {fields.narrow && <LifetimeRuler />}
        <div class="make-do">
          <Button
            primary
            disabled={lacking.value !== undefined}
            done="Copied"
            isDone={copied.up}
            hotkey="↵"
            onClick={() => void copy()}
          >
            {lacking.value ?? (several.value === 1 ? 'Copy the address' : `Copy all ${several.value}`)}
          </Button>
          <Button disabled={lacking.value !== undefined} hotkey={`${COMMAND} ↵`} onClick={() => void next()}>
            {fields.narrow ? 'Next' : 'Next one'}
          </Button>
          {!fields.narrow && <More />}
        </div>
        {isSameAgain.value && (
          <p class="note" role="status">
            Without a seal this is the same address again. Give it a site or a seal, another day or lifetime.
          </p>
        )}
        {isAnother.value && (
          <p class="note" role="status">
            The address that {site.value} would get for these days was revoked. This is another one.
          </p>
        )}
        <Trouble />
      </div>
      {fields.narrow ? <NarrowRest /> : <QrCode text={addresses.value[0] ?? ''} />}
      <MadeBefore />
      <Spoken copied={copied.up} />
    </form>
  )
}

function TheAddress(props: { narrow: boolean; children: preact.ComponentChildren }) {
  const parts = anatomy.value
  const list = addresses.value
  const fault = daysFault()
  return (
    <div>
      <Hero
        anatomy={parts}
        state={stateOf(first.value, last.value, Math.max(first.value, today.value))}
        sealDots={sealDots.value}
        says={spellOut(parts, longDate(first.value), site.value)}
        faulty={fault !== undefined ? 'days' : isOver.value || isBeyond.value ? 'from' : undefined}
        roomForSeal={9}
      >
        {props.narrow ? (
          <>
            <HeroLabel part="who" label="who" />
            <HeroLabel part="from" label="from" />
            <HeroLabel part="days" label="for" />
            {sealed.value && <HeroLabel part="seal" label="seal" />}
          </>
        ) : (
          props.children
        )}
      </Hero>
      {several.value !== 1 && list.length > 0 && (
        <ol class="several" aria-label={`${list.length} addresses`}>
          {list.map((address) => (
            <li key={address}>
              <AddressRow address={address} state={stateOf(first.value, last.value, today.value)} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

const OVER = 'It would be over already.'

function Sentence() {
  const fault = daysFault()
  if (days.value === undefined) return <Verdict more={fault}>It cannot be made like this.</Verdict>
  if (isOver.value)
    return (
      <Verdict more={`Its last day would be ${longDate(last.value)}. Give a later one from which it works.`}>
        {OVER}
      </Verdict>
    )
  if (isBeyond.value) return <Verdict>It cannot be made like this.</Verdict>
  const mailboxes = together(prefix.value?.mailboxes ?? [])
  return (
    <div>
      <p class="verdict">
        {worksThrough(first.value, today.value)}{' '}
        <DateInput
          class="inline"
          name="Works through"
          day={last.value}
          min={dayText(first.value)}
          max={dayText(Math.min(first.value + most.value - 1, LAST_DAY))}
          onDay={chooseLast}
          onBeyond={chooseLast}
        />
      </p>
      {refusedLast.value !== '' && (
        <p class="hung fault" role="alert">
          {refusedLast.value}
        </p>
      )}
      <p class="quiet">
        {refusedFrom(last.value, zone.value)}
        <span class="wide-only"> Until then, mail reaches {mailboxes}.</span>
      </p>
    </div>
  )
}

/** Several at once; with or without a seal, where the prefix leaves the choice. */
function More() {
  const some = severalText.value
  return (
    <span class="make-more">
      {some === undefined ? (
        <LinkButton
          onClick={() => {
            severalText.value = '5'
          }}
        >
          Several at once
        </LinkButton>
      ) : (
        <SeveralField />
      )}
      {prefix.value?.signed !== true && some === undefined && (
        <LinkButton
          onClick={() => {
            sealWish.value = sealed.value ? 'without' : 'with'
          }}
        >
          {sealed.value ? 'Without a seal' : 'With a seal'}
        </LinkButton>
      )}
    </span>
  )
}

function SeveralField() {
  const text = useSignal(severalText.value ?? '')
  const place = useRef<HTMLSpanElement>(null)
  useEffect(() => place.current?.querySelector('input')?.select(), [])
  return (
    <span class="make-more" ref={place}>
      <TextField
        class="several-field"
        label="how many"
        value={text}
        onInput={(typed) => {
          severalText.value = typed
        }}
        fault={several.value === undefined ? 'From 2 to 50.' : faultAt('count')}
        input={{ inputMode: 'numeric', maxLength: 2 }}
      />
      <LinkButton
        onClick={() => {
          severalText.value = undefined
        }}
      >
        Only one
      </LinkButton>
    </span>
  )
}

function NarrowRest() {
  const showQr = useSignal(false)
  return (
    <>
      <div class="make-fields">
        <WhoField />
        <SiteField focus={false} />
        <NoteField />
        <FromField short />
        <DaysField short={false} />
      </div>
      <div class="make-links">
        <More />
        <LinkButton
          expanded={showQr.value}
          onClick={() => {
            showQr.value = !showQr.value
          }}
        >
          QR code
        </LinkButton>
      </div>
      {showQr.value && <QrCode text={addresses.value[0] ?? ''} />}
    </>
  )
}

/** What no field can say. */
function Trouble() {
  const fields = ['from', 'days', 'until', 'site', 'signed', 'note', 'count']
  const found = problem.value
  const elsewhere = found !== undefined && !fields.includes(found.field ?? '') ? found.message : undefined
  if (trouble.value === undefined && elsewhere === undefined) return null
  return <Notice title={trouble.value ?? 'This address cannot be made.'}>{elsewhere}</Notice>
}

function MadeBefore() {
  if (madeBefore.value.length === 0) return null
  return (
    <section class="made" aria-labelledby="made-before">
      <h2 class="label" id="made-before">
        Made before, {timesIn(madeBefore.value.map(({ zone }) => zone))}
      </h2>
      <ul>
        {madeBefore.value.map((made) => (
          <MadeRow key={made.address} made={made} />
        ))}
      </ul>
    </section>
  )
}

function MadeRow({ made }: { made: Made }) {
  const end = dayOf(made.lastDay)
  return (
    <li>
      <span class="made-name">{made.name || <span class="note">without a name</span>}</span>
      <AddressRow address={made.address} state={stateOf(0, end, today.value)} />
      <span class="quiet">through {dateNear(end, today.value)}</span>
      <span class="made-copied">
        <span class="note">copied {whenShort(made.copiedAt, made.zone, today.value)}</span>
        <CopyButton link text={made.address}>
          Copy again
        </CopyButton>
      </span>
    </li>
  )
}

/** The verdict sentence for screen readers, half a second after the last change. */
function Spoken({ copied }: { copied: boolean }) {
  const spoken = useSignal('')
  const sentence =
    days.value === undefined || isBeyond.value
      ? ''
      : isOver.value
        ? OVER
        : worksSentence(first.value, last.value, today.value)
  const started = useRef(false)
  useEffect(() => {
    if (!started.current) {
      started.current = true
      return
    }
    const timer = setTimeout(() => {
      spoken.value = sentence
    }, 500)
    return () => clearTimeout(timer)
  }, [sentence])
  return (
    <p class="unseen" aria-live="polite">
      {copied ? 'Copied.' : spoken.value}
    </p>
  )
}
