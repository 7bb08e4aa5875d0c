// Who writes to an address, by organisation: what tells that an address was passed on, and who still tries one that is
// over.

import type { Database, Statement } from 'better-sqlite3'
import type { SenderRecord } from '../store.ts'

/** What one batch brings from one organisation to one address; also a row of the table. */
export interface Sent {
  domain: string
  first_sender: string
  last_sender: string
  accepted: number
  refused: number
  first_at: number
  last_at: number
  last_refused_at: number | null
}

/** Organisations kept for an address. Beyond it the one that was silent longest goes, but never the two first. */
const MOST_SENDERS = 20

const toSender = (row: Sent): SenderRecord => ({
  domain: row.domain,
  firstSender: row.first_sender,
  lastSender: row.last_sender,
  accepted: row.accepted,
  refused: row.refused,
  firstAt: row.first_at,
  lastAt: row.last_at,
  lastRefusedAt: row.last_refused_at ?? undefined,
})

/**
 * Characters of senders that a search looks through at an address. Lists that write from a new address each time would
 * change them at each mail; from there on such a list is found by its domain, which its first sender has.
 */
const MOST_WORDS = 2000

type Row = Sent & { address_id: number }

/** What a search finds of them: the first sender of each organisation, and those that were the last one for a while. */
export function wordsOf(senders: readonly Sent[]): string {
  const words = bounded(senders).flatMap(({ first_sender, last_sender }) => [first_sender, last_sender])
  return [...new Set(words)].filter((sender) => sender !== '').join(' ')
}

/** One batch may bring more than are kept: then the two first and the latest. */
function bounded(senders: readonly Sent[]): readonly Sent[] {
  if (senders.length <= MOST_SENDERS) return senders
  const first = senders.filter(({ domain }) => domain !== '').slice(0, 2)
  return [...first, ...senders.filter((sent) => !first.includes(sent)).slice(first.length - MOST_SENDERS)]
}

export class Senders {
  readonly #update: Statement<[Row], string>
  readonly #insert: Statement<[Row]>
  readonly #count: Statement<[address: number], number>
  readonly #evict: Statement<[{ address: number }]>
  readonly #word: Statement<[{ sender: string; address: number }]>
  readonly #of: Statement<[address: number], Sent>

  constructor(db: Database) {
    this.#update = db
      .prepare<[Row], string>(`
      UPDATE address_senders SET last_sender = :last_sender, accepted = accepted + :accepted,
        refused = refused + :refused, last_at = :last_at,
        last_refused_at = coalesce(:last_refused_at, last_refused_at)
      WHERE address_id = :address_id AND domain = :domain RETURNING first_sender`)
      .pluck()
    this.#insert = db.prepare(`
      INSERT INTO address_senders
        (address_id, domain, first_sender, last_sender, accepted, refused, first_at, last_at, last_refused_at)
      VALUES (:address_id, :domain, :first_sender, :last_sender, :accepted, :refused, :first_at, :last_at,
        :last_refused_at)`)
    this.#count = db
      .prepare<[number], number>('SELECT count(*) FROM address_senders WHERE address_id = ?')
      .pluck()
    // One of the two first is the site's own or the first that is not: who used the address first stays known.
    this.#evict = db.prepare(`
      DELETE FROM address_senders WHERE address_id = :address AND domain = (
        SELECT domain FROM address_senders WHERE address_id = :address AND domain NOT IN (
          SELECT domain FROM address_senders WHERE address_id = :address AND domain <> ''
          ORDER BY first_at, domain LIMIT 2)
        ORDER BY last_at, domain LIMIT 1)`)
    // Where it stands there already, nothing is written.
    this.#word = db.prepare(`
      UPDATE addresses SET senders = trim(senders || ' ' || :sender) WHERE id = :address
        AND instr(' ' || senders || ' ', ' ' || :sender || ' ') = 0 AND length(senders) < ${MOST_WORDS}`)
    this.#of = db.prepare(`
      SELECT domain, first_sender, last_sender, accepted, refused, first_at, last_at, last_refused_at
      FROM address_senders WHERE address_id = ? ORDER BY first_at, domain`)
  }

  /** Those of an address that is new. Inside a transaction. */
  addFirst(addressId: number, senders: readonly Sent[]): void {
    for (const sent of bounded(senders)) this.#insert.run({ ...sent, address_id: addressId })
  }

  /** Inside a transaction. */
  add(addressId: number, sent: Sent): void {
    const row = { ...sent, address_id: addressId }
    const first = this.#update.get(row)
    if (first === undefined) {
      const known = this.#count.get(addressId) ?? 0
      if (known >= MOST_SENDERS) this.#evict.run({ address: addressId })
      this.#insert.run(row)
    }
    // Mostly an organisation writes from one address, which stands there already.
    const words = first === undefined ? [sent.first_sender, sent.last_sender] : [sent.last_sender]
    for (const sender of new Set(words))
      if (sender !== '' && sender !== first) this.#word.run({ sender, address: addressId })
  }

  of(addressId: number): readonly SenderRecord[] {
    return this.#of.all(addressId).map(toSender)
  }
}
