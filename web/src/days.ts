// Calendar days as integers (days since 1970-01-01), and how they are written for people. No library: Intl knows the
// reader's locale. Everything here is pure but for the reader's locale, which can be set for tests.

/** Days since 1970-01-01; a day of the calendar, in no time zone. */
export type Day = number

const DAY_MS = 86_400_000

let locale: string | undefined

/** Writes dates for this locale from now on; `undefined` asks the browser. */
export function readAs(reader: string | undefined): void {
  locale = reader
  formats.clear()
}

/** Reads `YYYY-MM-DD`, or the `YYYYMMDD` of an address. Answers undefined for a date that does not exist. */
export function parseDay(text: string): Day | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text) ?? []
  if (year === undefined) return undefined
  const time = new Date(`${year}-${month}-${day}T00:00:00Z`).getTime()
  if (Number.isNaN(time)) return undefined
  const found = time / DAY_MS
  return dayText(found) === `${year}-${month}-${day}` ? found : undefined
}

/** A day that the service sent; it sends no impossible ones. */
export function dayOf(text: string): Day {
  return parseDay(text) ?? 0
}

/** `YYYY-MM-DD`, as the service and date fields write it. */
export function dayText(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** 31 December 9999: addresses, fields and the service write four digits of a year. */
export const LAST_DAY: Day = Date.UTC(9999, 11, 31) / DAY_MS

/** `YYYYMMDD`, as an address writes it. */
export function dayDigits(day: Day): string {
  return dayText(day).replaceAll('-', '')
}

/** The day of an instant in a time zone. */
export function dayIn(zone: string, instant: string | number): Day {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(
    new Date(instant),
  )
  return dayOf(parts)
}

export interface DateParts {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly dayOfMonth: number
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number
}

export function partsOf(day: Day): DateParts {
  const date = new Date(day * DAY_MS)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    dayOfMonth: date.getUTCDate(),
    weekday: date.getUTCDay() || 7,
  }
}

/** The first day of the month that lies `months` after the month of `day`. */
export function monthStart(day: Day, months = 0): Day {
  const { year, month } = partsOf(day)
  return Date.UTC(year, month - 1 + months, 1) / DAY_MS
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(value: Day | Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  let known = formats.get(key)
  if (known === undefined) {
    known = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options })
    formats.set(key, known)
  }
  return known.format(typeof value === 'number' ? value * DAY_MS : value)
}

const english = () => new Intl.DateTimeFormat(locale).resolvedOptions().locale.startsWith('en')

/** "5 January 2027". */
export function longDate(day: Day): string {
  return format(day, { day: 'numeric', month: 'long', year: 'numeric' })
}

/** "Tuesday, 5 January 2027". */
export function fullDate(day: Day): string {
  // Newer tables of British English leave the comma out; our sentences have it.
  if (english()) return `${format(day, { weekday: 'long' })}, ${longDate(day)}`
  return format(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

/** "Sunday, 22 November", for days near today. */
export function weekdayDate(day: Day): string {
  if (english())
    return `${format(day, { weekday: 'long' })}, ${format(day, { day: 'numeric', month: 'long' })}`
  return format(day, { weekday: 'long', day: 'numeric', month: 'long' })
}

/** "22 December", with the year when it is not this one's. */
export function dateNear(day: Day, today: Day): string {
  if (partsOf(day).year !== partsOf(today).year) return longDate(day)
  return format(day, { day: 'numeric', month: 'long' })
}

/** "21 Oct", with the year when it is not this one's. */
export function shortDate(day: Day, today: Day): string {
  const sameYear = partsOf(day).year === partsOf(today).year
  return format(day, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })
}

/** "1 Jan 2027" for a January, "1 Feb" otherwise: the name of a long tick. */
export function tickDate(day: Day): string {
  const year = partsOf(day).month === 1 ? ({ year: 'numeric' } as const) : {}
  return format(day, { day: 'numeric', month: 'short', ...year })
}

/** "Oct", and the year for a January: the head of a calendar's column. */
export function monthName(day: Day): string {
  return format(day, partsOf(day).month === 1 ? { year: 'numeric' } : { month: 'short' })
}

/** "6th": the day of the month inside an English sentence. */
export function ordinal(day: Day): string {
  const { dayOfMonth } = partsOf(day)
  const suffix = { one: 'st', two: 'nd', few: 'rd' }[
    new Intl.PluralRules('en', { type: 'ordinal' }).select(dayOfMonth) as string
  ]
  return `${dayOfMonth}${suffix ?? 'th'}`
}

/** "10:52", or "10:52:07", in a time zone. */
export function clockTime(instant: string, zone: string, seconds = false): string {
  return format(new Date(instant), {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(seconds ? { second: '2-digit' } : {}),
  })
}

/** "09:41", "yesterday", "18 Nov": when something happened, as short as can be said. */
export function whenShort(instant: string, zone: string, today: Day): string {
  const day = dayIn(zone, instant)
  if (day === today) return clockTime(instant, zone)
  return day === today - 1 ? 'yesterday' : shortDate(day, today)
}

/** "Berlin" for Europe/Berlin. */
export function cityOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')
}

/** "1 day", "45 days". */
export function daysInWords(count: number): string {
  return count === 1 ? '1 day' : `${count} days`
}
