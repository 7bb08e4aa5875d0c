import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AddressView } from '../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../web/src/days.ts'
import { lastDayOf, shortSender, stateInWords, stateOf } from '../../web/src/words.ts'

const today = dayOf('2026-11-22')

function anAddress(what: Partial<AddressView>): AddressView {
  return {
    address: 'djb2026112045@td.example.com',
    localPart: 'djb2026112045',
    domain: 'td.example.com',
    prefix: 'djb',
    state: 'works',
    firstDay: '2026-11-20',
    lastDay: '2027-01-03',
    daysLeft: 43,
    signed: false,
    site: '',
    note: '',
    accepted: 0,
    refused: 0,
    lastSender: '',
    ...what,
  }
}

describe('the state of an address in words', () => {
  beforeEach(() => readAs('en-GB'))
  afterEach(() => readAs(undefined))

  test.each([
    [{ state: 'works', daysLeft: 43 }, '43 days left'],
    [{ state: 'soon', daysLeft: 1 }, '1 day left'],
    // Its last day is the 20th: from the 21st on it is refused.
    [{ state: 'ended', lastDay: '2026-10-20', daysLeft: 0 }, 'ended 21 Oct'],
    [{ state: 'ended', lastDay: '2026-10-20', extendedThrough: '2026-11-10', daysLeft: 0 }, 'ended 11 Nov'],
    [{ state: 'revoked', revokedAt: '2026-11-06T23:30:00Z' }, 'revoked 7 Nov'],
    [{ state: 'waiting', firstDay: '2026-12-03' }, 'begins 3 Dec'],
  ] as const)('%j', (what, words) => {
    expect(stateInWords(anAddress(what), today, 'Europe/Berlin')).toBe(words)
  })

  test('an extension gives the last day only where it is later', () => {
    expect(lastDayOf({ lastDay: '2026-12-01', extendedThrough: '2026-12-24' })).toBe(dayOf('2026-12-24'))
    expect(lastDayOf({ lastDay: '2026-12-01', extendedThrough: '2026-11-24' })).toBe(dayOf('2026-12-01'))
  })

  test('seven days left, today included, is soon', () => {
    expect(stateOf(today, today + 6, today)).toBe('soon')
    expect(stateOf(today, today + 7, today)).toBe('works')
    expect(stateOf(today - 9, today, today)).toBe('soon')
    expect(stateOf(today - 9, today - 1, today)).toBe('ended')
    expect(stateOf(today + 1, today + 9, today)).toBe('waiting')
  })
})

test('a very long sender is cut and keeps its domain', () => {
  expect(shortSender('news@shop.example')).toBe('news@shop.example')
  const bounces = 'bounces+3812-4f5e-dan=mailbox.example-20261122112233@mail.shop.example'
  expect(shortSender(bounces)).toBe('bounces+38…@mail.shop.example')
  expect(shortSender(`"a@b${'x'.repeat(60)}"@shop.example`)).toBe('"a@bxxxxxx…@shop.example')
  expect(shortSender('')).toBe('')
})
