// The questions of `decide`, in its order, with the answers for one recipient; up to and including the one that settled
// the verdict.

import { formatDay } from '../address/index.ts'
import type { Refusal } from '../filter/decide.ts'
import type { Explanation, Meaning } from './explain.ts'
import { clockTimeOf, destinationOf, reasonInWords } from './explain-words.ts'

/** One question of `decide`. */
export interface Step {
  readonly question: string
  readonly answer: string
  /** It settled the verdict: no further question was asked. */
  readonly settles: boolean
}

interface Asked {
  readonly question: string
  readonly answer: string
  /** Refusals that this question leads to. */
  readonly refuses?: readonly Refusal[]
  readonly accepts?: boolean
}

export function stepsOf(explanation: Explanation): readonly Step[] {
  const steps: Step[] = []
  for (const { question, answer, refuses = [], accepts = false } of asked(explanation)) {
    const { because } = explanation
    const settles = accepts || (because !== undefined && refuses.includes(because))
    steps.push({ question, answer, settles })
    if (settles) break
  }
  return steps
}

function* asked(explanation: Explanation): Generator<Asked> {
  const { domain, meaning, verdict, because } = explanation
  if (domain === undefined) {
    yield { question: 'Is the domain ours?', answer: 'no', accepts: true }
    return
  }
  yield { question: 'Is the domain ours?', answer: `${domain.name}, yes` }
  if (verdict === 'postmaster' || verdict === 'pass') {
    const answer =
      verdict === 'pass' ? 'yes, and it has no mailbox' : `yes, it goes to ${destinationOf(explanation)}`
    yield { question: "Is it the postmaster's?", answer, accepts: true }
    return
  }
  if (meaning === undefined) {
    const answer = because === 'no-such-date' ? 'no, its date is in no calendar' : 'no'
    yield { question: 'Can it be read?', answer, refuses: ['not-understood', 'no-such-date'] }
    return
  }
  const seal = meaning.address.tag === undefined ? 'without a seal' : 'with a seal'
  yield { question: 'Can it be read?', answer: `prefix, date and days, ${seal}` }
  if (meaning.foreign) {
    yield { question: 'Is the prefix yours?', answer: 'no: this is what a sender could learn', accepts: true }
    return
  }
  yield* askedOfPrefix(meaning)
  yield* askedOfDays(explanation, meaning)
}

function* askedOfPrefix({ prefix, address, seal, site }: Meaning): Generator<Asked> {
  const policy = prefix?.signed === true ? 'seal demanded' : 'seal optional'
  const state = prefix?.enabled === true ? 'enabled' : 'disabled'
  yield {
    question: 'Is the prefix known?',
    answer: prefix === undefined ? `${address.prefix}, no` : `${prefix.name}, ${state}, ${policy}`,
    refuses: ['no-such-prefix', 'prefix-disabled'],
  }
  const madeFor = site?.matches === true ? `, made for ${site.name}` : ''
  const answers = { right: `yes${madeFor}`, wrong: 'no', none: 'it has none' }
  yield { question: 'Is the seal genuine?', answer: answers[seal], refuses: ['tag-wrong', 'tag-missing'] }
}

function* askedOfDays(explanation: Explanation, meaning: Meaning): Generator<Asked> {
  const { because, domain } = explanation
  const { record, firstDay, lastDay, today, extendedThrough } = meaning
  const revoked = record?.revokedAt
  yield {
    question: 'Was it revoked?',
    answer: revoked === undefined ? 'no' : `yes, on ${clockTimeOf(revoked, domain)}`,
    refuses: ['revoked'],
  }
  const lives = extendedThrough !== undefined && today <= extendedThrough
  const through = extendedThrough === undefined ? 'no' : `through ${formatDay(extendedThrough)}`
  yield {
    question: 'Was it extended?',
    answer: extendedThrough === undefined || lives ? through : `${through}, which is over`,
    accepts: lives,
  }
  // 00 days end before they begin: `decide` asks for the end first.
  if (because !== 'expired' || today >= firstDay) {
    yield {
      question: 'Has it begun?',
      answer: today >= firstDay ? `yes, on ${formatDay(firstDay)}` : `no, ${reasonInWords(explanation)}`,
      refuses: ['not-yet-valid'],
    }
  }
  yield {
    question: 'Has it ended?',
    answer:
      because === 'expired'
        ? `yes, ${reasonInWords(explanation)}`
        : `no, it works through ${formatDay(lastDay)}`,
    refuses: ['expired'],
    accepts: because === undefined,
  }
}
