// What the library has to say. It knows no logger: whoever runs the server decides what becomes of these.

import type { SessionReport } from './session-host.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface MilterLogEvent {
  readonly kind:
    | SessionReport['kind']
    | 'listening'
    | 'stopped'
    /** A connection was turned away, or could not be accepted. */
    | 'accept-failed'
    /** The peer was too slow; its connection was closed. */
    | 'timeout'
    /** The socket broke. */
    | 'socket-failed'
    /** A fault of this library; the connection was closed. */
    | 'internal'
  readonly level: LogLevel
  /** One line for a person. What it quotes of the peer's is bounded. */
  readonly text: string
  /** The SMTP session, where there is one. */
  readonly connection?: number | undefined
  /** The MTA's name for the message, where it is known. */
  readonly queueId?: string | undefined
  readonly error?: unknown
}

export type Log = (event: MilterLogEvent) => void
