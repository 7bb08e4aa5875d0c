// The services on a database in memory, with a clock that a test moves.

import { onTestFinished } from 'vitest'
import { type Answer, createServices, type Objection, type Services } from '../../src/service/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import type { Store } from '../../src/store/store.ts'

/** 2026-11-22, a quarter past noon in Berlin. */
export const NOON = Date.parse('2026-11-22T12:15:00+01:00')

export interface Installation extends Services {
  readonly store: Store
  now: number
}

/** Nothing in it. */
export function anEmptyInstallation(): Installation {
  const store = openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  const clock = { now: NOON }
  // Passwords of tests need not be hard to guess.
  const services = createServices({ store, clock: () => clock.now, refusalCode: 551, passwordCost: 4 })
  return Object.assign(clock, { ...services, store })
}

/** td.example.com in Berlin's days with the article's prefix djb. */
export async function anInstallation(): Promise<Installation> {
  const installation = anEmptyInstallation()
  granted(await installation.domains.add('td.example.com', { timeZone: 'Europe/Berlin' }))
  granted(await installation.prefixes.add('djb', { mailboxes: ['dredd@example.com'] }))
  return installation
}

export function granted<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`declined: ${answer.objection.message}`)
}

export function objection(answer: Answer<unknown>): Objection {
  if (answer.ok) throw new Error('granted')
  return answer.objection
}
