import { beforeAll, describe, expect, it } from 'vitest'
import type { AddressView } from '../../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../../web/src/days.ts'
import { extensionWord, offeredDay, usualDaysOf } from '../../../../web/src/views/addresses/extension.ts'
import { importedInWords } from '../../../../web/src/views/addresses/import-words.ts'
import {
  asideOf,
  lastMail,
  leakInWords,
  lifeInWords,
  nameOf,
} from '../../../../web/src/views/addresses/row-words.ts'

const zone = 'Europe/Berlin'
const today = dayOf('2026-11-22')

function anAddress(wishes: Partial<AddressView> = {}): AddressView {
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
    site: 'shop.example',
    note: 'bicycle lamp',
    accepted: 12,
    refused: 0,
    lastSender: 'versand@shop.example',
    ...wishes,
  }
}

beforeAll(() => readAs('en-GB'))

describe('the name of a row', () => {
  it('is the site, with the note below; or the note alone', () => {
    expect([nameOf(anAddress()), asideOf(anAddress())]).toEqual(['shop.example', 'bicycle lamp'])
    const noted = anAddress({ site: '' })
    expect([nameOf(noted), asideOf(noted)]).toEqual(['bicycle lamp', ''])
  })
})

describe('the last mail of a row', () => {
  const at = (lastSeenAt: string) => lastMail(anAddress({ lastSeenAt }), zone, today)

  it('has the time of today in the zone of its domain, then the day', () => {
    expect(at('2026-11-22T08:41:00Z')).toBe('versand@shop.example, 09:41')
    expect(at('2026-11-21T22:30:00Z')).toBe('versand@shop.example, yesterday')
    expect(at('2026-11-21T23:30:00Z')).toBe('versand@shop.example, 00:30')
    expect(at('2026-10-03T12:00:00Z')).toBe('versand@shop.example, 3 Oct')
  })

  it('may have had no sender, and may not have come yet', () => {
    const bounce = anAddress({ lastSender: '', lastSeenAt: '2026-10-03T12:00:00Z' })
    expect(lastMail(bounce, zone, today)).toBe('no sender, 3 Oct')
    expect(lastMail(anAddress(), zone, today)).toBe('no mail yet')
  })
})

describe('the life of an open row', () => {
  it('names the last day that it works', () => {
    expect(lifeInWords(anAddress(), today, zone)).toBe(
      'Works through Sunday, 3 January 2027. Its days begin at midnight in Berlin.',
    )
  })

  it('says when an extension is the reason', () => {
    expect(lifeInWords(anAddress({ extendedThrough: '2027-02-01' }), today, zone)).toMatch(
      /^Works through Monday, 1 February 2027, because you extended it\./,
    )
  })

  it('looks back at what has ended and forward to what has not begun', () => {
    expect(lifeInWords(anAddress({ state: 'ended', lastDay: '2026-10-20' }), today, zone)).toMatch(
      /^Ended\. Tuesday, 20 October 2026 was its last day\./,
    )
    expect(lifeInWords(anAddress({ state: 'waiting', firstDay: '2026-12-01' }), today, zone)).toMatch(
      /^Begins Tuesday, 1 December 2026 and works through Sunday, 3 January 2027\./,
    )
  })

  it('promises nothing for an address that is barred', () => {
    expect(lifeInWords(anAddress({ barred: 'The prefix djb is disabled.' }), today, zone)).toBe(
      'Refused, whatever its dates say. The prefix djb is disabled.',
    )
  })

  it('says what revoking took away', () => {
    const revoked = anAddress({ state: 'revoked', revokedAt: '2026-11-20T23:30:00Z' })
    expect(lifeInWords(revoked, today, zone)).toBe(
      'Revoked on Saturday, 21 November 2026. Without that it would work through Sunday, 3 January 2027.',
    )
    expect(lifeInWords({ ...revoked, lastDay: '2026-10-20' }, today, zone)).toContain(
      'it would have ended Wednesday, 21 October 2026',
    )
  })
})

describe('a leak', () => {
  it('names the site, who used it, and since when', () => {
    const leak = { to: 'mailblast.example', sender: 'promo@mailblast.example', since: '2026-11-09T09:00:00Z' }
    expect(leakInWords(anAddress({ leak }), today, zone)).toBe(
      'Made for shop.example, used by mailblast.example (promo@mailblast.example) since 9 November.',
    )
    expect(leakInWords(anAddress({ site: '', leak: { ...leak, sender: '' } }), today, zone)).toBe(
      'Sealed for another site, used by mailblast.example since 9 November.',
    )
    expect(leakInWords(anAddress(), today, zone)).toBeUndefined()
  })
})

describe('the word on the button that extends', () => {
  const word = (view: AddressView, until: string) => extensionWord(view, dayOf(until), today)

  it('counts the days that it adds', () => {
    expect(word(anAddress(), '2027-01-04')).toBe('Extend by 1 day')
    expect(word(anAddress({ extendedThrough: '2027-01-10' }), '2027-01-12')).toBe('Extend by 2 days')
  })

  it('counts from today for an address that has ended', () => {
    expect(word(anAddress({ state: 'ended', lastDay: '2026-10-20' }), '2026-11-22')).toBe(
      'Let it live for 1 day',
    )
  })

  it('takes days of an extension back, and then the extension', () => {
    const extended = anAddress({ extendedThrough: '2027-01-10' })
    expect(word(extended, '2027-01-08')).toBe('Shorten by 2 days')
    expect(word(extended, '2027-01-03')).toBe('Take the extension back')
    expect(word(extended, '2026-12-01')).toBe('Take the extension back')
  })

  it('is missing where the day would change nothing', () => {
    expect(word(anAddress(), '2027-01-03')).toBeUndefined()
    expect(word(anAddress(), '2026-12-01')).toBeUndefined()
    expect(word(anAddress(), '2026-11-21')).toBeUndefined()
  })
})

it('offers the usual lifetime of the prefix: on top of the rest, or from today', () => {
  expect(offeredDay(anAddress(), today, 45)).toBe(dayOf('2027-01-03') + 45)
  expect(offeredDay(anAddress({ lastDay: '2026-10-20' }), today, 45)).toBe(today + 44)
  const prefix = {
    domain: 'td.example.com',
    name: 'djb',
    mailboxes: [],
    maxDays: 99,
    defaultDays: 7,
    signed: false,
  }
  expect(usualDaysOf([prefix], anAddress())).toBe(7)
  expect(usualDaysOf([prefix], anAddress({ domain: 'other.example' }))).toBe(30)
})

it('says what an import did', () => {
  expect(importedInWords({ added: 12, changed: 1, unchanged: 0 })).toBe(
    '12 addresses are new, 1 address has changed.',
  )
  expect(importedInWords({ added: 0, changed: 0, unchanged: 1 })).toBe('1 address was known already.')
  expect(importedInWords({ added: 0, changed: 0, unchanged: 0 })).toBe('There was no address in it.')
})
