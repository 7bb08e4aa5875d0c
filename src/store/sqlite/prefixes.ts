// Prefixes and the mailboxes behind them.

import type { Database, Statement } from 'better-sqlite3'
import { type DomainName, type Mailbox, mailboxDomain, type PrefixName } from '../../address/index.ts'
import type { Loop, NewPrefix, Prefix, PrefixChange } from '../store.ts'
import type { Domains } from './domains.ts'

/** One row for each mailbox of the prefix, in order. */
export interface PrefixRow {
  id: number
  domain: string
  name: string
  max_days: number
  default_days: number
  signed: number
  enabled: number
  note: string
  owner_id: number | null
  revision: number
  created_at: number
  mailbox: string | null
}

export const PREFIX_COLUMNS = `prefixes.id, prefixes.name, prefixes.max_days, prefixes.default_days, prefixes.signed,
  prefixes.enabled, prefixes.note, prefixes.owner_id, prefixes.revision, prefixes.created_at`

/** The prefix of these rows, of which there is at least one. */
export function toPrefix(rows: readonly PrefixRow[]): Prefix {
  const [row] = rows as readonly [PrefixRow]
  // Mail for a prefix without a mailbox would be accepted and go nowhere. Only a foreign hand can have made one.
  const mailboxes = rows.map(({ mailbox }) => {
    if (mailbox === null) throw new Error(`the prefix ${row.name} of ${row.domain} has no mailbox`)
    return mailbox as Mailbox
  })
  return {
    id: row.id,
    // Safe casts: only names and mailboxes that their parsers made are ever written.
    domain: row.domain as DomainName,
    name: row.name as PrefixName,
    mailboxes,
    maxDays: row.max_days,
    defaultDays: row.default_days,
    signed: row.signed === 1,
    enabled: row.enabled === 1,
    note: row.note,
    owner: row.owner_id ?? undefined,
    revision: row.revision,
    createdAt: row.created_at,
  }
}

type WrittenRow = Omit<PrefixRow, 'id' | 'domain' | 'revision' | 'created_at' | 'mailbox'>

const toRow = (prefix: NewPrefix): WrittenRow => ({
  name: prefix.name,
  max_days: prefix.maxDays,
  default_days: prefix.defaultDays,
  signed: Number(prefix.signed),
  enabled: Number(prefix.enabled),
  note: prefix.note,
  owner_id: prefix.owner ?? null,
})

export class Prefixes {
  readonly #domains: Domains
  readonly #all: Statement<{ domain: string | null }, PrefixRow>
  readonly #find: Statement<[domain: string, name: string], PrefixRow>
  readonly #insert: Statement<[WrittenRow & { domain_id: number; created_at: number }]>
  readonly #update: Statement<[WrittenRow & { id: number }]>
  readonly #delete: Statement<[id: number]>
  readonly #insertMailbox: Statement<[prefix: number, position: number, mailbox: string, domain: string]>
  readonly #deleteMailboxes: Statement<[prefix: number]>

  constructor(db: Database, domains: Domains) {
    this.#domains = domains
    const select = `
      SELECT ${PREFIX_COLUMNS}, domains.name AS domain, prefix_mailboxes.mailbox
      FROM domains JOIN prefixes ON prefixes.domain_id = domains.id
      LEFT JOIN prefix_mailboxes ON prefix_mailboxes.prefix_id = prefixes.id`
    this.#all = db.prepare(`
      ${select} WHERE :domain IS NULL OR domains.name = :domain
      ORDER BY domains.name, prefixes.name, prefix_mailboxes.position`)
    this.#find = db.prepare(`
      ${select} WHERE domains.name = ? AND prefixes.name = ? ORDER BY prefix_mailboxes.position`)
    this.#insert = db.prepare(`
      INSERT INTO prefixes (domain_id, name, max_days, default_days, signed, enabled, note, owner_id, created_at)
      VALUES (:domain_id, :name, :max_days, :default_days, :signed, :enabled, :note, :owner_id, :created_at)`)
    this.#update = db.prepare(`
      UPDATE prefixes SET max_days = :max_days, default_days = :default_days, signed = :signed,
        enabled = :enabled, note = :note, owner_id = :owner_id, revision = revision + 1
      WHERE id = :id AND name = :name`)
    this.#delete = db.prepare('DELETE FROM prefixes WHERE id = ?')
    this.#insertMailbox = db.prepare(
      'INSERT INTO prefix_mailboxes (prefix_id, position, mailbox, domain) VALUES (?, ?, ?, ?)',
    )
    this.#deleteMailboxes = db.prepare('DELETE FROM prefix_mailboxes WHERE prefix_id = ?')
  }

  all(domain?: DomainName): readonly Prefix[] {
    const prefixes: Prefix[] = []
    let rows: PrefixRow[] = []
    for (const row of this.#all.iterate({ domain: domain ?? null })) {
      if (rows[0] !== undefined && rows[0].id !== row.id) {
        prefixes.push(toPrefix(rows))
        rows = []
      }
      rows.push(row)
    }
    if (rows.length > 0) prefixes.push(toPrefix(rows))
    return prefixes
  }

  find(domain: DomainName, name: PrefixName): Prefix | undefined {
    const rows = this.#find.all(domain, name)
    return rows.length === 0 ? undefined : toPrefix(rows)
  }

  add(prefix: NewPrefix, at: number): 'added' | 'taken' | 'no-domain' | Loop {
    const domain = this.#domains.find(prefix.domain)
    if (domain === undefined) return 'no-domain'
    if (this.find(prefix.domain, prefix.name) !== undefined) return 'taken'
    const loop = this.#domains.loopOf(prefix.mailboxes)
    if (loop !== undefined) return loop
    this.#add(domain.id, prefix, at)
    return 'added'
  }

  change(
    domain: DomainName,
    name: PrefixName,
    change: PrefixChange,
    revision?: number,
  ): 'changed' | 'not-found' | 'stale' | Loop {
    const prefix = this.find(domain, name)
    if (prefix === undefined) return 'not-found'
    if (revision !== undefined && revision !== prefix.revision) return 'stale'
    const loop = this.#domains.loopOf(change.mailboxes ?? [])
    if (loop !== undefined) return loop
    this.#update.run({ ...toRow({ ...prefix, ...change }), id: prefix.id })
    if (change.mailboxes !== undefined) this.#setMailboxes(prefix.id, change.mailboxes)
    return 'changed'
  }

  remove(domain: DomainName, name: PrefixName): 'removed' | 'not-found' {
    const prefix = this.find(domain, name)
    if (prefix === undefined) return 'not-found'
    this.#delete.run(prefix.id)
    return 'removed'
  }

  /** All refusals come before the first write, so nothing has to be undone. */
  importAll(
    prefixes: readonly NewPrefix[],
    at: number,
  ): { kind: 'imported'; added: number; changed: number; unchanged: number } | 'no-domain' | Loop {
    const ids = new Map<DomainName, number>()
    for (const domain of this.#domains.all()) ids.set(domain.name, domain.id)
    if (prefixes.some((prefix) => !ids.has(prefix.domain))) return 'no-domain'
    const loop = this.#domains.loopOf(prefixes.flatMap((prefix) => prefix.mailboxes))
    if (loop !== undefined) return loop

    const done = { kind: 'imported' as const, added: 0, changed: 0, unchanged: 0 }
    for (const prefix of prefixes) {
      const known = this.find(prefix.domain, prefix.name)
      if (known === undefined) {
        this.#add(ids.get(prefix.domain)!, prefix, at)
        done.added += 1
      } else if (!sameList(known.mailboxes, prefix.mailboxes)) {
        this.#setMailboxes(known.id, prefix.mailboxes)
        this.#update.run({ ...toRow(known), id: known.id })
        done.changed += 1
      } else done.unchanged += 1
    }
    return done
  }

  #add(domainId: number, prefix: NewPrefix, at: number): void {
    const { lastInsertRowid } = this.#insert.run({ ...toRow(prefix), domain_id: domainId, created_at: at })
    this.#setMailboxes(Number(lastInsertRowid), prefix.mailboxes)
  }

  #setMailboxes(prefixId: number, mailboxes: readonly Mailbox[]): void {
    if (mailboxes.length === 0) throw new TypeError('a prefix needs at least one mailbox')
    this.#deleteMailboxes.run(prefixId)
    for (const [position, mailbox] of mailboxes.entries()) {
      this.#insertMailbox.run(prefixId, position, mailbox, mailboxDomain(mailbox))
    }
  }
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
