// Addresses: made, explained, listed, withdrawn, prolonged, annotated.

import { type Day, formatDay } from '../address/index.ts'
import type { Decision } from '../filter/decide.ts'
import type { AddressQuery, AddressRecord } from '../store/store.ts'
import { type Answer, declined, described, granted } from './answer.ts'
import { type ExplainWishes, type Explanation, explainAddress } from './explain.ts'
import { type ConsoleExplainParts, type ConsoleExplanation, explainRecipients } from './explain-console.ts'
import { type Found, findAddress, lastDayOf, nameOf } from './found-address.ts'
import { readNote } from './inputs.ts'
import {
  type IssuedAddress,
  type IssueParts,
  type IssueWishes,
  issueAddress,
  issueAddresses,
  planAddresses,
  readDay,
  readSiteOrNone,
} from './issue.ts'

const MOST_ROWS = 1000

export interface AddressPage {
  /** All that match, also beyond `limit`. */
  readonly total: number
  readonly rows: readonly ListedAddress[]
}

/** A record, and whether the address works at the moment. */
export interface ListedAddress extends AddressRecord {
  /** Nothing when it can no longer be read: its domain's rules were changed. */
  readonly decision: Decision | undefined
  /** First and last day by its own date and days. */
  readonly firstDay: Day | undefined
  readonly lastDay: Day | undefined
}

export interface ListWishes extends Omit<AddressQuery, 'domain' | 'prefix'> {
  readonly domain?: string | undefined
  readonly prefix?: string | undefined
}

/** What became of an address. */
export interface Kept {
  readonly record: AddressRecord
  /** False: it was so before. */
  readonly changed: boolean
}

export class AddressService {
  readonly #parts: ConsoleExplainParts

  constructor(parts: ConsoleExplainParts) {
    this.#parts = parts
  }

  issue(wishes: IssueWishes): Promise<Answer<IssuedAddress>> {
    return issueAddress(this.#parts, wishes)
  }

  /** Several that differ by their salt, as `wishes.count` says; those with a site or a note are kept, all or none. */
  issueSeveral(wishes: IssueWishes): Promise<Answer<readonly IssuedAddress[]>> {
    return issueAddresses(this.#parts, wishes)
  }

  /** What `issueSeveral` would make; nothing is stored. */
  preview(wishes: IssueWishes): Promise<Answer<readonly IssuedAddress[]>> {
    return planAddresses(this.#parts, wishes)
  }

  /** What an address means and what would become of mail to it. Any recipient may be asked about. */
  explain(text: string, wishes: ExplainWishes = {}): Promise<Answer<Explanation>> {
    return explainAddress(this.#parts, text, wishes)
  }

  /** Every recipient in a text: one address, or a whole To: header with names, groups and folded lines. */
  explainText(text: string): Promise<Answer<readonly ConsoleExplanation[]>> {
    return explainRecipients(this.#parts, text)
  }

  /** Addresses with a record: named, revoked, extended, or mail came for them. Newest first. */
  async list({ domain, prefix, ...query }: ListWishes = {}): Promise<Answer<AddressPage>> {
    const { limit = 100, offset = 0 } = query
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) {
      return declined(
        'invalid',
        `At most ${MOST_ROWS} addresses can be listed at once, and at least 1.`,
        'limit',
      )
    }
    if (!Number.isInteger(offset) || offset < 0) {
      return declined('invalid', 'The number of addresses to leave out cannot be negative.', 'offset')
    }
    const narrowed = await this.#narrow(domain, prefix)
    if (!narrowed.ok) return narrowed
    const { store, permission } = this.#parts
    const own = permission.owner === undefined ? {} : { owner: permission.owner }
    const { total, rows } = await store.addresses({ ...query, ...narrowed.value, ...own })
    const listed: ListedAddress[] = []
    for (const row of rows) listed.push(await this.#listed(row))
    return granted({ total, rows: listed })
  }

  /** From now on it is refused, whatever its dates say. */
  async revoke(text: string, domainName?: string): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const { record } = found.value
    if (record?.revokedAt !== undefined) return granted({ record, changed: false })
    return this.#save('address revoked', found.value, { revokedAt: this.#parts.clock() })
  }

  /** Takes a revocation back. */
  async restore(text: string, domainName?: string): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const { record, judged } = found.value
    if (record === undefined) return declined('not-found', `${nameOf(judged)} was never revoked.`, 'address')
    if (record.revokedAt === undefined) return granted({ record, changed: false })
    return this.#save('address restored', found.value, { revokedAt: undefined })
  }

  /** Lets it work through `until`, YYYY-MM-DD, that day included, beyond its own days and the prefix's maximum. */
  async extend(text: string, until: string, domainName?: string): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const day = readDay(until, 'until', 0 as Day)
    if (!day.ok) return day
    const { judged, record } = found.value
    if (day.value < judged.today) {
      const message = `${formatDay(day.value)} is over already. To stop the address at once, revoke it.`
      return declined('invalid', message, 'until')
    }
    const last = lastDayOf(judged)
    if (day.value > last) return this.#save('address extended', found.value, { extendedThrough: day.value })
    if (record?.extendedThrough !== undefined)
      return this.#save('extension taken back', found.value, { extendedThrough: undefined })
    return declined('conflict', `It works through ${formatDay(last)} anyway. Choose a later day.`, 'until')
  }

  /** An empty note takes the old one away. */
  note(text: string, note: string, domainName?: string): Promise<Answer<Kept>> {
    return this.annotate(text, { note }, domainName)
  }

  /** Gives it a site or a note; '' takes one away. */
  async annotate(
    text: string,
    change: { readonly note?: string | undefined; readonly site?: string | undefined },
    domainName?: string,
  ): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const note = change.note === undefined ? undefined : readNote(change.note)
    if (note?.ok === false) return note
    const site = change.site === undefined ? undefined : readSiteOrNone(change.site)
    if (site?.ok === false) return site
    return this.#save('address named', found.value, {
      ...(note === undefined ? {} : { note: note.value }),
      ...(site === undefined ? {} : { site: site.value }),
    })
  }

  /** A genuine address, or one that was genuine when its record was made. Guesses are not to fill the store. */
  #find(text: string, domainName: string | undefined): Promise<Answer<Found>> {
    return findAddress(this.#parts, text, domainName)
  }

  async #save(
    action: string,
    { judged, record }: Found,
    change: Parameters<IssueParts['store']['saveAddress']>[1],
  ): Promise<Answer<Kept>> {
    const { store, clock, journal } = this.#parts
    const { domain, localPart, address } = judged
    const saved = await store.saveAddress(
      { domain: domain.name, localPart, prefix: record?.prefix ?? address.prefix },
      change,
      clock(),
    )
    if (saved === 'no-domain') return declined('not-found', `${domain.name} was removed meanwhile.`, 'domain')
    await journal.note(action, nameOf(judged), detailOf(change))
    return granted({ record: saved, changed: true })
  }

  async #narrow(domain: string | undefined, prefix: string | undefined): Promise<Answer<AddressQuery>> {
    if (prefix !== undefined) {
      const found = await this.#parts.prefixes.find(prefix, domain)
      return found.ok ? granted({ domain: found.value.domain, prefix: found.value.name }) : found
    }
    if (domain === undefined) return granted({})
    const found = await this.#parts.domains.find(domain)
    return found.ok ? granted({ domain: found.value.name }) : found
  }

  async #listed(record: AddressRecord): Promise<ListedAddress> {
    const judged = await this.#parts.judge.judge(`<${record.localPart}@${record.domain}>`)
    if (judged.kind !== 'address') {
      return { ...record, decision: undefined, firstDay: undefined, lastDay: undefined }
    }
    return {
      ...record,
      decision: judged.decision,
      firstDay: judged.address.issued,
      lastDay: lastDayOf(judged),
    }
  }
}

/** What changed, for the list of changes. */
function detailOf({
  note,
  site,
  extendedThrough,
}: Parameters<IssueParts['store']['saveAddress']>[1]): string {
  const until = extendedThrough === undefined ? undefined : formatDay(extendedThrough)
  return described({ note, site, through: until })
}
