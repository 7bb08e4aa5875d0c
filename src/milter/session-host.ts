// What a session needs of whoever runs it, and how it may be set up.

import { type Continue, TEMPFAIL, type Tempfail } from './verdict.ts'

/** What the session has to tell besides its bytes. */
export interface SessionReport {
  readonly kind:
    | 'protocol-error'
    /** A handler or a hook threw, or returned what is no verdict there. */
    | 'handler-failed'
    | 'handler-timeout'
    /** A handler refused at a command whose reply was negotiated away. */
    | 'verdict-delayed'
  readonly text: string
  /** SMTP session, and the MTA's name for the message, where they are known. */
  readonly connection: number | undefined
  readonly queueId: string | undefined
  readonly error?: unknown
}

export interface SessionHost {
  /** A handler that took its time has answered: call `run`. */
  answered(): void
  report(report: SessionReport): void
  /** Asked before each command of many that came at once. False: stop here, others wait; `run` will be called. */
  mayGoOn(): boolean
  /** Numbers SMTP sessions, from 1. */
  nextConnectionId(): number
}

export interface SessionOptions {
  /** Recipients of one message. More are put off with 452, and the client sends them in another message. */
  readonly maxRecipients: number
  /** Bytes of sender, recipients and parameters of one message; recipients beyond it are put off likewise. */
  readonly maxEnvelopeBytes: number
  /** What a handler that failed has answered. */
  readonly onHandlerFault: Tempfail | Continue
}

export const DEFAULT_SESSION_OPTIONS: SessionOptions = Object.freeze({
  maxRecipients: 10_000,
  maxEnvelopeBytes: 4 * 1024 * 1024,
  onHandlerFault: TEMPFAIL,
})
