// The right side of an address.

declare const brand: unique symbol

/** A host name in canonical form: lower case, no trailing dot. Only `parseDomainName` makes one. */
export type DomainName = string & { readonly [brand]: 'DomainName' }

/** Letters, digits and inner hyphens, 1 to 63 octets: RFC 5321 §2.3.5 by way of RFC 1123 §2.1. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The domain that `text` names, in any case and with or without the root's dot; nothing when it is no domain of
 * two labels or more, or is longer than 253 octets. An internationalized domain is written in its xn-- form.
 */
export function parseDomainName(text: string): DomainName | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase()
  if (name.length > 253) return undefined
  const labels = name.split('.')
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined
  // A last label of digits only is an address, 192.0.2.1, and never a domain (RFC 3696 §2).
  return /^\d+$/.test(labels.at(-1)!) ? undefined : (name as DomainName)
}
