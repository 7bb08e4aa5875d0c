// First visit: three steps on a ruler, the needle at the present one, and the address building itself underneath. It
// ends on the first address and the configuration to paste. One piece, because the steps share what was typed, and each is
// short.

import './set-up/set-up.css'
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Hero, HeroLabel, type Part } from '../address-parts.tsx'
import { type Anatomy, spellOut, takeApart } from '../anatomy.ts'
import { api } from '../api.ts'
import { Button, CopyButton } from '../button.tsx'
import { clockTime, dayDigits, dayOf, fullDate, longDate } from '../days.ts'
import { SelectField, TextField } from '../field.tsx'
import { Away, Name } from '../frame.tsx'
import { Notice } from '../notice.tsx'
import { go } from '../router.ts'
import { Bar, Ruler } from '../ruler.tsx'
import { state, todayIn, todayOfZone } from '../state.ts'
import { Verdict } from '../verdict.tsx'
import { NO_POSTMASTER } from '../words.ts'
import {
  back,
  busy,
  code,
  createAdministrator,
  createDomain,
  createPrefix,
  days,
  domainName,
  faultAt,
  made,
  mailbox,
  makeFirst,
  name,
  password,
  postmaster,
  prefixName,
  problem,
  STEPS,
  settingUp,
  signed,
  step,
  timeZone,
} from './set-up/building.ts'

export function SetUpView() {
  const place = useRef<HTMLElement>(null)
  const at = step.value
  useEffect(() => {
    settingUp.value = true
    document.title = 'First visit · timedelay'
  }, [])
  useEffect(() => {
    place.current?.querySelector<HTMLElement>('form input, form select')?.focus()
  }, [at])
  return (
    <>
      <header class="frame set-up-frame">
        <span class="name">
          <Name />
        </span>
        <span class="person quiet">first visit</span>
      </header>
      <main class="page set-up" ref={place}>
        <Away />
        <StepRuler />
        {at === 1 && <You />}
        {at === 2 && <YourDomain />}
        {at === 3 && <FirstPrefix />}
        {at === 4 && <Done />}
      </main>
    </>
  )
}

/** What is done is a thick line; the needle stands at the beginning of the present step. */
function StepRuler() {
  const at = step.value
  const done = ((at - 1) / STEPS.length) * 100
  return (
    <div class="steps">
      <ol>
        {STEPS.map((word, index) => (
          <li
            key={word}
            aria-current={index + 1 === at ? 'step' : undefined}
            class={index + 1 < at ? 'past' : ''}
          >
            {index + 1} <span>{word}</span>
          </li>
        ))}
      </ol>
      <Ruler height={40}>
        <rect class="empty" x="0" width="100%" y="17.5" height="1" />
        <rect class="done" x="0" width={`${done}%`} y="16.5" height="3" />
        {Array.from({ length: 49 }, (_, tick) => (
          <Bar key={tick} class="tick" place={(tick / 48) * 100} y={26} height={tick % 16 === 0 ? 10 : 4} />
        ))}
        <Bar class="needle" place={done} y={0} height={40} width={2} />
      </Ruler>
    </div>
  )
}

function StepForm(props: {
  question: string
  explains: ComponentChildren
  fields: ComponentChildren
  /** The members of the request that stand in a field here; other faults hang above the button. */
  members: readonly string[]
  go: string
  onGo: () => Promise<boolean>
  canGoBack?: boolean
}) {
  const elsewhere = problem.value !== undefined && !props.members.includes(problem.value.field ?? '')
  return (
    <form
      novalidate
      onSubmit={(event) => {
        event.preventDefault()
        void props.onGo()
      }}
    >
      <h1 class="verdict large">{props.question}</h1>
      <p class="set-up-explains quiet">{props.explains}</p>
      <div class="set-up-fields">{props.fields}</div>
      <Building />
      {elsewhere && <Notice title={problem.value?.message ?? ''} />}
      <div class="actions">
        <Button primary type="submit" hotkey="↵" disabled={busy.value}>
          {props.go}
        </Button>
        {props.canGoBack === true && <Button onClick={back}>Back</Button>}
      </div>
    </form>
  )
}

function You() {
  return (
    <StepForm
      question="Who looks after this server?"
      explains="The one-time code stands in the terminal, or in the log, where timedelay serve was started."
      members={['code', 'name', 'password']}
      go="On to your domain"
      onGo={createAdministrator}
      fields={
        <>
          <TextField
            label="one-time code"
            mono
            value={code}
            fault={faultAt('code')}
            hint="It works once."
            input={{ autocapitalize: 'none', maxLength: 100 }}
          />
          <TextField
            label="your name here"
            value={name}
            fault={faultAt('name')}
            hint="You sign in with it."
            input={{ autocomplete: 'username', autocapitalize: 'none', maxLength: 64 }}
          />
          <TextField
            label="password"
            value={password}
            fault={faultAt('password')}
            hint="Long is better than odd. Four words do."
            input={{ type: 'password', autocomplete: 'new-password', maxLength: 1024 }}
          />
        </>
      }
    />
  )
}

/** The zones that this browser and the service know. */
function useTimeZones(): readonly string[] {
  const zones = useSignal<readonly string[]>(['UTC'])
  useEffect(() => {
    void api.domains().then((answer) => {
      if (answer.ok) zones.value = answer.value.timeZones
    })
    if (timeZone.value === '') timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone
  }, [])
  return zones.value.includes(timeZone.value) || timeZone.value === ''
    ? zones.value
    : [timeZone.value, ...zones.value]
}

function YourDomain() {
  const zones = useTimeZones()
  const now = timeZone.value === '' ? undefined : clockTime(new Date().toISOString(), timeZone.value)
  return (
    <StepForm
      question="Which domain will the addresses live on?"
      explains="Use one that carries no other mail, so nothing you have today is touched. Its mail must already reach this server."
      members={['name', 'domain', 'timeZone', 'postmaster', 'mailbox']}
      go="On to the first prefix"
      onGo={createDomain}
      fields={
        <>
          <TextField
            label="domain"
            value={domainName}
            fault={faultAt('name', 'domain')}
            hint="A name of its own, such as td.example.com."
            input={{
              placeholder: 'td.example.com',
              inputMode: 'url',
              autocapitalize: 'none',
              maxLength: 253,
            }}
          />
          <SelectField
            label="time zone, for its midnights"
            value={timeZone}
            choices={zones.map((zone) => ({ value: zone, text: zone }))}
            fault={faultAt('timeZone')}
            hint={now === undefined ? undefined : `It is ${now} there now.`}
          />
          <TextField
            label="mailbox for postmaster and abuse"
            value={postmaster}
            fault={faultAt('postmaster', 'mailbox')}
            hint={
              postmaster.value.trim() === ''
                ? NO_POSTMASTER
                : 'Every mail domain must have a reader for these two.'
            }
            input={{ type: 'email', placeholder: 'you@mailbox.example', maxLength: 320 }}
          />
        </>
      }
    />
  )
}

function FirstPrefix() {
  useEffect(() => {
    if (mailbox.value === '') mailbox.value = postmaster.value
  }, [])
  const kind = useSignal(signed.value ? 'signed' : 'plain')
  return (
    <StepForm
      question="Whose mail is it?"
      explains="A prefix is the first letters of an address: two or three, easy to remember. It says whose mailbox the mail goes to."
      members={['name', 'prefix', 'mailboxes', 'mailbox', 'defaultDays', 'maxDays']}
      go="Make the first address"
      onGo={createPrefix}
      canGoBack
      fields={
        <>
          <TextField
            label="prefix"
            mono
            value={prefixName}
            fault={faultAt('name', 'prefix')}
            hint="Letters only."
            input={{ placeholder: 'djb', autocapitalize: 'none', maxLength: 16 }}
          />
          <TextField
            label="mailboxes, separated by commas"
            value={mailbox}
            fault={faultAt('mailboxes', 'mailbox')}
            hint="On another domain, where mail is read."
            input={{ placeholder: 'you@mailbox.example', maxLength: 2000 }}
          />
          <TextField
            label="days, unless told"
            value={days}
            fault={faultAt('defaultDays', 'maxDays')}
            hint="1 to 99"
            input={{ inputMode: 'numeric', maxLength: 2 }}
          />
          <SelectField
            label="seal"
            value={kind}
            choices={[
              { value: 'signed', text: 'sealed only' },
              { value: 'plain', text: 'sealed or plain' },
            ]}
            onInput={(value) => {
              signed.value = value === 'signed'
            }}
            hint="Plain ones can be made in the head, by anyone."
          />
        </>
      }
    />
  )
}

/** The address so far; what is not known yet is dots. */
function Building() {
  const known = state.value?.domains[0]?.name
  const domain = domainName.value.trim() || known || 'your.domain'
  const who =
    step.value === 3
      ? prefixName.value
          .trim()
          .toLowerCase()
          .replaceAll(/[^a-z]/g, '')
      : ''
  const today = step.value === 2 && timeZone.value !== '' ? todayOfZone(timeZone.value) : todayIn()
  const anatomy: Anatomy = {
    who,
    from: dayDigits(today),
    days: /^\d{1,2}$/.test(days.value) ? days.value.padStart(2, '0') : '45',
    seal: '',
    at: `@${domain}`,
  }
  const atStep = step.value === 3 ? 'who' : step.value === 2 ? 'at' : undefined
  const label = (part: Part, words: string, short: string) =>
    part === atStep
      ? // Three letters of a prefix are as wide as this on a phone.
        { label: 'this step', short: part === 'who' ? 'here' : 'this step', current: true }
      : { label: step.value < 3 || part === 'who' ? words : '', short }
  return (
    <div class="set-up-address">
      <Hero
        anatomy={anatomy}
        state="works"
        whoDots={3}
        sealDots={9}
        thisStep={atStep}
        bracketThisStep
        says={`The address so far: from today, for ${Number(anatomy.days)} days, at ${domain}`}
      >
        <HeroLabel part="who" {...label('who', 'who: step 3', 'who')} />
        <HeroLabel part="from" label="from: today" />
        <HeroLabel part="days" label="for days" short="for" />
        <HeroLabel part="seal" label="the seal, added for you" short="the seal" />
        <HeroLabel part="at" {...label('at', 'at: step 2', '')} />
      </Hero>
    </div>
  )
}

function Done() {
  useEffect(() => void makeFirst(), [])
  const first = made.value
  const anatomy = first === undefined ? undefined : takeApart(first.address)
  const leave = () => {
    settingUp.value = false
    go('make')
  }
  if (first === undefined || anatomy === undefined) return <h1 class="unseen">The first address</h1>
  return (
    <div>
      <h1 class="unseen">The first address</h1>
      <Hero anatomy={anatomy} state="works" says={spellOut(anatomy, longDate(dayOf(first.firstDay)), '')} />
      <div class="set-up-verdict">
        <Verdict large more={`Until then, mail reaches ${first.mailboxes.join(', ')}.`}>
          Works through {fullDate(dayOf(first.lastDay))}.
        </Verdict>
        <div class="actions">
          <CopyButton primary text={first.address}>
            Copy the address
          </CopyButton>
          <Button onClick={leave}>Make another</Button>
        </div>
      </div>
      <MtaConfiguration />
    </div>
  )
}

function MtaConfiguration() {
  const mta = useSignal<'sendmail' | 'postfix'>('sendmail')
  const text = useSignal<string | undefined>(undefined)
  useEffect(() => {
    text.value = undefined
    void api.mtaText(mta.value).then((answer) => {
      text.value = answer.ok ? answer.value.text : answer.problem.message
    })
  }, [mta.value])
  return (
    <section class="set-up-mta">
      <div class="title">
        <h2>The last step is in the mail server</h2>
        <div class="tabs">
          {(['sendmail', 'postfix'] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="tab"
              aria-pressed={mta.value === one}
              onClick={() => {
                mta.value = one
              }}
            >
              {one === 'sendmail' ? 'Sendmail' : 'Postfix'}
            </button>
          ))}
        </div>
      </div>
      <p class="quiet">
        Paste this, restart it, and the address above works. Mappings shows it again, under Server.
      </p>
      {text.value !== undefined && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and the keyboard must reach them. */}
          <pre tabIndex={0}>{text.value}</pre>
          <CopyButton text={text.value}>Copy the configuration</CopyButton>
        </>
      )}
    </section>
  )
}
