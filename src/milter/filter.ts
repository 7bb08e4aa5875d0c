// What a filter author writes: an object with the methods that are of interest. Whatever is missing is negotiated
// away, so the MTA does not even send it.
//
// Text that came from the wire is bytes: in every string here one character is one byte (latin1), so nothing is lost
// and what is sent back is what came. `utf8` makes it readable, `bytesOf` goes the other way.

import type { BodyVerdict, CommandVerdict, ConnectVerdict, Verdict } from './verdict.ts'

export type Awaitable<T> = T | Promise<T>

/** The changes that a filter may ask for at end of message, by SMFIF_* flag. */
export type Action =
  | 'addHeader'
  | 'replaceBody'
  | 'addRecipient'
  | 'deleteRecipient'
  | 'changeHeader'
  | 'quarantine'
  | 'changeSender'
  | 'addRecipientWithParameters'

/** Stages that macro lists are asked for (SMFIR_SETSYMLIST). */
export type MacroStage = 'connect' | 'helo' | 'mail' | 'rcpt' | 'data' | 'endOfHeaders' | 'endOfMessage'

/** Stages whose reply may be dropped (SMFIP_NR_*). */
export type NoReplyStage =
  | 'connect'
  | 'helo'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'unknown'
  | 'header'
  | 'endOfHeaders'
  | 'body'

/** The SMTP client, as SMFIC_CONNECT tells. */
export interface Client {
  /** Verified name, or the address in brackets. */
  readonly host: string
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'unknown'
  /** Without sendmail's `IPv6:`; a path for `unix`; '' for `unknown`. */
  readonly address: string
  readonly port: number
}

/** One SMTP session. QUIT_NC ends it although the socket stays. */
export interface Connection {
  /** Counts from 1 within this server; for log lines. */
  readonly id: number
  /** Nothing before CONNECT, or when it was negotiated away. */
  readonly client: Client | undefined
  readonly helo: string | undefined
  /** Value of an MTA macro, newest stage first: `i` or `{i}`, `{client_addr}`. */
  macro(name: string): string | undefined
}

/** The sender or one recipient. */
export interface EnvelopeAddress {
  /** Argument 0, as the MTA gave it: brackets, route and quotes included. '' for Postfix's local null sender. */
  readonly argument: string
  /** ESMTP parameters, `SIZE=100`, in order. */
  readonly parameters: readonly string[]
}

/** One message, from MAIL to its end. Never reused. */
export interface Message<State> {
  readonly connection: Connection
  readonly sender: EnvelopeAddress
  /** What the filter's `newMessage` made. */
  readonly state: State
  macro(name: string): string | undefined
  /**
   * Fires when nobody waits for the handler that runs now: ABORT, loss of the connection, the handler's deadline,
   * shutdown. The next handler of the message finds a new signal here.
   */
  readonly signal: AbortSignal
}

/** How a message ended. */
export type Outcome =
  /** End of message answered with CONTINUE or ACCEPT, or ACCEPT earlier. */
  | 'accepted'
  | 'rejected'
  | 'tempfailed'
  | 'discarded'
  /** ABORT, or a new MAIL or HELO without one. */
  | 'aborted'
  /** QUIT or the end of the stream in mid-message. */
  | 'lost'

/**
 * Changes to the message. Exists while `endOfMessage` runs and refuses use after it. Nothing is written before the
 * handler has returned; then all changes and the verdict go out in one write, body last.
 * A call throws `TypeError` for what may not be sent (NUL, CR, a bad header name) and for an action not declared.
 */
export interface Changes {
  /** Whether the MTA offered this action and the filter asked for it. */
  allows(action: Action): boolean
  addRecipient(address: string, parameters?: string): void
  /** The RCPT argument as it came; a source route is cut off (Postfix would match nothing). */
  deleteRecipient(argument: string): void
  changeSender(address: string, parameters?: string): void
  addHeader(name: string, value: string): void
  /** `index` 0 is the top. */
  insertHeader(index: number, name: string, value: string): void
  /** The `index`-th field of that name, from 1. */
  changeHeader(index: number, name: string, value: string): void
  /** Delete several of one name from the last to the first: Postfix renumbers, sendmail does not. */
  deleteHeader(index: number, name: string): void
  /** CRLF line ends. Several calls are joined. A Buffer is not copied: leave it alone afterwards. */
  replaceBody(part: Buffer | string): void
  quarantine(reason: string): void
}

export interface Wish {
  readonly actions?: readonly Action[]
  /** Asked for when offered, and done without when not. */
  readonly optionalActions?: readonly Action[]
  readonly macros?: Readonly<Partial<Record<MacroStage, readonly string[]>>>
  /**
   * Commands that are not answered, which saves a little and costs the say: a refusal there becomes a TEMPFAIL at the
   * next command that has a reply. An MTA that does not offer it is answered with CONTINUE as always.
   */
  readonly noReply?: readonly NoReplyStage[]
  /** Also show recipients that the MTA itself refuses (SMFIP_RCPT_REJ). */
  readonly rejectedRecipients?: boolean
  /**
   * The only header fields that `header` is called for, in lower case; all of them if left out. The MTA sends the others
   * all the same, and they are answered with CONTINUE unread, which costs a tenth.
   */
  readonly headerNames?: readonly string[]
  /** Header values travel with their leading blank (SMFIP_HDR_LEADSPC). */
  readonly leadingSpace?: boolean
}

/** What the MTA offered. */
export interface Offer {
  readonly version: number
  readonly actions: number
  readonly steps: number
}

/**
 * A filter. Handlers of one connection never run at the same time; those of several connections do.
 * A handler that throws, or is not done within the server's handler deadline, is answered for with TEMPFAIL.
 */
export interface Filter<State = undefined> extends Wish {
  /** Makes the state of a new message; runs at MAIL. Missing only where the state is undefined. */
  newMessage?(): State
  /** Last word on the wish, once the offer is known. What it returns replaces the fields of the same name. */
  negotiate?(offer: Offer): Wish | undefined
  connect?(client: Client, connection: Connection): Awaitable<ConnectVerdict>
  helo?(name: string, connection: Connection): Awaitable<ConnectVerdict>
  mail?(sender: EnvelopeAddress, message: Message<State>): Awaitable<Verdict>
  rcpt?(recipient: EnvelopeAddress, message: Message<State>): Awaitable<Verdict>
  data?(message: Message<State>): Awaitable<Verdict>
  /** Folded lines are joined by LF and their blank, without CR. */
  header?(name: string, value: string, message: Message<State>): Awaitable<Verdict>
  endOfHeaders?(message: Message<State>): Awaitable<Verdict>
  /** The chunk is only valid during the call: copy what must be kept. */
  body?(chunk: Buffer, message: Message<State>): Awaitable<BodyVerdict>
  endOfMessage?(message: Message<State>, changes: Changes): Awaitable<Verdict>
  unknown?(command: string, connection: Connection): Awaitable<CommandVerdict>
  /** The message ended with no verdict of ours: outcome 'aborted' or 'lost'. Comes before `messageEnded`. */
  abort?(message: Message<State>): void
  /** Exactly once for each message, whatever happened. */
  messageEnded?(message: Message<State>, outcome: Outcome): void
  /** Exactly once for each SMTP session, whatever happened. */
  close?(connection: Connection): void
}
