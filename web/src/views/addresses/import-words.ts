// What an import did, in a sentence.

import type { ImportResult } from '../../../../src/admin/schemas.ts'
import { count } from '../../words.ts'

/** "12 addresses are new, 3 addresses have changed, 4 addresses were known already." */
export function importedInWords({ added, changed, unchanged }: ImportResult): string {
  if (added + changed + unchanged === 0) return 'There was no address in it.'
  const parts = [
    ...(added === 0 ? [] : [`${addresses(added)} ${added === 1 ? 'is' : 'are'} new`]),
    ...(changed === 0 ? [] : [`${addresses(changed)} ${changed === 1 ? 'has' : 'have'} changed`]),
    ...(unchanged === 0 ? [] : [`${addresses(unchanged)} ${unchanged === 1 ? 'was' : 'were'} known already`]),
  ]
  return `${parts.join(', ')}.`
}

function addresses(number: number): string {
  return number === 1 ? '1 address' : `${count(number)} addresses`
}
