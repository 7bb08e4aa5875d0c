// Two people changed one prefix at a time: what each of them said, in words, and what "Save mine" then saves.

import type { PrefixView } from '../../../../src/admin/schemas.ts'

/** The members of a prefix that the row edits. */
export type PrefixDraft = Pick<
  PrefixView,
  'mailboxes' | 'defaultDays' | 'maxDays' | 'signed' | 'owner' | 'note' | 'enabled'
>

export function draftOf(prefix: PrefixView): PrefixDraft {
  const { mailboxes, defaultDays, maxDays, signed, owner, note, enabled } = prefix
  return { mailboxes, defaultDays, maxDays, signed, owner, note, enabled }
}

type Saying<K extends keyof PrefixDraft> = {
  readonly theirs: (value: PrefixDraft[K]) => string
  readonly mine: (value: PrefixDraft[K]) => string
}

const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)
const yours = (words: string) => `Yours says ${words}.`
const person = (name: string) => (name === '' ? 'nobody' : name)
const seal = (signed: boolean) => (signed ? 'sealed only' : 'sealed or plain')
const noted = (note: string) => (note === '' ? 'nothing' : `“${note}”`)

const SAYINGS: { readonly [K in keyof PrefixDraft]: Saying<K> } = {
  mailboxes: {
    theirs: (boxes) => `Its mail now goes to ${boxes.join(', ')}.`,
    mine: (boxes) => yours(boxes.join(', ')),
  },
  defaultDays: {
    theirs: (count) => `It now gives ${days(count)} unless told.`,
    mine: (count) => yours(String(count)),
  },
  maxDays: { theirs: (count) => `It now allows ${days(count)}.`, mine: (count) => yours(String(count)) },
  signed: {
    theirs: (signed) => `It now takes ${seal(signed)}.`,
    mine: (signed) => yours(seal(signed)),
  },
  owner: {
    theirs: (owner) => `It now belongs to ${person(owner)}.`,
    mine: (owner) => yours(person(owner)),
  },
  note: { theirs: (note) => `Its note now says ${noted(note)}.`, mine: (note) => yours(noted(note)) },
  enabled: {
    theirs: (enabled) => (enabled ? 'It is on again.' : 'It is off now.'),
    mine: (enabled) => yours(enabled ? 'on' : 'off'),
  },
}

const MEMBERS = Object.keys(SAYINGS) as (keyof PrefixDraft)[]

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The members that `now` changed since `base`. */
export function changed(base: PrefixDraft, now: PrefixDraft): (keyof PrefixDraft)[] {
  return MEMBERS.filter((member) => !same(base[member], now[member]))
}

/** What "Save mine" saves: everything I touched as I said it, everything else as they left it. */
export function mineOver(base: PrefixDraft, mine: PrefixDraft, theirs: PrefixDraft): PrefixDraft {
  const touched = changed(base, mine)
  return Object.assign({}, theirs, Object.fromEntries(touched.map((member) => [member, mine[member]])))
}

/** "It now allows 60 days. Yours says 90." A change of theirs that I said, too, needs no word. */
export function conflictWords(base: PrefixDraft, mine: PrefixDraft, theirs: PrefixDraft): string {
  const touched = new Set(changed(base, mine))
  const words = changed(base, theirs)
    .filter((member) => !same(mine[member], theirs[member]))
    .map((member) => wordsOf(member, mine, theirs, touched.has(member)))
  return words.length === 0 ? 'It now says what yours says.' : words.join(' ')
}

function wordsOf<K extends keyof PrefixDraft>(
  member: K,
  mine: PrefixDraft,
  theirs: PrefixDraft,
  touched: boolean,
): string {
  const saying: Saying<K> = SAYINGS[member]
  const now = saying.theirs(theirs[member])
  return touched ? `${now} ${saying.mine(mine[member])}` : now
}
