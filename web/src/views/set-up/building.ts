// The set-up as it stands: which step, what was typed, and the address that builds itself underneath.

import { computed, signal } from '@preact/signals'
import type { MadeAddress, Problem, State } from '../../../../src/admin/schemas.ts'
import { type Answer, api, refreshState } from '../../api.ts'
import { state } from '../../state.ts'
import { USUAL_DAYS } from '../make/lifetimes.ts'

export type Step = 1 | 2 | 3 | 4
export const STEPS = ['You', 'Your domain', 'First prefix'] as const

/** Where somebody went by hand; undefined follows from what there is already. */
const chosen = signal<Step | undefined>(undefined)
/** The set-up is on the page until somebody leaves its last page. */
export const settingUp = signal(false)

/** The step that what there is asks for: a visit that was broken off goes on where it stood. */
export function stepOf(known: State | undefined): Step {
  if (known === undefined || known.stage !== 'ready') return 1
  if (known.domains.length === 0) return 2
  return known.prefixes.length === 0 ? 3 : 4
}
export const step = computed<Step>(() => chosen.value ?? stepOf(state.value))

export const code = signal('')
export const name = signal('')
export const password = signal('')
export const domainName = signal('')
export const timeZone = signal('')
export const postmaster = signal('')
export const prefixName = signal('')
export const mailbox = signal('')
export const days = signal(String(USUAL_DAYS))
export const signed = signal(true)
export const problem = signal<Problem | undefined>(undefined)
export const busy = signal(false)
export const made = signal<MadeAddress | undefined>(undefined)

export function faultAt(...fields: readonly string[]): string | undefined {
  const found = problem.value
  return found?.field !== undefined && fields.includes(found.field) ? found.message : undefined
}

/** Sends one step; on success the next one stands there. */
async function send(request: () => Promise<Answer<unknown>>): Promise<boolean> {
  if (busy.value) return false
  busy.value = true
  problem.value = undefined
  const answer = await request()
  if (!answer.ok) problem.value = answer.problem
  else chosen.value = undefined
  busy.value = false
  return answer.ok
}

export function createAdministrator(): Promise<boolean> {
  return send(async () => {
    const answer = await api.setUp({
      code: code.value.trim(),
      name: name.value.trim(),
      password: password.value,
    })
    if (answer.ok) state.value = answer.value
    return answer
  })
}

const own = computed(() =>
  state.value?.domains.find((one) => one.name === domainName.value.trim().toLowerCase()),
)

/** Adds the domain, or changes it when one came back to this step. */
export function createDomain(): Promise<boolean> {
  return send(async () => {
    const wishes = { timeZone: timeZone.value, postmaster: postmaster.value.trim() }
    const answer =
      own.value === undefined
        ? await api.addDomain({ name: domainName.value.trim(), ...wishes })
        : await api.changeDomain(own.value.name, wishes)
    if (answer.ok) await refreshState()
    return answer
  })
}

/** Adds the first prefix and makes its first address. */
export function createPrefix(): Promise<boolean> {
  return send(async () => {
    const domain = own.value?.name ?? state.value?.domains[0]?.name ?? ''
    const answer = await api.addPrefix({
      domain,
      name: prefixName.value.trim().toLowerCase(),
      mailboxes: mailbox.value.split(/[,\s]+/).filter((one) => one !== ''),
      signed: signed.value,
      defaultDays: days.value.trim() === '' ? USUAL_DAYS : Number(days.value),
      ...(state.value?.me === undefined ? {} : { owner: state.value.me.name }),
    })
    if (answer.ok) await refreshState()
    return answer
  })
}

/** The first address of the first prefix. Nothing is stored for it. */
export async function makeFirst(): Promise<void> {
  const prefix = state.value?.prefixes[0]
  if (prefix === undefined) return
  const answer = await api.previewAddresses({ prefix: prefix.name, domain: prefix.domain })
  if (answer.ok) made.value = answer.value.addresses[0]
}

export function back(): void {
  problem.value = undefined
  chosen.value = step.value === 3 ? 2 : undefined
}
