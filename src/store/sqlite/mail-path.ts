// What the mail path reads, and what it holds in memory so that most recipients cost one question to SQLite (4 µs, two
// locks of the file): "has anything been committed since?" Under load even that one is asked once a moment. Recording
// mail commits several times a second; it is told apart from changes that matter by the `revisions` row, which triggers
// keep.

import type { Database, Statement } from 'better-sqlite3'
import type { Day, PrefixName } from '../../address/index.ts'
import type { Domain, RecipientFacts, Settings } from '../store.ts'
import type { Domains } from './domains.ts'
import type { Keys } from './keys.ts'
import { PREFIX_COLUMNS, type PrefixRow, toPrefix } from './prefixes.ts'

/** Answers held at most, some 500 bytes each. The map is emptied when it is full: guessed addresses would fill any. */
const REMEMBERED = 10_000

interface FactsRow extends Omit<PrefixRow, 'id'> {
  /** All of the prefix is null where it does not exist. */
  id: number | null
  revoked_at: number | null
  extended_through: number | null
}

export class MailPath {
  readonly #db: Database
  readonly #domains: Domains
  readonly #keys: Keys
  readonly #dataVersion: Statement<[], number>
  readonly #revisions: Statement<[], { settings: number; facts: number }>
  readonly #facts: Statement<[prefix: string, domainId: number, localPart: string, domain: string], FactsRow>
  readonly #remembered = new Map<string, RecipientFacts>()
  #settings: Settings | undefined
  #seenVersion: number | undefined
  readonly #sureFor: number
  /** When SQLite was asked last, as `performance.now()` counts. */
  #askedAt = Number.NEGATIVE_INFINITY
  /** `settings` has just asked, so that `facts` about the same recipient need not. */
  #justAsked = false
  #seen = { settings: 0, facts: 0 }

  /** `sureFor`: milliseconds for which an answer to that question is good. */
  constructor(db: Database, domains: Domains, keys: Keys, sureFor: number) {
    this.#sureFor = sureFor
    this.#db = db
    this.#domains = domains
    this.#keys = keys
    this.#dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
    this.#revisions = db.prepare('SELECT settings, facts FROM revisions')
    // One select, so one read lock. A row for each mailbox of the prefix, and one row in any case.
    this.#facts = db.prepare(`
      SELECT ${PREFIX_COLUMNS}, asked.domain, prefix_mailboxes.mailbox,
        addresses.revoked_at, addresses.extended_through
      FROM (SELECT ? AS prefix, ? AS domain_id, ? AS local_part, ? AS domain) AS asked
      LEFT JOIN prefixes ON prefixes.domain_id = asked.domain_id AND prefixes.name = asked.prefix
      LEFT JOIN prefix_mailboxes ON prefix_mailboxes.prefix_id = prefixes.id
      LEFT JOIN addresses ON addresses.domain_id = asked.domain_id AND addresses.local_part = asked.local_part
      ORDER BY prefix_mailboxes.position`)
  }

  /** Asks whether anybody has committed; the `facts` asked for right after it are as of now, too. */
  settings(): Settings {
    this.#refresh()
    this.#justAsked = true
    this.#settings ??= this.#load()
    return this.#settings
  }

  facts(domain: Domain, prefix: PrefixName, localPart: string): RecipientFacts {
    if (!this.#justAsked) this.#refresh()
    this.#justAsked = false
    const key = `${domain.id} ${prefix} ${localPart}`
    const remembered = this.#remembered.get(key)
    if (remembered !== undefined) return remembered
    const facts = toFacts(this.#facts.all(prefix, domain.id, localPart, domain.name))
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, facts)
    return facts
  }

  /** What `settings` gave last, without asking the database. */
  get held(): Settings | undefined {
    return this.#settings
  }

  /** After a commit of this connection: `data_version` tells of others' only. */
  changedHere(): void {
    this.#justAsked = false
    this.#seenVersion = undefined
    this.#askedAt = Number.NEGATIVE_INFINITY
  }

  #refresh(): void {
    const now = performance.now()
    if (now - this.#askedAt < this.#sureFor) return
    const version = this.#dataVersion.get()
    if (version !== this.#seenVersion) this.#reread(version)
    // Last: what threw has told us nothing.
    this.#askedAt = now
  }

  #reread(version: number | undefined): void {
    // Read before what it guards: a commit in between makes us read again too often, never too seldom.
    const found = this.#revisions.get()!
    if (found.settings !== this.#seen.settings) this.#settings = undefined
    if (found.facts !== this.#seen.facts) this.#remembered.clear()
    this.#seen = found
    this.#seenVersion = version
  }

  #load(): Settings {
    return this.#db.transaction(() => ({
      domains: new Map(this.#domains.all().map((domain) => [domain.name, domain])),
      keys: this.#keys.all(),
    }))()
  }
}

function toFacts(rows: readonly FactsRow[]): RecipientFacts {
  const [row] = rows as readonly [FactsRow]
  return {
    prefix: row.id === null ? undefined : toPrefix(rows as readonly PrefixRow[]),
    revoked: row.revoked_at !== null,
    extendedThrough: (row.extended_through ?? undefined) as Day | undefined,
  }
}
