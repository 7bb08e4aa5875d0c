// The store as the mail path sees it, for weeks on end: it outlives the loss and the return of its database.
//
// While the database is gone every call rejects, so that mail for our domains is deferred. Which domains those are the
// caller remembers from the last answer, so that foreign mail passes.

import type { PrefixName } from '../../address/index.ts'
import {
  type Awaitable,
  type Domain,
  type MailStore,
  type RecipientFacts,
  type Settings,
  StoreError,
} from '../store.ts'
import { emptied } from './errors.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'

export interface LiveStoreOptions {
  /** Milliseconds to wait for another program's lock; 100 unless told. */
  readonly busyTimeout?: number
  /** As in `SqliteOptions`. */
  readonly sureFor?: number
  /** Milliseconds between two looks at the file; 1000 unless told. */
  readonly checkEvery?: number
  /** Told when the database is lost, and with nothing when it is back. */
  readonly onChange?: (outage: StoreError | undefined) => void
  /**
   * True: a database that cannot be opened is an outage from the start, and not an error. For one that is known to
   * have had domains: an empty one in its place is an outage too.
   */
  readonly patient?: boolean
}

export class LiveStore implements MailStore {
  readonly #file: string
  readonly #busyTimeout: number
  readonly #sureFor: number
  readonly #checkEvery: number
  readonly #onChange: (outage: StoreError | undefined) => void
  /** Nothing while it could not be opened yet. */
  #store: SqliteStore | undefined
  #timer: NodeJS.Timeout | undefined
  #outage: StoreError | undefined
  #closed = false

  private constructor(file: string, options: LiveStoreOptions) {
    this.#file = file
    this.#busyTimeout = options.busyTimeout ?? 100
    this.#sureFor = options.sureFor ?? 0
    this.#checkEvery = options.checkEvery ?? 1000
    this.#onChange = options.onChange ?? (() => undefined)
  }

  /** Opens a database that is there and up to date; rejects with a `StoreError` otherwise. Never creates one. */
  static async open(file: string, options: LiveStoreOptions = {}): Promise<LiveStore> {
    const live = new LiveStore(file, options)
    if (options.patient === true) await live.check()
    else await live.#open(false)
    live.#schedule()
    return live
  }

  settings(): Awaitable<Settings> {
    return this.#store?.settings() ?? Promise.reject(this.#whyNone())
  }

  facts(domain: Domain, prefix: PrefixName, localPart: string): Awaitable<RecipientFacts> {
    return this.#store?.facts(domain, prefix, localPart) ?? Promise.reject(this.#whyNone())
  }

  /** Looks now whether the database is still the one that is open, and opens it again if not. The timer does the same. */
  async check(): Promise<void> {
    const outage = this.#store === undefined ? await this.#tryToOpen() : await this.#store.watch()
    if (this.#closed || outage?.message === this.#outage?.message) return
    this.#outage = outage
    this.#onChange(outage)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#store?.close()
  }

  #whyNone(): StoreError {
    return this.#outage ?? new StoreError('missing', `The database ${this.#file} was not opened.`)
  }

  async #open(expectsDomains: boolean): Promise<void> {
    const store = openSqliteStore(this.#file, {
      door: 'mail',
      busyTimeout: this.#busyTimeout,
      sureFor: this.#sureFor,
    })
    try {
      const { domains } = await store.settings()
      if (expectsDomains && domains.size === 0) throw emptied(this.#file)
    } catch (error) {
      await store.close()
      throw error
    }
    this.#store = store
  }

  async #tryToOpen(): Promise<StoreError | undefined> {
    try {
      await this.#open(true)
      return undefined
    } catch (error) {
      return error instanceof StoreError ? error : new StoreError('failed', String(error), error)
    }
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = setTimeout(
      () => void this.check().finally(() => this.#schedule()),
      this.#checkEvery,
    ).unref()
  }
}
