// The store as the mail path sees it, for weeks on end: it outlives the loss and the return of its database.
//
// While the database is gone every call rejects, so that mail for our domains is deferred. Which domains those are the
// caller remembers from the last answer, so that foreign mail passes.

import type { PrefixName } from '../../address/index.ts'
import type { Domain, MailStore, RecipientFacts, Settings, StoreError } from '../store.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'

export interface LiveStoreOptions {
  /** Milliseconds to wait for another program's lock; 100 unless told. */
  readonly busyTimeout?: number
  /** Milliseconds between two looks at the file; 1000 unless told. */
  readonly checkEvery?: number
  /** Told when the database is lost, and with nothing when it is back. */
  readonly onChange?: (outage: StoreError | undefined) => void
}

export class LiveStore implements MailStore {
  readonly #store: SqliteStore
  readonly #checkEvery: number
  readonly #onChange: (outage: StoreError | undefined) => void
  #timer: NodeJS.Timeout | undefined
  #outage: StoreError | undefined
  #closed = false

  private constructor(store: SqliteStore, options: LiveStoreOptions) {
    this.#store = store
    this.#checkEvery = options.checkEvery ?? 1000
    this.#onChange = options.onChange ?? (() => undefined)
  }

  /** Opens a database that is there and up to date; rejects with a `StoreError` otherwise. Never creates one. */
  static async open(file: string, options: LiveStoreOptions = {}): Promise<LiveStore> {
    const { busyTimeout = 100 } = options
    const live = new LiveStore(openSqliteStore(file, { door: 'mail', busyTimeout }), options)
    try {
      await live.settings()
    } catch (error) {
      await live.close()
      throw error
    }
    live.#schedule()
    return live
  }

  settings(): Promise<Settings> {
    return this.#store.settings()
  }

  facts(domain: Domain, prefix: PrefixName, localPart: string): Promise<RecipientFacts> {
    return this.#store.facts(domain, prefix, localPart)
  }

  /** Looks now whether the database is still the one that is open, and opens it again if not. The timer does the same. */
  async check(): Promise<void> {
    const outage = await this.#store.watch()
    if (this.#closed || outage?.message === this.#outage?.message) return
    this.#outage = outage
    this.#onChange(outage)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#store.close()
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = setTimeout(
      () => void this.check().finally(() => this.#schedule()),
      this.#checkEvery,
    ).unref()
  }
}
