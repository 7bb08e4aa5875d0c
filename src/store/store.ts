// What timedelay keeps, and what can be done with it, in the words of the domain. No SQL here: `sqlite/` is the
// first engine. Every method is one unit of work: it happens whole or not at all, and needs no transaction around it.
// A refused request is an ordinary answer in the return type; an exception means that the engine itself failed. It is a
// `StoreError` where the engine knows why.

import type { Day, DomainName, Mailbox, PrefixName, TimeZone } from '../address/index.ts'
import type { AddressBook } from './address-book.ts'
import type { PeopleStore } from './people.ts'

export type * from './address-book.ts'
export type * from './people.ts'

/** A domain that is ours: every recipient in it is judged. */
export interface Domain {
  readonly id: number
  readonly name: DomainName
  /** The zone whose midnights bound its addresses. */
  readonly timeZone: TimeZone
  /** Where postmaster@ and abuse@ go; without it they pass untouched. */
  readonly postmaster: Mailbox | undefined
  /** Longest prefix in letters, 2 to 16. */
  readonly maxPrefixLength: number
  /** Grows with each change of the domain. */
  readonly revision: number
  readonly createdAt: number
}

/** Who an address belongs to. */
export interface Prefix {
  readonly id: number
  readonly domain: DomainName
  readonly name: PrefixName
  /** One or more; the order is the owner's. Never in one of our own domains. */
  readonly mailboxes: readonly Mailbox[]
  /** Days, 1 to 99: an address that claims more lives only this long. */
  readonly maxDays: number
  /** Days, 1 to `maxDays`: the lifetime of a new address when nobody says. */
  readonly defaultDays: number
  /** True: an address without a tag is refused. */
  readonly signed: boolean
  readonly enabled: boolean
  readonly note: string
  /** Number of the person who makes its addresses; nobody in particular without it. */
  readonly owner: number | undefined
  /** Grows with each change of the prefix or its mailboxes. */
  readonly revision: number
  readonly createdAt: number
}

export interface SigningKey {
  /** The kid of the key derivation: '1', '2', ... */
  readonly id: string
  /** 32 bytes. Never shown, never logged. */
  readonly secret: Buffer
  readonly createdAt: number
}

/** An address that somebody named, revoked or extended, or that mail arrived for. Most addresses have no record. */
export interface AddressRecord {
  readonly domain: DomainName
  /** Canonical: lower case, `o`, `i` and `l` of the tag respelled. */
  readonly localPart: string
  readonly prefix: PrefixName
  readonly note: string
  /** Host name that the address was made for, or ''. */
  readonly site: string
  readonly createdAt: number
  readonly revokedAt: number | undefined
  /** Last day on which it works although its own days are over. */
  readonly extendedThrough: Day | undefined
  /** Messages accepted at end of message, and recipients refused. */
  readonly accepted: number
  readonly refused: number
  readonly lastSender: string
  readonly lastSeenAt: number | undefined
}

/** Everything about one recipient that `decide` must know besides the settings. */
export interface RecipientFacts {
  readonly prefix: Prefix | undefined
  readonly revoked: boolean
  readonly extendedThrough: Day | undefined
}

/** What the mail path holds in memory. The same object is returned until somebody changes something in it. */
export interface Settings {
  readonly domains: ReadonlyMap<DomainName, Domain>
  /** Newest first: the first signs; all of them verify. At most two. */
  readonly keys: readonly SigningKey[]
}

/** One verdict about one recipient, as it happened. */
export interface MailEvent {
  readonly at: number
  /** The day in the domain's zone, for the daily counts. */
  readonly day: Day
  /** The MTA's name for the message, or '' when it had none yet. */
  readonly queueId: string
  readonly client: string
  readonly sender: string
  /** As the client wrote it, at most 320 characters. */
  readonly recipient: string
  readonly domain: DomainName
  readonly prefix: PrefixName | undefined
  /** Canonical local part when the address is genuine: its prefix exists and its tag, if any, is right. */
  readonly localPart: string | undefined
  /** The verdict's name: 'forward', 'expired', ... */
  readonly verdict: string
}

export interface Decision extends MailEvent {
  readonly id: number
}

export interface DailyCount {
  readonly day: Day
  readonly domain: DomainName
  /** '' where no known prefix was named. */
  readonly prefix: string
  readonly verdict: string
  readonly count: number
}

export type NewDomain = Omit<Domain, 'id' | 'createdAt' | 'revision'>
export type NewPrefix = Omit<Prefix, 'id' | 'createdAt' | 'owner' | 'revision'> &
  Partial<Pick<Prefix, 'owner'>>
export type DomainChange = Partial<Omit<NewDomain, 'name'>>
/** `owner: undefined` leaves it to nobody. */
export type PrefixChange = Partial<Omit<NewPrefix, 'domain' | 'name' | 'owner'>> & {
  readonly owner?: number | undefined
}

/** A target would lie in one of our own domains: mail to it would come back to us for ever. */
export interface Loop {
  readonly kind: 'loop'
  readonly mailbox: Mailbox
}

export interface AddressQuery {
  /** Number of a person: only addresses of prefixes that are theirs. */
  readonly owner?: number
  readonly domain?: DomainName
  readonly prefix?: PrefixName
  /** Part of the local part, note or site. */
  readonly search?: string
  /** Rows, 1 to 1000; 100 unless told. */
  readonly limit?: number
  readonly offset?: number
}

export interface DecisionQuery {
  readonly domain?: DomainName
  readonly prefix?: PrefixName
  /** A verdict's name, or several of which any will do. */
  readonly verdict?: string | readonly string[]
  /** Number of a person: only what concerns prefixes that are theirs. */
  readonly owner?: number
  /** Canonical local part of a genuine address; together with `domain`. */
  readonly localPart?: string
  /** Only decisions older than that number, or newer. */
  readonly before?: number
  readonly after?: number
  /** Rows, 1 to 1000; 100 unless told. Newest first; with `after` alone the oldest of the newer ones, oldest first. */
  readonly limit?: number
}

export interface StoreHealth {
  /** Empty when the engine finds nothing wrong with its files. */
  readonly faults: readonly string[]
  readonly schemaVersion: number
  readonly bytes: number
}

/** Why an engine failed. */
export type StoreFault =
  /** No database there. */
  | 'missing'
  /** The path or its directory cannot be used. */
  | 'unreachable'
  /** Something else than a database of this program. */
  | 'not-a-database'
  | 'corrupt'
  /** Its schema is newer than the program, older than it where it may not be upgraded, or made by changed files. */
  | 'schema'
  | 'locked'
  | 'full'
  | 'read-only'
  | 'failed'

/** The engine failed. The message is one sentence for the terminal: what is wrong and what to do. */
export class StoreError extends Error {
  readonly fault: StoreFault

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StoreError'
    this.fault = fault
  }
}

/**
 * An answer at once where the engine has it at hand, else a promise: a promise for each recipient is a good part of what
 * one costs. Whoever gives one never throws; a failure is a rejected promise.
 */
export type Awaitable<T> = T | Promise<T>

/** What judging a recipient needs: quick, and never waiting for a writer. */
export interface MailStore {
  settings(): Awaitable<Settings>
  facts(domain: Domain, prefix: PrefixName, localPart: string): Awaitable<RecipientFacts>
}

export interface Store extends MailStore, PeopleStore, AddressBook {
  // ---- what mail leaves behind ----
  /**
   * Adds decisions, daily counts and what genuine addresses received; forgets the oldest beyond the bounds. Mail makes
   * an address record only by the verdicts 'forward' (the one that counts as accepted), 'expired' and 'revoked'.
   */
  record(events: readonly MailEvent[]): Promise<void>
  decisions(query?: DecisionQuery): Promise<readonly Decision[]>
  /** `owner`: only those of prefixes that are that person's. */
  dailyCounts(from: Day, through: Day, owner?: number): Promise<readonly DailyCount[]>

  // ---- domains ----
  domains(): Promise<readonly Domain[]>
  /** A loop: a prefix or a postmaster already forwards into the new domain, or its own postmaster lies in ours. */
  addDomain(domain: NewDomain, at: number): Promise<'added' | 'taken' | Loop>
  /** With `revision`, only the domain as it stood at that number: 'stale' when somebody else changed it meanwhile. */
  changeDomain(
    name: DomainName,
    change: DomainChange,
    revision?: number,
  ): Promise<'changed' | 'not-found' | 'stale' | Loop>
  /** Its address records go with it; its decisions and counts stay. 'in-use': prefixes still belong to it. */
  removeDomain(name: DomainName): Promise<'removed' | 'not-found' | 'in-use'>

  // ---- prefixes ----
  prefixes(domain?: DomainName): Promise<readonly Prefix[]>
  findPrefix(domain: DomainName, name: PrefixName): Promise<Prefix | undefined>
  addPrefix(prefix: NewPrefix, at: number): Promise<'added' | 'taken' | 'no-domain' | Loop>
  /** With `revision`, only the prefix as it stood at that number: 'stale' when somebody else changed it meanwhile. */
  changePrefix(
    domain: DomainName,
    name: PrefixName,
    change: PrefixChange,
    revision?: number,
  ): Promise<'changed' | 'not-found' | 'stale' | Loop>
  /** Its address records stay: what was revoked is still revoked when the prefix comes back. */
  removePrefix(domain: DomainName, name: PrefixName): Promise<'removed' | 'not-found'>
  /**
   * Adds those that are new and gives those that exist the mailboxes of the list; all of them or, on a loop, none.
   * `changed` counts those that had other mailboxes before, `unchanged` those that had the same.
   */
  importPrefixes(
    prefixes: readonly NewPrefix[],
    at: number,
  ): Promise<
    | {
        readonly kind: 'imported'
        readonly added: number
        readonly changed: number
        readonly unchanged: number
      }
    | 'no-domain'
    | Loop
  >

  // ---- addresses ----
  findAddress(domain: DomainName, localPart: string): Promise<AddressRecord | undefined>
  /** Newest record first; `total` counts the rows without limit and offset. */
  addresses(
    query?: AddressQuery,
  ): Promise<{ readonly total: number; readonly rows: readonly AddressRecord[] }>
  /** Creates the record if there is none; fields that are left out stay as they are. `revokedAt: undefined` restores. */
  saveAddress(
    address: { readonly domain: DomainName; readonly localPart: string; readonly prefix: PrefixName },
    change: {
      readonly note?: string
      readonly site?: string
      readonly revokedAt?: number | undefined
      readonly extendedThrough?: Day | undefined
    },
    at: number,
  ): Promise<AddressRecord | 'no-domain'>

  // ---- signing keys ----
  /** Makes `secret` the signing key. The key before it goes on verifying, the one before that no longer does. */
  rotateKey(secret: Buffer, at: number): Promise<SigningKey>

  // ---- the engine ----
  /** `thorough` reads the whole database, which takes seconds on a large one. */
  health(thorough?: boolean): Promise<StoreHealth>
  /** Takes the write lock and gives it back. Rejects when nothing could be written now. */
  checkWritable(): Promise<void>
  /** Writes a consistent copy, mode 0600, while others read and write. Refuses a file that exists. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

/** Where the mail path leaves its events. Never throws, never waits, and holds a bounded number of them. */
export interface EventRecorder {
  record(event: MailEvent): void
  /** Resolves when everything recorded so far is stored, or could not be within the deadline (milliseconds). */
  close(deadline: number): Promise<void>
}
