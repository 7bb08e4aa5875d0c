// Signing keys: the newest signs, the one before it still verifies, older ones are gone.

import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import type { SigningKey } from '../store.ts'

interface KeyRow {
  id: number
  secret: Buffer
  created_at: number
}

const toKey = (row: KeyRow): SigningKey => ({
  id: String(row.id),
  secret: row.secret,
  createdAt: row.created_at,
})

export class Keys {
  readonly #all: Statement<[], KeyRow>
  readonly #insert: Statement<[secret: Buffer, createdAt: number], KeyRow>
  readonly #deleteBefore: Statement<[id: number]>

  constructor(db: Database) {
    this.#all = db.prepare('SELECT id, secret, created_at FROM signing_keys ORDER BY id DESC')
    this.#insert = db.prepare(
      'INSERT INTO signing_keys (secret, created_at) VALUES (?, ?) RETURNING id, secret, created_at',
    )
    this.#deleteBefore = db.prepare('DELETE FROM signing_keys WHERE id < ?')
  }

  /** Newest first. */
  all(): readonly SigningKey[] {
    return this.#all.all().map(toKey)
  }

  rotate(secret: Buffer, at: number): SigningKey {
    if (secret.length !== 32) throw new TypeError('a signing key has 32 bytes')
    const row = this.#insert.get(secret, at)!
    this.#deleteBefore.run(row.id - 1)
    return toKey(row)
  }

  /** A new database signs from the beginning. */
  makeFirst(at: number): void {
    if (this.#all.get() === undefined) this.#insert.get(randomBytes(32), at)
  }
}
