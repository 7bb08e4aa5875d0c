// Tokens of password managers and scripts.

import type { Database, Statement } from 'better-sqlite3'
import type { DomainName, PrefixName } from '../../address/index.ts'
import type { NewToken, Person, TokenRecord } from '../store.ts'
import { PERSON_COLUMNS, type PersonRow, toPerson } from './people.ts'

interface TokenRow {
  token_id: number
  token_name: string
  person_id: number
  person: string
  domain: string
  prefix: string
  days: number
  token_created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

const toToken = (row: TokenRow): TokenRecord => ({
  id: row.token_id,
  name: row.token_name,
  personId: row.person_id,
  person: row.person,
  domain: row.domain as DomainName,
  prefix: row.prefix as PrefixName,
  days: row.days,
  createdAt: row.token_created_at,
  lastUsedAt: row.last_used_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
})

const SELECT = `
  SELECT tokens.id AS token_id, tokens.name AS token_name, tokens.person_id, people.name AS person,
    domains.name AS domain, prefixes.name AS prefix, tokens.days, tokens.created_at AS token_created_at,
    tokens.last_used_at, tokens.revoked_at, ${PERSON_COLUMNS}
  FROM tokens JOIN people ON people.id = tokens.person_id JOIN prefixes ON prefixes.id = tokens.prefix_id
  JOIN domains ON domains.id = prefixes.domain_id`

export class Tokens {
  readonly #all: Statement<[{ person: number | null }], TokenRow>
  readonly #byId: Statement<[id: number], TokenRow>
  readonly #byHash: Statement<[hash: Buffer], TokenRow & PersonRow>
  readonly #prefix: Statement<[{ domain: string; prefix: string }], number>
  readonly #person: Statement<[id: number], number>
  readonly #insert: Statement<
    [{ personId: number; prefixId: number; name: string; hash: Buffer; days: number; at: number }]
  >
  readonly #touch: Statement<[{ id: number; at: number }]>
  readonly #revoke: Statement<[{ id: number; at: number }]>

  constructor(db: Database) {
    this.#all = db.prepare(`
      ${SELECT} WHERE :person IS NULL OR tokens.person_id = :person ORDER BY tokens.id DESC`)
    this.#byId = db.prepare(`${SELECT} WHERE tokens.id = ?`)
    this.#byHash = db.prepare(`${SELECT} WHERE tokens.hash = ?`)
    this.#prefix = db
      .prepare<[{ domain: string; prefix: string }], number>(`
        SELECT prefixes.id FROM prefixes JOIN domains ON domains.id = prefixes.domain_id
        WHERE domains.name = :domain AND prefixes.name = :prefix`)
      .pluck()
    this.#person = db.prepare<[number], number>('SELECT id FROM people WHERE id = ?').pluck()
    this.#insert = db.prepare(`
      INSERT INTO tokens (person_id, prefix_id, name, hash, days, created_at)
      VALUES (:personId, :prefixId, :name, :hash, :days, :at)`)
    this.#touch = db.prepare('UPDATE tokens SET last_used_at = :at WHERE id = :id')
    this.#revoke = db.prepare('UPDATE tokens SET revoked_at = :at WHERE id = :id')
  }

  all(person?: number): readonly TokenRecord[] {
    return this.#all.all({ person: person ?? null }).map(toToken)
  }

  add(token: NewToken, at: number): TokenRecord | 'no-prefix' | 'no-person' {
    const { domain, prefix, personId, name, hash, days } = token
    const prefixId = this.#prefix.get({ domain, prefix })
    if (prefixId === undefined) return 'no-prefix'
    if (this.#person.get(personId) === undefined) return 'no-person'
    const { lastInsertRowid } = this.#insert.run({ personId, prefixId, name, hash, days, at })
    // Just written, in the same transaction.
    return toToken(this.#byId.get(Number(lastInsertRowid))!)
  }

  find(hash: Buffer): { token: TokenRecord; person: Person } | undefined {
    const row = this.#byHash.get(hash)
    return row === undefined ? undefined : { token: toToken(row), person: toPerson(row) }
  }

  touch(id: number, at: number): void {
    this.#touch.run({ id, at })
  }

  revoke(id: number, at: number, person?: number): 'revoked' | 'unchanged' | 'not-found' {
    const row = this.#byId.get(id)
    if (row === undefined || (person !== undefined && row.person_id !== person)) return 'not-found'
    if (row.revoked_at !== null) return 'unchanged'
    this.#revoke.run({ id, at })
    return 'revoked'
  }
}
