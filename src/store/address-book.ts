// The addresses that have a record, as the console shows them: by state, by who writes to them, by whose they are.

import type { Day, DomainName, PrefixName } from '../address/index.ts'
import type { AddressRecord } from './store.ts'

/**
 * By its dates and its owner's word. 'soon': works, with 7 days or fewer left, today included. 'waiting': has not
 * begun. Whether its prefix is enabled is another question.
 */
export type AddressState = 'works' | 'soon' | 'ended' | 'revoked' | 'waiting'

/** Besides the states: addresses that another organisation than their site's wrote to, in whatever state. */
export type AddressFilter = AddressState | 'leaked'

/**
 * 'ends' is the order of the console: what ends next first, then what waits, what ended (latest first), what was revoked.
 * 'created' is when the record was made.
 */
export type AddressSort = 'ends' | 'site' | 'address' | 'accepted' | 'refused' | 'seen' | 'created'

/** Today in the zone of each domain of ours. */
export type Todays = ReadonlyMap<DomainName, Day>

export interface AddressSearch {
  readonly today: Todays
  /** Number of a person: only addresses of prefixes that are theirs. */
  readonly owner?: number | undefined
  readonly domain?: DomainName | undefined
  readonly prefix?: PrefixName | undefined
  /** Part of site, note, last sender or address, in any case. */
  readonly search?: string | undefined
  readonly state?: AddressFilter | undefined
  /**
   * True: what is accepted today or will be: neither ended nor revoked, its prefix enabled, and with a tag where the
   * prefix demands one. False: the rest. Whether a tag is right is not looked at.
   */
  readonly active?: boolean | undefined
  /** 'ends' unless told. */
  readonly sort?: AddressSort | undefined
  /** Unless told: 'up' for ends, site and address, 'down' for the rest. */
  readonly order?: 'up' | 'down' | undefined
  /** Rows, 1 to 1000; 100 unless told. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** A record and how it stands today. */
export interface AddressStanding extends AddressRecord {
  readonly id: number
  readonly state: AddressState
  readonly firstDay: Day
  /** Last day by its own date and days, capped at the prefix's maximum; the day before `firstDay` for 00 days. */
  readonly lastDay: Day
  /** Today included; 0 unless it works. */
  readonly daysLeft: number
}

export interface AddressSelection {
  /** Rows that match, also beyond `limit`. */
  readonly total: number
  /** The same search in all states. */
  readonly counts: Readonly<Record<AddressFilter | 'all', number>>
  readonly rows: readonly AddressStanding[]
}

/** What one organisation sent to one address. */
export interface SenderRecord {
  /** Organisational domain; '' for the null sender. */
  readonly domain: string
  readonly firstSender: string
  readonly lastSender: string
  readonly accepted: number
  readonly refused: number
  readonly firstAt: number
  readonly lastAt: number
  readonly lastRefusedAt: number | undefined
}

/** What an import makes of one address. A member that is left out stays as it is. */
export interface AddressEntry {
  readonly domain: DomainName
  readonly localPart: string
  readonly prefix: PrefixName
  readonly site?: string
  readonly note?: string
  readonly revokedAt?: number | undefined
  readonly extendedThrough?: Day | undefined
}

export interface AddressBook {
  addressPage(search: AddressSearch): Promise<AddressSelection>
  /** One address that has a record. */
  addressStanding(today: Todays, domain: DomainName, localPart: string): Promise<AddressStanding | undefined>
  /** All rows of a search, in its order, in slices: for an export that need not fit in memory. */
  eachAddress(search: AddressSearch): AsyncIterable<readonly AddressStanding[]>
  /** The records of these local parts, as far as there are any. */
  findAddresses(
    domain: DomainName,
    localParts: readonly string[],
  ): Promise<ReadonlyMap<string, AddressRecord>>
  /** Ended or revoked addresses that refused mail since `since`: those tried last come first. */
  stillTrying(
    search: Pick<AddressSearch, 'today' | 'owner' | 'limit' | 'offset'>,
    since: number,
  ): Promise<{ readonly total: number; readonly rows: readonly AddressStanding[] }>
  /** How many `stillTrying` would find. */
  countTrying(search: Pick<AddressSearch, 'today' | 'owner'>, since: number): Promise<number>
  /** Who wrote to these addresses, by the number of the address; who came first stands first. */
  senders(addressIds: readonly number[]): Promise<ReadonlyMap<number, readonly SenderRecord[]>>
  /** All of them or, when a domain is not ours, none. */
  importAddresses(
    entries: readonly AddressEntry[],
    at: number,
  ): Promise<{ readonly added: number; readonly changed: number; readonly unchanged: number } | 'no-domain'>
}
