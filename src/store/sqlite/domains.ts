// The domains that are ours.

import type { Database, Statement } from 'better-sqlite3'
import { type DomainName, type Mailbox, mailboxDomain, type TimeZone } from '../../address/index.ts'
import type { Domain, DomainChange, Loop, NewDomain } from '../store.ts'

interface DomainRow {
  id: number
  name: string
  time_zone: string
  postmaster: string | null
  max_prefix_length: number
  revision: number
  created_at: number
}

// Safe casts: only names and mailboxes that their parsers made are ever written.
const toDomain = (row: DomainRow): Domain => ({
  id: row.id,
  name: row.name as DomainName,
  timeZone: row.time_zone as TimeZone,
  postmaster: (row.postmaster ?? undefined) as Mailbox | undefined,
  maxPrefixLength: row.max_prefix_length,
  revision: row.revision,
  createdAt: row.created_at,
})

type WrittenRow = Omit<DomainRow, 'id' | 'revision' | 'created_at'> & { postmaster_domain: string | null }

const toRow = (domain: NewDomain): WrittenRow => ({
  name: domain.name,
  time_zone: domain.timeZone,
  postmaster: domain.postmaster ?? null,
  postmaster_domain: domain.postmaster === undefined ? null : mailboxDomain(domain.postmaster),
  max_prefix_length: domain.maxPrefixLength,
})

export class Domains {
  readonly #all: Statement<[], DomainRow>
  readonly #find: Statement<[name: string], DomainRow>
  readonly #insert: Statement<[WrittenRow & { created_at: number }]>
  readonly #update: Statement<[WrittenRow]>
  readonly #delete: Statement<[id: number]>
  readonly #prefixOf: Statement<[id: number], number>
  readonly #targetIn: Statement<{ domain: string }, string>

  constructor(db: Database) {
    const columns = 'id, name, time_zone, postmaster, max_prefix_length, revision, created_at'
    this.#all = db.prepare(`SELECT ${columns} FROM domains ORDER BY name`)
    this.#find = db.prepare(`SELECT ${columns} FROM domains WHERE name = ?`)
    this.#insert = db.prepare(`
      INSERT INTO domains (name, time_zone, postmaster, postmaster_domain, max_prefix_length, created_at)
      VALUES (:name, :time_zone, :postmaster, :postmaster_domain, :max_prefix_length, :created_at)`)
    this.#update = db.prepare(`
      UPDATE domains SET time_zone = :time_zone, postmaster = :postmaster,
        postmaster_domain = :postmaster_domain, max_prefix_length = :max_prefix_length, revision = revision + 1
      WHERE name = :name`)
    this.#delete = db.prepare('DELETE FROM domains WHERE id = ?')
    this.#prefixOf = db
      .prepare<[number], number>('SELECT id FROM prefixes WHERE domain_id = ? LIMIT 1')
      .pluck()
    this.#targetIn = db
      .prepare<{ domain: string }, string>(`
        SELECT mailbox FROM prefix_mailboxes WHERE domain = :domain
        UNION ALL SELECT postmaster FROM domains WHERE postmaster_domain = :domain LIMIT 1`)
      .pluck()
  }

  all(): readonly Domain[] {
    return this.#all.all().map(toDomain)
  }

  find(name: DomainName): Domain | undefined {
    const row = this.#find.get(name)
    return row === undefined ? undefined : toDomain(row)
  }

  add(domain: NewDomain, at: number): 'added' | 'taken' | Loop {
    if (this.find(domain.name) !== undefined) return 'taken'
    const own = domain.postmaster === undefined ? [] : [domain.postmaster]
    const loop = this.loopOf(own, domain.name) ?? this.#loopInto(domain.name)
    if (loop !== undefined) return loop
    this.#insert.run({ ...toRow(domain), created_at: at })
    return 'added'
  }

  change(
    name: DomainName,
    change: DomainChange,
    revision?: number,
  ): 'changed' | 'not-found' | 'stale' | Loop {
    const domain = this.find(name)
    if (domain === undefined) return 'not-found'
    if (revision !== undefined && revision !== domain.revision) return 'stale'
    const loop = change.postmaster === undefined ? undefined : this.loopOf([change.postmaster])
    if (loop !== undefined) return loop
    this.#update.run(toRow({ ...domain, ...change }))
    return 'changed'
  }

  remove(name: DomainName): 'removed' | 'not-found' | 'in-use' {
    const domain = this.find(name)
    if (domain === undefined) return 'not-found'
    if (this.#prefixOf.get(domain.id) !== undefined) return 'in-use'
    this.#delete.run(domain.id)
    return 'removed'
  }

  /** The first of these mailboxes that lies in one of our domains, or in `joining`, which is about to be one. */
  loopOf(mailboxes: readonly Mailbox[], joining?: DomainName): Loop | undefined {
    const mailbox = mailboxes.find((target) => {
      const domain = mailboxDomain(target)
      return domain === joining || this.#find.get(domain) !== undefined
    })
    return mailbox === undefined ? undefined : { kind: 'loop', mailbox }
  }

  /** A mailbox in `domain` that we forward to already. */
  #loopInto(domain: DomainName): Loop | undefined {
    const mailbox = this.#targetIn.get({ domain })
    return mailbox === undefined ? undefined : { kind: 'loop', mailbox: mailbox as Mailbox }
  }
}
