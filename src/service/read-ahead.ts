// What many addresses in a row ask of the store, asked for once: an import of 100,000 lines would ask a million questions.

import { parseRecipient } from '../address/index.ts'
import { identify } from '../filter/decide.ts'
import type {
  AddressRecord,
  Domain,
  MailStore,
  Prefix,
  RecipientFacts,
  Settings,
  Store,
} from '../store/store.ts'

/** The store as it was: domains, keys and prefixes since the beginning, records since the last `read`. */
export class ReadAhead implements MailStore {
  readonly #store: Store
  readonly #settings: Settings
  readonly #prefixes = new Map<string, Prefix | undefined>()
  readonly #records = new Map<string, AddressRecord>()

  private constructor(store: Store, settings: Settings) {
    this.#store = store
    this.#settings = settings
  }

  static async of(store: Store): Promise<ReadAhead> {
    return new ReadAhead(store, await store.settings())
  }

  /** The records of those of these recipients that are addresses, and of no others. */
  async read(recipients: readonly string[]): Promise<void> {
    this.#records.clear()
    const wanted = new Map<Domain['name'], string[]>()
    for (const recipient of recipients) {
      const identity = identify(parseRecipient(recipient), this.#settings.domains)
      if (identity.kind !== 'address') continue
      const { domain, localPart } = identity
      const localParts = wanted.get(domain.name) ?? []
      localParts.push(localPart)
      wanted.set(domain.name, localParts)
    }
    for (const [domain, localParts] of wanted) {
      for (const [localPart, record] of await this.#store.findAddresses(domain, localParts))
        this.#records.set(`${localPart}@${domain}`, record)
    }
  }

  settings(): Settings {
    return this.#settings
  }

  async facts(domain: Domain, prefix: Prefix['name'], localPart: string): Promise<RecipientFacts> {
    const key = `${prefix}@${domain.name}`
    if (!this.#prefixes.has(key)) this.#prefixes.set(key, await this.#store.findPrefix(domain.name, prefix))
    const record = await this.findAddress(domain.name, localPart)
    return {
      prefix: this.#prefixes.get(key),
      revoked: record?.revokedAt !== undefined,
      extendedThrough: record?.extendedThrough,
    }
  }

  async findAddress(domain: Domain['name'], localPart: string): Promise<AddressRecord | undefined> {
    return this.#records.get(`${localPart}@${domain}`)
  }
}
