import { describe, expect, test } from 'vitest'
import { dayOf, dayText } from '../../web/src/days.ts'
import {
  calendarAround,
  dayAt,
  isOn,
  lifeLine,
  monthStep,
  monthsOf,
  placeOf,
  ticksOf,
} from '../../web/src/ruler-geometry.ts'

const today = dayOf('2026-11-22')
/** A hundred days, so that a day is one per cent. */
const scale = { start: today - 50, end: today + 50 }

describe('places on a ruler', () => {
  test('a midnight stands where its share of the days is', () => {
    expect(placeOf(scale, scale.start)).toBe(0)
    expect(placeOf(scale, today)).toBe(50)
    expect(placeOf(scale, scale.end)).toBe(100)
    expect(placeOf(scale, today + 0.5)).toBe(50.5)
  })

  test('a place leads back to the nearest midnight', () => {
    for (let day = scale.start; day <= scale.end; day++) expect(dayAt(scale, placeOf(scale, day))).toBe(day)
    expect(dayAt(scale, 50.4)).toBe(today)
    expect(dayAt(scale, 50.6)).toBe(today + 1)
  })

  test('both ends are on the ruler, what lies beyond is not', () => {
    expect([scale.start - 1, scale.start, scale.end, scale.end + 1].map((day) => isOn(scale, day))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('Mondays are longer, the firsts of months longest, also when they are Mondays', () => {
    const ticks = ticksOf({ start: dayOf('2027-01-30'), end: dayOf('2027-02-08') })
    expect(ticks.filter(({ kind }) => kind !== 'day').map(({ day, kind }) => [dayText(day), kind])).toEqual([
      ['2027-02-01', 'month'],
      ['2027-02-08', 'week'],
    ])
    expect(ticks).toHaveLength(10)
  })

  test('the calendar of a list is six whole months, two before this one and three after', () => {
    const calendar = calendarAround(today)
    expect([dayText(calendar.start), dayText(calendar.end)]).toEqual(['2026-09-01', '2027-03-01'])
    expect(monthsOf(calendar).map(dayText)).toEqual([
      '2026-09-01',
      '2026-10-01',
      '2026-11-01',
      '2026-12-01',
      '2027-01-01',
      '2027-02-01',
      '2027-03-01',
    ])
  })

  test('dates stand at quarters or years where months have no room', () => {
    const years = { start: dayOf('2020-02-11'), end: dayOf('2027-09-01') }
    const step = monthStep(years, 1088, 84)
    expect(step).toBe(12)
    expect(monthsOf(years, step).map(dayText)).toEqual(
      ['2021', '2022', '2023', '2024', '2025', '2026', '2027'].map((year) => `${year}-01-01`),
    )
    expect(monthStep({ start: today, end: today + 400 }, 1088, 84)).toBe(3)
    expect(monthsOf({ start: today, end: today + 400 }, 3).map(dayText)).toEqual([
      '2027-01-01',
      '2027-04-01',
      '2027-07-01',
      '2027-10-01',
    ])
    expect(monthStep(calendarAround(today), 1088, 84)).toBe(1)
  })

  test('no two dates are nearer than their room, over any span', () => {
    for (const length of [30, 365, 2700, 40_000, 2_900_000]) {
      const long = { start: today, end: today + length }
      const dates = monthsOf(long, monthStep(long, 350, 84))
      const places = dates.map((day) => (placeOf(long, day) / 100) * 350)
      // February is shorter than a month on average.
      for (let at = 1; at < places.length; at++) expect(places[at]! - places[at - 1]!).toBeGreaterThan(76)
    }
  })
})

describe('the line of a life', () => {
  test('is thin where it is spent, thick where it is to come, and has a bar at either end', () => {
    // Ten days before today, ten from today on.
    expect(lifeLine(scale, { first: today - 10, last: today + 9 }, today)).toMatchObject({
      thin: { from: 40, to: 50 },
      thick: { from: 50, to: 60 },
      startBar: 40,
      endBar: 60,
    })
  })

  test('is only thin when it has ended, and only thick when it has not begun', () => {
    const ended = lifeLine(scale, { first: today - 10, last: today - 1 }, today)
    expect(ended).toMatchObject({ thin: { from: 40, to: 50 }, endBar: 50 })
    expect(ended.thick).toBeUndefined()
    const waiting = lifeLine(scale, { first: today + 5, last: today + 9 }, today)
    expect(waiting).toMatchObject({ thick: { from: 55, to: 60 }, startBar: 55 })
    expect(waiting.thin).toBeUndefined()
  })

  test('goes on to the midnight after its last day', () => {
    expect(lifeLine(scale, { first: today, last: today }, today)).toMatchObject({
      thick: { from: 50, to: 51 },
      endBar: 51,
    })
  })

  test('leaves the ruler without a bar', () => {
    expect(lifeLine(scale, { first: today - 80, last: today + 80 }, today)).toMatchObject({
      thin: { from: 0, to: 50 },
      thick: { from: 50, to: 100 },
      startBar: undefined,
      endBar: undefined,
    })
    const gone = lifeLine(scale, { first: today - 90, last: today - 80 }, today)
    expect(Object.values(gone).every((part) => part === undefined)).toBe(true)
  })

  test('is cut where it was revoked, and dots for what it lost', () => {
    const line = lifeLine(scale, { first: today - 20, last: today + 9, cut: today - 5 }, today)
    expect(line).toMatchObject({ thin: { from: 30, to: 45 }, dots: { from: 45, to: 60 }, slant: 45 })
    expect(line.thick).toBeUndefined()
    expect(line.endBar).toBeUndefined()
  })

  test('is cut at its end when it was revoked later than that', () => {
    const line = lifeLine(scale, { first: today - 20, last: today - 11, cut: today - 5 }, today)
    expect(line).toMatchObject({ thin: { from: 30, to: 40 }, slant: 40 })
    expect(line.dots).toBeUndefined()
  })

  test('is double where it was extended, with a bar at the old end and the new', () => {
    expect(lifeLine(scale, { first: today - 10, last: today - 1, extended: today + 9 }, today)).toMatchObject(
      { double: { from: 50, to: 60 }, oldEndBar: 50, endBar: 60 },
    )
  })

  test('an extension within its own days changes nothing', () => {
    const plain = { first: today - 10, last: today + 9 }
    expect(lifeLine(scale, { ...plain, extended: today + 5 }, today)).toEqual(lifeLine(scale, plain, today))
  })
})
