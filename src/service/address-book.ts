// The addresses that have a record, as people look through them: by state, by who writes, as a file.

import type { AddressSearch, AddressStanding, SenderRecord } from '../store/store.ts'
import type { Answer } from './answer.ts'

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
  readonly counts: Readonly<Record<BookAddress['state'] | 'all', number>>
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

export class AddressBookService {
  page(_wishes: BookWishes = {}): Promise<Answer<BookPage>> {
    throw new Error('not built yet')
  }

  /** One address that has a record. */
  show(_text: string): Promise<Answer<BookAddress>> {
    throw new Error('not built yet')
  }

  /** Those tried last come first, 200 at most; `total` counts them all. */
  stillTrying(): Promise<{ readonly total: number; readonly rows: readonly TriedAddress[] }> {
    throw new Error('not built yet')
  }

  /** CSV (RFC 4180) in pieces, with a header line; what a spreadsheet would compute begins with an apostrophe. */
  exportCsv(_wishes: BookWishes = {}): Promise<Answer<AsyncIterable<string>>> {
    throw new Error('not built yet')
  }

  /**
   * Takes over what `exportCsv` writes: sites, notes, revocations and extensions. Columns may stand in any order, and all
   * but `address` may be missing. All of it or, with the number of the first bad line, nothing.
   */
  importCsv(_text: string): Promise<Answer<ImportedAddresses>> {
    throw new Error('not built yet')
  }
}
