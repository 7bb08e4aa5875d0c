// Asks the running milter what the mail server would ask, and judges its answers.

import { randomBytes } from 'node:crypto'
import type { DomainName } from '../../address/index.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Machine, MilterTalk, Reading } from './machine.ts'

/** One socket to ask, and in whose manner. */
export interface Question {
  readonly spec: string
  readonly as: 'sendmail' | 'postfix'
}

export interface MilterFacts extends Question {
  readonly talk: Reading<MilterTalk>
  readonly domains: readonly DomainName[]
}

/** Made up for this run, so that nobody has it, and so that it is found again in the decision log. */
export interface MadeUpNames {
  readonly localPart: string
  readonly foreign: string
}

export function makeUpNames(): MadeUpNames {
  const localPart = `doctor-${randomBytes(6).toString('hex')}`
  // The top-level domain .invalid belongs to nobody (RFC 2606 §2).
  return { localPart, foreign: `<${localPart}@foreign.invalid>` }
}

/** First somebody else's recipient, then one of each of our domains. */
export async function askMilter(
  machine: Machine,
  question: Question,
  names: MadeUpNames,
  domains: readonly DomainName[],
): Promise<MilterFacts> {
  const recipients = [names.foreign, ...domains.map((domain) => `<${names.localPart}@${domain}>`)]
  return { ...question, domains, talk: await machine.talk(question.spec, question.as, recipients) }
}

export function checkMilter({ spec, as, talk, domains }: MilterFacts): Finding[] {
  const server = as === 'sendmail' ? 'sendmail' : 'Postfix'
  if (!talk.ok) {
    return [
      fault(
        'milter-answers',
        `Asked as ${server} asks: ${talk.says}.`,
        talk.why === 'denied'
          ? 'Run "timedelay doctor" as root, or as the user of the mail server.'
          : 'Start the service (npm start, or systemctl start timedelay); if it runs, compare its --milter with this address.',
      ),
    ]
  }
  const { version, roundTrip, verdicts } = talk.value
  const [foreign, ...own] = verdicts
  return [
    ok('milter-answers', `The milter at ${spec} answers ${server} with protocol ${version}.`),
    checkRoundTrip(spec, roundTrip),
    checkForeign(spec, foreign?.kind),
    ...domains.map((domain, at) => checkOwn(spec, domain, own[at])),
  ]
}

function checkRoundTrip(spec: string, roundTrip: number): Finding {
  const says = `The conversation with ${spec} took ${roundTrip < 10 ? roundTrip.toFixed(1) : roundTrip.toFixed(0)} ms.`
  return roundTrip < 1000
    ? ok('milter-speed', says)
    : warn(
        'milter-speed',
        says,
        'Look for another busy program with "top", and for a slow disk under the database.',
      )
}

function checkForeign(spec: string, verdict: string | undefined): Finding {
  const check = 'milter-foreign-mail'
  return verdict === 'continue'
    ? ok(check, 'A recipient of somebody else passes untouched.')
    : fault(
        check,
        `The milter at ${spec} answers a recipient of somebody else with "${verdict}" instead of leaving it alone.`,
        'That is no milter of this program, or a fault of it: see which program listens with "ss -lptn" or "ss -lpx".',
      )
}

function checkOwn(
  spec: string,
  domain: DomainName,
  verdict: MilterTalk['verdicts'][number] | undefined,
): Finding {
  const check = 'milter-own-domain'
  const smtp = verdict?.smtp ?? ''
  if (smtp.startsWith('5') || verdict?.kind === 'reject') {
    return ok(check, `A made-up address in ${domain} is refused: ${smtp || '550'}`)
  }
  if (smtp.startsWith('4') || verdict?.kind === 'tempfail') {
    return fault(
      check,
      `The milter at ${spec} puts off mail to ${domain}: ${smtp || '451'}`,
      "The service's log says why (journalctl -u timedelay -n 50); most often the database cannot be read.",
    )
  }
  return fault(
    check,
    `The milter at ${spec} does not judge ${domain}: it let a made-up address pass.`,
    'Start the service with the same --database as this command.',
  )
}

/** Whether the verdicts of this run have arrived in the database, and after how long. */
export function checkRecorded(facts: {
  readonly expected: number
  readonly seen: number
  readonly waited: number
}): Finding {
  const check = 'event-backlog'
  if (facts.seen >= facts.expected) {
    return ok(
      check,
      `The verdicts of this check were in the database after ${(facts.waited / 1000).toFixed(1)} s.`,
    )
  }
  return warn(
    check,
    `Of ${facts.expected} verdicts that this check caused, ${facts.seen} were in the database after ${(facts.waited / 1000).toFixed(0)} s.`,
    'Make sure that the service uses the same --database, and look for write errors in its log: journalctl -u timedelay -n 50',
  )
}
