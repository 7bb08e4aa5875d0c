// Who counts as one client.

import { isIPv6 } from 'node:net'

/** The network of a client's address: a subscriber has a whole /64 of IPv6. What is no address stands for itself. */
export function networkOf(client: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(client)?.[1]
  if (mapped !== undefined) return mapped
  const [ip = ''] = client.split('%')
  if (!isIPv6(ip)) return client
  const [head = '', tail] = ip.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4)
  // One way to write it: 02001 and 2001 are the same.
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
