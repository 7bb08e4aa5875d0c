// The legal order of commands: all of it, and nothing else. The comments say which MTA taught us the exception.

import { COMMANDS, type Command } from './commands.ts'
import { NO_REPLY, NO_STEPS } from './negotiation.ts'

/** Where a connection stands. */
export type Phase =
  /** Nothing but an offer may come. */
  | 'opened'
  /** Agreed; the SMTP client is not known yet. */
  | 'negotiated'
  /** Between messages. */
  | 'idle'
  /** From MAIL to DATA. */
  | 'envelope'
  | 'headers'
  | 'body'
  /** Our verdict has ended the message; the MTA may not have noticed. */
  | 'settled'
  /** ACCEPT at CONNECT or HELO: the whole SMTP session is none of our business. */
  | 'released'
  | 'closed'

export type Kind = Exclude<Command['kind'], 'macros'>

/** 'stray': is answered with CONTINUE and shown to nobody. Silence would leave the SMTP client waiting. */
type Order = Readonly<Partial<Record<Kind, Phase | 'stray'>>>

const ANY_TIME = { quit: 'closed', quitNewConnection: 'negotiated' } as const satisfies Order

// ABORT is harmless everywhere: Postfix sends one after each message, and two or three before QUIT.
const BETWEEN_MESSAGES = {
  helo: 'idle',
  mail: 'envelope',
  unknown: 'idle',
  abort: 'idle',
  ...ANY_TIME,
} as const satisfies Order

// MAIL or HELO in an open message: sendmail sends no ABORT once a filter has given its verdict early, and none at all
// when the client just goes on; Postfix sends HELO first and ABORT after. The session ends the old message itself.
const OPEN_MESSAGE = { helo: 'idle', mail: 'envelope', abort: 'idle', ...ANY_TIME } as const satisfies Order

const STRAYS = {
  rcpt: 'stray',
  data: 'stray',
  header: 'stray',
  endOfHeaders: 'stray',
  body: 'stray',
  endOfMessage: 'stray',
} as const satisfies Order

/**
 * From each phase, what may come and where it leads. Commands that were negotiated away never arrive, so later ones may
 * follow earlier ones directly. What is not here closes the connection.
 */
export const ORDER: Readonly<Record<Phase, Order>> = {
  opened: { negotiate: 'negotiated' },
  negotiated: { connect: 'idle', ...BETWEEN_MESSAGES, unknown: 'negotiated', abort: 'negotiated' },
  idle: BETWEEN_MESSAGES,
  envelope: {
    ...OPEN_MESSAGE,
    // DATA does not leave the envelope: after a refusal there, ours or another filter's, both MTAs let the client go on
    // with RCPT in the same message. libmilter falls silent here, and the client hangs.
    rcpt: 'envelope',
    data: 'envelope',
    unknown: 'envelope',
    header: 'headers',
    endOfHeaders: 'body',
    body: 'body',
    endOfMessage: 'settled',
  },
  headers: {
    ...OPEN_MESSAGE,
    unknown: 'headers',
    header: 'headers',
    endOfHeaders: 'body',
    body: 'body',
    endOfMessage: 'settled',
  },
  body: { ...OPEN_MESSAGE, unknown: 'body', body: 'body', endOfMessage: 'settled' },
  settled: { ...BETWEEN_MESSAGES, ...STRAYS, unknown: 'settled' },
  released: { ...STRAYS, helo: 'stray', mail: 'stray', unknown: 'stray', abort: 'released', ...ANY_TIME },
  closed: {},
}

/** Commands of a message that come although MAIL was negotiated away: nobody has asked for them. */
export function isStray(kind: Kind): boolean {
  return kind in STRAYS
}

/** All of SMFIP_NR_*. */
export const NO_REPLY_FLAGS = Object.values(NO_REPLY).reduce<number>((flags, flag) => flags | flag, 0)

/** SMFIP_NR_* of a command; 0 for end of message, which is always answered. */
export function noReplyFlag(kind: Kind): number {
  return (NO_REPLY as Partial<Record<Kind, number>>)[kind] ?? 0
}

/** SMFIP_NO* of the command that macros with this code belong to; 0 for those that always come. */
export function noStepFlag(code: number): number {
  return NO_STEP_BY_CODE[code] ?? 0
}

const NO_STEP_BY_CODE: Readonly<Record<number, number>> = Object.fromEntries(
  (Object.keys(NO_STEPS) as (keyof typeof NO_STEPS)[]).map((kind) => [COMMANDS[kind].code, NO_STEPS[kind]]),
)
