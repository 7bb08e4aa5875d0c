// Who somebody is: the first visit, signing in, sessions, and tokens of password managers. What they may do then is
// another question: `permission.ts`.

import type { Clock } from '../clock.ts'
import type { Person, Store, TokenRecord } from '../store/store.ts'
import type { Answer } from './answer.ts'
import type { Actor } from './permission.ts'

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

export type SignInAnswer =
  | SignedIn
  /** `needsCode`: the password was right, and the code is missing or wrong. */
  | { readonly kind: 'refused'; readonly needsCode: boolean; readonly message: string }
  /** Too many tries: nothing was checked. `retryAfter` in seconds. */
  | { readonly kind: 'slow'; readonly retryAfter: number; readonly message: string }

export type SetUpAnswer =
  | SignedIn
  | { readonly kind: 'refused'; readonly field?: string; readonly message: string }
  | { readonly kind: 'slow'; readonly retryAfter: number; readonly message: string }

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
}

export class Identity {
  readonly #parts: IdentityParts

  constructor(parts: IdentityParts) {
    this.#parts = parts
  }

  /** 'set-up' while nobody has an account. */
  stage(): Promise<'set-up' | 'sign-in'> {
    throw new Error(`not built yet ${this.#parts}`)
  }

  /** A new one-time code for the first visit, to be printed; nothing when somebody has an account. Valid for 24 h. */
  offerSetUp(): Promise<{ readonly code: string; readonly expiresAt: number } | undefined> {
    throw new Error('not built yet')
  }

  /** Makes the first postmaster and signs them in. Of two tries at once one wins. */
  setUp(
    _wishes: { readonly code: string; readonly name: string; readonly password: string },
    _visit: Visit,
  ): Promise<SetUpAnswer> {
    throw new Error('not built yet')
  }

  /** Takes as long for a name that nobody has. */
  signIn(
    _wishes: { readonly name: string; readonly password: string; readonly code?: string | undefined },
    _visit: Visit,
  ): Promise<SignInAnswer> {
    throw new Error('not built yet')
  }

  /** Whose session that is, and that it was used; nothing when it has ended or never was. */
  visitor(_cookie: string, _visit: Visit): Promise<Visitor | undefined> {
    throw new Error('not built yet')
  }

  signOut(_cookie: string): Promise<void> {
    throw new Error('not built yet')
  }

  /** Whose token that is; blanks around it do not count. */
  bearer(_token: string, _client: string): Promise<BearerAnswer> {
    throw new Error('not built yet')
  }
}

export type { Answer }
