// The Store on SQLite. Each public method is one unit of work: it opens the transaction, the table classes do the work
// in it. better-sqlite3 is synchronous, so a method has done its work before its promise is returned. Above 300 lines because
// the contract has as many methods; none of them decides anything.

import type { Database } from 'better-sqlite3'
import type { Day, DomainName, PrefixName } from '../../address/index.ts'
import type * as contract from '../store.ts'
import { StoreError } from '../store.ts'
import { examine, writeBackup } from './backup.ts'
import { type Connection, databasePath, openConnection, type SqliteOptions } from './connection.ts'
import { emptied, missing, toStoreError } from './errors.ts'
import type { FileState } from './file.ts'

/** Rows that an export reads at once. */
const EXPORT_SLICE = 500

/**
 * Opens the database `file`, an absolute or relative path or ':memory:'. The door 'people' makes it first where it is
 * missing, with its first signing key, and brings its schema up to date. Throws a `StoreError`.
 */
export function openSqliteStore(file: string, options: SqliteOptions = {}): SqliteStore {
  return new SqliteStore(file, options)
}

export class SqliteStore implements contract.Store {
  readonly #path: string
  readonly #options: SqliteOptions
  /** The mail path does not ask for the state of the file at each recipient: `LiveStore` does, once a second. */
  readonly #watched: boolean
  #connection: Connection
  /** Set while the database is not there to be used; every call is answered with it. */
  #outage: StoreError | undefined
  /** The engine failed in a way that opening the file again may cure. */
  #suspect = false

  constructor(file: string, options: SqliteOptions) {
    this.#path = databasePath(file)
    this.#options = options
    this.#watched = options.door === 'mail'
    this.#connection = openConnection(this.#path, options)
  }

  // ---- the mail path ----

  settings(): contract.Awaitable<contract.Settings> {
    try {
      return this.#read(({ mailPath }) => mailPath.settings())
    } catch (error) {
      return Promise.reject(error)
    }
  }

  facts(
    domain: contract.Domain,
    prefix: PrefixName,
    localPart: string,
  ): contract.Awaitable<contract.RecipientFacts> {
    try {
      return this.#read(({ mailPath }) => mailPath.facts(domain, prefix, localPart))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  // ---- what mail leaves behind ----

  async record(received: readonly contract.MailEvent[]): Promise<void> {
    if (received.length > 0) this.#write(({ events }) => events.record(received))
  }

  async decisions(query?: contract.DecisionQuery): Promise<readonly contract.Decision[]> {
    return this.#read(({ events }) => events.decisions(query))
  }

  async dailyCounts(from: Day, through: Day, owner?: number): Promise<readonly contract.DailyCount[]> {
    return this.#read(({ events }) => events.dailyCounts(from, through, owner))
  }

  // ---- domains ----

  async domains(): Promise<readonly contract.Domain[]> {
    return this.#read(({ domains }) => domains.all())
  }

  async addDomain(domain: contract.NewDomain, at: number): Promise<'added' | 'taken' | contract.Loop> {
    return this.#write(({ domains }) => domains.add(domain, at))
  }

  async changeDomain(
    ...[name, change, revision]: Parameters<contract.Store['changeDomain']>
  ): ReturnType<contract.Store['changeDomain']> {
    return this.#write(({ domains }) => domains.change(name, change, revision))
  }

  async removeDomain(name: DomainName): Promise<'removed' | 'not-found' | 'in-use'> {
    return this.#write(({ domains }) => domains.remove(name))
  }

  // ---- prefixes ----

  async prefixes(domain?: DomainName): Promise<readonly contract.Prefix[]> {
    return this.#read(({ prefixes }) => prefixes.all(domain))
  }

  async findPrefix(domain: DomainName, name: PrefixName): Promise<contract.Prefix | undefined> {
    return this.#read(({ prefixes }) => prefixes.find(domain, name))
  }

  async addPrefix(
    prefix: contract.NewPrefix,
    at: number,
  ): Promise<'added' | 'taken' | 'no-domain' | contract.Loop> {
    return this.#write(({ prefixes }) => prefixes.add(prefix, at))
  }

  async changePrefix(
    ...[domain, name, change, revision]: Parameters<contract.Store['changePrefix']>
  ): ReturnType<contract.Store['changePrefix']> {
    return this.#write(({ prefixes }) => prefixes.change(domain, name, change, revision))
  }

  async removePrefix(domain: DomainName, name: PrefixName): Promise<'removed' | 'not-found'> {
    return this.#write(({ prefixes }) => prefixes.remove(domain, name))
  }

  async importPrefixes(
    list: readonly contract.NewPrefix[],
    at: number,
  ): ReturnType<contract.Store['importPrefixes']> {
    return this.#write(({ prefixes }) => prefixes.importAll(list, at))
  }

  // ---- addresses ----

  async findAddress(domain: DomainName, localPart: string): Promise<contract.AddressRecord | undefined> {
    return this.#read(({ addresses }) => addresses.find(domain, localPart))
  }

  async findAddresses(
    ...[domain, localParts]: Parameters<contract.Store['findAddresses']>
  ): ReturnType<contract.Store['findAddresses']> {
    return this.#read(({ addresses }) => addresses.findAll(domain, localParts))
  }

  async addresses(query?: contract.AddressQuery): ReturnType<contract.Store['addresses']> {
    return this.#read(({ addresses, db }) => db.transaction(() => addresses.list(query))())
  }

  async saveAddress(
    ...[address, change, at]: Parameters<contract.Store['saveAddress']>
  ): Promise<contract.AddressRecord | 'no-domain'> {
    return this.#write(({ addresses }) => addresses.save(address, change, at))
  }

  async addressPage(search: contract.AddressSearch): Promise<contract.AddressSelection> {
    return this.#read(({ book, db }) => db.transaction(() => book.page(search))())
  }

  async addressStanding(
    ...[today, domain, localPart]: Parameters<contract.Store['addressStanding']>
  ): Promise<contract.AddressStanding | undefined> {
    return this.#read(({ book }) => book.find(today, domain, localPart))
  }

  async *eachAddress(search: contract.AddressSearch): AsyncGenerator<readonly contract.AddressStanding[]> {
    const ids = this.#read(({ book }) => book.chosen(search))
    for (let at = 0; at < ids.length; at += EXPORT_SLICE) {
      yield this.#read(({ book }) => book.slice(search, ids.slice(at, at + EXPORT_SLICE)))
    }
  }

  async stillTrying(
    ...[search, since]: Parameters<contract.Store['stillTrying']>
  ): ReturnType<contract.Store['stillTrying']> {
    return this.#read(({ book, db }) => db.transaction(() => book.stillTrying(search, since))())
  }

  async countTrying(...[search, since]: Parameters<contract.Store['countTrying']>): Promise<number> {
    return this.#read(({ book }) => book.countTrying(search, since))
  }

  async senders(ids: readonly number[]): ReturnType<contract.Store['senders']> {
    return this.#read(({ book, db }) => db.transaction(() => book.senders(ids))())
  }

  async importAddresses(
    entries: readonly contract.AddressEntry[],
    at: number,
  ): ReturnType<contract.Store['importAddresses']> {
    return this.#write(({ book }) => book.importAll(entries, at))
  }

  // ---- people ----

  async people(): Promise<readonly contract.Person[]> {
    return this.#read(({ people }) => people.all())
  }

  async findPerson(who: string | number): Promise<contract.KnownPerson | undefined> {
    return this.#read(({ people }) => people.find(who))
  }

  async addPerson(person: contract.NewPerson, at: number): Promise<'added' | 'taken'> {
    return this.#write(({ people }) => people.add(person, at))
  }

  async changePerson(
    ...[id, change, keepSession, revision]: Parameters<contract.Store['changePerson']>
  ): ReturnType<contract.Store['changePerson']> {
    return this.#write(({ people }) => people.change(id, change, keepSession, revision))
  }

  async removePerson(id: number): ReturnType<contract.Store['removePerson']> {
    return this.#write(({ people }) => people.remove(id))
  }

  async useTotpStep(id: number, step: number): Promise<boolean> {
    return this.#write(({ people }) => people.useTotpStep(id, step))
  }

  async offerSetUp(hash: Buffer, expiresAt: number): Promise<boolean> {
    return this.#write(({ people }) => people.offerSetUp(hash, expiresAt))
  }

  async completeSetUp(
    ...[hash, person, at]: Parameters<contract.Store['completeSetUp']>
  ): ReturnType<contract.Store['completeSetUp']> {
    return this.#write(({ people }) => people.completeSetUp(hash, person, at))
  }

  // ---- sessions and tokens ----

  async openSession(
    ...[session, at, bounds]: Parameters<contract.Store['openSession']>
  ): Promise<contract.SessionRecord> {
    return this.#write(({ sessions }) => sessions.open(session, at, bounds))
  }

  async findSession(
    ...[hash, at, bounds]: Parameters<contract.Store['findSession']>
  ): ReturnType<contract.Store['findSession']> {
    return this.#read(({ sessions }) => sessions.find(hash, at, bounds))
  }

  async touchSession(id: number, at: number, client: string): Promise<void> {
    this.#write(({ sessions }) => sessions.touch(id, at, client))
  }

  async sessions(
    ...[personId, at, bounds]: Parameters<contract.Store['sessions']>
  ): Promise<readonly contract.SessionRecord[]> {
    return this.#read(({ sessions }) => sessions.of(personId, at, bounds))
  }

  async endSession(personId: number, id: number): Promise<'ended' | 'not-found'> {
    return this.#write(({ sessions }) => sessions.end(personId, id))
  }

  async endSessions(personId: number, keep?: number): Promise<number> {
    return this.#write(({ sessions }) => sessions.endAll(personId, keep))
  }

  async tokens(personId?: number): Promise<readonly contract.TokenRecord[]> {
    return this.#read(({ tokens }) => tokens.all(personId))
  }

  async addToken(token: contract.NewToken, at: number): ReturnType<contract.Store['addToken']> {
    return this.#write(({ tokens }) => tokens.add(token, at))
  }

  async findToken(hash: Buffer): ReturnType<contract.Store['findToken']> {
    return this.#read(({ tokens }) => tokens.find(hash))
  }

  async touchToken(id: number, at: number): Promise<void> {
    this.#write(({ tokens }) => tokens.touch(id, at))
  }

  async revokeToken(
    ...[id, at, personId]: Parameters<contract.Store['revokeToken']>
  ): ReturnType<contract.Store['revokeToken']> {
    return this.#write(({ tokens }) => tokens.revoke(id, at, personId))
  }

  async addAudit(entry: Omit<contract.AuditRecord, 'id'>): Promise<void> {
    this.#write(({ audit }) => audit.add(entry))
  }

  async audit(query?: contract.AuditQuery): Promise<readonly contract.AuditRecord[]> {
    return this.#read(({ audit }) => audit.list(query))
  }

  // ---- signing keys ----

  async rotateKey(secret: Buffer, at: number): Promise<contract.SigningKey> {
    return this.#write(({ keys }) => keys.rotate(secret, at))
  }

  // ---- the engine ----

  async health(thorough = false): Promise<contract.StoreHealth> {
    return this.#read(({ db }) => examine(db, thorough))
  }

  async checkWritable(): Promise<void> {
    this.#read(({ db }) => inTransaction(db, () => undefined))
  }

  async backup(file: string): Promise<void> {
    this.#read(({ db }) => writeBackup(db, file))
  }

  async close(): Promise<void> {
    this.#outage = new StoreError('failed', `The database ${this.#path} has been closed.`)
    this.#connection.db.close()
  }

  /**
   * Opens the file again if it was replaced or damaged, and notices when it is gone or back. Resolves to what every
   * call is answered with from now on, or to nothing when the database can be used. For the door 'mail', which does
   * not look by itself.
   */
  async watch(): Promise<StoreError | undefined> {
    const state = (await this.#connection.file?.stateLater()) ?? 'same'
    if (this.#connection.db.open) this.#follow(state)
    return this.#outage
  }

  #follow(state: FileState): void {
    try {
      if (state === 'missing') throw missing(this.#path)
      if (state === 'replaced' || this.#suspect) this.#reopen(state)
      this.#outage = undefined
    } catch (error) {
      const told = toStoreError(error, this.#path)
      this.#outage = told instanceof StoreError ? told : new StoreError('failed', String(error), error)
    }
  }

  #reopen(state: FileState): void {
    const { db, file, mailPath } = this.#connection
    if (state === 'replaced') file?.discardLog()
    // Never creates: a fresh database in place of one that was in use would refuse everybody's mail, or take it for
    // foreign.
    const next = openConnection(this.#path, { ...this.#options, create: false })
    try {
      const wasOurs = mailPath.held?.domains.size !== 0
      if (this.#watched && wasOurs && next.mailPath.settings().domains.size === 0) throw emptied(this.#path)
    } catch (error) {
      next.db.close()
      throw error
    }
    this.#connection = next
    this.#suspect = false
    db.close()
  }

  #usable(): Connection {
    if (!this.#watched && this.#connection.db.open) this.#follow(this.#connection.file?.state() ?? 'same')
    if (this.#outage !== undefined) throw this.#outage
    return this.#connection
  }

  #read<T>(work: (connection: Connection) => T): T {
    try {
      return work(this.#usable())
    } catch (error) {
      throw this.#told(error)
    }
  }

  #write<T>(work: (connection: Connection) => T): T {
    return this.#read((connection) => {
      const done = inTransaction(connection.db, () => work(connection))
      connection.mailPath.changedHere()
      return done
    })
  }

  #told(error: unknown): unknown {
    const told = toStoreError(error, this.#path)
    if (!(told instanceof StoreError)) return told
    // A lock, a full disk and a read-only one pass by themselves. Anything else may lie in what this connection holds:
    // after the log was deleted under it, it fails until it is opened again. What is in memory cannot be.
    if (!PASSING.has(told.fault)) {
      this.#suspect = this.#connection.file !== undefined
      if (this.#watched) this.#outage = told
    }
    // The next call would wait as long again, and foreign mail with it. `watch` lets calls through again.
    if (told.fault === 'locked' && this.#watched) this.#outage = told
    return told
  }
}

const PASSING: ReadonlySet<contract.StoreFault> = new Set(['locked', 'full', 'read-only'])

/** Takes the write lock at once: a transaction that begins by reading may find that it cannot write any more. */
function inTransaction<T>(db: Database, work: () => T): T {
  return db.transaction(work).immediate()
}
