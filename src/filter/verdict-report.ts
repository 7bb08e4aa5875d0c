// What is said about each recipient of ours: one event for the store, one line for the log.

import type { Day } from '../address/index.ts'
import type { Clock } from '../clock.ts'
import { type Message, type Outcome, utf8 } from '../milter/index.ts'
import type { Domain, EventRecorder, MailEvent } from '../store/store.ts'
import type { Refusal } from './decide.ts'
import type { Accepted } from './envelope.ts'
import { isGenuine, type Judge, type Judgement } from './judge.ts'
import { REFUSALS, type VerdictName } from './replies.ts'

/** What became of one recipient of ours. */
export interface VerdictLine {
  readonly queueId: string
  readonly client: string
  readonly sender: string
  readonly recipient: string
  readonly prefix: string
  readonly verdict: VerdictName
  /** Finer than the verdict; for the postmaster's eyes. */
  readonly because: Refusal | undefined
  readonly targets: readonly string[] | undefined
  /** How the message of an accepted recipient ended. */
  readonly outcome: Outcome | undefined
}

export interface ReportParts {
  readonly judge: Pick<Judge, 'calendarOf'>
  readonly recorder: Pick<EventRecorder, 'record'>
  readonly clock: Clock
  readonly onVerdict: (line: VerdictLine) => void
}

type Subject = Pick<MailEvent, 'prefix' | 'localPart'> & { readonly verdict: VerdictName }

/** Who brings a message: known from MAIL on, and the same for all its recipients. */
type Parties = Pick<MailEvent, 'client' | 'sender'>

/** What a message must keep for its reports. */
export interface Reported {
  /** Worked out at the first report: most mail is foreign and has none. */
  parties: Parties | undefined
}

/** What reports of one moment have in common. */
type Occasion = Parties & Pick<MailEvent, 'at' | 'queueId'>

/** Longest sender or recipient that is kept: RFC 5321 §4.5.3.1 allows 64 + 1 + 255 octets. */
const LONGEST_KEPT = 320

function readable(argument: string): string {
  const start = argument.startsWith('<') ? 1 : 0
  const end = argument.endsWith('>') ? argument.length - 1 : argument.length
  return utf8(argument.slice(start, end)).slice(0, LONGEST_KEPT)
}

function clientOf(message: Message<unknown>): string {
  const address = message.macro('{client_addr}')
  if (address === undefined) return utf8(message.macro('_') ?? '')
  const name = message.macro('{client_name}') ?? ''
  return utf8(name === '' || name.startsWith('[') ? address : `${name} [${address}]`).slice(0, LONGEST_KEPT)
}

export class VerdictReport {
  readonly #parts: ReportParts

  constructor(parts: ReportParts) {
    this.#parts = parts
  }

  refused(argument: string, message: Message<Reported>, judgement: Judgement, because: Refusal): void {
    if (judgement.kind !== 'address' && judgement.kind !== 'malformed') return
    const genuine = judgement.kind === 'address' && isGenuine(judgement)
    const event = this.#event(this.#occasion(message), argument, judgement.domain, {
      verdict: REFUSALS[because].verdict,
      prefix: judgement.kind === 'address' ? judgement.facts.prefix?.name : undefined,
      // A guess leaves no record of its address.
      localPart: genuine ? judgement.localPart : undefined,
    })
    this.#parts.recorder.record(event)
    this.#parts.onVerdict(lineOf(event, { because }))
  }

  /** To people both are mail that was put off; figures and log tell a fault of ours from a guessing client. */
  deferred(
    argument: string,
    message: Message<Reported>,
    domain: Domain,
    verdict: 'defer' | 'throttled' = 'defer',
  ): void {
    const event = this.#event(this.#occasion(message), argument, domain, {
      verdict: 'defer',
      prefix: undefined,
      localPart: undefined,
    })
    this.#parts.recorder.record(event)
    this.#parts.onVerdict(lineOf(event, { verdict }))
  }

  /** For the accepted recipients, once their message is over. Only mail counts: whoever merely asks leaves no count. */
  ended(recipients: Iterable<Accepted>, message: Message<Reported>, outcome: Outcome): void {
    let occasion: Occasion | undefined
    for (const { argument, domain, mailboxes, address } of recipients) {
      occasion ??= this.#occasion(message)
      const event = this.#event(occasion, argument, domain, {
        verdict: address === undefined ? 'postmaster' : 'forward',
        prefix: address?.prefix,
        localPart: address?.localPart,
      })
      if (outcome === 'accepted') this.#parts.recorder.record(event)
      this.#parts.onVerdict(lineOf(event, { targets: mailboxes, outcome }))
    }
  }

  /** The day of the count. In UTC where the domain's zone is one that this runtime does not know. */
  #dayOf(domain: Domain, at: number): Day {
    try {
      return this.#parts.judge.calendarOf(domain).today(at)
    } catch {
      return Math.floor(at / 86_400_000) as Day
    }
  }

  #occasion(message: Message<Reported>): Occasion {
    message.state.parties ??= { client: clientOf(message), sender: readable(message.sender.argument) }
    const { client, sender } = message.state.parties
    // The queue id may come later than the first verdict: Postfix has none before DATA.
    return { at: this.#parts.clock(), queueId: message.macro('i') ?? '', client, sender }
  }

  // Field by field: this is made for each recipient, and an object with one shape is made and sent to the recorder's
  // thread in half the time.
  #event(
    { at, queueId, client, sender }: Occasion,
    argument: string,
    domain: Domain,
    { prefix, localPart, verdict }: Subject,
  ): MailEvent & Subject {
    return {
      at,
      day: this.#dayOf(domain, at),
      queueId,
      client,
      sender,
      recipient: readable(argument),
      domain: domain.name,
      prefix,
      localPart,
      verdict,
    }
  }
}

interface More {
  readonly verdict?: VerdictName
  readonly because?: Refusal
  readonly targets?: readonly string[]
  readonly outcome?: Outcome
}

function lineOf(
  event: MailEvent & Subject,
  { verdict = event.verdict, because, targets, outcome }: More,
): VerdictLine {
  const { queueId, client, sender, recipient, prefix = '' } = event
  return { queueId, client, sender, recipient, prefix, verdict, because, targets, outcome }
}
