// Accounts, and the one-time code that makes the first of them.

import type { Database, Statement } from 'better-sqlite3'
import type { KnownPerson, NewPerson, PeopleStore, Person, PersonChange, Role } from '../store.ts'

export interface PersonRow {
  id: number
  name: string
  role: string
  enabled: number
  password: string
  totp_secret: string | null
  totp_offer: string | null
  revision: number
  created_at: number
  last_seen_at: number | null
}

export const PERSON_COLUMNS = `people.id, people.name, people.role, people.enabled, people.password,
  people.totp_secret, people.totp_offer, people.revision, people.created_at, people.last_seen_at`

export const toPerson = (row: PersonRow): Person => ({
  id: row.id,
  name: row.name,
  // Safe: the table takes nothing else.
  role: row.role as Role,
  enabled: row.enabled === 1,
  totp: row.totp_secret !== null,
  revision: row.revision,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at ?? undefined,
})

const toKnownPerson = (row: PersonRow): KnownPerson => ({
  ...toPerson(row),
  password: row.password,
  totpSecret: row.totp_secret ?? undefined,
  totpOffer: row.totp_offer ?? undefined,
})

/** Two names that only differ in case, or in how their letters are coded, are one. */
const folded = (name: string): string => name.normalize('NFKC').toLowerCase()

type SetUpAnswer = Awaited<ReturnType<PeopleStore['completeSetUp']>>

type WrittenRow = Pick<PersonRow, 'role' | 'enabled' | 'password' | 'totp_secret' | 'totp_offer' | 'revision'>

export class People {
  readonly #all: Statement<[], PersonRow>
  readonly #byName: Statement<[folded: string], PersonRow>
  readonly #byId: Statement<[id: number], PersonRow>
  readonly #insert: Statement<[{ name: string; folded: string; role: Role; password: string; at: number }]>
  readonly #update: Statement<[WrittenRow & { id: number }]>
  readonly #delete: Statement<[id: number]>
  readonly #otherPostmasters: Statement<[id: number], number>
  readonly #useStep: Statement<[{ id: number; step: number }]>
  readonly #endSessions: Statement<[{ person: number; keep: number | null }]>
  readonly #offer: Statement<[hash: Buffer, expiresAt: number]>
  readonly #offered: Statement<[], { hash: Buffer; expires_at: number }>
  readonly #withdraw: Statement<[]>

  constructor(db: Database) {
    this.#all = db.prepare(`SELECT ${PERSON_COLUMNS} FROM people ORDER BY folded_name`)
    this.#byName = db.prepare(`SELECT ${PERSON_COLUMNS} FROM people WHERE folded_name = ?`)
    this.#byId = db.prepare(`SELECT ${PERSON_COLUMNS} FROM people WHERE id = ?`)
    this.#insert = db.prepare(`
      INSERT INTO people (name, folded_name, role, enabled, password, created_at)
      VALUES (:name, :folded, :role, 1, :password, :at)`)
    this.#update = db.prepare(`
      UPDATE people SET role = :role, enabled = :enabled, password = :password, totp_secret = :totp_secret,
        totp_offer = :totp_offer, revision = :revision
      WHERE id = :id`)
    this.#delete = db.prepare('DELETE FROM people WHERE id = ?')
    this.#otherPostmasters = db
      .prepare<[number], number>(
        "SELECT count(*) FROM people WHERE role = 'postmaster' AND enabled = 1 AND id <> ?",
      )
      .pluck()
    this.#useStep = db.prepare('UPDATE people SET totp_step = :step WHERE id = :id AND totp_step < :step')
    this.#endSessions = db.prepare('DELETE FROM sessions WHERE person_id = :person AND id IS NOT :keep')
    this.#offer = db.prepare('INSERT OR REPLACE INTO set_up (id, hash, expires_at) VALUES (1, ?, ?)')
    this.#offered = db.prepare('SELECT hash, expires_at FROM set_up')
    this.#withdraw = db.prepare('DELETE FROM set_up')
  }

  all(): readonly Person[] {
    return this.#all.all().map(toPerson)
  }

  find(who: string | number): KnownPerson | undefined {
    const row = typeof who === 'number' ? this.#byId.get(who) : this.#byName.get(folded(who))
    return row === undefined ? undefined : toKnownPerson(row)
  }

  add({ name, role, password }: NewPerson, at: number): 'added' | 'taken' {
    if (this.find(name) !== undefined) return 'taken'
    this.#insert.run({ name, folded: folded(name), role, password, at })
    // Whoever has an account invites others: the code of the first visit has no use any more.
    this.#withdraw.run()
    return 'added'
  }

  change(
    id: number,
    change: PersonChange,
    keepSession?: number,
    revision?: number,
  ): 'changed' | 'not-found' | 'stale' | 'last-postmaster' {
    const person = this.find(id)
    if (person === undefined) return 'not-found'
    if (revision !== undefined && revision !== person.revision) return 'stale'
    const next = { ...person, ...change }
    if (isPostmaster(person) && !isPostmaster(next) && this.#isLast(id)) return 'last-postmaster'
    this.#update.run({
      id,
      role: next.role,
      enabled: Number(next.enabled),
      password: next.password,
      totp_secret: next.totpSecret ?? null,
      totp_offer: next.totpOffer ?? null,
      // What people do with their own password and second factor is in nobody's way.
      revision: person.revision + (change.role !== undefined || change.enabled !== undefined ? 1 : 0),
    })
    if (change.password !== undefined || change.enabled === false) {
      this.#endSessions.run({ person: id, keep: keepSession ?? null })
    }
    return 'changed'
  }

  remove(id: number): 'removed' | 'not-found' | 'last-postmaster' {
    const person = this.find(id)
    if (person === undefined) return 'not-found'
    if (isPostmaster(person) && this.#isLast(id)) return 'last-postmaster'
    this.#delete.run(id)
    return 'removed'
  }

  useTotpStep(id: number, step: number): boolean {
    return this.#useStep.run({ id, step }).changes === 1
  }

  offerSetUp(hash: Buffer, expiresAt: number): boolean {
    if (this.#all.get() !== undefined) return false
    this.#offer.run(hash, expiresAt)
    return true
  }

  completeSetUp(hash: Buffer, person: Omit<NewPerson, 'role'>, at: number): SetUpAnswer {
    if (this.#all.get() !== undefined) return 'set-up-already'
    const offered = this.#offered.get()
    // Hashes of 100 random bits: the time of comparing them tells nothing.
    if (offered === undefined || !offered.hash.equals(hash)) return 'wrong-code'
    if (at >= offered.expires_at) return 'expired'
    this.add({ ...person, role: 'postmaster' }, at)
    return 'done'
  }

  #isLast(id: number): boolean {
    return this.#otherPostmasters.get(id) === 0
  }
}

function isPostmaster({ role, enabled }: Pick<Person, 'role' | 'enabled'>): boolean {
  return role === 'postmaster' && enabled
}
