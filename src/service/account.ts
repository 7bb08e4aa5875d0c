// One's own account: sessions, password, second factor.

import type { KnownPerson, SessionRecord } from '../store/store.ts'
import { type Answer, declined, granted } from './answer.ts'
import type { DeskParts } from './desk.ts'
import { tooSoonMessage } from './identity.ts'
import { checkPassword, type Passwords } from './passwords.ts'
import { SESSION_BOUNDS } from './sessions.ts'
import type { SlowDown } from './slow-down.ts'
import { newTotpSecret, stepOfCode, totpUri } from './totp.ts'

export interface TotpOffer {
  /** Base 32, to be typed. */
  readonly secret: string
  /** otpauth://..., to be shown as a QR code. */
  readonly uri: string
}

export interface AccountParts extends DeskParts {
  readonly passwords: Passwords
  readonly slowDown: SlowDown
}

const NO_ACCOUNT = declined('not-found', 'There is no account behind this. Sign in.')
const WRONG_CODE = declined('invalid', 'The code is wrong. Type the one that the app shows now.', 'code')

export class AccountService {
  readonly #parts: AccountParts

  constructor(parts: AccountParts) {
    this.#parts = parts
  }

  /** One's own, the latest used first. */
  async sessions(): Promise<readonly SessionRecord[]> {
    const { store, actor, clock } = this.#parts
    return actor.personId === undefined ? [] : store.sessions(actor.personId, clock(), SESSION_BOUNDS)
  }

  async endSession(id: number): Promise<Answer<void>> {
    const { store, actor, journal } = this.#parts
    const ended = actor.personId !== undefined && (await store.endSession(actor.personId, id)) === 'ended'
    if (!ended) return declined('not-found', 'That session has ended already.')
    await journal.note('session ended', actor.name)
    return granted(undefined)
  }

  /** Everywhere, or everywhere but in the session `keep`. Answers how many ended. */
  async endSessions(keep?: number): Promise<number> {
    const { store, actor, journal } = this.#parts
    if (actor.personId === undefined) return 0
    const ended = await store.endSessions(actor.personId, keep)
    await journal.note('signed out everywhere', actor.name)
    return ended
  }

  /** Ends all other sessions. A wrong current password is an objection with the field 'current'; tries are slowed. */
  async changePassword(
    { current, password }: { readonly current: string; readonly password: string },
    sessionId: number | undefined,
  ): Promise<Answer<void>> {
    const { store, passwords, journal } = this.#parts
    const person = await this.#person()
    if (person === undefined) return NO_ACCOUNT
    const checked = checkPassword(password, person.name)
    if (!checked.ok) return checked
    const proved = await this.#slowed(person, async () =>
      (await passwords.verify(current, person.password))
        ? granted(undefined)
        : declined('invalid', 'That is not your password of now.', 'current'),
    )
    if (!proved.ok) return proved
    await store.changePerson(person.id, { password: await passwords.hash(password) }, sessionId)
    await journal.note('password changed', person.name)
    return granted(undefined)
  }

  /** A new secret, which asks for nothing before it is confirmed. */
  async offerTotp(): Promise<Answer<TotpOffer>> {
    const person = await this.#person()
    if (person === undefined) return NO_ACCOUNT
    if (person.totp) {
      return declined('conflict', 'A second factor is in use. Switch it off first, with a code of it.')
    }
    const secret = newTotpSecret()
    await this.#parts.store.changePerson(person.id, { totpOffer: secret })
    return granted({ secret, uri: totpUri(secret, person.name) })
  }

  /** The app shows the right code: from now on signing in asks for one. */
  async confirmTotp(code: string): Promise<Answer<void>> {
    const { store, journal } = this.#parts
    const person = await this.#person()
    if (person === undefined) return NO_ACCOUNT
    const { totpOffer } = person
    if (totpOffer === undefined) return declined('conflict', 'Nothing waits for a code. Begin anew.', 'code')
    const proved = await this.#proveCode(person, totpOffer, code)
    if (!proved.ok) return proved
    await store.changePerson(person.id, { totpSecret: totpOffer, totpOffer: undefined })
    await journal.note('second factor switched on', person.name)
    return granted(undefined)
  }

  async removeTotp(code: string): Promise<Answer<void>> {
    const { store, journal } = this.#parts
    const person = await this.#person()
    if (person === undefined) return NO_ACCOUNT
    if (person.totpSecret === undefined) return declined('conflict', 'There is no second factor.', 'code')
    const proved = await this.#proveCode(person, person.totpSecret, code)
    if (!proved.ok) return proved
    await store.changePerson(person.id, { totpSecret: undefined, totpOffer: undefined })
    await journal.note('second factor switched off', person.name)
    return granted(undefined)
  }

  /** Six digits are soon guessed, so these tries are slowed like passwords. A code works once. */
  #proveCode(person: KnownPerson, secret: string, code: string): Promise<Answer<void>> {
    const { store, clock } = this.#parts
    return this.#slowed(person, async () => {
      const step = stepOfCode(secret, code, clock())
      if (step === undefined) return WRONG_CODE
      if (await store.useTotpStep(person.id, step)) return granted(undefined)
      return declined('invalid', 'The code was used before. Wait for the next one.', 'code')
    })
  }

  async #slowed(person: KnownPerson, prove: () => Promise<Answer<void>>): Promise<Answer<void>> {
    const attempt = this.#parts.slowDown.begin(person.name, this.#parts.actor.client)
    if ('retryAfter' in attempt) return slowed(attempt.retryAfter)
    const proved = await prove()
    if (proved.ok) attempt.succeed()
    return proved
  }

  #person(): Promise<KnownPerson | undefined> {
    const { store, actor } = this.#parts
    return actor.personId === undefined ? Promise.resolve(undefined) : store.findPerson(actor.personId)
  }
}

function slowed(retryAfter: number): Answer<never> {
  return { ok: false, objection: { kind: 'slow', message: tooSoonMessage(retryAfter), retryAfter } }
}
