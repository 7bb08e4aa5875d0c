import { describe, expect, test } from 'vitest'
import { dayOf, readAs } from '../../../../web/src/days.ts'
import { lifetimeName, nextLifetime, readDays } from '../../../../web/src/views/make/lifetimes.ts'
import { readMade } from '../../../../web/src/views/make/made-before.ts'
import { pathOf } from '../../../../web/src/views/make/qr.tsx'
import { midnightIn, refusedFrom, together, worksSentence } from '../../../../web/src/views/make/sentence.ts'
import { looksWhole, siteIn } from '../../../../web/src/views/make/site-name.ts'

describe('the five lifetimes', () => {
  test('a step leads to the next longer or shorter one, from any number of days', () => {
    expect(nextLifetime(45, 'longer', 99)).toBe(99)
    expect(nextLifetime(45, 'shorter', 99)).toBe(30)
    expect(nextLifetime(38, 'shorter', 99)).toBe(30)
    expect(nextLifetime(2, 'longer', 99)).toBe(7)
  })

  test('a step leads nowhere beyond the shortest, the longest, or what the prefix allows', () => {
    expect(nextLifetime(1, 'shorter', 99)).toBe(1)
    expect(nextLifetime(99, 'longer', 99)).toBe(99)
    expect(nextLifetime(45, 'longer', 90)).toBe(45)
  })

  test('have names as people say them', () => {
    expect([1, 7, 45].map(lifetimeName)).toEqual(['a day', 'a week', '45 days'])
  })

  test.each([
    ['45', 45],
    [' 7 ', 7],
    ['05', 5],
    ['90', 90],
    ['91', undefined],
    ['0', undefined],
    ['', undefined],
    ['4.5', undefined],
    ['1e1', undefined],
    ['-3', undefined],
  ])('%j typed as days, where 90 are allowed, is %j', (text, days) => {
    expect(readDays(text, 90)).toBe(days)
  })
})

describe('the site somebody types or pastes', () => {
  test.each([
    ['shop.example', 'shop.example'],
    ['  Shop.Example. ', 'shop.example'],
    ['https://shop.example/cart?item=1#top', 'shop.example'],
    ['https://dan:secret@shop.example:8443/', 'shop.example'],
    ['shop.example/account', 'shop.example'],
    ['shop.example:8080', 'shop.example'],
    ['', ''],
    ['Ümlaut.example', 'xn--mlaut-jva.example'],
    ['https://тест.example/корзина', 'xn--e1aybc.example'],
    ['ü b.example', 'ü b.example'],
    // Not for us to judge: the service says what is wrong with it.
    ['two words', 'two words'],
    ['info@shop.example', 'info@shop.example'],
  ])('%j is %j', (text, site) => {
    expect(siteIn(text)).toBe(site)
  })

  test('is worth a question once it may be whole', () => {
    expect(['shop', 'shop.', 'shop.e', 'shop.ex', 'a b.example'].map(looksWhole)).toEqual([
      false,
      false,
      false,
      true,
      false,
    ])
  })
})

describe('the sentence', () => {
  test('names the last day it works, and the moment from which it is refused', () => {
    readAs('en-GB')
    const [first, last] = [dayOf('2026-11-22'), dayOf('2027-01-05')]
    expect(worksSentence(first, last, first)).toBe('Works through Tuesday, 5 January 2027.')
    expect(worksSentence(first + 3, last, first)).toBe(
      'Works from 25 November through Tuesday, 5 January 2027.',
    )
    expect(refusedFrom(last, 'Europe/Berlin')).toBe(
      'From midnight in Berlin on the 6th the server refuses it.',
    )
    expect(refusedFrom(dayOf('2026-11-30'), 'UTC')).toBe(
      'From midnight UTC on the 1st the server refuses it.',
    )
    readAs(undefined)
  })

  test('says a zone without a place by its name', () => {
    expect(midnightIn('Etc/UTC')).toBe('midnight UTC')
    expect(midnightIn('America/New_York')).toBe('midnight in New York')
  })

  test('joins mailboxes as people do', () => {
    expect([[], ['a@x'], ['a@x', 'b@x'], ['a@x', 'b@x', 'c@x']].map(together)).toEqual([
      '',
      'a@x',
      'a@x and b@x',
      'a@x, b@x and c@x',
    ])
  })
})

describe('what this browser remembers', () => {
  const made = {
    address: 'a@x',
    name: 'shop',
    lastDay: '2027-01-05',
    zone: 'UTC',
    copiedAt: '2026-11-22T10:00:00Z',
  }

  test('is read back, two at most', () => {
    expect(readMade(JSON.stringify([made, made, made]))).toEqual([made, made])
  })

  test.each([undefined, '', '{', '7', '[1, null, {"address": "a@x"}]'])('is empty when it is %j', (text) => {
    expect(readMade(text)).toEqual([])
  })
})

test('a QR code is one rectangle for each run of dark modules', () => {
  expect(
    pathOf([
      [true, true, false, true],
      [false, false, false, false],
    ]),
  ).toBe('M0 0h2v1h-2zM3 0h1v1h-1z')
})
