// What differs between the two MTAs that we play, as far as it is a number or a text. Observed on sendmail 8.17.1.9 and
// Postfix 3.7.11; what differs in behaviour stands where the behaviour is, under `like`.

export type MtaKind = 'sendmail' | 'postfix'

/** How long the MTA waits, in milliseconds. PROGRESS begins `content` anew, but not `endOfMessage`. */
export interface Timeouts {
  /** Until the socket is connected. */
  readonly connect: number
  /** The answer to OPTNEG. */
  readonly negotiation: number
  /** One answer, up to DATA. */
  readonly command: number
  /** One answer, from the first header on. */
  readonly content: number
  /** From the end-of-message command to its verdict. */
  readonly endOfMessage: number
}

export const TIMEOUTS: Readonly<Record<MtaKind, Timeouts>> = {
  // C, R and E of the X line, with their defaults.
  sendmail: {
    connect: 300_000,
    negotiation: 10_000,
    command: 10_000,
    content: 10_000,
    endOfMessage: 300_000,
  },
  // milter_connect_timeout, milter_command_timeout, milter_content_timeout. Postfix has no limit over all PROGRESS;
  // an hour is ours, so that nothing waits for ever.
  postfix: {
    connect: 30_000,
    negotiation: 30_000,
    command: 30_000,
    content: 300_000,
    endOfMessage: 3_600_000,
  },
}
