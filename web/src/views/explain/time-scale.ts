// The time line under a verdict: how much of the calendar it shows, where the mails stand on it, and on which side of
// a bar its words find room. Places are per cent of the width, as on every ruler.

import type { Day } from '../../days.ts'
import type { Scale } from '../../ruler-geometry.ts'

/** Room before the first and after the last thing shown, as a part of what lies between. */
const MARGIN = 0.1
const LEAST_MARGIN = 4
/** Beyond this many days before or after, a mail or an end is left to the words: the rest must stay readable. */
const LONGEST = 800

export interface Shown {
  readonly firstDay: Day
  /** The day that is no longer its. */
  readonly end: Day
  readonly today: Day
  /** When mail came, in days with their fraction. */
  readonly mails: readonly number[]
}

/** The whole life, today, and the mail around them. */
export function timeScale({ firstDay, end, today, mails }: Shown): Scale {
  const near = mails.filter((day) => Math.abs(day - firstDay) < LONGEST)
  const from = Math.max(Math.min(firstDay, today, ...near), firstDay - LONGEST)
  const to = Math.min(Math.max(end, today + 1, ...near), end + LONGEST)
  const margin = Math.max(LEAST_MARGIN, Math.round((to - from) * MARGIN))
  return { start: Math.floor(from) - margin, end: Math.ceil(to) + margin }
}

/** Places of mails, at least `apart` pixels from each other: more than one there looks like one. */
export function mailTicks(days: readonly Day[], { start, end }: Scale, width: number, apart = 4): number[] {
  const slots = new Set<number>()
  for (const day of days) {
    if (day >= start && day <= end) slots.add(Math.round((((day - start) / (end - start)) * width) / apart))
  }
  return [...slots].sort((a, b) => a - b).map((slot) => Math.min(100, ((slot * apart) / width) * 100))
}

export interface Placing {
  readonly side: 'right' | 'left'
  /** It fits without touching the edge or the needle. */
  readonly fits: boolean
}

/**
 * Words beside a bar at `x`, which are about `length` wide, on a line of `width` pixels with the needle at `needle`: to
 * its right unless only the left has room. The needle never crosses them.
 */
export function beside(x: number, length: number, needle: number, width: number, gap = 10): Placing {
  const right = [x + gap, x + gap + length] as const
  const left = [x - gap - length, x - gap] as const
  const free = ([from, to]: readonly [number, number]) =>
    from >= 0 && to <= width && !(needle > from - gap / 2 && needle < to + gap / 2)
  if (free(right)) return { side: 'right', fits: true }
  if (free(left)) return { side: 'left', fits: true }
  return { side: x + gap + length <= width ? 'right' : 'left', fits: false }
}
