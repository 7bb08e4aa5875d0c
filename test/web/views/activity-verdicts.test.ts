import { describe, expect, test } from 'vitest'
import { dayCount, isShown, kindOf, totalsOf, withVerdict } from '../../../web/src/views/activity/verdicts.ts'

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

describe('counting on while looking on', () => {
  const days = [
    { day: '2026-11-21', counts: { forward: 5 } },
    { day: '2026-11-22', counts: {} },
  ]

  test('adds to the day of the verdict', () => {
    const next = withVerdict(days, '2026-11-22', 'expired')
    expect(next[1]?.counts).toEqual({ expired: 1 })
    expect(withVerdict(next, '2026-11-21', 'forward')[0]?.counts).toEqual({ forward: 6 })
    expect(days[1]?.counts).toEqual({})
  })

  test('after midnight a new day comes in and the oldest goes', () => {
    expect(withVerdict(days, '2026-11-23', 'forward').map(({ day }) => day)).toEqual([
      '2026-11-22',
      '2026-11-23',
    ])
  })

  test('forgets what is older than the chart', () => {
    expect(withVerdict(days, '2026-10-01', 'forward')).toEqual(days)
  })
})
