// The milter handler: judges each recipient at RCPT, remembers those of ours, replaces them at end of message. It
// keeps the three promises: foreign mail is never touched, ours is never lost, and the verdict is `decide`'s.

import { type Day, parseRecipient } from '../address/index.ts'
import {
  type Changes,
  CONTINUE,
  type EnvelopeAddress,
  type Filter,
  type Message,
  type Outcome,
  reply,
  TEMPFAIL,
  type Verdict,
} from '../milter/index.ts'
import type { Awaitable, Domain } from '../store/store.ts'
import { dateTime } from './date-time.ts'
import type { Refusal } from './decide.ts'
import { type Accepted, addressesToShow, recipientKey, targetsToAdd } from './envelope.ts'
import { GuessThrottle } from './guess-throttle.ts'
import type { Judge, Judged, Judgement } from './judge.ts'
import {
  DEFER,
  REFUSALS,
  type RefusalCode,
  refusalReply,
  type SmtpReply,
  THROTTLE,
  TOO_MANY,
} from './replies.ts'
import { type Reported, type ReportParts, VerdictReport } from './verdict-report.ts'

export interface RecipientFilterParts extends ReportParts {
  readonly judge: Judge
  readonly refusalCode: RefusalCode
  /** Mail servers, as addresses and ranges, that are not put off for the guesses of their clients. */
  readonly trustedRelays?: readonly string[]
  /** Milliseconds from any origin, never going back, for slowing down guesses. For tests. */
  readonly uptime?: () => number
  /** Something of ours failed and was survived. */
  readonly onFault: (fault: unknown, doing: string) => void
}

/** An answer that was given. */
interface Answer {
  readonly verdict: Verdict
  /** Who is to be replaced, when CONTINUE was said to one of ours. */
  readonly accepted: Accepted | undefined
}

/** One message. */
export interface Envelope extends Reported {
  /** By recipient: the first answer stands for the whole message. */
  readonly answers: Map<string, Answer>
  /** By argument. */
  readonly accepted: Map<string, Accepted>
  /** Arguments of recipients that are none of ours and stay in the message. */
  readonly foreign: Set<string>
  /** How many fields with our names the message brought from outside. */
  readonly forged: Map<string, number>
}

const ADDRESS_HEADER = 'X-Timedelay-Address'
const EXPIRES_HEADER = 'X-Timedelay-Expires'
const OUR_HEADERS = new Map([ADDRESS_HEADER, EXPIRES_HEADER].map((name) => [name.toLowerCase(), name]))

/** Longest time in milliseconds for judging one recipient; the server itself speaks for us after 8 s. */
const PATIENCE = 5000
/**
 * Recipients of ours that one message may have: they are all replaced at once, while others wait, and that must not take
 * longer than 10 ms. What comes on top is put off, and the sender brings it in another message (RFC 5321 §4.5.3.1.10).
 */
const MOST_OF_OURS = 1000
/** Addresses that the headers name at most; no owner reads more, and servers bound what fields may take. */
const MOST_SHOWN = 20
/** Foreign recipients of one message that are remembered. More pass like all others. */
const MOST_FOREIGN = 10_000
/** Refusals of one message that are remembered; what comes on top is judged anew each time it is named. */
const MOST_REFUSALS = 10_000

/** What may not stand in a DELRCPT. */
const CONTROLS = /[^ -~\x80-\xff]/

const PASS: Answer = { verdict: CONTINUE, accepted: undefined }
const LATER = said(DEFER)
const THROTTLED = said(THROTTLE)
const TOO_MANY_OF_OURS = said(TOO_MANY)
/** Formatted midnights kept in memory; a zone has at most a hundred that matter on one day. */
const MEMORY = 4096

export class RecipientFilter implements Filter<Envelope> {
  readonly actions = ['addRecipient', 'deleteRecipient'] as const
  readonly optionalActions = ['addHeader', 'changeHeader'] as const
  // Asking for little pays most: sendmail over TCP takes 40 ms for every macro packet. The queue id and the client
  // come at MAIL; Postfix has no queue id by then, ignores the empty lists, and gives it at end of message.
  readonly macros = {
    connect: [],
    helo: [],
    mail: ['i', '{client_addr}', '{client_name}'],
    rcpt: [],
    endOfHeaders: [],
    endOfMessage: [],
  }
  // Headers are only counted, so the MTA need not wait for an answer.
  readonly noReply = ['header'] as const
  readonly headerNames = [...OUR_HEADERS.keys()]

  readonly #judge: Judge
  readonly #report: VerdictReport
  readonly #onFault: RecipientFilterParts['onFault']
  readonly #throttle: GuessThrottle
  readonly #refusals: Readonly<Record<Refusal, Answer>>
  readonly #midnights = new Map<string, string>()

  constructor(parts: RecipientFilterParts) {
    this.#judge = parts.judge
    this.#report = new VerdictReport(parts)
    this.#onFault = parts.onFault
    this.#throttle = new GuessThrottle(parts.uptime ?? (() => performance.now()), parts.trustedRelays)
    const refusals: Partial<Record<Refusal, Answer>> = {}
    for (const because of Object.keys(REFUSALS) as Refusal[]) {
      refusals[because] = said(refusalReply(because, parts.refusalCode))
    }
    // Complete: REFUSALS has a row for each.
    this.#refusals = refusals as Record<Refusal, Answer>
  }

  newMessage(): Envelope {
    return {
      answers: new Map(),
      accepted: new Map(),
      foreign: new Set(),
      forged: new Map(),
      parties: undefined,
    }
  }

  /**
   * CONTINUE, a refusal, or "later"; never ACCEPT, which would end our part in the whole message. A recipient that is
   * named twice gets one answer, even when its last midnight passed in between or the store came back: sendmail keeps
   * one record for both, and refusing the second would take the accepted first one with it.
   */
  rcpt({ argument }: EnvelopeAddress, message: Message<Envelope>): Awaitable<Verdict> {
    const { answers, accepted, foreign } = message.state
    if (accepted.size >= MOST_OF_OURS || foreign.size >= MOST_FOREIGN)
      return this.#beyondBound(argument, message)
    const key = recipientKey(argument)
    const answer = answers.get(key) ?? this.#answer(argument, message)
    if (answer instanceof Promise)
      return answer.then((late) => this.#keep(message.state, key, argument, late))
    return this.#keep(message.state, key, argument, answer)
  }

  header(name: string, _value: string, { state: { forged } }: Message<Envelope>): Verdict {
    const ours = OUR_HEADERS.get(name.toLowerCase())
    if (ours !== undefined) forged.set(ours, (forged.get(ours) ?? 0) + 1)
    return CONTINUE
  }

  endOfMessage({ state }: Message<Envelope>, changes: Changes): Verdict {
    const { accepted, foreign } = state
    if (accepted.size === 0) return CONTINUE
    try {
      // All deletions first: behind a catch-all whose mailbox is a target too, sendmail would delete the addition.
      for (const argument of accepted.keys()) changes.deleteRecipient(argument)
      for (const mailbox of targetsToAdd(accepted.values(), foreign)) changes.addRecipient(`<${mailbox}>`)
      if (changes.allows('changeHeader') && changes.allows('addHeader')) this.#relabel(state, changes)
      return CONTINUE
    } catch (fault) {
      this.#onFault(fault, 'rewriting the recipients')
      return TEMPFAIL
    }
  }

  messageEnded(message: Message<Envelope>, outcome: Outcome): void {
    this.#report.ended(message.state.accepted.values(), message, outcome)
  }

  /** The first answer stands, and every spelling is to be deleted: to Postfix each is a recipient of its own. */
  #keep({ answers, accepted, foreign }: Envelope, key: string, argument: string, answer: Answer): Verdict {
    const { accepted: ours, verdict } = answer
    // No mail server hands it on, and at end of message it could not be deleted: all recipients would be put off.
    if (ours !== undefined && CONTROLS.test(argument)) return this.#refusals['not-understood'].verdict
    // Whoever names thousands that we refuse must not fill our memory. What we accepted has room of its own.
    if (verdict === CONTINUE || answers.size < MOST_OF_OURS + MOST_FOREIGN + MOST_REFUSALS)
      answers.set(key, answer)
    if (ours !== undefined) accepted.set(argument, ours.argument === argument ? ours : { ...ours, argument })
    else if (verdict === CONTINUE) foreign.add(argument)
    return verdict
  }

  #answer(argument: string, message: Message<Envelope>): Awaitable<Answer> {
    const asked = performance.now()
    try {
      const judgement = this.#judge.judge(argument)
      if (!(judgement instanceof Promise)) return this.#answerTo(judgement, argument, message)
      return judgement
        .then((late) => {
          // The server may have said "later" for us: then nothing of this recipient may be carried out.
          if (performance.now() - asked > PATIENCE) throw new Error('the store took too long')
          return this.#answerTo(late, argument, message)
        })
        .catch((fault: unknown) => this.#afterFault(fault, argument, message))
    } catch (fault) {
      return this.#afterFault(fault, argument, message)
    }
  }

  #answerTo(judgement: Judgement, argument: string, message: Message<Envelope>): Answer {
    if (judgement.kind === 'address' && this.#isThrottled(judgement, message)) {
      this.#report.deferred(argument, message, judgement.domain, 'throttled')
      return THROTTLED
    }
    const because = refusalOf(judgement)
    if (because === undefined) return acceptance(argument, judgement)
    this.#report.refused(argument, message, judgement, because)
    return this.#refusals[because]
  }

  #isThrottled(judged: Judged, message: Message<Envelope>): boolean {
    if (judged.address.tag === undefined) return false
    return this.#throttle.putsOff(message.macro('{client_addr}') ?? '', judged)
  }

  /** What was not accepted before is put off if ours, and passes if not. */
  #beyondBound(argument: string, message: Message<Envelope>): Verdict {
    const { answers, accepted, foreign } = message.state
    const known = answers.get(recipientKey(argument))
    if (known !== undefined && (known.accepted === undefined || accepted.has(argument))) return known.verdict
    const domain = this.#lastKnownDomainOf(argument)
    if (domain === undefined) {
      // One is enough to keep our addresses out of the headers.
      if (foreign.size < MOST_FOREIGN) foreign.add(argument)
      return CONTINUE
    }
    this.#report.deferred(argument, message, domain)
    return TOO_MANY_OF_OURS.verdict
  }

  /** Ours is deferred, all else passes: judged by the domains that the store told us last. */
  #afterFault(fault: unknown, argument: string, message: Message<Envelope>): Answer {
    this.#onFault(fault, 'judging a recipient')
    const domain = this.#lastKnownDomainOf(argument)
    if (domain === undefined) return PASS
    this.#report.deferred(argument, message, domain)
    return LATER
  }

  #lastKnownDomainOf(argument: string): Domain | undefined {
    const name = parseRecipient(argument)?.domain
    for (const domain of this.#judge.lastKnownDomains.values()) if (domain.name === name) return domain
    return undefined
  }

  /** The fields that tell an owner which address a message came for. What claims to be them is removed first. */
  #relabel({ accepted, foreign, forged }: Envelope, changes: Changes): void {
    for (const [name, count] of forged) {
      // From the last to the first: Postfix renumbers what is left, sendmail does not.
      for (let index = count; index >= 1; index -= 1) changes.deleteHeader(index, name)
    }
    for (const { domain, address } of addressesToShow(accepted.values(), foreign).slice(0, MOST_SHOWN)) {
      if (address === undefined) continue
      changes.addHeader(ADDRESS_HEADER, `${address.localPart}@${domain.name}`)
      changes.addHeader(EXPIRES_HEADER, this.#midnight(domain, address.end))
    }
  }

  #midnight(domain: Domain, day: Day): string {
    const key = `${domain.timeZone} ${day}`
    const known = this.#midnights.get(key)
    if (known !== undefined) return known
    const calendar = this.#judge.calendarOf(domain)
    const text = dateTime(calendar.startOf(day), calendar)
    if (this.#midnights.size >= MEMORY) this.#midnights.clear()
    this.#midnights.set(key, text)
    return text
  }
}

function said({ code, enhanced, text }: SmtpReply): Answer {
  return { verdict: reply(code, enhanced, text), accepted: undefined }
}

function refusalOf(judgement: Judgement): Refusal | undefined {
  if (judgement.kind === 'malformed') return judgement.because
  if (judgement.kind !== 'address' || judgement.decision.kind !== 'refuse') return undefined
  return judgement.decision.because
}

/** What CONTINUE means for a recipient that is not refused. */
function acceptance(argument: string, judgement: Judgement): Answer {
  if (judgement.kind === 'role' && judgement.domain.postmaster !== undefined) {
    const { domain } = judgement
    const mailboxes = [judgement.domain.postmaster]
    return { verdict: CONTINUE, accepted: { argument, domain, mailboxes, address: undefined } }
  }
  if (judgement.kind !== 'address' || judgement.decision.kind !== 'forward') return PASS
  const { domain, localPart, address, decision } = judgement
  const { mailboxes, end } = decision
  // Deleted with nothing to add it would be gone with a 250.
  if (mailboxes.length === 0) throw new Error(`the prefix ${address.prefix} has no mailbox`)
  const { prefix } = address
  return { verdict: CONTINUE, accepted: { argument, domain, mailboxes, address: { prefix, localPart, end } } }
}
