// Whom an SMTP client's address belongs to, as far as an address can tell.

import { BlockList, isIP } from 'node:net'

/** More than any address has, also with a zone behind its `%`, and little enough that no peer fills our memory. */
const LONGEST = 64
/** The mail server itself: its own submissions, and what a program in front of it hands on. */
const OWN = new Set(['127.0.0.1', '::1'])

/**
 * The networks that answer for a client, the narrowest first: an IPv4 address; of IPv6 the /64, which one subscriber
 * has, and the /48, which costs nothing either. None for the mail server itself, for those that are `trusted`, and for
 * what is no address.
 * `client` is the macro {client_addr}: sendmail writes `IPv6:2001:db8::1`, Postfix `2001:db8::1`.
 */
export function networksOf(client: string, trusted?: BlockList): readonly string[] {
  if (client.length > LONGEST) return []
  const address = client.replace(/^IPv6:/i, '')
  if (OWN.has(address)) return []
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return networksOf(mapped, trusted)
  switch (isIP(address)) {
    case 4:
      return trusted?.check(address) ? [] : [address]
    case 6: {
      if (trusted?.check(withoutZone(address), 'ipv6')) return []
      const groups = firstGroups(address)
      return [`${groups.join(':')}::/64`, `${groups.slice(0, 3).join(':')}::/48`]
    }
    default:
      return []
  }
}

/** Addresses and ranges (`10.0.0.0/8`), checked before. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return list
}

/** `fe80::1%eth0` is `fe80::1`. */
const withoutZone = (address: string): string => address.split('%')[0] ?? ''

/** The first four of the eight groups, without leading zeros. */
function firstGroups(address: string): readonly string[] {
  const [head = '', tail] = withoutZone(address).toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(zeros).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
}
