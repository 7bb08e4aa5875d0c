// Addresses: made, explained, listed, withdrawn, prolonged, annotated.

import { addDays, type Day, formatDay, lifetimeOf } from '../address/index.ts'
import type { Decision } from '../filter/decide.ts'
import { isGenuine, type Judged } from '../filter/judge.ts'
import type { AddressQuery, AddressRecord } from '../store/store.ts'
import { type Answer, declined, granted } from './answer.ts'
import { type ExplainParts, type ExplainWishes, type Explanation, explainAddress } from './explain.ts'
import type { ConsoleExplanation } from './explain-console.ts'
import { readNote } from './inputs.ts'
import { type IssuedAddress, type IssueParts, type IssueWishes, issueAddress, readDay } from './issue.ts'
import { ownAddress, recipientArgument } from './recipients.ts'

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
  readonly #parts: ExplainParts

  constructor(parts: ExplainParts) {
    this.#parts = parts
  }

  issue(wishes: IssueWishes): Promise<Answer<IssuedAddress>> {
    return issueAddress(this.#parts, wishes)
  }

  /** What an address means and what would become of mail to it. Any recipient may be asked about. */
  explain(text: string, wishes: ExplainWishes = {}): Promise<Answer<Explanation>> {
    return explainAddress(this.#parts, text, wishes)
  }

  /** Several that differ by their salt, as `wishes.count` says; those with a site or a note are kept, all or none. */
  issueSeveral(_wishes: IssueWishes): Promise<Answer<readonly IssuedAddress[]>> {
    throw new Error('not built yet')
  }

  /** What `issueSeveral` would make; nothing is stored. */
  preview(_wishes: IssueWishes): Promise<Answer<readonly IssuedAddress[]>> {
    throw new Error('not built yet')
  }

  /** Every recipient in a text: one address, or a whole To: header with names, groups and folded lines. */
  explainText(_text: string): Promise<Answer<readonly ConsoleExplanation[]>> {
    throw new Error('not built yet')
  }

  /** Gives it a site or a note; '' takes one away. */
  annotate(
    _text: string,
    _change: { readonly note?: string | undefined; readonly site?: string | undefined },
    _domainName?: string,
  ): Promise<Answer<Kept>> {
    throw new Error('not built yet')
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
    const { total, rows } = await this.#parts.store.addresses({ ...query, ...narrowed.value })
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
    return this.#save(found.value, { revokedAt: this.#parts.clock() })
  }

  /** Takes a revocation back. */
  async restore(text: string, domainName?: string): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const { record, judged } = found.value
    if (record === undefined) return declined('not-found', `${nameOf(judged)} was never revoked.`, 'address')
    if (record.revokedAt === undefined) return granted({ record, changed: false })
    return this.#save(found.value, { revokedAt: undefined })
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
    if (day.value > last) return this.#save(found.value, { extendedThrough: day.value })
    if (record?.extendedThrough !== undefined) return this.#save(found.value, { extendedThrough: undefined })
    return declined('conflict', `It works through ${formatDay(last)} anyway. Choose a later day.`, 'until')
  }

  /** An empty note takes the old one away. */
  async note(text: string, note: string, domainName?: string): Promise<Answer<Kept>> {
    const found = await this.#find(text, domainName)
    if (!found.ok) return found
    const checked = readNote(note)
    return checked.ok ? this.#save(found.value, { note: checked.value }) : checked
  }

  /** A genuine address, or one that was genuine when its record was made. Guesses are not to fill the store. */
  async #find(text: string, domainName: string | undefined): Promise<Answer<Found>> {
    const { domains, judge, store } = this.#parts
    const argument = await recipientArgument(text, domainName, domains)
    if (!argument.ok) return argument
    const own = ownAddress(argument.value, await judge.judge(argument.value))
    if (!own.ok) return own
    const judged = own.value
    const record = await store.findAddress(judged.domain.name, judged.localPart)
    if (judged.facts.prefix !== undefined && (record !== undefined || isGenuine(judged))) {
      return granted({ judged, record })
    }
    return declined('not-found', strangeness(judged), 'address')
  }

  async #save(
    { judged, record }: Found,
    change: Parameters<IssueParts['store']['saveAddress']>[1],
  ): Promise<Answer<Kept>> {
    const { store, clock } = this.#parts
    const { domain, localPart, address } = judged
    const saved = await store.saveAddress(
      { domain: domain.name, localPart, prefix: record?.prefix ?? address.prefix },
      change,
      clock(),
    )
    if (saved === 'no-domain') return declined('not-found', `${domain.name} was removed meanwhile.`, 'domain')
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

interface Found {
  readonly judged: Judged
  readonly record: AddressRecord | undefined
}

function nameOf({ localPart, domain }: Judged): string {
  return `${localPart}@${domain.name}`
}

/** By its own date and days, capped as the prefix says. */
function lastDayOf({ address, facts }: Judged): Day {
  return addDays(lifetimeOf(address, facts.prefix?.maxDays ?? address.days).end, -1)
}

function strangeness(judged: Judged): string {
  const { address, seal, facts, domain } = judged
  if (facts.prefix === undefined) return `There is no prefix "${address.prefix}" in ${domain.name}.`
  if (seal === 'wrong') return `The tag of ${nameOf(judged)} is wrong: it is refused as unknown anyway.`
  return `The prefix ${facts.prefix.name} takes signed addresses only: ${nameOf(judged)} is refused as unknown anyway.`
}
