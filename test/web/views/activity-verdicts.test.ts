import { describe, expect, test } from 'vitest'
import { dayOf } from '../../../web/src/days.ts'
import { dayCount, isShown, kindOf, quietDays, totalsOf } from '../../../web/src/views/activity/verdicts.ts'

describe('what a verdict counts as', () => {
  test('mail to the postmaster is delivered, too', () => {
    expect(['forward', 'postmaster'].map(kindOf)).toEqual(['delivered', 'delivered'])
  })

  test('whatever is neither delivered nor put off is refused, even by a name that is new here', () => {
    for (const verdict of [
      'expired',
      'revoked',
      'unknown',
      'not-understood',
      'not-yet-valid',
      'toString',
      '',
    ]) {
      expect(isShown(verdict, 'refused')).toBe(true)
      expect(isShown(verdict, 'delivered')).toBe(false)
    }
    expect(isShown('defer', 'refused')).toBe(false)
    expect(isShown('defer', 'put-off')).toBe(true)
  })

  test('a single reason shows that reason only', () => {
    expect(isShown('expired', 'ended')).toBe(true)
    expect(isShown('revoked', 'ended')).toBe(false)
    expect(isShown('unknown', 'other')).toBe(true)
  })

  test('the totals are the sums of the days', () => {
    const days = [
      {
        day: '2026-11-21',
        counts: { forward: 5, postmaster: 1, expired: 2, unknown: 1, 'not-understood': 1 },
      },
      { day: '2026-11-22', counts: { forward: 4, revoked: 3, defer: 7 } },
    ].map(dayCount)
    expect(days[0]).toEqual({ day: '2026-11-21', delivered: 6, ended: 2, revoked: 0, other: 2, putOff: 0 })
    expect(totalsOf(days)).toEqual({ delivered: 10, refused: 7, ended: 2, revoked: 3, other: 2, putOff: 7 })
  })
})

describe('before the first answer', () => {
  test('thirty quiet days end with today', () => {
    const days = quietDays(dayOf('2026-11-22'))
    expect(days).toHaveLength(30)
    expect([days[0]?.day, days.at(-1)?.day]).toEqual(['2026-10-24', '2026-11-22'])
    expect(totalsOf(days)).toMatchObject({ delivered: 0, refused: 0, putOff: 0 })
  })
})
