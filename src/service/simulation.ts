// Being the mail server: one message to a running filter, and what the filter made of it.

import { findMilter } from '../milter/index.ts'
import {
  type MessageEnd,
  type MtaKind,
  parseMessage,
  type RecipientResult,
  type Simulation,
  simulate,
  TIMEOUTS,
} from '../milter/simulator/index.ts'
import { type Answer, declined, granted } from './answer.ts'

export type { MessageEnd, MtaKind, RecipientResult, Simulation }

export interface SimulationWishes {
  /** A SPEC. */
  readonly milter: string
  readonly as: MtaKind
  /** '' is the null sender. */
  readonly from: string
  readonly to: readonly string[]
  /** A whole message, headers and body; a short one unless given. */
  readonly message?: Buffer | undefined
}

/** A person waits: less patience than a mail server has. In milliseconds. */
const PATIENCE = 30_000

/** Rejects with a `SimulatorError` when the filter cannot be reached, is late or wrong, and with a `SpecError`. */
export function askFilter({ milter, as, from, to, message }: SimulationWishes): Promise<Simulation> {
  const timeouts = { ...TIMEOUTS[as], connect: PATIENCE, content: PATIENCE, endOfMessage: PATIENCE }
  const content = message === undefined ? {} : parseMessage(message)
  return simulate({ milter, like: as, timeouts, messages: [{ from, to, ...content }] })
}

/** The SPEC in a filter's X line. `cf` is the text of sendmail's configuration `file`. */
export function socketInSendmailCf(cf: string, file: string, name: string): Answer<string> {
  const found = findMilter(cf, name)
  if (found === undefined) return declined('not-found', `${file} has no line X${name}.`, 'name')
  if (found.spec === undefined)
    return declined('not-found', `${file} has no S= in its line X${name}.`, 'name')
  return granted(found.spec)
}
