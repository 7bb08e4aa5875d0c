// What happens to the addresses that are out there when a new key is made.

import { type Day, daysInWords, longDate } from '../../days.ts'

export interface MadeKey {
  readonly id: string
  readonly signs: boolean
  /** The day on which it was made. */
  readonly made: Day
}

/** No address lives longer by its own days. */
const LONGEST = 99

/** The key that seals goes on verifying; the one before it, if any, is forgotten with its addresses. */
export function rotationWords(keys: readonly MadeKey[], today: Day): string {
  const present = keys.find(({ signs }) => signs)
  if (present === undefined) return 'From then on addresses can be sealed.'
  const stays = `New addresses are sealed with it at once. Those sealed with key ${present.id} go on working.`
  const last = keys.filter(({ signs }) => !signs).at(-1)
  if (last === undefined) return `${stays} They do until yet another key is made.`
  const since = today - present.made
  if (since >= LONGEST) {
    return `${stays} Key ${last.id} is forgotten: it has sealed nothing for ${daysInWords(since)}, so of its addresses only those that were extended are lost.`
  }
  return `${stays} Key ${last.id} is forgotten: what it sealed before ${longDate(present.made)} is refused from then on, and this cannot be undone. From ${longDate((present.made + LONGEST) as Day)} on nothing would be lost but what was extended.`
}
