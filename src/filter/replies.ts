// The words of every refusal: the only place with SMTP numbers. Fixed texts, so nothing a client wrote comes back.

import type { Refusal } from './decide.ts'

/** The names of the verdicts that are reported, in log lines, counts and the console. */
export const REPORTED_VERDICTS = [
  'postmaster',
  'forward',
  'not-understood',
  'unknown',
  'revoked',
  'not-yet-valid',
  'expired',
  'defer',
  // Put off because its client guesses.
  'throttled',
] as const

/** 'pass': none of ours; nobody is told. */
export type VerdictName = 'pass' | (typeof REPORTED_VERDICTS)[number]

/** 551 is the article's code ("user not local"); 550 is what most senders expect. */
export type RefusalCode = 551 | 550

export interface SmtpReply {
  readonly code: number
  /** RFC 3463. */
  readonly enhanced: string
  readonly text: string
}

interface Wording {
  readonly verdict: VerdictName
  readonly text: string
}

const UNKNOWN: Wording = { verdict: 'unknown', text: 'No such address.' }
const NOT_UNDERSTOOD: Wording = { verdict: 'not-understood', text: 'Address not understood.' }

/** Everything that would tell a guesser how near the guess was has one text. Three of the texts are the article's. */
export const REFUSALS: Readonly<Record<Refusal, Wording>> = {
  'not-understood': NOT_UNDERSTOOD,
  'no-such-date': NOT_UNDERSTOOD,
  'no-such-prefix': UNKNOWN,
  'prefix-disabled': UNKNOWN,
  'tag-wrong': UNKNOWN,
  'tag-missing': UNKNOWN,
  revoked: { verdict: 'revoked', text: 'Address withdrawn.' },
  'not-yet-valid': { verdict: 'not-yet-valid', text: 'Expiration Reached.' },
  expired: { verdict: 'expired', text: 'Expiration Reached.' },
}

/** A refusal for good: RFC 3463 X.7.1, delivery not authorized. */
export function refusalReply(because: Refusal, code: RefusalCode): SmtpReply {
  return { code, enhanced: '5.7.1', text: REFUSALS[because].text }
}

/** Something of ours failed: the sender tries again. RFC 3463 X.3.0. */
export const DEFER: SmtpReply = {
  code: 451,
  enhanced: '4.3.0',
  text: 'Temporary failure, please try again later.',
}

/** The sender brings the rest in another message. RFC 5321 §4.5.3.1.10, RFC 3463 X.5.3. */
export const TOO_MANY: SmtpReply = { code: 452, enhanced: '4.5.3', text: 'Too many recipients.' }

/** The client has guessed too much: right tags and wrong ones read alike. RFC 3463 X.7.1. */
export const THROTTLE: SmtpReply = {
  code: 451,
  enhanced: '4.7.1',
  text: 'Too many unknown addresses from your network, please try again later.',
}

export function smtpLine({ code, enhanced, text }: SmtpReply): string {
  return `${code} ${enhanced} ${text}`
}
