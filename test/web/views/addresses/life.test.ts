import { describe, expect, it } from 'vitest'
import { lifeOf, position } from '../../../../web/src/views/addresses/life.ts'
import { tableCalendar } from '../../../../web/src/views/addresses/table-calendar.ts'

const day = (text: string) => Date.parse(`${text}T00:00Z`) / 86_400_000
const span = { from: 100, to: 200 }
const today = 150

describe('the calendar of the table', () => {
  it('runs from two whole months back to the end of the third ahead', () => {
    const calendar = tableCalendar(day('2026-11-22'))
    expect([calendar.from, calendar.to]).toEqual([day('2026-09-01'), day('2027-03-01')])
    expect(calendar.months.map(({ year, month }) => `${year}-${month + 1}`)).toEqual([
      '2026-9',
      '2026-10',
      '2026-11',
      '2026-12',
      '2027-1',
      '2027-2',
    ])
  })

  it('is the same on the first and the last day of a month', () => {
    expect(tableCalendar(day('2026-01-01'))).toEqual(tableCalendar(day('2026-01-31')))
  })
})

describe('the life line of a row', () => {
  it('is thin up to today and thick from today on', () => {
    const life = lifeOf({ state: 'works', firstDay: 120, lastDay: 179 }, today, span)
    expect(life).toEqual({ start: 0.2, spent: [0.2, 0.5], toCome: [0.5, 0.8], end: 0.8 })
  })

  it('has nothing spent on its first day', () => {
    const life = lifeOf({ state: 'works', firstDay: today, lastDay: 179 }, today, span)
    expect(life.spent).toBeUndefined()
    expect(life.toCome).toEqual([0.5, 0.8])
  })

  it('lies wholly ahead while it has not begun', () => {
    const life = lifeOf({ state: 'waiting', firstDay: 160, lastDay: 169 }, today, span)
    expect(life).toEqual({ start: 0.6, toCome: [0.6, 0.7], end: 0.7 })
  })

  it('is thin to its end once it has ended', () => {
    const life = lifeOf({ state: 'ended', firstDay: 120, lastDay: 129 }, today, span)
    expect(life).toEqual({ start: 0.2, spent: [0.2, 0.3], end: 0.3 })
  })

  it('goes on as a double line from its own end to the end of its extension', () => {
    const lifetime = { state: 'works', firstDay: 120, lastDay: 159, extendedThrough: 189 } as const
    expect(lifeOf(lifetime, today, span)).toEqual({
      start: 0.2,
      spent: [0.2, 0.5],
      toCome: [0.5, 0.6],
      ownEnd: 0.6,
      extension: [0.6, 0.9],
      end: 0.9,
    })
  })

  it('takes no notice of an extension that ends before its own days do', () => {
    const lifetime = { state: 'works', firstDay: 120, lastDay: 159, extendedThrough: 130 } as const
    expect(lifeOf(lifetime, today, span)).toMatchObject({ end: 0.6 })
    expect(lifeOf(lifetime, today, span).extension).toBeUndefined()
  })

  it('is cut where it was revoked, with dots for the days that it lost', () => {
    const lifetime = { state: 'revoked', firstDay: 120, lastDay: 189, revokedDay: 140 } as const
    expect(lifeOf(lifetime, today, span)).toEqual({
      start: 0.2,
      spent: [0.2, 0.4],
      cut: 0.4,
      lost: [0.4, 0.9],
    })
  })

  it('is cut at its start when it was revoked before, and at its end when after', () => {
    const before = lifeOf({ state: 'revoked', firstDay: 160, lastDay: 169, revokedDay: 140 }, today, span)
    expect(before).toEqual({ start: 0.6, cut: 0.6, lost: [0.6, 0.7] })
    const after = lifeOf({ state: 'revoked', firstDay: 110, lastDay: 119, revokedDay: 140 }, today, span)
    expect(after).toEqual({ start: 0.1, spent: [0.1, 0.2], cut: 0.2 })
  })

  it('ends without a bar where it leaves the calendar', () => {
    const life = lifeOf({ state: 'works', firstDay: 20, lastDay: 400 }, today, span)
    expect(life).toEqual({ spent: [0, 0.5], toCome: [0.5, 1] })
  })

  it('is empty when all of it lies outside', () => {
    expect(lifeOf({ state: 'ended', firstDay: 20, lastDay: 40 }, today, span)).toEqual({})
  })

  it('keeps a bar on the very edge', () => {
    expect(position(200, span)).toBe(1)
    expect(lifeOf({ state: 'works', firstDay: 100, lastDay: 199 }, today, span)).toMatchObject({
      start: 0,
      end: 1,
    })
  })
})
