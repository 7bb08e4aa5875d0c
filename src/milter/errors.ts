// Three kinds of fault: the peer broke the protocol, the operator's socket cannot be used, and (any other exception)
// somebody's program is wrong.

/** What the peer did. For log lines and counters. */
export type ProtocolFault =
  /** A length of 0, or above the limit. */
  | 'frame-length'
  /** A code byte that the protocol does not know. */
  | 'unknown-code'
  /** A payload that is cut short, or lacks a NUL. */
  | 'malformed'
  /** A command where it may not stand. */
  | 'out-of-order'
  /** An offer or an answer that cannot be agreed on. */
  | 'negotiation'
  /** More than our bounds allow. */
  | 'too-much'
  /** Too slow. */
  | 'timeout'

/** The peer broke the protocol. Its connection is closed; nothing else happens. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolFault

  constructor(code: ProtocolFault, message: string) {
    super(message)
    this.code = code
  }
}

/** A socket spec that cannot be used. The message is one sentence for the person who wrote it. */
export class SpecError extends Error {
  override readonly name = 'SpecError'
}

/** A socket that cannot be listened on. The message is one sentence for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}
