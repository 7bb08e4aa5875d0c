// The right side of an address.

declare const brand: unique symbol

/** A host name in canonical form: lower case, no trailing dot. Only this file makes one. */
export type DomainName = string & { readonly [brand]: 'DomainName' }

/** Letters, digits and inner hyphens, 1 to 63 octets: RFC 5321 §2.3.5 by way of RFC 1123 §2.1. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/**
 * The host that `text` names, in any case and with or without the root's dot; nothing when it is no host name or is
 * longer than 253 octets. A last label of digits only is an address, 192.0.2.1, and no name (RFC 3696 §2).
 */
export function parseHostName(text: string): DomainName | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length > 253) return undefined
  const labels = name.split('.')
  // Tested before it is lowered: other alphabets have letters whose lower case is ASCII.
  if (!labels.every((label) => LABEL.test(label)) || /^\d+$/.test(labels.at(-1) ?? '')) return undefined
  return name.toLowerCase() as DomainName
}

/** A host name of two labels or more: a domain of ours. An internationalized one is written in its xn-- form. */
export function parseDomainName(text: string): DomainName | undefined {
  const name = parseHostName(text)
  return name?.includes('.') === true ? name : undefined
}
