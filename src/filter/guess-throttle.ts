// Slows down those who guess tags: by client, and more so when many clients guess at one prefix.
//
// A client beyond its allowance is put off at every tagged address of ours, genuine or not, so that it learns nothing
// while it waits; and nobody's mail is refused because others guess. A client that never guessed is never put off.
// Prefixes that nobody has are counted like others, or being put off would tell which exist.
//
// In memory and bounded. A restart forgets, which costs one more allowance for each client.

import type { BlockList } from 'node:net'
import { networkList, networksOf } from './client-network.ts'
import type { Judged } from './judge.ts'
import { REFUSALS } from './replies.ts'

/** So many wrong tags at once, and one more for each `every` milliseconds. */
interface Allowance {
  readonly atOnce: number
  readonly every: number
}

const MINUTE = 60_000
/** 240 a day. Senders of old addresses, after two rotations of the key, come to a few. */
export const NETWORK: Allowance = { atOnce: 20, every: 6 * MINUTE }
/** The /48 of an IPv6 client: four times as much. */
export const NEIGHBOURHOOD: Allowance = { atOnce: 80, every: 1.5 * MINUTE }
/** Beyond it somebody guesses from many networks at once; no client is put off for this alone. */
export const PREFIX: Allowance = { atOnce: 200, every: 0.6 * MINUTE }
/** How long one wrong tag tells against a client while its prefix is under attack, in milliseconds: four a day. */
export const GRUDGE = 6 * 60 * MINUTE

/** What is kept at most; beyond it what was not touched lately is forgotten. Some 10 MB when all is full. */
const MOST_NETWORKS = 50_000
const MOST_PREFIXES = 10_000
const MOST_FAMILIAR = 50_000
/** Taking an IPv6 address apart takes longer than all the rest. */
const MOST_CLIENTS = 4_000

interface Debt {
  /** When all that was taken will have been given back. */
  until: number
  last: number
}

/**
 * A map of so many entries at most. It consists of two halves: when the newer one is full it becomes the older one, which
 * is dropped. (Taking the oldest entry out of one map costs more the more of them were taken out before.)
 */
class BoundedMap<T> {
  readonly #half: number
  #newer = new Map<string, T>()
  #older = new Map<string, T>()

  constructor(capacity: number) {
    this.#half = capacity / 2
  }

  /** Not more than the capacity; what is in both halves counts twice. */
  get size(): number {
    return this.#newer.size + this.#older.size
  }

  get(name: string): T | undefined {
    return this.#newer.get(name) ?? this.#older.get(name)
  }

  set(name: string, value: T): void {
    if (this.#newer.size >= this.#half) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(name, value)
  }
}

/** Who has taken how much of an allowance. Times are milliseconds from any origin, never going back. */
class Ledger {
  readonly #debts: BoundedMap<Debt>

  constructor(capacity: number) {
    this.#debts = new BoundedMap(capacity)
  }

  get size(): number {
    return this.#debts.size
  }

  /** Whether one more would be too much. */
  isUsedUp(name: string, { atOnce, every }: Allowance, now: number): boolean {
    const debt = this.#debts.get(name)
    return debt !== undefined && debt.until - now > (atOnce - 1) * every
  }

  tookWithin(name: string, time: number, now: number): boolean {
    const debt = this.#debts.get(name)
    return debt !== undefined && now - debt.last < time
  }

  take(name: string, { atOnce, every }: Allowance, now: number): void {
    const begin = Math.max(now, this.#debts.get(name)?.until ?? now)
    const until = Math.min(begin + every, now + 2 * atOnce * every)
    this.#debts.set(name, { until, last: now })
  }
}

export class GuessThrottle {
  readonly #now: () => number
  readonly #trusted: BlockList
  readonly #networks = new Ledger(MOST_NETWORKS)
  readonly #prefixes = new Ledger(MOST_PREFIXES)
  /** Clients with the addresses that they were let through to: they know them, and need not guess. */
  readonly #familiar = new BoundedMap<true>(MOST_FAMILIAR)
  readonly #clients = new BoundedMap<readonly string[]>(MOST_CLIENTS)

  /**
   * `now`: milliseconds from any origin, never going back. `trusted`: addresses and ranges of mail servers that hand on
   * what others bring, and do not pay for it.
   */
  constructor(now: () => number, trusted: readonly string[] = []) {
    this.#now = now
    this.#trusted = networkList(trusted)
  }

  /** Entries held, for whoever wants to see that they are bounded. */
  get size(): number {
    return this.#networks.size + this.#prefixes.size + this.#familiar.size
  }

  /**
   * For an address with a tag. True: the client hears "later", whatever the judgement. Otherwise it hears the judgement,
   * and what it learns by that is counted. `client` is the macro {client_addr}; '' where the mail server gave none.
   */
  putsOff(client: string, judged: Judged): boolean {
    const networks = this.#networksOf(client)
    const [network] = networks
    if (network === undefined) return false
    const welcome = judged.decision.kind === 'forward'
    const acquaintance = welcome ? `${network} ${judged.localPart}@${judged.domain.name}` : ''
    if (welcome && this.#familiar.get(acquaintance) === true) return false
    const prefix = `${judged.address.prefix}@${judged.domain.name}`
    // Whoever has never guessed pays for no more than this.
    if (this.#networks.size > 0 && this.#isHeld(networks, prefix)) return true
    if (welcome) this.#familiar.set(acquaintance, true)
    else if (isGuess(judged)) this.#count(networks, prefix)
    return false
  }

  #networksOf(client: string): readonly string[] {
    const known = this.#clients.get(client)
    if (known !== undefined) return known
    const networks = networksOf(client, this.#trusted)
    // What is no address may be of any length, and is not kept.
    if (networks.length > 0) this.#clients.set(client, networks)
    return networks
  }

  #isHeld(networks: readonly string[], prefix: string): boolean {
    const now = this.#now()
    const [network = '', neighbourhood] = networks
    if (this.#networks.isUsedUp(network, NETWORK, now)) return true
    if (neighbourhood !== undefined && this.#networks.isUsedUp(neighbourhood, NEIGHBOURHOOD, now)) return true
    return this.#networks.tookWithin(network, GRUDGE, now) && this.#prefixes.isUsedUp(prefix, PREFIX, now)
  }

  #count([network = '', neighbourhood]: readonly string[], prefix: string): void {
    const now = this.#now()
    this.#networks.take(network, NETWORK, now)
    if (neighbourhood !== undefined) this.#networks.take(neighbourhood, NEIGHBOURHOOD, now)
    this.#prefixes.take(prefix, PREFIX, now)
  }
}

/** Whatever is answered as "no such address": a right tag at a disabled prefix too, or the count would tell it apart. */
function isGuess({ decision }: Judged): boolean {
  return decision.kind === 'refuse' && REFUSALS[decision.because].verdict === 'unknown'
}
