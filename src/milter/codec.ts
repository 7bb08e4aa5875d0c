// What a row of the two tables looks like (commands.ts, replies.ts).

import type { ByteReader, ByteWriter } from './bytes.ts'

/** How one packet is written and read. Pure: no logging, no socket, no clock. */
export interface Codec<Fields> {
  /** SMFIC_* or SMFIR_*, as a byte. */
  readonly code: number
  decode(from: ByteReader): Fields
  encode(fields: Fields, to: ByteWriter): void
}

export const byte = (letter: string): number => letter.charCodeAt(0)

const NO_FIELDS = Object.freeze({})

/** A packet without payload. */
export const empty = (letter: string): Codec<object> => ({
  code: byte(letter),
  decode: () => NO_FIELDS,
  encode: () => undefined,
})

/** Turns a table round: what a code byte means, with 256 rows. */
export function kindsByCode<Kind extends string>(
  table: Readonly<Record<Kind, { readonly code: number }>>,
): readonly (Kind | undefined)[] {
  const kinds: (Kind | undefined)[] = Array.from({ length: 256 }, () => undefined)
  for (const kind of Object.keys(table) as Kind[]) kinds[table[kind].code] = kind
  return kinds
}
