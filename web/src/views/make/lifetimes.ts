// The five lifetimes that have a place of their own on the ruler, and the step from one to the next.

/** The longest lifetime an address can say, in days. */
export const LONGEST = 99

/** What a new prefix gives unless told, as the service does. */
export const USUAL_DAYS = 45

export const LIFETIMES = [1, 7, 30, USUAL_DAYS, LONGEST] as const

/** "a day", "a week", "45 days". */
export function lifetimeName(days: number): string {
  if (days === 1) return 'a day'
  return days === 7 ? 'a week' : `${days} days`
}

/** The next longer (or shorter) of the five; the same when there is none within the maximum. */
export function nextLifetime(days: number, direction: 'longer' | 'shorter', most: number): number {
  const allowed = LIFETIMES.filter((lifetime) => lifetime <= most)
  const found =
    direction === 'longer'
      ? allowed.find((lifetime) => lifetime > days)
      : allowed.findLast((lifetime) => lifetime < days)
  return found ?? days
}

/** Reads the days somebody typed: 1 up to the maximum. */
export function readDays(text: string, most: number): number | undefined {
  const days = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : 0
  return days >= 1 && days <= most ? days : undefined
}
