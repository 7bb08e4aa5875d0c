// The grammar of an address: local-part = prefix date days [ [salt] tag ], the whole local part and nothing around it.

import { type Day, dayOf, formatDay } from './calendar.ts'
import type { PrefixName } from './prefix.ts'

/** An address taken apart. Everything in it is canonical: lower case, the tag respelled. */
export interface DelayAddress {
  readonly prefix: PrefixName
  /** First day on which it works. */
  readonly issued: Day
  /** Lifetime in days, 0 to 99; 0 is well formed and never works. */
  readonly days: number
  /** 3 characters that let two addresses of one prefix and day differ. Only beside a tag. */
  readonly salt: string | undefined
  /** 6 characters that only the holder of the key can make. */
  readonly tag: string | undefined
}

export type Parsed =
  | { readonly ok: true; readonly address: DelayAddress }
  | { readonly ok: false; readonly reason: 'not-understood' | 'no-such-date' }

/** More than any address has (16 + 8 + 2 + 3 + 6 = 35), and little enough that no input costs time. */
const LONGEST = 40

// Salt and tag begin with a letter, so that the two digits before them end where they end. `u` is in no tag; `o`, `i`
// and `l` are other spellings of 0 and 1, as Crockford's base 32 has it, but never the first letter.
const LOCAL_PART =
  /^([a-z]{2,16})(\d{4})(\d{2})(\d{2})(\d{2})(?:([a-hjkmnp-tv-z][0-9a-tv-z]{2})?([a-hjkmnp-tv-z][0-9a-tv-z]{5}))?$/i

const NOT_UNDERSTOOD: Parsed = { ok: false, reason: 'not-understood' }
const NO_SUCH_DATE: Parsed = { ok: false, reason: 'no-such-date' }

function respell(text: string | undefined): string | undefined {
  return text?.toLowerCase().replace(/o/g, '0').replace(/[il]/g, '1')
}

/** Reads an unquoted local part of any length, in any case. `maxPrefixLength` is the domain's, 2 to 16 letters. */
export function parseLocalPart(text: string, maxPrefixLength: number): Parsed {
  if (text.length > LONGEST) return NOT_UNDERSTOOD
  const match = LOCAL_PART.exec(text)
  if (match === null) return NOT_UNDERSTOOD
  const [, prefix = '', year, month, date, days, salt, tag] = match
  if (prefix.length > maxPrefixLength) return NOT_UNDERSTOOD
  const issued = dayOf(Number(year), Number(month), Number(date))
  if (issued === undefined) return NO_SUCH_DATE
  return {
    ok: true,
    address: {
      // The pattern is the grammar of a prefix too.
      prefix: prefix.toLowerCase() as PrefixName,
      issued,
      days: Number(days),
      salt: respell(salt),
      tag: respell(tag),
    },
  }
}

/** Dates written before; beyond it all are forgotten. Addresses of a few months are in use, and each names a date. */
const MEMORY = 4096
const written = new Map<Day, string>()

/** The date as it stands in an address: `YYYYMMDD`. */
export function compactDate(day: Day): string {
  const known = written.get(day)
  if (known !== undefined) return known
  const date = formatDay(day).replaceAll('-', '')
  if (written.size >= MEMORY) written.clear()
  written.set(day, date)
  return date
}

/** Two digits, in every form of the address. */
export function compactDays(days: number): string {
  return String(days).padStart(2, '0')
}

/** The canonical local part: what `parseLocalPart` reads back to the same address. */
export function formatLocalPart({ prefix, issued, days, salt = '', tag = '' }: DelayAddress): string {
  return `${prefix}${compactDate(issued)}${compactDays(days)}${salt}${tag}`
}
