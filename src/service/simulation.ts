// Being the mail server: one message to a running filter, and what the filter made of it.

import {
  type MessageEnd,
  type MtaKind,
  parseMessage,
  type RecipientResult,
  type Simulation,
  simulate,
  TIMEOUTS,
} from '../milter/simulator/index.ts'

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
