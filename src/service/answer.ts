// What a use case answers. A request that is turned down is an ordinary answer with one sentence for people; every
// door prints the same one. An exception means that something of ours failed.

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly objection: Objection }

/** Why a request is turned down. */
export interface Objection {
  readonly kind: /** What was given cannot be right, whatever is stored. */
    | 'invalid'
    | 'not-found'
    /** The name is in use already. */
    | 'taken'
    /** A target lies in one of our own domains: its mail would come back to us for ever. */
    | 'loop'
    /** Something stored stands against it. */
    | 'conflict'
    /** Somebody else changed it meanwhile. */
    | 'stale'
    /** The actor's role does not allow it. What belongs to somebody else is 'not-found'. */
    | 'forbidden'
    /** Too many tries: ask again after `retryAfter` seconds. */
    | 'slow'
  /** The input that is at fault, where it is one: 'mailboxes', 'timeZone', ... */
  readonly field?: string
  /** One or two sentences that say what to do. */
  readonly message: string
  /** Seconds; with 'slow'. */
  readonly retryAfter?: number
}

export function granted<T>(value: T): Answer<T> {
  return { ok: true, value }
}

export function declined(kind: Objection['kind'], message: string, field?: string): Answer<never> {
  return { ok: false, objection: { kind, message, ...(field === undefined ? {} : { field }) } }
}

/** For who saves what somebody else changed meanwhile. */
export function stale(name: string): Answer<never> {
  return declined('stale', `Somebody changed ${name} while you were editing. Look at it again.`, 'revision')
}

/** The wrong input in a message: in quotes, without what a terminal would obey, and of bounded length. */
export function quoted(text: string): string {
  const plain = text.replace(/[^\x20-\x7e\xa0-\u{10ffff}]/gu, '?')
  return plain.length > 80 ? `"${plain.slice(0, 77)}..."` : `"${plain}"`
}

/** `1 day`, `2 days`. `many` for a noun that does not just take an s. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`
}

/** Wishes for the list of changes: `maxDays 60, signed yes`. What was not wished for is left out. */
export function described(wishes: Readonly<Record<string, unknown>> | object): string {
  return Object.entries(wishes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${words(name)} ${word(value)}`)
    .join(', ')
}

/** `maxDays` as `max days`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function word(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === '') return 'none'
  return Array.isArray(value) ? value.join(' ') : String(value)
}
