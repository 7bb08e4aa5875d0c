import { expect, test } from 'vitest'
import { networksOf } from '../../src/filter/client-network.ts'

test.each([
  ['192.0.2.7', ['192.0.2.7']],
  ['127.0.0.2', ['127.0.0.2']],
  ['::ffff:192.0.2.7', ['192.0.2.7']],
  ['IPv6:::FFFF:192.0.2.7', ['192.0.2.7']],
  ['2001:db8:1:2:3:4:5:6', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['IPv6:2001:DB8:0001:0002::1', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['2001:db8::1', ['2001:db8:0:0::/64', '2001:db8:0::/48']],
  ['2001:db8::5:0:0:0:1', ['2001:db8:0:5::/64', '2001:db8:0::/48']],
  ['fe80::1%eth0', ['fe80:0:0:0::/64', 'fe80:0:0::/48']],
  ['::', ['0:0:0:0::/64', '0:0:0::/48']],
])('%s belongs to %j', (client, networks) => {
  expect(networksOf(client)).toEqual(networks)
})

test.each([
  '127.0.0.1',
  '::1',
  'IPv6:::1',
  '::ffff:127.0.0.1',
  '',
  'unknown',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '::x',
  `fe80::1%${'x'.repeat(60_000)}`,
])('the mail server itself, and what is no address, belongs nowhere: %j', (client) => {
  expect(networksOf(client)).toEqual([])
})
