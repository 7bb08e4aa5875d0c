// Slows down those who try passwords, by account and by client. A wait grows with each failure and has an end; nobody is
// locked out for ever.
//
// A network from which somebody signed in before waits for its own failures only, so strangers cannot keep people out.
//
// In memory: only one process lets people in, and whoever can restart it needs no password. Bounded, so that many names
// or many clients cost nothing; with so many that the bound matters, each still waits for its own turns.

import type { Clock } from '../clock.ts'
import { networkOf } from './network.ts'

/** Failures that cost no wait: people mistype, and a whole office may be one client. */
const FREE = { account: 5, client: 10 } as const
/** Longest wait in milliseconds. An account's is short: anybody can make it wait. */
const LONGEST = { account: 60_000, client: 15 * 60_000 } as const
/** Failures are forgotten after an hour without one. */
const FORGOTTEN_AFTER = 3_600_000
const REMEMBERED = 10_000

interface Tries {
  failures: number
  /** No try before that time. */
  until: number
  last: number
}

type Key = readonly [kind: keyof typeof LONGEST, name: string]

/** A try that has begun. */
export interface Attempt {
  /** It was right: the account starts anew. */
  succeed(): void
  /** It was neither right nor wrong, and does not count. */
  withdraw(): void
}

export class SlowDown {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #tries = new Map<string, Tries>()
  /** Accounts with the networks that they signed in from. */
  readonly #familiar = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Begins a try, or says how many seconds to wait. A try counts as failed until it succeeds, so a hundred at once are
   * no way around.
   */
  begin(account: string | undefined, client: string): Attempt | { readonly retryAfter: number } {
    const now = this.#clock()
    const network = networkOf(client)
    const keys: Key[] = [['client', network]]
    const name = account?.normalize('NFKC').toLowerCase()
    const here = `${name} ${network}`
    if (name !== undefined) keys.push(['account', this.#familiar.has(here) ? here : name])
    const until = Math.max(...keys.map((key) => this.#of(key, now).until))
    if (until > now) return { retryAfter: Math.ceil((until - now) / 1000) }
    for (const key of keys) this.#fail(key, now)
    return {
      succeed: () => {
        for (const key of keys) this.#takeBack(key)
        if (name === undefined) return
        this.#tries.delete(`account ${name}`)
        this.#tries.delete(`account ${here}`)
        if (this.#familiar.size >= REMEMBERED) this.#familiar.clear()
        this.#familiar.add(here)
      },
      withdraw: () => {
        for (const key of keys) this.#takeBack(key)
      },
    }
  }

  #of([kind, name]: Key, now: number): Tries {
    const tries = this.#tries.get(`${kind} ${name}`)
    if (tries !== undefined && now - tries.last < FORGOTTEN_AFTER) return tries
    return { failures: 0, until: 0, last: now }
  }

  #fail(key: Key, now: number): void {
    const [kind, name] = key
    const failures = this.#of(key, now).failures + 1
    const beyond = failures - FREE[kind]
    const wait = beyond < 0 ? 0 : Math.min(LONGEST[kind], 1000 * 2 ** beyond)
    const id = `${kind} ${name}`
    // Put at the end: what was touched last is forgotten last.
    this.#tries.delete(id)
    this.#tries.set(id, { failures, until: now + wait, last: now })
    if (this.#tries.size <= REMEMBERED) return
    const [oldest] = this.#tries.keys()
    if (oldest !== undefined) this.#tries.delete(oldest)
  }

  /** Only that one try: else one good account would free its client for all others. */
  #takeBack([kind, name]: Key): void {
    const id = `${kind} ${name}`
    const tries = this.#tries.get(id)
    if (tries === undefined) return
    if (tries.failures <= 1) this.#tries.delete(id)
    else this.#tries.set(id, { ...tries, failures: tries.failures - 1, until: 0 })
  }
}
