// One open database: the engine's connection with its pragmas, and the tables with their prepared statements.

import { resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import { StoreError } from '../store.ts'
import { AddressBook } from './address-book.ts'
import { Addresses } from './addresses.ts'
import { Audit } from './audit.ts'
import { Domains } from './domains.ts'
import { Sqlite } from './engine.ts'
import { toStoreError } from './errors.ts'
import { type Bounds, Events } from './events.ts'
import { closeToOthers, DatabaseFile, makeDatabaseFile } from './file.ts'
import { Keys } from './keys.ts'
import { MailPath } from './mail-path.ts'
import { People } from './people.ts'
import { Prefixes } from './prefixes.ts'
import { requireCurrent, requireOurs, upgrade } from './schema.ts'
import { Sessions } from './sessions.ts'
import { Tokens } from './tokens.ts'

/**
 * Who uses the connection. 'people': creates and upgrades the database, waits for others, and has every commit on the
 * disk before it answers. 'recorder': writes what mail leaves behind; the last commits may be lost with the power,
 * nothing else. 'mail': only reads, and waits a moment at most. The last two never create a database.
 */
type Door = 'people' | 'recorder' | 'mail'

export interface SqliteOptions extends Bounds {
  /** 'people' unless told. */
  readonly door?: Door
  /** False: a database that is missing is an error. True unless told; means nothing but to 'people'. */
  readonly create?: boolean
  /** False: a database that would have to be upgraded first is an error. True unless told; means nothing but to 'people'. */
  readonly upgrade?: boolean
  /** Milliseconds to wait for another program's lock: 5000 unless told, 100 for 'mail'. */
  readonly busyTimeout?: number
  /**
   * Milliseconds for which the mail path takes it that nobody has committed since it last asked; 0 unless told. What
   * another program commits counts that much later.
   */
  readonly sureFor?: number
  /** For the times of the first key and of migrations. */
  readonly now?: () => number
}

export interface Connection {
  readonly db: Database
  /** Nothing for ':memory:'. */
  readonly file: DatabaseFile | undefined
  readonly domains: Domains
  readonly prefixes: Prefixes
  readonly addresses: Addresses
  readonly book: AddressBook
  readonly people: People
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly audit: Audit
  readonly keys: Keys
  readonly events: Events
  readonly mailPath: MailPath
}

/** Where the database lies, as an absolute path: SQLite would take `file:...` for an address with options. */
export function databasePath(file: string): string {
  return file === ':memory:' ? file : resolve(file)
}

/** Opens the database at `path`, or throws a `StoreError`. */
export function openConnection(path: string, options: SqliteOptions): Connection {
  const { door = 'people', create = true, now = Date.now } = options
  let db: Database | undefined
  try {
    if (path !== ':memory:' && door === 'people' && create) makeDatabaseFile(path)
    if (path !== ':memory:') closeToOthers(path)
    const file = path === ':memory:' ? undefined : new DatabaseFile(path)
    db = new Sqlite(path, {
      fileMustExist: path !== ':memory:',
      timeout: options.busyTimeout ?? (door === 'mail' ? 100 : 5000),
    })
    requireOurs(db, path)
    setPragmas(db, door)
    if (door === 'people' && options.upgrade !== false) upgrade(db, path, now())
    else requireCurrent(db, path)
    file?.rememberLog()
    const connection = prepare(db, file, options)
    if (door === 'people' && options.upgrade !== false)
      db.transaction(() => connection.keys.makeFirst(now())).immediate()
    return connection
  } catch (error) {
    db?.close()
    throw toStoreError(error, path)
  }
}

function setPragmas(db: Database, door: Door): void {
  // Readers never wait for a writer, nor a writer for readers. It is kept in the file, so this is a question mostly.
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal' && mode !== 'memory')
    throw new StoreError('failed', `The database ${db.name} cannot use a log.`)
  // FULL syncs the log at each commit: what a person was told is done survives a power failure. Counts of mail need
  // not; NORMAL syncs at checkpoints, and the database stays whole either way.
  db.pragma(`synchronous = ${door === 'recorder' ? 'NORMAL' : 'FULL'}`)
  // SQLite does not look after references unless told so on each connection.
  db.pragma('foreign_keys = ON')
  // A file from elsewhere cannot make its triggers and views call functions with side effects.
  db.pragma('trusted_schema = OFF')
  // Sorting needs no file in a directory that we know nothing about.
  db.pragma('temp_store = MEMORY')
  // Batches of events touch the same pages again and again: with SQLite's 1000 pages each of them would be copied from
  // the log to the database every second. It is 32 MiB of log at most, and after a burst it shrinks to that again.
  db.pragma('wal_autocheckpoint = 8000')
  db.pragma('journal_size_limit = 33554432')
  // Pages and imports of 100,000 addresses go through indexes in no order: with SQLite's 2 MB each page is read again and
  // again. It is taken only when it is used.
  if (door === 'people') db.pragma('cache_size = -16384')
  // The mail path cannot write, whatever bug it may have.
  if (door === 'mail') db.pragma('query_only = ON')
}

function prepare(db: Database, file: DatabaseFile | undefined, options: SqliteOptions): Connection {
  const domains = new Domains(db)
  const keys = new Keys(db)
  const addresses = new Addresses(db)
  return {
    db,
    file,
    domains,
    keys,
    prefixes: new Prefixes(db, domains),
    addresses,
    book: new AddressBook(db, addresses),
    people: new People(db),
    sessions: new Sessions(db),
    tokens: new Tokens(db),
    audit: new Audit(db, options),
    events: new Events(db, options),
    mailPath: new MailPath(db, domains, keys, options.sureFor ?? 0),
  }
}
