// The geometry of the thirty days: delivered mail upwards, refused mail downwards, the dates between the two. Numbers
// only; across the page they are shares of the width, so that the drawing needs no measuring.

import type { DayCount } from './verdicts.ts'

/** Pixels between two lines of the scale, and how many steps both halves share. */
const STEP = 50
const STEPS = 5
/** Steps above and pixels below that are there without any mail: what stands underneath does not jump when it comes. */
const LEAST_UP = 3
const LEAST_DOWN = 70
/** Above the highest line, for the needle; between the halves, for the dates; below the lowest bar. */
const HEAD = 8
const BAND = 29
const FOOT = 4
const GAP = 1

export interface Segment {
  readonly kind: 'delivered' | 'ended' | 'revoked' | 'other'
  readonly y: number
  readonly height: number
}

export interface Column {
  readonly day: string
  /** Of the bar's middle, 0 to 100 of the width. */
  readonly x: number
  readonly up: Segment | undefined
  /** From the line of zero downwards: ended, revoked, other. */
  readonly down: readonly Segment[]
  /** Named below the line: the Mondays, and the last day. */
  readonly named: boolean
  readonly today: boolean
}

export interface Line {
  readonly y: number
  readonly label: string
}

export interface Chart {
  readonly height: number
  /** The two lines of zero: the delivered stand on the first, the refused hang from the second. */
  readonly floor: number
  readonly ceiling: number
  readonly lines: readonly Line[]
  readonly columns: readonly Column[]
  /** From the top of the drawing down to today's bar. */
  readonly needle: { readonly x: number; readonly to: number } | undefined
}

/** One scale for both halves: a refused mail is as large as a delivered one. */
export function chartOf(days: readonly DayCount[]): Chart {
  const most = Math.max(0, ...days.map((day) => day.delivered))
  const worst = Math.max(0, ...days.map(refusedOn))
  const step = stepFor(most, worst)
  const upSteps = Math.max(LEAST_UP, Math.ceil(most / step))
  const floor = HEAD + upSteps * STEP
  const ceiling = floor + BAND
  const scale = STEP / step
  const columns = days.map((day, index) => columnOf(day, index, days.length, { floor, ceiling, scale }))
  const last = columns.at(-1)
  return {
    height: Math.ceil(ceiling + Math.max(LEAST_DOWN, worst * scale) + FOOT),
    floor,
    ceiling,
    lines: [...linesUp(upSteps, step, floor), ...linesDown(Math.floor(worst / step), step, ceiling)],
    columns,
    needle: last && { x: last.x, to: (last.up?.y ?? floor) - 6 },
  }
}

function refusedOn(day: DayCount): number {
  return day.ended + day.revoked + day.other
}

/** The smallest round step with which both halves fit: 1, 2, 3, 5, 10, 20, 30, 50, 100, ... */
export function stepFor(most: number, worst: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 3, 5]) {
      const step = digit * power
      if (Math.max(1, Math.ceil(most / step)) + Math.max(1, Math.ceil(worst / step)) <= STEPS) return step
    }
  }
}

function linesUp(steps: number, step: number, floor: number): Line[] {
  return Array.from({ length: steps }, (_, index) => ({
    y: floor - (index + 1) * STEP,
    label: String((index + 1) * step),
  }))
}

function linesDown(steps: number, step: number, ceiling: number): Line[] {
  return Array.from({ length: steps }, (_, index) => ({
    y: ceiling + (index + 1) * STEP,
    label: String((index + 1) * step),
  }))
}

interface Frame {
  readonly floor: number
  readonly ceiling: number
  readonly scale: number
}

function columnOf(day: DayCount, index: number, count: number, { floor, ceiling, scale }: Frame): Column {
  const today = index === count - 1
  const height = day.delivered * scale
  return {
    day: day.day,
    x: ((index + 0.5) / count) * 100,
    up: day.delivered === 0 ? undefined : { kind: 'delivered', y: floor - height, height },
    down: hanging(day, ceiling, scale),
    // A name beside "today" would run into it.
    named: today || (isMonday(day.day) && index < count - 3),
    today,
  }
}

/** A part of one mail is still a pixel high, and the parts never touch: they are told apart by the gap, too. */
function hanging(day: DayCount, ceiling: number, scale: number): Segment[] {
  const segments: Segment[] = []
  let sum = 0
  for (const kind of ['ended', 'revoked', 'other'] as const) {
    if (day[kind] === 0) continue
    const y = ceiling + sum * scale + (sum === 0 ? 0 : GAP)
    sum += day[kind]
    segments.push({ kind, y, height: Math.max(1, ceiling + sum * scale - y) })
  }
  return segments
}

function isMonday(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).getUTCDay() === 1
}
