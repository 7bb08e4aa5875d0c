// An explanation as the console draws it: the verdict in a sentence, the questions of `decide` in their order, what a
// sender hears, and the mail that came. The words are those of the command line: `explain-words.ts`.

import type { Day } from '../address/index.ts'
import { smtpLine } from '../filter/replies.ts'
import type { AddressBookService, BookAddress } from './address-book.ts'
import { type Answer, declined, granted } from './answer.ts'
import { type ExplainParts, type Explanation, explainAddress, type Meaning } from './explain.ts'
import { type Step, stepsOf } from './explain-steps.ts'
import { explainInWords, verdictInWords } from './explain-words.ts'
import { recipientsIn } from './header-recipients.ts'

export type { Step } from './explain-steps.ts'

export interface ConsoleExplanation {
  /** `local@domain`, or what was given where it has no domain. */
  readonly recipient: string
  /** In one of our domains. */
  readonly ours: boolean
  readonly accepted: boolean
  /** "Refused. It ended 32 days ago." */
  readonly verdict: string
  /** The sentences of `timedelay address explain`. */
  readonly sentences: readonly string[]
  readonly steps: readonly Step[]
  /** What a sender hears, verbatim. What the mail server says of what we accept is its own. */
  readonly smtp: string
  readonly parts:
    | {
        readonly prefix: string
        /** As they stand in the address: `20261120`, `45`. */
        readonly date: string
        readonly days: string
        /** Salt and tag together, or ''. */
        readonly seal: string
        readonly domain: string
        readonly firstDay: Day
        readonly lastDay: Day
      }
    | undefined
  readonly timeZone: string | undefined
  readonly today: Day | undefined
  /** Its record, when it has one and the actor may see it. */
  readonly record: BookAddress | undefined
  /** Its mail, oldest first, the latest 200. */
  readonly marks: readonly { readonly at: number; readonly accepted: boolean; readonly sender: string }[]
}

export interface ConsoleExplainParts extends ExplainParts {
  readonly book: AddressBookService
}

/** A header may name many; each costs a look at the store. */
const MOST_RECIPIENTS = 50
const MOST_MARKS = 200

export async function explainRecipients(
  parts: ConsoleExplainParts,
  text: string,
): Promise<Answer<readonly ConsoleExplanation[]>> {
  const recipients = recipientsIn(text)
  if (recipients.length === 0) {
    return declined('invalid', 'There is no address in that. Paste one, or a whole To: line.', 'text')
  }
  if (recipients.length > MOST_RECIPIENTS) {
    const message = `That names ${recipients.length} addresses. Paste ${MOST_RECIPIENTS} at most.`
    return declined('invalid', message, 'text')
  }
  const explanations: ConsoleExplanation[] = []
  for (const recipient of recipients) {
    const explanation = await explainAddress(parts, recipient, {})
    if (!explanation.ok) return explanation
    explanations.push(await drawn(parts, explanation.value))
  }
  return granted(explanations)
}

async function drawn(parts: ConsoleExplainParts, explanation: Explanation): Promise<ConsoleExplanation> {
  const { recipient, accepted, domain, meaning, reply, verdict } = explanation
  return {
    recipient,
    ours: domain !== undefined,
    accepted,
    verdict: verdictInWords(explanation),
    // What the sender is told stands by itself here.
    sentences: explainInWords({ ...explanation, reply: undefined }).sentences,
    steps: stepsOf(explanation),
    smtp: reply === undefined ? heardOf(verdict) : smtpLine(reply),
    parts: domain && meaning && takenApart(recipient, domain.name, meaning),
    timeZone: domain?.timeZone,
    today: domain && parts.judge.calendarOf(domain).today(explanation.at),
    ...(await history(parts, explanation)),
  }
}

/** An accepted recipient is answered by the mail server: RFC 5321 §4.2.3. */
function heardOf(verdict: Explanation['verdict']): string {
  return verdict === 'pass'
    ? 'Whatever the mail server says: the filter lets it pass.'
    : '250, in the words of the mail server.'
}

function takenApart(
  recipient: string,
  domain: string,
  { address, firstDay, lastDay }: Meaning,
): NonNullable<ConsoleExplanation['parts']> {
  const rest = recipient.slice(address.prefix.length)
  return {
    prefix: address.prefix,
    date: rest.slice(0, 8),
    days: rest.slice(8, 10),
    seal: `${address.salt ?? ''}${address.tag ?? ''}`,
    domain,
    firstDay,
    lastDay,
  }
}

async function history(
  { store, book }: ConsoleExplainParts,
  { recipient, domain, meaning }: Explanation,
): Promise<Pick<ConsoleExplanation, 'record' | 'marks'>> {
  if (domain === undefined || meaning === undefined || meaning.foreign)
    return { record: undefined, marks: [] }
  const localPart = recipient.slice(0, recipient.lastIndexOf('@'))
  const mail = await store.decisions({ domain: domain.name, localPart, limit: MOST_MARKS })
  return {
    record: await book.record(domain.name, localPart),
    marks: mail.map(({ at, verdict, sender }) => ({ at, accepted: verdict === 'forward', sender })).reverse(),
  }
}
