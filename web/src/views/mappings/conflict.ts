// Two people changed one row at a time: what each of them said, in words, and what "Save mine" then saves.

import type { DomainView, PersonView, PrefixView } from '../../../../src/admin/schemas.ts'

/** What one member says now, and what mine says. */
interface Saying<V> {
  readonly theirs: (value: V) => string
  readonly mine: (value: V) => string
}

type Sayings<T> = { readonly [K in keyof T]: Saying<T[K]> }

/** How the drafts of one kind of row are compared. */
export interface Comparison<T> {
  /** The members that `now` changed since `base`. */
  changed(base: T, now: T): (keyof T)[]
  /** What "Save mine" saves: everything I touched as I said it, everything else as they left it. */
  mineOver(base: T, mine: T, theirs: T): T
  /** "It now allows 60 days. Yours says 90." A change of theirs that I said, too, needs no word. */
  words(base: T, mine: T, theirs: T): string
}

function comparing<T extends object>(sayings: Sayings<T>): Comparison<T> {
  const members = Object.keys(sayings) as (keyof T)[]
  const changed = (base: T, now: T) => members.filter((member) => !same(base[member], now[member]))
  const sentence = <K extends keyof T>(member: K, mine: T, theirs: T, touched: boolean): string => {
    const now = sayings[member].theirs(theirs[member])
    return touched ? `${now} ${sayings[member].mine(mine[member])}` : now
  }
  return {
    changed,
    mineOver: (base, mine, theirs) =>
      Object.assign(
        {},
        theirs,
        Object.fromEntries(changed(base, mine).map((member) => [member, mine[member]])),
      ),
    words: (base, mine, theirs) => {
      const touched = new Set(changed(base, mine))
      const words = changed(base, theirs)
        .filter((member) => !same(mine[member], theirs[member]))
        .map((member) => sentence(member, mine, theirs, touched.has(member)))
      return words.length === 0 ? 'It now says what yours says.' : words.join(' ')
    },
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)
const yours = (words: string) => `Yours says ${words}.`
const person = (name: string) => (name === '' ? 'nobody' : name)
const seal = (signed: boolean) => (signed ? 'sealed only' : 'sealed or plain')
const noted = (note: string) => (note === '' ? 'nothing' : `“${note}”`)

/** The members of a prefix that the row edits. */
export type PrefixDraft = Pick<
  PrefixView,
  'mailboxes' | 'defaultDays' | 'maxDays' | 'signed' | 'owner' | 'note' | 'enabled'
>

export function draftOf(prefix: PrefixView): PrefixDraft {
  const { mailboxes, defaultDays, maxDays, signed, owner, note, enabled } = prefix
  return { mailboxes, defaultDays, maxDays, signed, owner, note, enabled }
}

export const ofPrefixes = comparing<PrefixDraft>({
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
})

export type DomainDraft = Pick<DomainView, 'timeZone' | 'postmaster' | 'maxPrefixLength'>

const nowhere = (mailbox: string) => (mailbox === '' ? 'nowhere' : mailbox)

export const ofDomains = comparing<DomainDraft>({
  timeZone: { theirs: (zone) => `Its days now begin in ${zone}.`, mine: (zone) => yours(zone) },
  postmaster: {
    theirs: (mailbox) => `Mail to its postmaster now goes ${mailbox === '' ? 'nowhere' : `to ${mailbox}`}.`,
    mine: (mailbox) => yours(nowhere(mailbox)),
  },
  maxPrefixLength: {
    theirs: (letters) => `Its prefixes may now have ${letters} letters.`,
    mine: (letters) => yours(String(letters)),
  },
})

export type PersonDraft = Pick<PersonView, 'role' | 'enabled'>

export const ofPeople = comparing<PersonDraft>({
  role: { theirs: (role) => `The role is now ${role}.`, mine: (role) => yours(role) },
  enabled: {
    theirs: (enabled) => (enabled ? 'The account is enabled now.' : 'The account is disabled now.'),
    mine: (enabled) => yours(enabled ? 'enabled' : 'disabled'),
  },
})
