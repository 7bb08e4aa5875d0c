// Where things stand on a ruler. Pure: days in, per cent of its width out. The components only draw what stands here.

import { type Day, monthStart, partsOf } from './days.ts'

/** A ruler shows the midnights from `start` up to and including `end`. */
export interface Scale {
  readonly start: Day
  readonly end: Day
}

export type TickKind = 'day' | 'week' | 'month'
export interface Tick {
  readonly day: Day
  readonly kind: TickKind
}

/** Per cent of the width at which the midnight that begins `day` stands; fractions of a day are welcome. */
export function placeOf(scale: Scale, day: Day): number {
  return round(((day - scale.start) / (scale.end - scale.start)) * 100)
}

/** The nearest midnight to a place, given in per cent. */
export function dayAt(scale: Scale, place: number): Day {
  return scale.start + Math.round((place / 100) * (scale.end - scale.start))
}

const round = (value: number) => Math.round(value * 1000) / 1000

export function isOn(scale: Scale, day: Day): boolean {
  return day >= scale.start && day <= scale.end
}

/** Every midnight of the scale: the first of a month is long, a Monday longer than the others. */
export function ticksOf(scale: Scale): readonly Tick[] {
  const ticks: Tick[] = []
  for (let day = scale.start; day <= scale.end; day++) {
    const { dayOfMonth, weekday } = partsOf(day)
    ticks.push({ day, kind: dayOfMonth === 1 ? 'month' : weekday === 1 ? 'week' : 'day' })
  }
  return ticks
}

/** The firsts of the months on a scale; of each quarter, half-year or so many years, with `step` in months. */
export function monthsOf({ start, end }: Scale, step = 1): readonly Day[] {
  const { year, month } = partsOf(start)
  const months: Day[] = []
  const first = -((year * 12 + month - 1) % step)
  for (let at = first, day = monthStart(start, at); day <= end; at += step, day = monthStart(start, at)) {
    if (day >= start) months.push(day)
  }
  return months
}

/** Months of a quarter, a half-year, a year and more. */
const STEPS = [1, 3, 6, 12, 24, 60, 120, 600, 1200] as const
const DAYS_OF_MONTH = 30.4

/** How many months lie between two marks of a scale that is `width` pixels wide, so that each has `room` pixels. */
export function monthStep({ start, end }: Scale, width: number, room: number): number {
  const pixels = (width / (end - start)) * DAYS_OF_MONTH
  return STEPS.find((step) => step * pixels >= room) ?? 36_000
}

/** Whole months: `back` before the month of today, to the end of the one `ahead` after it. */
export function calendarAround(today: Day, back = 2, ahead = 3): Scale {
  return { start: monthStart(today, -back), end: monthStart(today, ahead + 1) }
}

export interface Life {
  /** First day it works. */
  readonly first: Day
  /** Last day it works, by its own date and days. */
  readonly last: Day
  /** Last day that an extension gives it. */
  readonly extended?: Day | undefined
  /** The day it was revoked. */
  readonly cut?: Day | undefined
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A life as it is drawn; every number is per cent of the width. What is off the scale is left out. */
export interface LifeLine {
  /** Spent: a thin line. */
  readonly thin?: Stretch | undefined
  /** Still to come: a thick line. */
  readonly thick?: Stretch | undefined
  /** Added by an extension: a double line. */
  readonly double?: Stretch | undefined
  /** Lost to a revocation: dots. */
  readonly dots?: Stretch | undefined
  /** Short bar where it starts. */
  readonly startBar?: number | undefined
  /** Taller bars where it ends, and where it ended before it was extended. */
  readonly endBar?: number | undefined
  readonly oldEndBar?: number | undefined
  /** A slanted stroke where it was revoked. */
  readonly slant?: number | undefined
}

/** The drawing of a life: thin from its start to today, thick from today to its end. */
export function lifeLine(scale: Scale, life: Life, today: Day): LifeLine {
  const end = life.last + 1
  const stretch = (from: Day, to: Day): Stretch | undefined => {
    const [a, b] = [Math.max(from, scale.start), Math.min(to, scale.end)]
    return a < b ? { from: placeOf(scale, a), to: placeOf(scale, b) } : undefined
  }
  const bar = (day: Day) => (isOn(scale, day) ? placeOf(scale, day) : undefined)
  if (life.cut !== undefined) {
    const cut = Math.min(Math.max(life.cut, life.first), end)
    return {
      thin: stretch(life.first, cut),
      dots: stretch(cut, Math.max(end, (life.extended ?? life.last) + 1)),
      startBar: bar(life.first),
      slant: bar(cut),
    }
  }
  const extendedEnd = life.extended !== undefined && life.extended >= end ? life.extended + 1 : undefined
  return {
    thin: stretch(life.first, Math.min(end, today)),
    thick: stretch(Math.max(life.first, today), end),
    double: extendedEnd === undefined ? undefined : stretch(end, extendedEnd),
    startBar: bar(life.first),
    oldEndBar: extendedEnd === undefined ? undefined : bar(end),
    endBar: bar(extendedEnd ?? end),
  }
}
