// The organisation behind a host name: what the public suffix list leaves above the suffix. Pure: the list is part of
// the package, so its age is the program's.

import { getDomain } from 'tldts'

/**
 * The organisational domain of a host: `shop.co.uk` for `mail.shop.co.uk`. Private suffixes count, so two tenants of one
 * hoster are two organisations. A name without public suffix, an IP address or a suffix itself stands for itself.
 * Lower case.
 */
export function organisationOf(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  // An address literal, RFC 5321 §4.1.3.
  if (name.startsWith('[')) return name
  return (
    getDomain(name, { allowPrivateDomains: true, validateHostname: false, extractHostname: false }) ?? name
  )
}

/** The organisational domain of an envelope sender; '' for the null sender, and where there is no domain. */
export function organisationOfSender(sender: string): string {
  const host = sender.slice(sender.lastIndexOf('@') + 1)
  return sender.includes('@') ? organisationOf(host.replace(/[>\s].*$/s, '')) : ''
}
