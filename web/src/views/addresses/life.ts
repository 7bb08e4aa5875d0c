// The life of one address as lines on a calendar: which part is spent, which is to come, where it was cut off. Days
// count from 1970; positions are fractions of the calendar's width, 0 its left edge and 1 its right.

/** Days `[from, to)` that a calendar shows. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Lifetime {
  readonly state: 'works' | 'soon' | 'ended' | 'revoked' | 'waiting'
  readonly firstDay: number
  /** The last day by its own date and days; that day still counts. */
  readonly lastDay: number
  /** The last day that an extension gives it. */
  readonly extendedThrough?: number | undefined
  readonly revokedDay?: number | undefined
}

export type Stretch = readonly [from: number, to: number]

/** What to draw, from left to right. What lies outside the calendar is missing. */
export interface Life {
  /** Thin: gone. */
  readonly spent?: Stretch
  /** Thick: still to come. */
  readonly toCome?: Stretch
  /** Double: given by the owner, beyond the end of its own days. */
  readonly extension?: Stretch
  /** Dots: days that revoking took away. */
  readonly lost?: Stretch
  /** Short bar. */
  readonly start?: number
  /** Tall bar. */
  readonly end?: number
  /** Where its own days end, when an extension goes on. */
  readonly ownEnd?: number
  /** Slanted stroke. */
  readonly cut?: number
}

/** Where a day begins on the calendar; outside 0..1 when it lies outside. */
export function position(day: number, { from, to }: Span): number {
  return (day - from) / (to - from)
}

export function lifeOf(lifetime: Lifetime, today: number, span: Span): Life {
  const { firstDay, lastDay, extendedThrough = lastDay } = lifetime
  const ownEnd = lastDay + 1
  const end = Math.max(ownEnd, extendedThrough + 1)
  const extension = end > ownEnd ? { extension: [ownEnd, end] as const, ownEnd } : {}
  if (lifetime.state === 'revoked') {
    const cut = clamp(lifetime.revokedDay ?? today, firstDay, end)
    return placed({ start: firstDay, spent: [firstDay, cut], cut, lost: [cut, end] }, span)
  }
  const now = clamp(today, firstDay, ownEnd)
  return placed({ start: firstDay, spent: [firstDay, now], toCome: [now, ownEnd], ...extension, end }, span)
}

function placed(life: Life, span: Span): Life {
  const found: Record<string, number | Stretch> = {}
  for (const [name, value] of Object.entries(life) as [string, number | Stretch][]) {
    const place = typeof value === 'number' ? bar(value, span) : stretch(value, span)
    if (place !== undefined) found[name] = place
  }
  return found
}

function bar(day: number, span: Span): number | undefined {
  return day < span.from || day > span.to ? undefined : position(day, span)
}

function stretch([from, to]: Stretch, span: Span): Stretch | undefined {
  const [left, right] = [Math.max(from, span.from), Math.min(to, span.to)]
  return left < right ? [position(left, span), position(right, span)] : undefined
}

function clamp(day: number, from: number, to: number): number {
  return Math.min(Math.max(day, from), to)
}
