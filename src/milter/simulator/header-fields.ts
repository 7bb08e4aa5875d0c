// The header of one message, and what ADDHEADER, INSHEADER and CHGHEADER do to it. Values are held as they stand after
// the colon, so that a leading blank is neither lost nor doubled.

import type { MtaKind } from './mta.ts'

export type HeaderField = readonly [name: string, value: string]

interface Field {
  name: string
  value: string
  /** The MTA's own Received line: it has a place, but no filter can reach it. */
  readonly own: boolean
  deleted: boolean
}

export class HeaderFields {
  readonly #like: MtaKind
  /** SMFIP_HDR_LEADSPC: values travel with their leading blank, and the MTA puts none. */
  readonly #leadingSpace: boolean
  readonly #fields: Field[]

  constructor(like: MtaKind, leadingSpace: boolean, fields: readonly HeaderField[]) {
    this.#like = like
    this.#leadingSpace = leadingSpace
    const received: Field = { name: 'Received', value: ' ', own: true, deleted: false }
    this.#fields = [received, ...fields.map(([name, value]) => field(name, ` ${value}`))]
  }

  /** What would be queued, without the MTA's own Received line and without the blank after the colon. */
  get fields(): HeaderField[] {
    return this.#fields
      .filter(({ own, deleted }) => !own && !deleted)
      .map(({ name, value }) => [name, value.replace(/^ /, '')])
  }

  /** sendmail puts a field before the first of its name, Postfix at the end. */
  add(name: string, value: string): void {
    const first = this.#like === 'sendmail' ? this.#named(name)[0] : undefined
    const at = first === undefined ? this.#fields.length : this.#fields.indexOf(first)
    this.#fields.splice(at, 0, field(name, this.#stored(value)))
  }

  /** 0 is above the MTA's own Received line, 1 below it. */
  insert(index: number, name: string, value: string): void {
    this.#fields.splice(Math.min(index, this.#fields.length), 0, field(name, this.#stored(value)))
  }

  /** The `index`-th of its name, from 1; 0 is 1. An empty value deletes. Beyond the last it adds. */
  change(index: number, name: string, value: string): void {
    const found = this.#named(name)[Math.max(index, 1) - 1]
    if (found === undefined) {
      if (value !== '') this.add(name, value)
    } else if (value === '') {
      found.deleted = true
    } else {
      found.value = this.#stored(value)
      found.deleted = false
    }
  }

  /** A deleted field keeps its number in sendmail; in Postfix the later ones move up. */
  #named(name: string): Field[] {
    return this.#fields.filter(
      (candidate) =>
        !candidate.own &&
        candidate.name.toLowerCase() === name.toLowerCase() &&
        (this.#like === 'sendmail' || !candidate.deleted),
    )
  }

  #stored(value: string): string {
    return this.#leadingSpace ? value : ` ${value}`
  }
}

function field(name: string, value: string): Field {
  return { name, value, own: false, deleted: false }
}
