import { afterEach, describe, expect, test } from 'vitest'
import {
  cityOf,
  clockTime,
  dateNear,
  dayDigits,
  dayIn,
  dayOf,
  dayText,
  fullDate,
  monthName,
  monthStart,
  ordinal,
  parseDay,
  partsOf,
  readAs,
  shortDate,
  tickDate,
  whenShort,
} from '../../web/src/days.ts'

afterEach(() => readAs(undefined))

describe('days as integers', () => {
  test('a day is read as the service and as an address write it, and written back', () => {
    expect(parseDay('1970-01-02')).toBe(1)
    expect(parseDay('20261122')).toBe(parseDay('2026-11-22'))
    expect(dayText(dayOf('2027-01-05'))).toBe('2027-01-05')
    expect(dayDigits(dayOf('2027-01-05'))).toBe('20270105')
  })

  test.each(['2026-11-31', '2026-02-29', '2026-13-01', '2026-1-1', 'tomorrow', ''])(
    '%j is no day',
    (text) => {
      expect(parseDay(text)).toBeUndefined()
    },
  )

  test('a leap day is a day', () => {
    expect(parseDay('2028-02-29')).toBe(dayOf('2028-02-28') + 1)
  })

  test('Monday is 1 and Sunday is 7', () => {
    expect(partsOf(dayOf('2026-11-22'))).toEqual({ year: 2026, month: 11, dayOfMonth: 22, weekday: 7 })
    expect(partsOf(dayOf('2026-11-23')).weekday).toBe(1)
  })

  test('months begin across the end of a year', () => {
    const today = dayOf('2026-11-22')
    expect(dayText(monthStart(today))).toBe('2026-11-01')
    expect(dayText(monthStart(today, 4))).toBe('2027-03-01')
    expect(dayText(monthStart(today, -11))).toBe('2025-12-01')
  })

  test('the day of an instant is that of the zone', () => {
    expect(dayText(dayIn('Europe/Berlin', '2026-11-22T23:30:00Z'))).toBe('2026-11-23')
    expect(dayText(dayIn('America/New_York', '2026-11-22T04:30:00Z'))).toBe('2026-11-21')
  })
})

describe('dates in words', () => {
  const today = dayOf('2026-11-22')

  test('a British reader reads the day first, an American the month, both with the weekday and a comma', () => {
    readAs('en-GB')
    expect(fullDate(dayOf('2027-01-05'))).toBe('Tuesday, 5 January 2027')
    readAs('en-US')
    expect(fullDate(dayOf('2027-01-05'))).toBe('Tuesday, January 5, 2027')
    readAs('de-DE')
    expect(fullDate(dayOf('2027-01-05'))).toBe('Dienstag, 5. Januar 2027')
  })

  test('the year stands where it is not this one', () => {
    readAs('en-GB')
    expect(dateNear(dayOf('2026-12-22'), today)).toBe('22 December')
    expect(dateNear(dayOf('2027-02-28'), today)).toBe('28 February 2027')
    expect(shortDate(dayOf('2026-10-21'), today)).toBe('21 Oct')
    expect(shortDate(dayOf('2025-10-21'), today)).toBe('21 Oct 2025')
  })

  test('a January carries its year on a ruler', () => {
    readAs('en-GB')
    expect(tickDate(dayOf('2027-01-01'))).toBe('1 Jan 2027')
    expect(tickDate(dayOf('2027-02-01'))).toBe('1 Feb')
    expect(monthName(dayOf('2027-01-01'))).toBe('2027')
    expect(monthName(dayOf('2026-12-01'))).toBe('Dec')
  })

  test.each([
    ['2026-11-01', '1st'],
    ['2026-11-02', '2nd'],
    ['2026-11-03', '3rd'],
    ['2026-11-11', '11th'],
    ['2026-11-12', '12th'],
    ['2026-11-13', '13th'],
    ['2026-11-22', '22nd'],
    ['2026-11-23', '23rd'],
    ['2027-01-31', '31st'],
  ])('%s is the %s', (text, word) => {
    expect(ordinal(dayOf(text))).toBe(word)
  })

  test('a time is that of the zone, without am and pm', () => {
    readAs('en-US')
    expect(clockTime('2026-11-22T23:05:09Z', 'Europe/Berlin')).toBe('00:05')
    expect(clockTime('2026-11-22T23:05:09Z', 'UTC', true)).toBe('23:05:09')
  })

  test('what happened today has a time, yesterday a word, before that a date', () => {
    readAs('en-GB')
    expect(whenShort('2026-11-22T08:41:00Z', 'Europe/Berlin', today)).toBe('09:41')
    // 23:30 in UTC is past midnight in Berlin already.
    expect(whenShort('2026-11-20T23:30:00Z', 'Europe/Berlin', today)).toBe('yesterday')
    expect(whenShort('2026-11-18T10:00:00Z', 'Europe/Berlin', today)).toBe('18 Nov')
  })

  test('a zone is called by its city', () => {
    expect(cityOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires')
    expect(cityOf('UTC')).toBe('UTC')
  })
})
