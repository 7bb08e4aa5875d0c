// Asks the store what `decide` must know, and `decide` what follows. What only changes with the day or the settings
// is worked out once: the calendar of a zone until its next midnight, the keys of a day, the signer of a key set.

import { Calendar, type Day, type DelayAddress, parseRecipient, Signer } from '../address/index.ts'
import type { Clock } from '../clock.ts'
import type { Awaitable, Domain, MailStore, RecipientFacts, Settings } from '../store/store.ts'
import { type Decision, decide, type Identity, identify, type Seal } from './decide.ts'

/** An address and everything that was found out about it. */
export interface Judged {
  readonly kind: 'address'
  readonly domain: Domain
  readonly address: DelayAddress
  /** Canonical. */
  readonly localPart: string
  readonly facts: RecipientFacts
  readonly seal: Seal
  readonly today: Day
  readonly decision: Decision
}

type OurAddress = Extract<Identity, { readonly kind: 'address' }>

export type Judgement = Exclude<Identity, { readonly kind: 'address' }> | Judged

/** Its prefix exists and its tag, if it needs one, is right: not a guess, and worth remembering. */
export function isGenuine({ facts: { prefix }, seal }: Judged): boolean {
  return prefix !== undefined && seal !== 'wrong' && !(seal === 'none' && prefix.signed)
}

/** What a judge knows before it has asked, and whom it tells what it learned. */
export interface JudgeMemory {
  /** Our domains as another run of the program knew them. */
  readonly known?: Settings['domains']
  /** Told when our domains are others than before. */
  readonly onDomains?: (domains: Settings['domains']) => void
}

export class Judge {
  readonly #store: MailStore
  readonly #clock: Clock
  readonly #calendars = new Map<string, Calendar>()
  readonly #onDomains: (domains: Settings['domains']) => void
  #domains: Settings['domains']
  #signer: { readonly keys: Settings['keys']; readonly signer: Signer } | undefined

  constructor(store: MailStore, clock: Clock, { known = new Map(), onDomains = () => {} }: JudgeMemory = {}) {
    this.#store = store
    this.#clock = clock
    this.#domains = known
    this.#onDomains = onDomains
  }

  /** Our domains as the store last told them: what is ours while the store does not answer. */
  get lastKnownDomains(): Settings['domains'] {
    return this.#domains
  }

  /** Learns our domains before the first recipient comes. Rejects when the store fails. */
  async prime(): Promise<void> {
    this.#learn(await this.#store.settings())
  }

  /**
   * Judges an RCPT argument as of now, or as of `at`, milliseconds since 1970: at once where the store answers at once.
   * Rejects when the store fails.
   */
  judge(argument: string, at: number = this.#clock()): Awaitable<Judgement> {
    const settings = this.#store.settings()
    if (settings instanceof Promise) return settings.then((known) => this.#judgeBy(known, argument, at))
    return this.#judgeBy(settings, argument, at)
  }

  #judgeBy(settings: Settings, argument: string, at: number): Awaitable<Judgement> {
    this.#learn(settings)
    const identity = identify(parseRecipient(argument), settings.domains)
    if (identity.kind !== 'address') return identity
    const { domain, address, localPart } = identity
    const facts = this.#store.facts(domain, address.prefix, localPart)
    if (facts instanceof Promise) return facts.then((found) => this.#judged(settings, identity, found, at))
    return this.#judged(settings, identity, facts, at)
  }

  #judged(settings: Settings, identity: OurAddress, facts: RecipientFacts, at: number): Judged {
    const { kind, domain, address, localPart } = identity
    const seal = this.#seal(settings, domain, address, facts)
    const today = this.calendarOf(domain).today(at)
    const decision = decide(address, facts, seal, today)
    return { kind, domain, address, localPart, facts, seal, today, decision }
  }

  calendarOf({ timeZone }: Domain): Calendar {
    const known = this.#calendars.get(timeZone)
    if (known !== undefined) return known
    const calendar = new Calendar(timeZone)
    this.#calendars.set(timeZone, calendar)
    return calendar
  }

  #learn({ domains }: Settings): void {
    if (domains === this.#domains) return
    this.#domains = domains
    this.#onDomains(domains)
  }

  #seal({ keys }: Settings, domain: Domain, address: DelayAddress, facts: RecipientFacts): Seal {
    if (address.tag === undefined) return 'none'
    // An unknown prefix is refused whatever its tag: no key need be derived for it.
    if (facts.prefix === undefined) return 'wrong'
    if (this.#signer?.keys !== keys) this.#signer = { keys, signer: new Signer(keys) }
    return this.#signer.signer.verify(domain.name, address) ? 'right' : 'wrong'
  }
}
