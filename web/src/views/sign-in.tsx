// Sign in. The needle splits the name and carries the form; the ruler runs from edge to edge, and today is today.
// When a session ends, it covers the view, which keeps what was typed.

import './sign-in/sign-in.css'
import { batch, useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Problem, State } from '../../../src/admin/schemas.ts'
import { api } from '../api.ts'
import { Button } from '../button.tsx'
import { TextField } from '../field.tsx'
import { Away } from '../frame.tsx'
import { EmptyLine, MonthDates, Ruler, Ticks } from '../ruler.tsx'
import { forgetState, me, sessionEnded, state, todayIn } from '../state.ts'
import { useWidth } from '../width.ts'

export function SignInView({ again = false }: { again?: boolean }) {
  useEffect(() => {
    document.title = 'Sign in · timedelay'
  }, [])
  return (
    <main class="sign-in">
      <h1 class="sign-in-name">
        <span class="unseen">Sign in to timedelay</span>
        <span aria-hidden="true">time</span>
        <span aria-hidden="true">delay</span>
      </h1>
      <i class="sign-in-needle" aria-hidden="true" />
      <TodayRuler />
      <div class="sign-in-form">
        <Away />
        {again && (
          <p class="sign-in-again">The session has ended. Sign in and go on: what you typed is still here.</p>
        )}
        <SignInForm again={again} />
      </div>
    </main>
  )
}

/** 120 days from edge to edge, today at three eighths; a phone sees a third of them. */
function TodayRuler() {
  const today = todayIn()
  const scale =
    useWidth() === 'narrow' ? { start: today - 12, end: today + 28 } : { start: today - 45, end: today + 75 }
  return (
    <div class="sign-in-ruler">
      <Ruler height={40}>
        <EmptyLine y={0.5} />
        <Ticks scale={scale} y={0} lengths={[5, 10, 18]} />
        <MonthDates scale={scale} y={36} clear={today} />
      </Ruler>
      <span class="sign-in-today" aria-hidden="true">
        today
      </span>
    </div>
  )
}

function SignInForm({ again }: { again: boolean }) {
  const name = useSignal(again ? (me.value?.name ?? '') : '')
  const password = useSignal('')
  const code = useSignal('')
  const problem = useSignal<Problem | undefined>(undefined)
  const asksCode = useSignal(false)
  const busy = useSignal(false)
  const form = useRef<HTMLFormElement>(null)
  // With the view, not after it is painted: who sees the form may type at once.
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLInputElement>(again ? '[type=password]' : 'input')?.focus()
  }, [])
  useEffect(() => {
    if (asksCode.value) form.current?.querySelector<HTMLInputElement>('[inputmode=numeric]')?.focus()
  }, [asksCode.value])

  const submit = async () => {
    if (busy.value) return
    busy.value = true
    problem.value = undefined
    const answer = await api.signIn({
      name: name.value.trim(),
      password: password.value,
      ...(code.value.trim() === '' ? {} : { code: code.value.replaceAll(/\s/g, '') }),
    })
    batch(() => {
      busy.value = false
      if (answer.ok) return welcome(answer.value)
      const first = answer.problem.needsCode === true && !asksCode.value
      asksCode.value ||= answer.problem.needsCode === true
      // Being asked for the code is no fault yet.
      problem.value = first ? undefined : answer.problem
    })
  }
  const fault = (...fields: readonly (string | undefined)[]) =>
    problem.value !== undefined && fields.includes(problem.value.field) ? problem.value.message : undefined
  return (
    <form
      ref={form}
      novalidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <TextField
        label="name"
        value={name}
        fault={fault('name')}
        input={{ autocomplete: 'username', autocapitalize: 'none', maxLength: 64 }}
      />
      <TextField
        label="password"
        value={password}
        fault={asksCode.value ? fault('password') : fault('password', undefined)}
        input={{ type: 'password', autocomplete: 'current-password', maxLength: 1024 }}
      />
      {asksCode.value && (
        <TextField
          label="code from your authenticator"
          value={code}
          fault={fault('code', undefined)}
          input={{ inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 10 }}
        />
      )}
      <Button primary type="submit" hotkey="↵" done="Signing in" isDone={busy.value}>
        Sign in
      </Button>
      <p class="note">
        Forgotten it, or lost the second factor? The postmaster can help, under Mappings, or with <br />
        <code>timedelay user passwd {/^[\w.-]+$/.test(name.value) ? name.value : 'NAME'}</code>,{' '}
        <code>--no-totp</code>
      </p>
    </form>
  )
}

/** Somebody else must not find the view of the last one. */
function welcome(fresh: State): void {
  if (me.value !== undefined && me.value.name !== fresh.me?.name) {
    forgetState()
    location.reload()
    return
  }
  state.value = fresh
  sessionEnded.value = false
}
