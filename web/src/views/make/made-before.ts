// The addresses this person copied last in this browser. They stay here: the service records only those with a site
// or a note.

import { signal } from '@preact/signals'
import { me, recall, remember } from '../../state.ts'

export interface Made {
  readonly address: string
  /** The site, or else the note. */
  readonly name: string
  /** YYYY-MM-DD */
  readonly lastDay: string
  readonly zone: string
  /** When it was copied, RFC 3339. */
  readonly copiedAt: string
}

const KEPT = 2
const keyOf = (person: string) => `timedelay.made.${person}`

export const madeBefore = signal<readonly Made[]>([])

/** Reads the list of a person; a damaged one is empty. */
export function recallMade(person: string): void {
  madeBefore.value = readMade(recall(keyOf(person)))
}

export function readMade(text: string | undefined): readonly Made[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter(isMade).slice(0, KEPT) : []
  } catch {
    return []
  }
}

function isMade(entry: unknown): entry is Made {
  if (typeof entry !== 'object' || entry === null) return false
  const fields = ['address', 'name', 'lastDay', 'zone', 'copiedAt']
  return fields.every((field) => typeof (entry as Record<string, unknown>)[field] === 'string')
}

/** Puts an address on top of the list. */
export function keepMade(person: string, made: Made): void {
  const others = madeBefore.value.filter(({ address }) => address !== made.address)
  madeBefore.value = [made, ...others].slice(0, KEPT)
  remember(keyOf(person), JSON.stringify(madeBefore.value))
}

/** Whoever uses this browser next finds nothing. */
export function forgetMade(): void {
  madeBefore.value = []
  if (me.value !== undefined) remember(keyOf(me.value.name), undefined)
}
