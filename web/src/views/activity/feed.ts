// The list of verdicts as they happen. Newest on top; while it is held, what arrives waits and is counted, and no row
// moves. Bounded on both sides: a busy night must not fill the memory of a tab that somebody forgot.

/** The least a row must have. Identifiers only ever rise. */
interface Happening {
  readonly id: number
}

export interface Feed<E extends Happening> {
  /** Newest first. */
  readonly rows: readonly E[]
  /** What arrived while the list was held, newest first; at most `BOUND` of them. */
  readonly waiting: readonly E[]
  /** How many arrived while it was held, those that `waiting` had no room for included. */
  readonly arrived: number
  /** Some between `waiting` and `rows` are missing: there was no room for them, or the stream was away. */
  readonly gap: boolean
  /** What holds it: the button, the pointer, or the focus inside it. */
  readonly holds: readonly Hold[]
  /** The newest that is known; what arrives again after a reconnection is not newer. */
  readonly newest: number
  /** Rows that came while the page looked on: their ground fades. */
  readonly fresh: number
  readonly bound: number
}

export type Hold = 'paused' | 'pointed' | 'focused'

/** Rows kept on the page; each page of earlier ones raises it. */
export const BOUND = 200

export function feedOf<E extends Happening>(rows: readonly E[], holds: readonly Hold[] = []): Feed<E> {
  const newest = rows[0]?.id ?? 0
  return {
    rows,
    waiting: [],
    arrived: 0,
    gap: false,
    holds,
    newest,
    fresh: newest,
    bound: Math.max(BOUND, rows.length),
  }
}

/** `event` happened. What the list does not show moves nothing, but is known from then on. */
export function arrive<E extends Happening>(feed: Feed<E>, event: E, shown = true): Feed<E> {
  if (event.id <= feed.newest) return feed
  const known = { ...feed, newest: event.id }
  if (!shown) return known
  if (feed.holds.length > 0) {
    const waiting = [event, ...feed.waiting].slice(0, BOUND)
    const gap = feed.gap || feed.waiting.length === BOUND
    return { ...known, waiting, arrived: feed.arrived + 1, gap }
  }
  return { ...known, rows: [event, ...feed.rows].slice(0, feed.bound) }
}

export function hold<E extends Happening>(feed: Feed<E>, by: Hold): Feed<E> {
  return feed.holds.includes(by) ? feed : { ...feed, holds: [...feed.holds, by] }
}

/** Nothing waits any longer once the last hold is gone. */
export function release<E extends Happening>(feed: Feed<E>, by: Hold): Feed<E> {
  const holds = feed.holds.filter((each) => each !== by)
  if (holds.length === feed.holds.length) return feed
  return holds.length > 0 ? { ...feed, holds } : goOn({ ...feed, holds })
}

/** What waits joins the rows. Across a gap the rows below are no longer next to them, so they go. */
export function goOn<E extends Happening>(feed: Feed<E>): Feed<E> {
  const rows = feed.gap ? feed.waiting : [...feed.waiting, ...feed.rows]
  return { ...feed, rows: rows.slice(0, feed.bound), waiting: [], arrived: 0, gap: false }
}

/**
 * What the service lists now, newest first, after the stream was away. `more`: there are earlier ones than these, so
 * something may lie between them and what is known.
 */
export function catchUp<E extends Happening>(feed: Feed<E>, listed: readonly E[], more: boolean): Feed<E> {
  const missed = listed.filter(({ id }) => id > feed.newest)
  const gap = more && missed.length === listed.length && missed.length > 0
  if (gap && feed.holds.length === 0) return { ...feedOf(listed), fresh: feed.fresh }
  const next = missed.reduceRight((so, event) => arrive(so, event), feed)
  return gap ? { ...next, gap } : next
}

/** A page of earlier ones below those that are there. */
export function withEarlier<E extends Happening>(feed: Feed<E>, earlier: readonly E[]): Feed<E> {
  const oldest = feed.rows.at(-1)?.id ?? Number.POSITIVE_INFINITY
  const rows = [...feed.rows, ...earlier.filter(({ id }) => id < oldest)]
  return { ...feed, rows, bound: Math.max(feed.bound, rows.length) }
}

/** "Pause", "Go on", "Go on, 14 new". */
export function pauseWord(feed: Feed<Happening>): string {
  if (!feed.holds.includes('paused')) return 'Pause'
  return feed.arrived === 0 ? 'Go on' : `Go on, ${feed.arrived} new`
}
