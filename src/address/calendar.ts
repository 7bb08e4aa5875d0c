// Days, and where they begin in a time zone. A day is a day, not 86,400 seconds: the article's arithmetic drifts
// across a clock change.

import { Temporal } from 'temporal-polyfill'

declare const brand: unique symbol

/** A calendar day of the proleptic Gregorian calendar: the number of days since 1970-01-01. */
export type Day = number & { readonly [brand]: 'Day' }

/** Name of an IANA time zone that this runtime knows. */
export type TimeZone = string & { readonly [brand]: 'TimeZone' }

const MS_PER_DAY = 86_400_000

const MONTHS_OF_30: ReadonlySet<number> = new Set([4, 6, 9, 11])
/** The calendar repeats itself after so many years, which are so many days. */
const CYCLE = 400
const DAYS_IN_CYCLE = 146_097

function lastOf(year: number, month: number): number {
  if (month !== 2) return MONTHS_OF_30.has(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % CYCLE === 0) ? 29 : 28
}

/** The day of a calendar date, or nothing when there is no such date. Year 0 to 9999. */
export function dayOf(year: number, month: number, date: number): Day | undefined {
  if (month < 1 || month > 12 || date < 1 || date > lastOf(year, month)) return undefined
  // A cycle later: Date.UTC takes the years 0 to 99 for 1900 to 1999.
  return (Date.UTC(year + CYCLE, month - 1, date) / MS_PER_DAY - DAYS_IN_CYCLE) as Day
}

/** Reads `YYYY-MM-DD` or `YYYYMMDD`. */
export function parseDay(text: string): Day | undefined {
  const [, year, month, date] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text) ?? []
  return year === undefined ? undefined : dayOf(Number(year), Number(month), Number(date))
}

/** `YYYY-MM-DD`; years after 9999 in ISO 8601's expanded form. */
export function formatDay(day: Day): string {
  return new Date(day * MS_PER_DAY).toISOString().replace(/T.*/, '')
}

export function addDays(day: Day, days: number): Day {
  return (day + days) as Day
}

/** The zone that `name` names, or nothing when this runtime does not know it. */
export function parseTimeZone(name: string): TimeZone | undefined {
  // Offsets such as +01:00 are taken by some runtimes; they have no summer time, so they are never what is meant.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return undefined
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name as TimeZone
  } catch {
    return undefined
  }
}

/**
 * The days of one time zone. A day lasts from its first instant to the first instant of the next day, so days follow
 * each other without gap or overlap, even where midnight is skipped, where it comes twice (St. John's until 2011:
 * it counts when it comes first) and where a whole day is skipped (Apia, 2011-12-30: it lasts no time at all).
 */
export class Calendar {
  readonly zone: TimeZone
  // The library takes some 50 µs to answer; one answer holds until the next midnight.
  #today = 0 as Day
  #from = 0
  #until = 0

  constructor(zone: TimeZone) {
    this.zone = zone
  }

  /** First instant of `day`, in milliseconds since 1970-01-01T00:00Z. */
  startOf(day: Day): number {
    const utc = new Date(day * MS_PER_DAY)
    const date = new Temporal.PlainDate(utc.getUTCFullYear(), utc.getUTCMonth() + 1, utc.getUTCDate())
    return date.toZonedDateTime(this.zone).epochMilliseconds
  }

  /** The day that `now`, in milliseconds since 1970-01-01T00:00Z, belongs to. */
  today(now: number): Day {
    if (now < this.#from || now >= this.#until) this.#turnTo(now)
    return this.#today
  }

  /** The wall clock at `instant`: for people. */
  wallClock(instant: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(this.zone)
  }

  #turnTo(now: number): void {
    const { year, month, day } = this.wallClock(now)
    let today = dayOf(year, month, day) as Day
    // In a repeated hour before midnight the wall clock shows the old day again, but the new one has begun.
    while (this.startOf(addDays(today, 1)) <= now) today = addDays(today, 1)
    this.#today = today
    this.#from = this.startOf(today)
    this.#until = this.startOf(addDays(today, 1))
  }
}
