// The addresses that have a record, as people look through them: by state, by who writes, as a file.

import { organisationOf } from '../address/index.ts'
import { Judge, type Judgement } from '../filter/judge.ts'
import type {
  AddressSearch,
  AddressSelection,
  AddressStanding,
  SenderRecord,
  Todays,
} from '../store/store.ts'
import { formatAddressFile, readAddressFile } from './address-file.ts'
import { type Answer, declined, granted } from './answer.ts'
import type { DeskParts } from './desk.ts'
import type { DomainService } from './domains.ts'
import { findAddress, nameOf } from './found-address.ts'
import type { PrefixService } from './prefixes.ts'
import { ReadAhead } from './read-ahead.ts'
import { recipientArgument } from './recipients.ts'

/** An address as the console shows it. */
export interface BookAddress extends AddressStanding {
  /** `local@domain` */
  readonly address: string
  /** It has a tag, and the tag is right. */
  readonly signed: boolean
  /**
   * Why it is refused whatever its dates say: its prefix is gone or disabled, or takes signed addresses only. A
   * sentence.
   */
  readonly barred: string | undefined
  /** Mail from another organisation than the site's: who was first. */
  readonly leak: Leak | undefined
}

export interface Leak {
  /** Organisational domain. */
  readonly to: string
  readonly sender: string
  /** Milliseconds since 1970. */
  readonly since: number
}

export interface BookPage {
  readonly total: number
  readonly counts: AddressSelection['counts']
  readonly rows: readonly BookAddress[]
}

/** An ended or revoked address that somebody still writes to. */
export interface TriedAddress extends BookAddress {
  /** Those whose mail was refused in the last 30 days, the latest first. */
  readonly senders: readonly SenderRecord[]
}

export interface BookWishes extends Omit<AddressSearch, 'today' | 'owner' | 'domain' | 'prefix'> {
  readonly domain?: string | undefined
  readonly prefix?: string | undefined
}

export interface ImportedAddresses {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
}

export interface BookParts extends DeskParts {
  readonly judge: Judge
  readonly domains: DomainService
  readonly prefixes: PrefixService
}

const RECENT = 30 * 86_400_000

export class AddressBookService {
  readonly #parts: BookParts

  constructor(parts: BookParts) {
    this.#parts = parts
  }

  async page(wishes: BookWishes = {}): Promise<Answer<BookPage>> {
    const search = await this.#search(wishes)
    if (!search.ok) return search
    const { total, counts, rows } = await this.#parts.store.addressPage(search.value)
    return granted({ total, counts, rows: await this.#inBook(rows) })
  }

  /** One address that has a record. */
  async show(text: string): Promise<Answer<BookAddress>> {
    const found = await findAddress(this.#parts, text)
    if (!found.ok) return found
    const { domain, localPart } = found.value.judged
    const shown = await this.record(domain.name, localPart)
    if (shown !== undefined) return granted(shown)
    return declined('not-found', `Nothing is on record about ${nameOf(found.value.judged)}.`, 'address')
  }

  /** Those tried last come first; `limit` is 100 unless told, `total` counts them all. */
  async stillTrying(
    wishes: Pick<BookWishes, 'limit' | 'offset'> = {},
  ): Promise<{ readonly total: number; readonly rows: readonly TriedAddress[] }> {
    const { store, clock, permission } = this.#parts
    const since = clock() - RECENT
    const search = { ...wishes, today: await this.#today(), owner: permission.owner }
    const { total, rows } = await store.stillTrying(search, since)
    const senders = await store.senders(rows.map(({ id }) => id))
    const book = await this.#inBook(rows, senders)
    return { total, rows: book.map((row) => ({ ...row, senders: trying(senders.get(row.id) ?? [], since) })) }
  }

  /** How many `stillTrying` would find. */
  async countTrying(): Promise<number> {
    const { store, clock, permission } = this.#parts
    return store.countTrying({ today: await this.#today(), owner: permission.owner }, clock() - RECENT)
  }

  /** CSV (RFC 4180) in pieces, with a header line; what a spreadsheet would compute begins with an apostrophe. */
  async exportCsv(wishes: BookWishes = {}): Promise<Answer<AsyncIterable<string>>> {
    const search = await this.#search(wishes)
    return search.ok ? granted(formatAddressFile(this.#parts.store.eachAddress(search.value))) : search
  }

  /**
   * Takes over what `exportCsv` writes: sites, notes, revocations and extensions. Columns may stand in any order, and all
   * but `address` may be missing. All of it or, with the number of the first bad line, nothing.
   */
  async importCsv(text: string): Promise<Answer<ImportedAddresses>> {
    const { store, clock, journal, domains } = this.#parts
    const ahead = await ReadAhead.of(store)
    const parts = { ...this.#parts, store: ahead, judge: new Judge(ahead, clock) }
    const entries = await readAddressFile(text, {
      expect: async (addresses) => {
        const recipients = []
        for (const address of addresses) recipients.push(await recipientArgument(address, undefined, domains))
        await ahead.read(recipients.flatMap((answer) => (answer.ok ? [answer.value] : [])))
      },
      find: (address) => findAddress(parts, address),
    })
    if (!entries.ok) return entries
    const imported = await store.importAddresses(entries.value, clock())
    if (imported === 'no-domain') return declined('not-found', 'A domain was removed meanwhile.', 'list')
    const { added, changed, unchanged } = imported
    await journal.note('addresses imported', `${entries.value.length}`, `${added} added, ${changed} changed`)
    return granted({ added, changed, unchanged })
  }

  /** As the console shows it; nothing without a record. The caller has checked that the actor may see it. */
  async record(domain: AddressStanding['domain'], localPart: string): Promise<BookAddress | undefined> {
    const standing = await this.#parts.store.addressStanding(await this.#today(), domain, localPart)
    return standing === undefined ? undefined : (await this.#inBook([standing]))[0]
  }

  async #search({ domain, prefix, ...wishes }: BookWishes): Promise<Answer<AddressSearch>> {
    const { permission, domains, prefixes } = this.#parts
    const today = await this.#today()
    const text = wishes.search === undefined ? {} : { search: withoutOurDomain(wishes.search, today) }
    const search = { ...wishes, ...text, today, owner: permission.owner }
    if (prefix !== undefined) {
      const found = await prefixes.find(prefix, domain)
      if (!found.ok) return found
      return granted({ ...search, domain: found.value.domain, prefix: found.value.name })
    }
    if (domain === undefined) return granted(search)
    const found = await domains.find(domain)
    return found.ok ? granted({ ...search, domain: found.value.name }) : found
  }

  async #today(): Promise<Todays> {
    const { store, judge, clock } = this.#parts
    const now = clock()
    const domains = await store.domains()
    return new Map(domains.map((domain) => [domain.name, judge.calendarOf(domain).today(now)]))
  }

  async #inBook(
    rows: readonly AddressStanding[],
    known?: ReadonlyMap<number, readonly SenderRecord[]>,
  ): Promise<readonly BookAddress[]> {
    const { store, judge } = this.#parts
    const ids = rows.filter(({ site }) => site !== '').map(({ id }) => id)
    const senders = known ?? (await store.senders(ids))
    const book: BookAddress[] = []
    for (const row of rows) {
      const address = `${row.localPart}@${row.domain}`
      const judgement = await judge.judge(`<${address}>`)
      book.push({
        ...row,
        address,
        signed: judgement.kind === 'address' && judgement.seal === 'right',
        barred: barrier(judgement),
        leak: leakOf(row.site, senders.get(row.id) ?? []),
      })
    }
    return book
  }
}

/** The first who wrote from elsewhere than the site's organisation. Bounces have no sender and prove nothing. */
function leakOf(site: string, senders: readonly SenderRecord[]): Leak | undefined {
  if (site === '') return undefined
  const own = organisationOf(site)
  const first = senders.find(({ domain }) => domain !== '' && domain !== own)
  return first && { to: first.domain, sender: first.firstSender, since: first.firstAt }
}

/** Records hold local parts: of a whole address, or one that is still being typed, our domain is left out. */
function withoutOurDomain(search: string, today: Todays): string {
  const [, localPart, domain] = /^([a-z]{2,16}\d{8}[^@]*)@(.*)$/i.exec(search.trim()) ?? []
  if (localPart === undefined || domain === undefined) return search
  const ours = [...today.keys()].some((name) => name.startsWith(domain.toLowerCase()))
  return ours ? localPart : search
}

function trying(senders: readonly SenderRecord[], since: number): readonly SenderRecord[] {
  return senders
    .filter(({ lastRefusedAt = 0 }) => lastRefusedAt >= since)
    .sort((one, other) => (other.lastRefusedAt ?? 0) - (one.lastRefusedAt ?? 0))
}

/** What stands against an address besides its dates and its owner's word. */
function barrier(judgement: Judgement): string | undefined {
  if (judgement.kind !== 'address')
    return 'It cannot be read any more: its domain takes shorter prefixes now.'
  const { decision, address } = judgement
  if (decision.kind === 'forward') return undefined
  switch (decision.because) {
    case 'no-such-prefix':
      return `The prefix ${address.prefix} is gone.`
    case 'prefix-disabled':
      return `The prefix ${address.prefix} is disabled.`
    case 'tag-missing':
      return `It is not sealed, and the prefix ${address.prefix} takes sealed addresses only.`
    case 'tag-wrong':
      return 'None of the keys made its seal.'
    default:
      return undefined
  }
}
