import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VerdictEvent } from '../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../web/src/days.ts'
import {
  followed,
  markOf,
  momentOf,
  verdictWord,
  zoneWords,
} from '../../../web/src/views/activity/event-words.ts'

beforeAll(() => readAs('en-GB'))
afterAll(() => readAs(undefined))

const today = dayOf('2026-11-22')
const event = (verdict: string, more: Partial<VerdictEvent> = {}): VerdictEvent => ({
  id: 1,
  at: '2026-11-22T10:08:41Z',
  verdict,
  sender: 'a@b.example',
  recipient: 'djb2026112045@td.example.com',
  prefix: 'djb',
  client: '',
  queueId: '',
  ...more,
})

describe('what became of a mail', () => {
  test.each([
    [
      event('forward', { to: ['dan@mailbox.example', 'bea@mailbox.example'] }),
      'to dan@mailbox.example, bea@mailbox.example',
    ],
    [event('forward'), 'to the mailboxes of djb'],
    [event('postmaster'), 'to the postmaster'],
    [event('forward', { leaked: true, to: ['dan@mailbox.example'] }), 'leaked: not the site it was made for'],
    [event('expired', { code: 551, on: '2026-11-20' }), '551 ended on 20 November'],
    [event('expired', { code: 551 }), '551 ended'],
    [event('revoked', { code: 550, on: '2025-11-07' }), '550 revoked on 7 November 2025'],
    [event('not-yet-valid', { code: 551, on: '2026-12-01' }), '551 begins on 1 December'],
    [event('unknown', { code: 551, prefix: '' }), '551 no such prefix'],
    [event('unknown', { code: 551 }), '551 djb is off, or the seal is not right'],
    [event('not-understood', { code: 551 }), '551 cannot be read'],
    [event('defer', { code: 451 }), '451 put off, the sender tries again'],
    [event('something-new'), 'something-new'],
  ])('%j', (happened, words) => {
    expect(followed(happened, today)).toBe(words)
  })

  test('the word and the mark agree', () => {
    expect([verdictWord('forward'), markOf('forward')]).toEqual(['delivered', 'works'])
    expect([verdictWord('revoked'), markOf('revoked')]).toEqual(['refused', 'revoked'])
    expect([verdictWord('defer'), markOf('defer')]).toEqual(['put off', 'waiting'])
    expect([verdictWord('unknown'), markOf('unknown')]).toEqual(['refused', 'ended'])
  })
})

describe('when it was', () => {
  test('today by the clock of the domain, earlier with the day', () => {
    expect(momentOf('2026-11-22T10:08:41Z', 'Europe/Berlin', today)).toBe('11:08:41')
    expect(momentOf('2026-11-21T22:59:59Z', 'Europe/Berlin', today)).toBe('21 Nov 23:59')
    expect(momentOf('2026-11-21T23:00:00Z', 'Europe/Berlin', today)).toBe('00:00:00')
  })

  test('has one clock, and says whose it is', () => {
    const domains = [
      { name: 'td.example.com', timeZone: 'Europe/Berlin' },
      { name: 'td.example.org', timeZone: 'America/New_York' },
    ]
    expect(zoneWords(domains)).toBe('days in the zone of each domain, all times in Europe/Berlin')
    expect(zoneWords(domains.slice(1))).toBe('days and times in America/New_York')
  })
})
