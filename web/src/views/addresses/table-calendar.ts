// The one calendar that all rows of the table share: whole months, from two before this one to the end of the third
// ahead.

import type { Span } from './life.ts'

export interface Month {
  /** Its first day, counted from 1970. */
  readonly day: number
  readonly year: number
  /** 0 is January. */
  readonly month: number
}

export interface TableCalendar extends Span {
  readonly months: readonly Month[]
}

const [BEFORE, AHEAD] = [2, 3]
const MS_PER_DAY = 86_400_000

export function tableCalendar(today: number): TableCalendar {
  const now = new Date(today * MS_PER_DAY)
  const first = (offset: number): Month => {
    const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset))
    return { day: date.getTime() / MS_PER_DAY, year: date.getUTCFullYear(), month: date.getUTCMonth() }
  }
  const months = Array.from({ length: BEFORE + 1 + AHEAD }, (_, index) => first(index - BEFORE))
  return { from: first(-BEFORE).day, to: first(AHEAD + 1).day, months }
}
