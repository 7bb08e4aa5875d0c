// What mail leaves behind: decisions, daily counts, and what each genuine address received.
//
// A batch is one transaction. Nothing in it grows with the tables: rows are found by key, and the bounds are kept by
// deleting a slice from the old end.

import type { Database, Statement } from 'better-sqlite3'
import { type Day, type DomainName, organisationOfSender, type PrefixName } from '../../address/index.ts'
import type { DailyCount, Decision, DecisionQuery, MailEvent } from '../store.ts'
import { rowLimit } from './addresses.ts'
import { Senders, type Sent, wordsOf } from './senders.ts'

/** How much history is kept. */
export interface Bounds {
  /** Decisions, at least 1; 100,000 unless told. */
  readonly keepDecisions?: number
  /** Addresses that only refused mail ever named, about; at least 1, 50,000 unless told. */
  readonly keepStrays?: number
  /** Changes by people, at least 1; 100,000 unless told. */
  readonly keepAudit?: number
}

/** Verdicts that may make a record: the address was good once. Others would let anybody fill the table. */
const RECORDED: ReadonlySet<string> = new Set(['forward', 'expired', 'revoked'])

/** That the prefix of a row is the person's: a name that history keeps, while the prefix is there. */
const OWN_PREFIX = `(prefix, domain) IN (
  SELECT prefixes.name, domains.name FROM prefixes JOIN domains ON domains.id = prefixes.domain_id
  WHERE prefixes.owner_id = :owner)`

/** Rows deleted from the old end in one transaction, at most, unless it adds more: it holds the write lock. */
const SLICE = 2000

interface DecisionRow {
  id: number
  at: number
  day: number
  queue_id: string
  client: string
  sender: string
  recipient: string
  domain: string
  prefix: string | null
  local_part: string | null
  verdict: string
}

type DecisionValues = [
  at: number,
  day: number,
  queueId: string,
  client: string,
  sender: string,
  recipient: string,
  domain: string,
  prefix: string | null,
  localPart: string | null,
  verdict: string,
]

const toDecision = (row: DecisionRow): Decision => ({
  id: row.id,
  at: row.at,
  day: row.day as Day,
  queueId: row.queue_id,
  client: row.client,
  sender: row.sender,
  recipient: row.recipient,
  domain: row.domain as DomainName,
  prefix: (row.prefix ?? undefined) as PrefixName | undefined,
  localPart: row.local_part ?? undefined,
  verdict: row.verdict,
})

/** What one batch brings for one address. */
interface Received {
  domain: string
  local_part: string
  prefix: string
  accepted: number
  refused: number
  last_sender: string
  last_seen_at: number
  last_refused_at: number | null
  creates: boolean
  /** By organisational domain. */
  senders: Map<string, Sent>
}

type WrittenAddress = Omit<Received, 'creates' | 'senders'>

interface CountRow {
  day: number
  domain: string
  prefix: string
  verdict: string
  count: number
}

export class Events {
  readonly #db: Database
  readonly #keepDecisions: number
  readonly #keepStrays: number
  readonly #straySlack: number
  /** New addresses since the strays were last counted; counting costs a walk over them. */
  #uncounted = Number.POSITIVE_INFINITY
  readonly #insertDecision: Statement<DecisionValues>
  readonly #range: Statement<[], { lowest: number | null; highest: number | null }>
  readonly #deleteDecisions: Statement<[from: number, through: number]>
  readonly #addCount: Statement<[CountRow]>
  readonly #updateAddress: Statement<[WrittenAddress], number>
  readonly #insertAddress: Statement<[WrittenAddress & { senders: string }]>
  readonly #senders: Senders
  readonly #deleteStrays: Statement<[{ keep: number; slice: number }]>
  readonly #counts: Statement<[{ from: number; through: number; owner: number | null }], CountRow>

  constructor(db: Database, { keepDecisions = 100_000, keepStrays = 50_000 }: Bounds) {
    this.#db = db
    this.#keepDecisions = Math.max(1, keepDecisions)
    this.#keepStrays = Math.max(1, keepStrays)
    this.#straySlack = Math.max(1, Math.floor(this.#keepStrays / 100))
    this.#insertDecision = db.prepare(`
      INSERT INTO decisions (at, day, queue_id, client, sender, recipient, domain, prefix, local_part, verdict)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    // Two sub-selects: each is one step in the tree, while min and max in one select read every row.
    this.#range = db.prepare(
      'SELECT (SELECT min(id) FROM decisions) AS lowest, (SELECT max(id) FROM decisions) AS highest',
    )
    this.#deleteDecisions = db.prepare('DELETE FROM decisions WHERE id BETWEEN ? AND ?')
    this.#addCount = db.prepare(`
      INSERT INTO daily_counts (day, domain, prefix, verdict, count)
      VALUES (:day, :domain, :prefix, :verdict, :count)
      ON CONFLICT (day, domain, prefix, verdict) DO UPDATE SET count = count + excluded.count`)
    this.#updateAddress = db
      .prepare<[WrittenAddress], number>(`
        UPDATE addresses SET accepted = accepted + :accepted, refused = refused + :refused,
          last_sender = :last_sender, last_seen_at = :last_seen_at,
          last_refused_at = coalesce(:last_refused_at, last_refused_at)
        WHERE domain_id = (SELECT id FROM domains WHERE name = :domain) AND local_part = :local_part
        RETURNING id`)
      .pluck()
    this.#senders = new Senders(db)
    // From the domain's row, so that mail for a domain removed meanwhile makes none.
    this.#insertAddress = db.prepare(`
      INSERT INTO addresses (domain_id, local_part, prefix, created_at, accepted, refused, last_sender,
        last_seen_at, last_refused_at, senders, by_person)
      SELECT id, :local_part, :prefix, :last_seen_at, :accepted, :refused, :last_sender, :last_seen_at,
        :last_refused_at, :senders, 0
      FROM domains WHERE name = :domain`)
    this.#deleteStrays = db.prepare(`
      DELETE FROM addresses WHERE id IN (
        SELECT id FROM addresses INDEXED BY stray_addresses WHERE by_person = 0 AND accepted = 0
        ORDER BY last_seen_at
        LIMIT min(:slice, max(0,
          (SELECT count(*) FROM addresses INDEXED BY stray_addresses WHERE by_person = 0 AND accepted = 0) - :keep)))`)
    this.#counts = db.prepare(`
      SELECT day, domain, prefix, verdict, count FROM daily_counts WHERE day BETWEEN :from AND :through
        AND (:owner IS NULL OR ${OWN_PREFIX})
      ORDER BY day, domain, prefix, verdict`)
  }

  /** Inside a transaction. */
  record(events: readonly MailEvent[]): void {
    for (const event of events) this.#insertDecision.run(...toValues(event))
    for (const count of countsOf(events)) this.#addCount.run(count)
    for (const { creates, senders, ...received } of receivedBy(events)) {
      const known = this.#updateAddress.get(received)
      if (known !== undefined) for (const sent of senders.values()) this.#senders.add(known, sent)
      else if (creates) this.#insert(received, [...senders.values()])
    }
    const slice = Math.max(SLICE, 2 * events.length)
    this.#pruneDecisions(slice)
    this.#pruneStrays(slice)
  }

  decisions(query: DecisionQuery = {}): readonly Decision[] {
    const conditions = [
      query.domain !== undefined && 'domain = :domain',
      query.prefix !== undefined && 'prefix = :prefix',
      query.localPart !== undefined && 'local_part = :localPart',
      query.verdict !== undefined && 'verdict IN (SELECT value FROM json_each(:verdicts))',
      query.before !== undefined && 'id < :before',
      query.after !== undefined && 'id > :after',
      query.owner !== undefined && OWN_PREFIX,
    ].filter((condition) => condition !== false)
    const order = query.after !== undefined && query.before === undefined ? 'ASC' : 'DESC'
    // Only a single address is found sooner by an index than by walking back from the newest.
    const walk = query.localPart === undefined ? 'NOT INDEXED' : ''
    return this.#db
      .prepare<DecisionQuery & { verdicts: string }, DecisionRow>(`
        SELECT * FROM decisions ${walk} WHERE ${conditions.join(' AND ') || 'TRUE'}
        ORDER BY id ${order} LIMIT :limit`)
      .all({ ...query, verdicts: JSON.stringify([query.verdict].flat()), limit: rowLimit(query.limit) })
      .map(toDecision)
  }

  dailyCounts(from: Day, through: Day, owner?: number): readonly DailyCount[] {
    return this.#counts
      .all({ from, through, owner: owner ?? null })
      .map((row) => ({ ...row, day: row.day as Day, domain: row.domain as DomainName }))
  }

  /** With its senders at once: each change of them would put it into the indexes anew. */
  #insert(received: WrittenAddress, senders: readonly Sent[]): void {
    const row = { ...received, senders: wordsOf(senders) }
    const { changes, lastInsertRowid } = this.#insertAddress.run(row)
    this.#uncounted += changes
    if (changes > 0) this.#senders.addFirst(Number(lastInsertRowid), senders)
  }

  /** Numbers follow each other without gaps, so the first and the last tell how many there are. */
  #pruneDecisions(slice: number): void {
    const { lowest, highest } = this.#range.get()!
    if (lowest === null || highest === null) return
    const excess = highest - lowest + 1 - this.#keepDecisions
    if (excess > 0) this.#deleteDecisions.run(lowest, lowest + Math.min(excess, slice) - 1)
  }

  #pruneStrays(slice: number): void {
    if (this.#uncounted < this.#straySlack) return
    const { changes } = this.#deleteStrays.run({ keep: this.#keepStrays, slice })
    // A full slice: there may be more, so the next batch goes on.
    this.#uncounted = changes < slice ? 0 : Number.POSITIVE_INFINITY
  }
}

// By position: it is done for each recipient, and finding ten names in an object takes as long as the insertion.
const toValues = (event: MailEvent): DecisionValues => [
  event.at,
  event.day,
  event.queueId,
  event.client,
  event.sender,
  event.recipient,
  event.domain,
  event.prefix ?? null,
  event.localPart ?? null,
  event.verdict,
]

function countsOf(events: readonly MailEvent[]): Iterable<CountRow> {
  const counts = new Map<string, CountRow>()
  for (const { day, domain, prefix = '', verdict } of events) {
    const key = `${day} ${domain} ${prefix} ${verdict}`
    const row = counts.get(key)
    if (row === undefined) counts.set(key, { day, domain, prefix, verdict, count: 1 })
    else row.count += 1
  }
  return counts.values()
}

function receivedBy(events: readonly MailEvent[]): Iterable<Received> {
  const received = new Map<string, Received>()
  for (const event of events) {
    if (event.localPart === undefined || event.prefix === undefined) continue
    const key = `${event.localPart}@${event.domain}`
    const row = received.get(key) ?? {
      domain: event.domain,
      local_part: event.localPart,
      prefix: event.prefix,
      accepted: 0,
      refused: 0,
      last_sender: '',
      last_seen_at: 0,
      last_refused_at: null,
      creates: false,
      senders: new Map<string, Sent>(),
    }
    const accepted = event.verdict === 'forward'
    if (accepted) row.accepted += 1
    else {
      row.refused += 1
      row.last_refused_at = event.at
    }
    addSender(row.senders, event, accepted)
    row.last_sender = event.sender
    row.last_seen_at = event.at
    row.creates ||= RECORDED.has(event.verdict)
    received.set(key, row)
  }
  return received.values()
}

function addSender(senders: Map<string, Sent>, { sender, at }: MailEvent, accepted: boolean): void {
  const domain = organisationOfSender(sender)
  const sent = senders.get(domain) ?? {
    domain,
    first_sender: sender,
    last_sender: sender,
    accepted: 0,
    refused: 0,
    first_at: at,
    last_at: at,
    last_refused_at: null,
  }
  sent.last_sender = sender
  sent.last_at = at
  if (accepted) sent.accepted += 1
  else {
    sent.refused += 1
    sent.last_refused_at = at
  }
  senders.set(domain, sent)
}
