// Browsers that somebody signed in with.

import type { Database, Statement } from 'better-sqlite3'
import type { NewSession, Person, SessionBounds, SessionRecord } from '../store.ts'
import { PERSON_COLUMNS, type PersonRow, toPerson } from './people.ts'

interface SessionRow {
  session_id: number
  person_id: number
  session_created_at: number
  session_seen_at: number
  client: string
  agent: string
}

const toSession = (row: SessionRow): SessionRecord => ({
  id: row.session_id,
  personId: row.person_id,
  createdAt: row.session_created_at,
  lastSeenAt: row.session_seen_at,
  client: row.client,
  agent: row.agent,
})

const COLUMNS = `sessions.id AS session_id, sessions.person_id, sessions.created_at AS session_created_at,
  sessions.last_seen_at AS session_seen_at, sessions.client, sessions.agent`
const RETURNED = COLUMNS.replaceAll('sessions.', '')
const ALIVE = 'sessions.created_at > :createdAfter AND sessions.last_seen_at > :seenAfter'

interface Age {
  createdAfter: number
  seenAfter: number
}

const ageAt = (at: number, { lifetime, idle }: SessionBounds): Age => ({
  createdAfter: at - lifetime,
  seenAfter: at - idle,
})

export class Sessions {
  readonly #insert: Statement<[NewSession & { at: number }], SessionRow>
  readonly #forget: Statement<[Age]>
  readonly #find: Statement<[Age & { hash: Buffer }], SessionRow & PersonRow>
  readonly #touch: Statement<[{ id: number; at: number; client: string }]>
  readonly #touchPerson: Statement<[{ session: number; at: number }]>
  readonly #of: Statement<[Age & { person: number }], SessionRow>
  readonly #end: Statement<[person: number, id: number]>
  readonly #endAll: Statement<[{ person: number; keep: number | null }]>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO sessions (person_id, hash, created_at, last_seen_at, client, agent)
      VALUES (:personId, :hash, :at, :at, :client, :agent) RETURNING ${RETURNED}`)
    this.#forget = db.prepare(`DELETE FROM sessions WHERE NOT (${ALIVE})`)
    this.#find = db.prepare(`
      SELECT ${COLUMNS}, ${PERSON_COLUMNS} FROM sessions JOIN people ON people.id = sessions.person_id
      WHERE hash = :hash AND ${ALIVE}`)
    this.#touch = db.prepare('UPDATE sessions SET last_seen_at = :at, client = :client WHERE id = :id')
    this.#touchPerson = db.prepare(`
      UPDATE people SET last_seen_at = :at WHERE id = (SELECT person_id FROM sessions WHERE id = :session)`)
    this.#of = db.prepare(`
      SELECT ${COLUMNS} FROM sessions WHERE person_id = :person AND ${ALIVE} ORDER BY last_seen_at DESC, id DESC`)
    this.#end = db.prepare('DELETE FROM sessions WHERE person_id = ? AND id = ?')
    this.#endAll = db.prepare('DELETE FROM sessions WHERE person_id = :person AND id IS NOT :keep')
  }

  open(session: NewSession, at: number, bounds: SessionBounds): SessionRecord {
    this.#forget.run(ageAt(at, bounds))
    const opened = toSession(this.#insert.get({ ...session, at })!)
    this.#touchPerson.run({ session: opened.id, at })
    return opened
  }

  find(
    hash: Buffer,
    at: number,
    bounds: SessionBounds,
  ): { session: SessionRecord; person: Person } | undefined {
    const row = this.#find.get({ hash, ...ageAt(at, bounds) })
    return row === undefined ? undefined : { session: toSession(row), person: toPerson(row) }
  }

  touch(id: number, at: number, client: string): void {
    this.#touch.run({ id, at, client })
    this.#touchPerson.run({ session: id, at })
  }

  of(person: number, at: number, bounds: SessionBounds): readonly SessionRecord[] {
    return this.#of.all({ person, ...ageAt(at, bounds) }).map(toSession)
  }

  end(person: number, id: number): 'ended' | 'not-found' {
    return this.#end.run(person, id).changes === 1 ? 'ended' : 'not-found'
  }

  endAll(person: number, keep?: number): number {
    return this.#endAll.run({ person, keep: keep ?? null }).changes
  }
}
