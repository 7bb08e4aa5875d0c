// Where a list shows times, it says once whose clock they are from.

import { state } from '../state.ts'

/** "times in Europe/Berlin"; rows of domains in several zones are told in the zone of each. */
export function timesIn(zones: readonly string[]): string {
  const [only = 'UTC', ...others] = new Set(zones)
  return others.length > 0 ? 'times in the zone of each domain' : `times in ${only}`
}

/** The sentence below a list. */
export function ZoneNote() {
  const words = timesIn((state.value?.domains ?? []).map(({ timeZone }) => timeZone))
  return <p class="note">{words.replace('t', 'T')}.</p>
}
