import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  Calendar,
  type Day,
  type DelayAddress,
  formatDay,
  lifetimeOf,
  parseDay,
  parseLocalPart,
  parseTimeZone,
  validityOn,
} from '../../src/address/index.ts'

function calendarOf(name: string): Calendar {
  const zone = parseTimeZone(name)
  if (zone === undefined) throw new Error(`no zone ${name}`)
  return new Calendar(zone)
}

function day(text: string): Day {
  const found = parseDay(text)
  if (found === undefined) throw new Error(`no date ${text}`)
  return found
}

function address(text: string): DelayAddress {
  const parsed = parseLocalPart(text, 16)
  if (!parsed.ok) throw new Error(text)
  return parsed.address
}

function verdictAt(text: string, zone: string, instant: string, maxDays = 99): string {
  const today = calendarOf(zone).today(Date.parse(instant))
  return validityOn(today, lifetimeOf(address(text), maxDays))
}

describe('the lifetime of an address', () => {
  test('begins at the first midnight and ends before the last, in the zone of the domain', () => {
    const zone = 'Europe/Berlin'
    expect(verdictAt('djb2026112045', zone, '2026-11-19T22:59:59.999Z')).toBe('not-yet-valid')
    expect(verdictAt('djb2026112045', zone, '2026-11-19T23:00:00.000Z')).toBe('current')
    expect(verdictAt('djb2026112045', zone, '2027-01-03T22:59:59.999Z')).toBe('current')
    expect(verdictAt('djb2026112045', zone, '2027-01-03T23:00:00.000Z')).toBe('expired')
  })

  test('is counted in calendar days, not in 86,400 seconds, across both clock changes', () => {
    const zone = 'America/New_York'
    // 25 October has 24 hours, 1 November 2026 has 25: 9 days end at local midnight all the same.
    expect(verdictAt('djb2026102509', zone, '2026-11-03T04:59:59.999Z')).toBe('current')
    expect(verdictAt('djb2026102509', zone, '2026-11-03T05:00:00.000Z')).toBe('expired')
    expect(verdictAt('djb2026030110', zone, '2026-03-11T03:59:59.999Z')).toBe('current')
    expect(verdictAt('djb2026030110', zone, '2026-03-11T04:00:00.000Z')).toBe('expired')
  })

  test("is capped at the prefix's maximum", () => {
    expect(verdictAt('djb2026112045', 'UTC', '2026-11-26T12:00:00Z', 7)).toBe('current')
    expect(verdictAt('djb2026112045', 'UTC', '2026-11-27T00:00:00Z', 7)).toBe('expired')
  })

  test('of no days is never', () => {
    for (const instant of ['2026-11-19T12:00:00Z', '2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'])
      expect(verdictAt('djb2026112000', 'UTC', instant)).not.toBe('current')
  })

  test('crosses the end of the year, of February and of the calendar', () => {
    expect(verdictAt('djb2027122010', 'UTC', '2027-12-29T12:00:00Z')).toBe('current')
    expect(verdictAt('djb2028022502', 'UTC', '2028-02-26T12:00:00Z')).toBe('current')
    expect(verdictAt('djb2028022805', 'UTC', '2028-03-03T12:00:00Z')).toBe('current')
    expect(verdictAt('djb2028022805', 'UTC', '2028-03-04T00:00:00Z')).toBe('expired')
    expect(verdictAt('djb9999123199', 'UTC', '2026-11-22T00:00:00Z')).toBe('not-yet-valid')
  })
})

describe('the days of a zone', () => {
  test('a day that Apia skipped lasts no time at all', () => {
    const apia = calendarOf('Pacific/Apia')
    expect(apia.startOf(day('2011-12-30'))).toBe(apia.startOf(day('2011-12-31')))
    expect(formatDay(apia.today(Date.parse('2011-12-30T09:59:59.999Z')))).toBe('2011-12-29')
    expect(formatDay(apia.today(Date.parse('2011-12-30T10:00:00Z')))).toBe('2011-12-31')
    expect(verdictAt('djb2011122901', 'Pacific/Apia', '2011-12-30T09:59:59Z')).toBe('current')
    expect(verdictAt('djb2011122901', 'Pacific/Apia', '2011-12-30T10:00:00Z')).toBe('expired')
    expect(verdictAt('djb2011123001', 'Pacific/Apia', '2011-12-30T10:00:00Z')).toBe('expired')
    expect(verdictAt('djb2011123002', 'Pacific/Apia', '2011-12-30T10:00:00Z')).toBe('current')
  })

  test('a day whose midnight is skipped begins at one', () => {
    const paulo = calendarOf('America/Sao_Paulo')
    expect(new Date(paulo.startOf(day('2018-11-04'))).toISOString()).toBe('2018-11-04T03:00:00.000Z')
  })

  test('a midnight that comes twice counts when it comes first', () => {
    const john = calendarOf('America/St_Johns')
    // 2010-11-07 00:01 NDT went back to 23:01 NST: midnight at 02:30Z, and again at 03:30Z.
    expect(formatDay(john.today(Date.parse('2010-11-07T02:29:59Z')))).toBe('2010-11-06')
    expect(formatDay(john.today(Date.parse('2010-11-07T02:30:00Z')))).toBe('2010-11-07')
    expect(formatDay(calendarOf('America/St_Johns').today(Date.parse('2010-11-07T03:00:00Z')))).toBe(
      '2010-11-07',
    )
  })

  test('the memory of today survives clocks that jump both ways', () => {
    const berlin = calendarOf('Europe/Berlin')
    const instants = [
      '2026-11-22T12:00:00Z',
      '2026-11-25T12:00:00Z',
      '2026-11-20T23:00:00Z',
      '2026-11-20T22:59:59Z',
    ]
    expect(instants.map((instant) => formatDay(berlin.today(Date.parse(instant))))).toEqual([
      '2026-11-22',
      '2026-11-25',
      '2026-11-21',
      '2026-11-20',
    ])
  })

  // Summer time both ways, half-hour and 45-minute offsets, half-hour summer time, a skipped day, no summer time.
  test.each([
    ['America/New_York', '2026-01-01', 366],
    ['Europe/Berlin', '2026-01-01', 366],
    ['Australia/Lord_Howe', '2026-01-01', 366],
    ['America/St_Johns', '2026-01-01', 366],
    ['Asia/Kolkata', '2026-01-01', 100],
    ['Asia/Kathmandu', '2026-01-01', 100],
    ['Pacific/Apia', '2011-12-01', 60],
    ['America/Sao_Paulo', '2018-10-01', 160],
    ['Asia/Beirut', '2023-03-01', 60],
    ['UTC', '2026-01-01', 60],
  ])('in %s they agree with a wall calendar that is asked every quarter of an hour', (name, from, days) => {
    const calendar = calendarOf(name)
    const wall = new Intl.DateTimeFormat('en-CA', { timeZone: name, dateStyle: 'short' })
    const start = Date.parse(`${from}T00:00:00Z`)
    for (let instant = start; instant < start + days * 86_400_000; instant += 900_000)
      if (formatDay(calendar.today(instant)) !== wall.format(instant))
        expect.fail(
          `${new Date(instant).toISOString()}: ${formatDay(calendar.today(instant))}, wall ${wall.format(instant)}`,
        )
  })

  test('validity agrees with a naive twin that crosses off the days of the wall calendar one by one', () => {
    const zones = [
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Pacific/Apia',
      'America/Sao_Paulo',
    ]
    const calendars = new Map(zones.map((zone) => [zone, calendarOf(zone)]))
    const walls = new Map(
      zones.map((zone) => [zone, new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })]),
    )
    const next = (date: string): string => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: day('2011-09-01'), max: day('2012-06-01') }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: -40 * 96, max: 140 * 96 }),
        (zone, issued, days, quarters) => {
          const date = formatDay(issued as Day)
          const instant = issued * 86_400_000 + quarters * 900_000
          const wallDate = walls.get(zone)?.format(instant) ?? ''
          const ticked = new Set<string>()
          for (let count = 0, at = date; count < days; count += 1, at = next(at)) ticked.add(at)
          const naive = ticked.has(wallDate)
            ? 'current'
            : days > 0 && wallDate < date
              ? 'not-yet-valid'
              : 'expired'
          const text = `djb${date.replaceAll('-', '')}${String(days).padStart(2, '0')}`
          const today = calendars.get(zone)?.today(instant) ?? (0 as Day)
          const ours = validityOn(today, lifetimeOf(address(text), 99))
          // An address of no days works on no day; on which side of it we are does not matter.
          return days === 0 ? ours !== 'current' : ours === naive
        },
      ),
      { numRuns: 4000 },
    )
  })
})

test('a date is read only when it exists, with or without hyphens', () => {
  expect(parseDay('20261120')).toBe(day('2026-11-20'))
  expect(addDays(day('2026-12-31'), 1)).toBe(day('2027-01-01'))
  for (const text of ['2026-11-31', '2026-1-1', '26-11-20', '2026-11-20T00:00', '', 'today'])
    expect(parseDay(text)).toBeUndefined()
})

test('a zone is an IANA name that this runtime knows', () => {
  expect(parseTimeZone('Europe/Berlin')).toBe('Europe/Berlin')
  expect(parseTimeZone('UTC')).toBe('UTC')
  for (const name of ['Mars/Olympus', '+01:00', '', 'Europe/Berlin\n', '../etc/passwd'])
    expect(parseTimeZone(name)).toBeUndefined()
})
