// Records of single addresses.

import type { Database, Statement } from 'better-sqlite3'
import type { Day, DomainName, PrefixName } from '../../address/index.ts'
import type { AddressQuery, AddressRecord, Store } from '../store.ts'

export interface AddressRow {
  domain: string
  local_part: string
  prefix: string
  note: string
  site: string
  created_at: number
  revoked_at: number | null
  extended_through: number | null
  accepted: number
  refused: number
  last_sender: string
  last_seen_at: number | null
}

export const toAddress = (row: AddressRow): AddressRecord => ({
  domain: row.domain as DomainName,
  localPart: row.local_part,
  prefix: row.prefix as PrefixName,
  note: row.note,
  site: row.site,
  createdAt: row.created_at,
  revokedAt: row.revoked_at ?? undefined,
  extendedThrough: (row.extended_through ?? undefined) as Day | undefined,
  accepted: row.accepted,
  refused: row.refused,
  lastSender: row.last_sender,
  lastSeenAt: row.last_seen_at ?? undefined,
})

export const ADDRESS_COLUMNS = `domains.name AS domain, local_part, addresses.prefix, note, site, addresses.created_at, revoked_at,
  extended_through, accepted, refused, last_sender, last_seen_at`

type SaveArguments = Parameters<Store['saveAddress']>

interface SavedRow {
  domain_id: number
  local_part: string
  prefix: string
  note: string
  site: string
  revoked_at: number | null
  extended_through: number | null
  created_at: number
}

export class Addresses {
  readonly #db: Database
  readonly #find: Statement<[domain: string, localPart: string], AddressRow>
  readonly #findAll: Statement<[{ domain: string; local_parts: string }], AddressRow>
  readonly #domainId: Statement<[domain: string], number>
  readonly #save: Statement<[SavedRow]>

  constructor(db: Database) {
    this.#db = db
    this.#find = db.prepare(`
      SELECT ${ADDRESS_COLUMNS} FROM domains JOIN addresses ON addresses.domain_id = domains.id
      WHERE domains.name = ? AND local_part = ?`)
    // In this order: SQLite would look through the list anew for each address of the domain.
    this.#findAll = db.prepare(`
      SELECT ${ADDRESS_COLUMNS} FROM json_each(:local_parts) AS wanted
        CROSS JOIN domains ON domains.name = :domain
        CROSS JOIN addresses ON addresses.domain_id = domains.id AND local_part = wanted.value`)
    this.#domainId = db.prepare<[string], number>('SELECT id FROM domains WHERE name = ?').pluck()
    this.#save = db.prepare(`
      INSERT INTO addresses
        (domain_id, local_part, prefix, note, site, revoked_at, extended_through, created_at, by_person)
      VALUES (:domain_id, :local_part, :prefix, :note, :site, :revoked_at, :extended_through, :created_at, 1)
      ON CONFLICT (domain_id, local_part) DO UPDATE SET note = excluded.note, site = excluded.site,
        revoked_at = excluded.revoked_at, extended_through = excluded.extended_through, by_person = 1`)
  }

  find(domain: DomainName, localPart: string): AddressRecord | undefined {
    const row = this.#find.get(domain, localPart)
    return row === undefined ? undefined : toAddress(row)
  }

  findAll(domain: DomainName, localParts: readonly string[]): ReadonlyMap<string, AddressRecord> {
    const rows = this.#findAll.all({ domain, local_parts: JSON.stringify(localParts) })
    return new Map(rows.map((row) => [row.local_part, toAddress(row)]))
  }

  save(address: SaveArguments[0], change: SaveArguments[1], at: number): AddressRecord | 'no-domain' {
    const domainId = this.#domainId.get(address.domain)
    if (domainId === undefined) return 'no-domain'
    this.write(domainId, address, { ...this.find(address.domain, address.localPart), ...change }, at)
    // Just written, in the same transaction.
    return this.find(address.domain, address.localPart)!
  }

  /** The whole record: what `given` leaves out is empty. */
  write(
    domainId: number,
    address: Omit<SaveArguments[0], 'domain'>,
    given: SaveArguments[1],
    at: number,
  ): void {
    const { note = '', site = '', revokedAt, extendedThrough } = given
    this.#save.run({
      domain_id: domainId,
      local_part: address.localPart,
      prefix: address.prefix,
      note,
      site,
      revoked_at: revokedAt ?? null,
      extended_through: extendedThrough ?? null,
      created_at: at,
    })
  }

  list(query: AddressQuery = {}): { total: number; rows: readonly AddressRecord[] } {
    const conditions = [
      query.owner !== undefined &&
        '(prefix, addresses.domain_id) IN (SELECT name, domain_id FROM prefixes WHERE owner_id = :owner)',
      query.domain && 'addresses.domain_id = (SELECT id FROM domains WHERE name = :domain)',
      query.prefix && 'prefix = :prefix',
      query.search &&
        `(local_part LIKE :search ESCAPE '\\' OR note LIKE :search ESCAPE '\\' OR site LIKE :search ESCAPE '\\')`,
    ].filter((condition) => condition !== undefined && condition !== '' && condition !== false)
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const search = `%${query.search?.replace(/[\\%_]/g, '\\$&')}%`
    const values = { ...query, search, limit: rowLimit(query.limit), offset: query.offset ?? 0 }
    const total = this.#db.prepare(`SELECT count(*) FROM addresses ${where}`).pluck().get(values) as number
    // Without a prefix, walking back from the newest record finds a page sooner than an index of the domain, which
    // would have to be sorted (250,000 records: 4 ms against 230).
    const walk = query.prefix ? '' : 'NOT INDEXED'
    const rows = this.#db
      .prepare<typeof values, AddressRow>(`
        SELECT ${ADDRESS_COLUMNS} FROM addresses ${walk} JOIN domains ON domains.id = addresses.domain_id ${where}
        ORDER BY addresses.id DESC LIMIT :limit OFFSET :offset`)
      .all(values)
    return { total, rows: rows.map(toAddress) }
  }
}

/** Rows to return: 1 to 1000, 100 unless told. */
export function rowLimit(limit = 100): number {
  return Math.min(1000, Math.max(1, limit))
}
