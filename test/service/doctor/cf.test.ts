import { describe, expect, test } from 'vitest'
import { readSendmailCf } from '../../../src/service/doctor/cf.ts'

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
