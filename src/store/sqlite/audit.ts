// The list of changes by people.

import type { Database, Statement } from 'better-sqlite3'
import type { AuditQuery, AuditRecord } from '../store.ts'
import { rowLimit } from './addresses.ts'
import type { Bounds } from './events.ts'

export class Audit {
  readonly #keep: number
  readonly #insert: Statement<[Omit<AuditRecord, 'id'>]>
  readonly #forget: Statement<[keep: number]>
  readonly #list: Statement<[{ before: number | null; limit: number }], AuditRecord>

  constructor(db: Database, { keepAudit = 100_000 }: Bounds) {
    this.#keep = Math.max(1, keepAudit)
    this.#insert = db.prepare(`
      INSERT INTO audit (at, person, action, subject, detail, client)
      VALUES (:at, :person, :action, :subject, :detail, :client)`)
    // Numbers follow each other without gaps: only the oldest rows are ever deleted.
    this.#forget = db.prepare('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?')
    this.#list = db.prepare(`
      SELECT id, at, person, action, subject, detail, client FROM audit
      WHERE :before IS NULL OR id < :before ORDER BY id DESC LIMIT :limit`)
  }

  add(entry: Omit<AuditRecord, 'id'>): void {
    this.#insert.run(entry)
    this.#forget.run(this.#keep)
  }

  list({ limit, before }: AuditQuery = {}): readonly AuditRecord[] {
    return this.#list.all({ before: before ?? null, limit: rowLimit(limit) })
  }
}
