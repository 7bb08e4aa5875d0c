// Who somebody is: the first visit, signing in, sessions, and tokens of password managers. What they may do then is
// another question: `permission.ts`.

import type { Clock } from '../clock.ts'
import type { KnownPerson, Person, Store, TokenRecord } from '../store/store.ts'
import { Journal } from './audit.ts'
import { checkPassword, type Passwords } from './passwords.ts'
import { type Actor, actorOf } from './permission.ts'
import { checkPersonName } from './person-name.ts'
import {
  canonicalSetUpCode,
  isTokenForm,
  NOTED_EVERY,
  newSessionId,
  newSetUpCode,
  SESSION_BOUNDS,
  SET_UP_LIFETIME,
  secretHash,
} from './sessions.ts'
import type { SlowDown } from './slow-down.ts'
import { stepOfCode } from './totp.ts'

/** Where a request comes from. */
export interface Visit {
  readonly client: string
  /** The browser's own name for itself. */
  readonly agent: string
}

/** Somebody who has signed in. */
export interface SignedIn {
  readonly kind: 'signed-in'
  /** 256 random bits for the cookie, in base64url: told once, kept nowhere. */
  readonly cookie: string
  /** Milliseconds since 1970: the session ends by then at the latest. */
  readonly expiresAt: number
  readonly sessionId: number
  readonly person: Person
  readonly actor: Actor
}

interface TooSoon {
  readonly kind: 'slow'
  /** Too many tries: nothing was checked. Seconds to wait. */
  readonly retryAfter: number
  readonly message: string
}

export type SignInAnswer =
  | SignedIn
  /** `needsCode`: the password was right, and the code is missing or wrong. */
  | { readonly kind: 'refused'; readonly needsCode: boolean; readonly message: string }
  | TooSoon

export type SetUpAnswer =
  | SignedIn
  | { readonly kind: 'refused'; readonly field?: string; readonly message: string }
  | TooSoon

/** A request with a valid cookie. */
export interface Visitor {
  readonly person: Person
  readonly actor: Actor
  readonly sessionId: number
  readonly expiresAt: number
}

/** What a token says. 'unknown': wrong, or revoked (401). 'disabled': its owner may not act any more (403). */
export type BearerAnswer =
  | { readonly kind: 'known'; readonly token: TokenRecord; readonly actor: Actor }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'disabled' }

export interface IdentityParts {
  readonly store: Store
  readonly clock: Clock
  readonly passwords: Passwords
  readonly slowDown: SlowDown
}

const WRONG_PAIR = 'The name or the password is wrong.'

export class Identity {
  readonly #parts: IdentityParts

  constructor(parts: IdentityParts) {
    this.#parts = parts
  }

  /** 'set-up' while nobody has an account. */
  async stage(): Promise<'set-up' | 'sign-in'> {
    return (await this.#parts.store.people()).length === 0 ? 'set-up' : 'sign-in'
  }

  /** A new one-time code for the first visit, to be printed; nothing when somebody has an account. Valid for 24 h. */
  async offerSetUp(): Promise<{ readonly code: string; readonly expiresAt: number } | undefined> {
    const code = newSetUpCode()
    const expiresAt = this.#parts.clock() + SET_UP_LIFETIME
    const offered = await this.#parts.store.offerSetUp(secretHash(code), expiresAt)
    return offered ? { code, expiresAt } : undefined
  }

  /** Makes the first postmaster and signs them in. Of two tries at once one wins. */
  async setUp(
    wishes: { readonly code: string; readonly name: string; readonly password: string },
    visit: Visit,
  ): Promise<SetUpAnswer> {
    const { store, clock, slowDown, passwords } = this.#parts
    if (wishes.code.trim() === '') return refused({ message: CODE_MISSING, field: 'code' })
    const name = checkPersonName(wishes.name)
    if (!name.ok) return refused(name.objection)
    const password = checkPassword(wishes.password, name.value)
    if (!password.ok) return refused(password.objection)
    const attempt = slowDown.begin(undefined, visit.client)
    if ('retryAfter' in attempt) return tooSoon(attempt.retryAfter)
    const person = { name: name.value, password: await passwords.hash(password.value) }
    const answer = await store.completeSetUp(secretHash(canonicalSetUpCode(wishes.code)), person, clock())
    if (answer !== 'done') return refused({ message: SET_UP_REFUSALS[answer], field: 'code' })
    attempt.succeed()
    // Just made.
    const made = (await store.findPerson(name.value))!
    await this.#journal(made, visit).note('person added', made.name, 'postmaster, at the first visit')
    return this.#open(made, visit)
  }

  /** Takes as long for a name that nobody has. */
  async signIn(
    wishes: { readonly name: string; readonly password: string; readonly code?: string | undefined },
    visit: Visit,
  ): Promise<SignInAnswer> {
    const { store, slowDown, passwords } = this.#parts
    const attempt = slowDown.begin(wishes.name, visit.client)
    if ('retryAfter' in attempt) return tooSoon(attempt.retryAfter)
    const person = await store.findPerson(wishes.name)
    const right = await passwords.verify(wishes.password, person?.password)
    if (!right || person === undefined || !person.enabled) {
      return { kind: 'refused', needsCode: false, message: WRONG_PAIR }
    }
    const code = await this.#checkCode(person, wishes.code)
    if (code !== undefined) {
      // Being asked for the code is a step of signing in, no failure; but it must not make wrong codes forgotten.
      if (isBlank(wishes.code)) attempt.withdraw()
      return { kind: 'refused', needsCode: true, message: code }
    }
    attempt.succeed()
    return this.#open(person, visit)
  }

  /** Whose session that is, and that it was used; nothing when it has ended or never was. */
  async visitor(cookie: string, visit: Visit): Promise<Visitor | undefined> {
    const { store, clock } = this.#parts
    const now = clock()
    const found = await store.findSession(secretHash(cookie), now, SESSION_BOUNDS)
    if (found === undefined || !found.person.enabled) return undefined
    const { session, person } = found
    if (now - session.lastSeenAt >= NOTED_EVERY) await store.touchSession(session.id, now, visit.client)
    return {
      person,
      actor: actorOf(person, visit.client),
      sessionId: session.id,
      expiresAt: session.createdAt + SESSION_BOUNDS.lifetime,
    }
  }

  async signOut(cookie: string): Promise<void> {
    const { store, clock } = this.#parts
    const found = await store.findSession(secretHash(cookie), clock(), SESSION_BOUNDS)
    if (found !== undefined) await store.endSession(found.person.id, found.session.id)
  }

  /** Whose token that is; blanks around it do not count. */
  async bearer(token: string, client: string): Promise<BearerAnswer> {
    const { store, clock } = this.#parts
    const text = token.trim()
    const found = isTokenForm(text) ? await store.findToken(secretHash(text)) : undefined
    if (found === undefined || found.token.revokedAt !== undefined) return { kind: 'unknown' }
    const actor = actorOf(found.person, client)
    if (!found.person.enabled || !(await this.#mayUse(actor, found.token))) return { kind: 'disabled' }
    const now = clock()
    if (now - (found.token.lastUsedAt ?? 0) >= NOTED_EVERY) await store.touchToken(found.token.id, now)
    return { kind: 'known', token: found.token, actor }
  }

  /** The prefix may have got another owner since the token was made. */
  async #mayUse(actor: Actor, { domain, prefix }: TokenRecord): Promise<boolean> {
    if (actor.role === 'postmaster') return true
    return (await this.#parts.store.findPrefix(domain, prefix))?.owner === actor.personId
  }

  /** What is wrong with the code, or nothing. */
  async #checkCode(person: KnownPerson, code: string | undefined): Promise<string | undefined> {
    const { store, clock } = this.#parts
    if (person.totpSecret === undefined) return undefined
    if (code === undefined || isBlank(code)) return 'Now the code of your authenticator app.'
    const step = stepOfCode(person.totpSecret, code, clock())
    if (step === undefined) return 'The code is wrong. Type the one that the app shows now.'
    const fresh = await store.useTotpStep(person.id, step)
    return fresh ? undefined : 'The code was used before. Wait for the next one.'
  }

  async #open(person: Person, visit: Visit): Promise<SignedIn> {
    const { store, clock } = this.#parts
    const cookie = newSessionId()
    const client = visit.client.slice(0, LONGEST_CLIENT)
    const agent = visit.agent.slice(0, LONGEST_AGENT)
    const session = await store.openSession(
      { personId: person.id, hash: secretHash(cookie), client, agent },
      clock(),
      SESSION_BOUNDS,
    )
    await this.#journal(person, visit).note('signed in', person.name)
    return {
      kind: 'signed-in',
      cookie,
      expiresAt: session.createdAt + SESSION_BOUNDS.lifetime,
      sessionId: session.id,
      person,
      actor: actorOf(person, visit.client),
    }
  }

  #journal(person: Person, visit: Visit): Journal {
    return new Journal(this.#parts.store, this.#parts.clock, actorOf(person, visit.client))
  }
}

const LONGEST_CLIENT = 64
const LONGEST_AGENT = 300

const CODE_MISSING =
  'The one-time code is missing. It stands where "timedelay serve" was started, in its output or its log.'
const SET_UP_REFUSALS = {
  'wrong-code':
    'That is not the code. It stands where "timedelay serve" was started, in its output or its log.',
  expired: 'The code is older than a day. Restart the service: it prints a new one.',
  'set-up-already': 'Somebody has set this service up already. Sign in, or ask them for an account.',
} as const

function isBlank(code: string | undefined): boolean {
  return code === undefined || code.trim() === ''
}

function refused({ message, field }: { readonly message: string; readonly field?: string }) {
  return { kind: 'refused', message, ...(field === undefined ? {} : { field }) } as const
}

function tooSoon(retryAfter: number): TooSoon {
  return { kind: 'slow', retryAfter, message: tooSoonMessage(retryAfter) }
}

export function tooSoonMessage(retryAfter: number): string {
  return `Too many tries. Wait ${retryAfter === 1 ? '1 second' : `${retryAfter} seconds`} and try again.`
}
