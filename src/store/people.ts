// People and what lets them in: accounts, sessions, tokens, the one-time code of the first visit, and the list of what
// they changed. Secrets come here hashed already: whoever reads the database can sign in as nobody. (The secret of a
// second factor cannot be hashed: it makes the codes.)

import type { DomainName, PrefixName } from '../address/index.ts'

/** A postmaster may do everything; an owner has prefixes, and sees these and nothing else. */
export type Role = 'postmaster' | 'owner'

export interface Person {
  readonly id: number
  /** 2 to 64 characters; unique in any case. */
  readonly name: string
  readonly role: Role
  /** While false nothing lets the person in: sessions and tokens are void. */
  readonly enabled: boolean
  /** A second factor is asked for. */
  readonly totp: boolean
  /** Grows with each change that somebody else may make. */
  readonly revision: number
  readonly createdAt: number
  readonly lastSeenAt: number | undefined
}

export interface Credentials {
  /** Self-describing scrypt string. */
  readonly password: string
  /** Base 32; the second factor in use. */
  readonly totpSecret: string | undefined
  /** Base 32; offered and not confirmed yet. */
  readonly totpOffer: string | undefined
}

export type KnownPerson = Person & Credentials

export interface NewPerson {
  readonly name: string
  readonly role: Role
  readonly password: string
}

export interface PersonChange {
  readonly role?: Role
  readonly enabled?: boolean
  readonly password?: string
  readonly totpSecret?: string | undefined
  readonly totpOffer?: string | undefined
}

/** One browser that somebody signed in with. */
export interface SessionRecord {
  /** For lists and for ending it: not the secret. */
  readonly id: number
  readonly personId: number
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly client: string
  readonly agent: string
}

export interface NewSession {
  readonly personId: number
  /** SHA-256 of the cookie's 256 bits. */
  readonly hash: Buffer
  readonly client: string
  readonly agent: string
}

/** What a password manager or a script shows instead of a password. */
export interface TokenRecord {
  readonly id: number
  readonly name: string
  readonly personId: number
  /** The person's name. */
  readonly person: string
  readonly domain: DomainName
  readonly prefix: PrefixName
  /** Lifetime of its addresses when the request does not say: 1 to 99 days. */
  readonly days: number
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
  readonly revokedAt: number | undefined
}

export interface NewToken {
  readonly name: string
  readonly personId: number
  readonly domain: DomainName
  readonly prefix: PrefixName
  readonly days: number
  /** SHA-256 of the token. */
  readonly hash: Buffer
}

/** One change by a person. */
export interface AuditRecord {
  readonly id: number
  readonly at: number
  /** A name, not a reference: the list outlives the account. 'cli' for who has the machine. */
  readonly person: string
  /** 'address revoked', 'prefix changed', ... */
  readonly action: string
  /** What was changed: an address, a prefix, a name. */
  readonly subject: string
  readonly detail: string
  /** Where the request came from. */
  readonly client: string
}

/** Rows at most, 1 to 1000, 100 unless told; those older than the row `before`. */
export interface AuditQuery {
  readonly limit?: number
  readonly before?: number
}

export interface PeopleStore {
  // ---- accounts ----
  /** In order of their names. */
  people(): Promise<readonly Person[]>
  /** By name in any case, or by number. */
  findPerson(who: string | number): Promise<KnownPerson | undefined>
  addPerson(person: NewPerson, at: number): Promise<'added' | 'taken'>
  /**
   * A new password, or `enabled: false`, ends the person's sessions; those with the number `keepSession` stay.
   * With `revision`, only the account as it stood at that number: 'stale' when somebody else changed it meanwhile.
   * 'last-postmaster': nobody could administer the service any more.
   */
  changePerson(
    id: number,
    change: PersonChange,
    keepSession?: number,
    revision?: number,
  ): Promise<'changed' | 'not-found' | 'stale' | 'last-postmaster'>
  /** Sessions and tokens go along; prefixes lose their owner. */
  removePerson(id: number): Promise<'removed' | 'not-found' | 'last-postmaster'>
  /** Marks the code of this time step as used. False: it, or a later one, was used before. */
  useTotpStep(id: number, step: number): Promise<boolean>

  // ---- the first visit ----
  /** Keeps the one-time code's hash, in place of the one before. False: somebody has an account already. */
  offerSetUp(hash: Buffer, expiresAt: number): Promise<boolean>
  /** Makes the first postmaster and uses the code up, both or neither. 'set-up-already': somebody has an account. */
  completeSetUp(
    hash: Buffer,
    person: Omit<NewPerson, 'role'>,
    at: number,
  ): Promise<'done' | 'wrong-code' | 'expired' | 'set-up-already'>

  // ---- sessions ----
  /** Forgets sessions that ended by age on the way. */
  openSession(session: NewSession, at: number, bounds: SessionBounds): Promise<SessionRecord>
  /** With its person; nothing once it has ended. */
  findSession(
    hash: Buffer,
    at: number,
    bounds: SessionBounds,
  ): Promise<{ readonly session: SessionRecord; readonly person: Person } | undefined>
  /** The session, and its person, were seen. */
  touchSession(id: number, at: number, client: string): Promise<void>
  sessions(personId: number, at: number, bounds: SessionBounds): Promise<readonly SessionRecord[]>
  endSession(personId: number, id: number): Promise<'ended' | 'not-found'>
  /** All of the person's, but for `keep`. Answers how many. */
  endSessions(personId: number, keep?: number): Promise<number>

  // ---- tokens ----
  /** One person's or everybody's, newest first, revoked ones too. */
  tokens(personId?: number): Promise<readonly TokenRecord[]>
  addToken(token: NewToken, at: number): Promise<TokenRecord | 'no-prefix' | 'no-person'>
  /** With its person; revoked ones too. */
  findToken(hash: Buffer): Promise<{ readonly token: TokenRecord; readonly person: Person } | undefined>
  touchToken(id: number, at: number): Promise<void>
  /** Only if it is `personId`'s, where that is given. 'unchanged': it was revoked before. */
  revokeToken(id: number, at: number, personId?: number): Promise<'revoked' | 'unchanged' | 'not-found'>

  // ---- who changed what ----
  /** Forgets the oldest beyond 100,000. */
  addAudit(entry: Omit<AuditRecord, 'id'>): Promise<void>
  /** Newest first. */
  audit(query?: AuditQuery): Promise<readonly AuditRecord[]>
}

/** Milliseconds: how long a session lasts at most, and how long without being used. */
export interface SessionBounds {
  readonly lifetime: number
  readonly idle: number
}
