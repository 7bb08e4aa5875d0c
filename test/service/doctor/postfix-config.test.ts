import { describe, expect, test } from 'vitest'
import {
  completeParameters,
  readList,
  readMaster,
  readMilterList,
  readParameters,
  readPostfixTime,
} from '../../../src/service/doctor/postfix-config.ts'
import { loopPort } from '../../../src/service/doctor/postfix-facts.ts'

describe('main.cf', () => {
  test('is read with comments, continued lines and later lines that win', () => {
    const text =
      '# a = 1\nrelay_domains = a.example,\n  # in between\n  b.example\nmydestination=x\nmydestination = y\n'
    expect(readParameters(text)).toEqual(
      new Map([
        ['relay_domains', 'a.example, b.example'],
        ['mydestination', 'y'],
      ]),
    )
  })

  test('is completed by the defaults of 3.7 and has its names replaced', () => {
    const all = completeParameters(
      new Map([
        ['smtpd_milters', '$mine, $(mine)'],
        ['mine', 'unix:td.sock'],
      ]),
    )
    expect(all.get('smtpd_milters')).toBe('unix:td.sock, unix:td.sock')
    expect(all.get('milter_default_action')).toBe('tempfail')
    expect(all.get('queue_directory')).toBe('/var/spool/postfix')
  })

  test('does not hang on names that mean each other', () => {
    expect(completeParameters(new Map([['mine', '$mine']])).get('mine')).toBe('$mine')
  })
})

describe('master.cf', () => {
  const text = [
    '# service type private unpriv chroot wakeup maxproc command',
    'smtp inet n - y - - smtpd',
    '127.0.0.1:10026 inet n - - - - smtpd',
    '  -o smtpd_milters=',
    '  -o { smtpd_restriction_classes = a b } -o receive_override_options=no_milters,no_address_mappings',
  ].join('\n')

  test('is read with its columns and options', () => {
    const [smtp, loop] = readMaster(text, false)
    expect(smtp).toMatchObject({ name: 'smtp', type: 'inet', chroot: true, program: 'smtpd' })
    expect(loop?.overrides).toEqual(
      new Map([
        ['smtpd_milters', ''],
        ['smtpd_restriction_classes', 'a b'],
        ['receive_override_options', 'no_milters,no_address_mappings'],
      ]),
    )
  })

  test('means by a dash what its Postfix means', () => {
    expect(readMaster(text, false)[1]?.chroot).toBe(false)
    expect(readMaster(text, true)[1]?.chroot).toBe(true)
  })
})

describe("Postfix's values", () => {
  test.each([
    ['unix:td.sock, inet:[::1]:8895', ['unix:td.sock', 'inet:[::1]:8895']],
    ['{ unix:td.sock, default_action=accept }', ['unix:td.sock']],
    ['inet:h:1 {unix:td.sock} inet:h:2', ['inet:h:1', 'unix:td.sock', 'inet:h:2']],
    ['', []],
  ])('a list of milters: %s', (list, specs) => {
    expect(readMilterList(list).map(({ spec }) => spec)).toEqual(specs)
  })

  test('the settings of one milter', () => {
    const [entry] = readMilterList('{ unix:td.sock, default_action = accept, command_timeout=5s }')
    expect(entry?.settings).toEqual(
      new Map([
        ['default_action', 'accept'],
        ['command_timeout', '5s'],
      ]),
    )
  })

  test.each([
    ['30', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['$x', undefined],
  ])('the time %s', (text, time) => {
    expect(readPostfixTime(text)).toBe(time)
  })

  test('lists with blanks, commas and braces', () => {
    expect(readList('a, b  {c d},e')).toEqual(['a', 'b', '{c d}', 'e'])
  })

  test.each([
    ['smtp:[127.0.0.1]:10026', 10_026],
    ['relay:127.0.0.1', 25],
    ['smtp:[::1]:smtp', 25],
    ['smtp:[192.0.2.1]:10026', undefined],
    ['discard:', undefined],
  ])('the transport %s leads back by port %s', (transport, port) => {
    expect(loopPort(transport)).toBe(port)
  })
})
