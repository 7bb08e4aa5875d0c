// The name at the front of an address: who it belongs to.

declare const brand: unique symbol

/** A prefix in canonical form: 2 to 16 letters a to z, lower case. Only `parsePrefixName` makes one. */
export type PrefixName = string & { readonly [brand]: 'PrefixName' }

/** Shortest prefix in letters, as in the 2002 article. */
export const MIN_PREFIX_LENGTH = 2
/** Longest prefix of a domain that was not told otherwise, in letters. */
export const DEFAULT_MAX_PREFIX_LENGTH = 3
/** Longest prefix that a domain may allow, in letters. With it the longest local part is 35 octets. */
export const LONGEST_PREFIX_LENGTH = 16

/** The prefix that `text` names in any case, or nothing when it is not 2 to 16 ASCII letters. */
export function parsePrefixName(text: string): PrefixName | undefined {
  return /^[A-Za-z]{2,16}$/.test(text) ? (text.toLowerCase() as PrefixName) : undefined
}
