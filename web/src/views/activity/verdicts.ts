// The verdicts as the eye tells them apart: delivered, refused by reason, put off. One table for the chart, the totals
// and the filter. The verdicts' names are those of `src/filter/replies.ts`.

import { type Day, dayText } from '../../days.ts'

/** What a verdict counts as. 'other': refused, and neither ended nor revoked. */
export type Kind = 'delivered' | 'ended' | 'revoked' | 'other' | 'put-off'

const KINDS: Readonly<Record<string, Kind>> = {
  forward: 'delivered',
  postmaster: 'delivered',
  expired: 'ended',
  revoked: 'revoked',
  defer: 'put-off',
}

/** A verdict this page has not heard of is still a refusal: nothing else may be added without a mark of its own. */
export function kindOf(verdict: string): Kind {
  return (Object.hasOwn(KINDS, verdict) ? KINDS[verdict] : undefined) ?? 'other'
}

/** What the list can be narrowed to. */
export type Shown = 'all' | 'delivered' | 'refused' | 'put-off' | 'ended' | 'revoked' | 'other'

export function isShown(verdict: string, shown: Shown): boolean {
  const kind = kindOf(verdict)
  if (shown === 'all' || shown === kind) return true
  return shown === 'refused' && (kind === 'ended' || kind === 'revoked' || kind === 'other')
}

export interface DayCount {
  /** `2026-11-22`. */
  readonly day: string
  readonly delivered: number
  readonly ended: number
  readonly revoked: number
  readonly other: number
  readonly putOff: number
}

export type Totals = Omit<DayCount, 'day'> & { readonly refused: number }

interface CountedDay {
  readonly day: string
  readonly counts: Readonly<Record<string, number>>
}

export function dayCount({ day, counts }: CountedDay): DayCount {
  const sums = { delivered: 0, ended: 0, revoked: 0, other: 0, 'put-off': 0 }
  for (const [verdict, count] of Object.entries(counts)) sums[kindOf(verdict)] += count
  const { 'put-off': putOff, ...rest } = sums
  return { day, ...rest, putOff }
}

export function totalsOf(days: readonly DayCount[]): Totals {
  const sum = (pick: (day: DayCount) => number) => days.reduce((total, day) => total + pick(day), 0)
  const [ended, revoked, other] = [
    sum((day) => day.ended),
    sum((day) => day.revoked),
    sum((day) => day.other),
  ]
  return {
    delivered: sum((day) => day.delivered),
    refused: ended + revoked + other,
    ended,
    revoked,
    other,
    putOff: sum((day) => day.putOff),
  }
}

/** What the service is asked for: a verdict's name, or that of a group. */
export const ASKED: Readonly<Record<Shown, string | undefined>> = {
  all: undefined,
  delivered: 'delivered',
  refused: 'refused',
  'put-off': 'defer',
  ended: 'expired',
  revoked: 'revoked',
  other: 'other',
}

/** Thirty days without mail, for the first paint: what is known is drawn, and today is known. */
export function quietDays(today: Day): DayCount[] {
  return Array.from({ length: 30 }, (_, index) => dayCount({ day: dayText(today - 29 + index), counts: {} }))
}
