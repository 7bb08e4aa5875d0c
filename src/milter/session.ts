// One filter's part in one MTA connection, as a machine without sockets, clocks or timers: bytes in, handlers asked one
// at a time, bytes out. `stages.ts` says what may come when, `answers.ts` what an answer means.
//
// Longer than most files here, because it is the one place that keeps three promises together: each command that
// expects an answer gets exactly one, each message ends exactly once, and nothing of a message reaches the next.

import {
  type AnyVerdict,
  isRefusal,
  isVerdict,
  outcomeOf,
  PROGRESS_FRAME,
  type Question,
  verdictFrame,
} from './answers.ts'
import type { ByteReader } from './bytes.ts'
import { ChangeList } from './changes.ts'
import { COMMANDS, commandKind } from './commands.ts'
import { ProtocolError } from './errors.ts'
import type { EnvelopeAddress, Filter, Offer, Outcome } from './filter.ts'
import { FrameDecoder } from './frame.ts'
import { Macros } from './macros.ts'
import { OpenConnection, OpenMessage } from './message.ts'
import { ACTIONS, type Answered, answerOffer, NO_STEPS, SKIP_STEP } from './negotiation.ts'
import { isThenable, PendingAnswer } from './pending-answer.ts'
import { reply } from './replies.ts'
import {
  DEFAULT_SESSION_OPTIONS,
  type SessionHost,
  type SessionOptions,
  type SessionReport,
} from './session-host.ts'
import { isStray, type Kind, NO_REPLY_FLAGS, noReplyFlag, noStepFlag, ORDER, type Phase } from './stages.ts'
import { CONTINUE, TEMPFAIL } from './verdict.ts'

/** Bytes of output that may wait for a write before the next command is taken. */
const OUTPUT_BOUND = 65_536

/** Bytes of a command without a payload. */
const SMALLEST_FRAME = 5

const TOO_MANY = reply(452, '4.5.3', 'Too many recipients.')

export class Session<State> {
  readonly #filter: Filter<State>
  readonly #host: SessionHost
  readonly #options: SessionOptions
  readonly #frames = new FrameDecoder()
  readonly #macros = new Macros()
  #phase: Phase = 'opened'
  /** SMFIF_* and SMFIP_* that were agreed on. */
  #actions = 0
  #steps = 0

  #connection: OpenConnection | undefined
  #message: OpenMessage<State> | undefined
  #recipient: EnvelopeAddress | undefined
  /** RCPT arguments that were let pass, kept only for a filter that adds recipients. */
  #recipients: string[] = []
  #recipientCount = 0
  #envelopeBytes = 0
  /** The rest of the body is not wanted. */
  #skipping = false
  /** A refusal could not be said at a command without a reply; the next one with a reply says TEMPFAIL. */
  #owesTempfail = false
  #changes: ChangeList | undefined

  readonly #pending: PendingAnswer

  #output: Buffer[] = []
  #outputBytes = 0
  #commands = 0

  constructor(filter: Filter<State>, host: SessionHost, options = DEFAULT_SESSION_OPTIONS) {
    this.#filter = filter
    this.#host = host
    this.#pending = new PendingAnswer(() => host.answered())
    this.#options = options
  }

  get phase(): Phase {
    return this.#phase
  }

  /** A message is open, or a handler is being waited for: not a moment to hang up. */
  get busy(): boolean {
    return this.#message !== undefined || this.waiting
  }

  get waiting(): boolean {
    return this.#pending.question !== undefined
  }

  /** The only time at which PROGRESS may be sent: sendmail gives up a filter that sends it elsewhere. */
  get waitingAtEnd(): boolean {
    const { question } = this.#pending
    return question === 'endOfMessage' || question === 'lastChunk'
  }

  /** A frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#frames.pending > 0
  }

  /** Whole commands so far, for whoever watches the peer's pace. */
  get commands(): number {
    return this.#commands
  }

  /** `run` has stopped because so much is to be written first. */
  get full(): boolean {
    return this.#outputBytes >= OUTPUT_BOUND
  }

  /** Takes what the MTA sent and goes as far as it can. Not to be called while a handler is being waited for. */
  receive(chunk: Buffer): void {
    this.#frames.push(chunk)
    this.run()
  }

  /** Goes on: after `answered`, or once the output is written that had made it stop. */
  run(): void {
    try {
      this.#takeLateAnswer()
      while (
        !this.waiting &&
        !this.full &&
        this.#phase !== 'closed' &&
        this.#mayGoOn() &&
        this.#frames.next()
      ) {
        this.#commands++
        this.#take(this.#frames.code, this.#frames.payload)
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#report('protocol-error', error.message, error)
      this.end()
    }
  }

  /** Without a question where no more than the beginning of a command is there, which only has to be put away. */
  #mayGoOn(): boolean {
    return this.#frames.pending < SMALLEST_FRAME || this.#host.mayGoOn()
  }

  /** What is to be written, all of it at once; empty when there is nothing. */
  takeOutput(): readonly Buffer[] {
    const output = this.#output
    if (output.length > 0) {
      this.#output = []
      this.#outputBytes = 0
    }
    return output
  }

  /** The handler's deadline has passed: its question is answered, and what it says later is dropped. Then `run`. */
  expire(): void {
    const { question } = this.#pending
    if (question === undefined) return
    this.#stopWaiting()
    this.#report('handler-timeout', `the ${question} handler was not done within its deadline`)
    this.#fail(question)
  }

  /** Restarts the MTA's patience while a handler works at end of message. */
  progress(): void {
    if (this.waitingAtEnd) this.#emit(PROGRESS_FRAME)
  }

  /** The MTA has given the running handler up, although its answer is still owed. */
  interrupt(): void {
    if (this.waiting) this.#message?.interrupt()
  }

  /** The stream has ended, or we end it: everything that is open is over. Harmless when called again. */
  end(): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#endConnection()
  }

  // ---- commands ----

  #take(code: number, payload: ByteReader): void {
    if (code === COMMANDS.macros.code) {
      this.#takeMacros(payload)
      return
    }
    const kind = commandKind(code) as Kind
    const next = ORDER[this.#phase][kind] ?? this.#unmarked(kind)
    if (next === undefined) throw new ProtocolError('out-of-order', `${kind} came in phase ${this.#phase}`)
    if (next === 'stray') {
      this.#say(kind, CONTINUE)
      return
    }
    // An open message ends here, while its own macros can still be seen.
    if (kind === 'mail' || kind === 'helo') this.#endMessage('aborted')
    this.#phase = next
    this.#macros.enter(code)
    this.#dispatch(kind, payload)
  }

  /** A filter that wants nothing of messages has negotiated MAIL away, but end of message comes all the same. */
  #unmarked(kind: Kind): 'stray' | undefined {
    return isStray(kind) && (this.#steps & NO_STEPS.mail) !== 0 ? 'stray' : undefined
  }

  #dispatch(kind: Kind, payload: ByteReader): void {
    switch (kind) {
      case 'negotiate':
        this.#negotiate(payload)
        break
      case 'connect':
        this.#connect(payload)
        break
      case 'helo':
        this.#helo(payload)
        break
      case 'mail':
        this.#mail(payload)
        break
      case 'rcpt':
        this.#rcpt(payload)
        break
      case 'data':
        this.#ask(kind, this.#filter.data, this.#open())
        break
      case 'header':
        this.#header(payload)
        break
      case 'endOfHeaders':
        this.#ask(kind, this.#filter.endOfHeaders, this.#open())
        break
      case 'body':
        this.#body(kind, payload)
        break
      case 'endOfMessage':
        if (payload.remaining > 0) this.#body('lastChunk', payload)
        else this.#endOfMessage()
        break
      case 'unknown':
        this.#unknown(payload)
        break
      case 'abort':
        this.#endMessage('aborted')
        this.#macros.endMessage()
        break
      case 'quit':
      case 'quitNewConnection':
        this.#endConnection()
        break
    }
  }

  #takeMacros(payload: ByteReader): void {
    if (this.#phase === 'opened') throw new ProtocolError('out-of-order', 'macros came before negotiation')
    const { stage, pairs } = COMMANDS.macros.decode(payload)
    // Both MTAs send macros for commands that were negotiated away; there they stand for the command.
    if ((this.#steps & noStepFlag(stage)) !== 0) this.#macros.set(stage, pairs)
    else this.#macros.hold(stage, pairs)
  }

  #negotiate(payload: ByteReader): void {
    const { offer } = COMMANDS.negotiate.decode(payload)
    const answered = this.#agree(offer)
    if (answered === undefined) return
    this.#actions = answered.agreement.actions
    this.#steps = answered.agreement.steps
    this.#emit(answered.frame)
    this.#openConnection()
  }

  #agree(offer: Offer): Answered | undefined {
    try {
      return answerOffer(this.#filter, offer)
    } catch (error) {
      if (error instanceof ProtocolError) throw error
      this.#report('handler-failed', 'the negotiate handler failed', error)
      this.end()
      return undefined
    }
  }

  #connect(payload: ByteReader): void {
    const { client } = COMMANDS.connect.decode(payload)
    const connection = this.#openConnection()
    connection.client = client
    this.#ask('connect', this.#filter.connect, client, connection)
  }

  #helo(payload: ByteReader): void {
    const { name } = COMMANDS.helo.decode(payload)
    const connection = this.#openConnection()
    connection.helo = name
    this.#ask('helo', this.#filter.helo, name, connection)
  }

  #mail(payload: ByteReader): void {
    const bytes = payload.remaining
    const { sender } = COMMANDS.mail.decode(payload)
    this.#recipientCount = 0
    this.#envelopeBytes = bytes
    const message = this.#newMessage(sender)
    if (message !== undefined) this.#ask('mail', this.#filter.mail, sender, message)
  }

  #newMessage(sender: EnvelopeAddress): OpenMessage<State> | undefined {
    try {
      // A filter without `newMessage` has declared that its state is undefined.
      const state = this.#filter.newMessage?.() as State
      this.#message = new OpenMessage(this.#openConnection(), sender, state, this.#macros)
    } catch (error) {
      this.#report('handler-failed', 'newMessage failed', error)
      // Without a reply there is no way to put this message off but to hang up, and the MTA's F=T does the rest.
      if (this.#isSilent('mail')) this.end()
      else this.#fail('mail')
      if (this.#phase === 'envelope') this.#phase = 'settled'
    }
    return this.#message
  }

  #rcpt(payload: ByteReader): void {
    this.#recipientCount++
    this.#envelopeBytes += payload.remaining
    const { recipient } = COMMANDS.rcpt.decode(payload)
    const { maxRecipients, maxEnvelopeBytes } = this.#options
    if (this.#recipientCount > maxRecipients || this.#envelopeBytes > maxEnvelopeBytes) {
      if (this.#isSilent('rcpt')) throw new ProtocolError('too-much', 'a message with too many recipients')
      this.#say('rcpt', TOO_MANY)
    } else {
      this.#recipient = recipient
      this.#ask('rcpt', this.#filter.rcpt, recipient, this.#open())
    }
  }

  #header(payload: ByteReader): void {
    // Not even read when nobody wants it: some MTAs send what was negotiated away.
    if (this.#filter.header === undefined || !this.#isWanted(payload)) {
      this.#answer('header', CONTINUE)
    } else {
      const { name, value } = COMMANDS.header.decode(payload)
      this.#ask('header', this.#filter.header, name, value, this.#open())
    }
  }

  #isWanted(field: ByteReader): boolean {
    const { headerNames } = this.#filter
    if (headerNames === undefined) return true
    for (const name of headerNames) if (field.isNext(name)) return true
    return false
  }

  #body(question: 'body' | 'lastChunk', payload: ByteReader): void {
    if (this.#skipping || this.#filter.body === undefined) this.#answer(question, CONTINUE)
    else this.#ask(question, this.#filter.body, payload.rest(), this.#open())
  }

  #endOfMessage(): void {
    const message = this.#open()
    const handler = this.#filter.endOfMessage
    if (handler === undefined) {
      this.#ask('endOfMessage', handler)
    } else {
      this.#changes = new ChangeList(this.#actions, this.#recipients)
      this.#ask('endOfMessage', handler, message, this.#changes)
    }
  }

  #unknown(payload: ByteReader): void {
    const { command } = COMMANDS.unknown.decode(payload)
    this.#ask('unknown', this.#filter.unknown, command, this.#openConnection())
  }

  // ---- questions and answers ----

  /** Asks a handler. One that returns a plain value is answered for at once, without a promise. */
  #ask<Args extends unknown[]>(
    question: Question,
    handler: ((this: Filter<State>, ...args: Args) => unknown) | undefined,
    ...args: Args
  ): void {
    if (this.#owesTempfail && question !== 'unknown') {
      if (!this.#isSilent(question)) this.#answer(question, TEMPFAIL)
    } else if (handler === undefined) {
      this.#answer(question, CONTINUE)
    } else {
      this.#call(question, handler, args)
    }
  }

  #call<Args extends unknown[]>(
    question: Question,
    handler: (this: Filter<State>, ...args: Args) => unknown,
    args: Args,
  ): void {
    let verdict: unknown
    try {
      verdict = handler.apply(this.#filter, args)
    } catch (error) {
      this.#report('handler-failed', `the ${question} handler failed`, error)
      this.#fail(question)
      return
    }
    if (isThenable(verdict)) this.#pending.wait(question, verdict)
    else this.#answer(question, verdict)
  }

  #takeLateAnswer(): void {
    const late = this.#pending.take()
    if (late === undefined) return
    if (late.failed) {
      this.#report('handler-failed', `the ${late.question} handler failed`, late.verdict)
      this.#fail(late.question)
    } else {
      this.#answer(late.question, late.verdict)
    }
  }

  /** Nobody waits for the handler any more; what it still says is dropped. */
  #stopWaiting(): void {
    if (!this.waiting) return
    this.#pending.giveUp()
    this.#message?.interrupt()
  }

  #fail(question: Question): void {
    this.#changes?.close()
    this.#changes = undefined
    this.#answer(question, this.#options.onHandlerFault)
  }

  #answer(question: Question, verdict: unknown): void {
    if (!isVerdict(question, verdict)) {
      const error = new TypeError(`the ${question} handler returned what is no verdict there`)
      this.#report('handler-failed', error.message, error)
      this.#fail(question)
      return
    }
    if (this.#isSilent(question) && isRefusal(verdict)) {
      this.#owe(question)
      return
    }
    const outcome = outcomeOf(question, verdict)
    if (question === 'lastChunk' && outcome === undefined) {
      this.#endOfMessage()
      return
    }
    this.#say(question, verdict)
    this.#follow(question, verdict, outcome)
  }

  /** A refusal that cannot be said now is said later, as TEMPFAIL: the client keeps the message. */
  #owe(question: Question): void {
    this.#report('verdict-delayed', `the ${question} handler refused, but ${question} has no reply`)
    this.#owesTempfail = this.#message !== undefined
  }

  /** The one place where a verdict becomes bytes. */
  #say(question: Question, verdict: AnyVerdict): void {
    if (this.#isSilent(question)) return
    const frame = verdictFrame(
      verdict.kind === 'skip' && (this.#steps & SKIP_STEP) === 0 ? CONTINUE : verdict,
    )
    const changes = isRefusal(verdict) ? undefined : this.#changes
    if (changes === undefined) this.#emit(frame)
    else for (const bytes of changes.encode(frame)) this.#emit(bytes)
  }

  /** What an answer means for what comes after it. */
  #follow(question: Question, verdict: AnyVerdict, outcome: Outcome | undefined): void {
    if (outcome !== undefined) {
      this.#phase = 'settled'
      this.#endMessage(outcome)
      this.#macros.endMessage()
    } else if (verdict.kind === 'skip') {
      this.#skipping = true
    } else if (verdict.kind === 'accept') {
      this.#phase = 'released'
    } else if (verdict.kind === 'continue' && question === 'rcpt') {
      this.#keepRecipient()
    }
  }

  #keepRecipient(): void {
    const adds = ACTIONS.addRecipient | ACTIONS.addRecipientWithParameters
    if ((this.#actions & adds) !== 0 && this.#recipient) this.#recipients.push(this.#recipient.argument)
  }

  #isSilent(question: Question): boolean {
    if ((this.#steps & NO_REPLY_FLAGS) === 0 || question === 'lastChunk') return false
    return (this.#steps & noReplyFlag(question)) !== 0
  }

  #emit(bytes: Buffer): void {
    this.#output.push(bytes)
    this.#outputBytes += bytes.length
  }

  // ---- beginnings and ends ----

  #openConnection(): OpenConnection {
    this.#connection ??= new OpenConnection(this.#host.nextConnectionId(), this.#macros)
    return this.#connection
  }

  /** The order of commands has made sure of it. */
  #open(): OpenMessage<State> {
    if (this.#message === undefined) throw new Error(`no message is open in phase ${this.#phase}`)
    return this.#message
  }

  #endMessage(outcome: Outcome): void {
    const message = this.#message
    if (message === undefined) return
    this.#changes?.close()
    this.#changes = undefined
    this.#message = undefined
    this.#recipient = undefined
    if (this.#recipients.length > 0) this.#recipients = []
    this.#skipping = false
    this.#owesTempfail = false
    if (outcome === 'aborted' || outcome === 'lost') {
      message.interrupt()
      this.#hook('abort', this.#filter.abort, message)
    }
    this.#hook('messageEnded', this.#filter.messageEnded, message, outcome)
    message.end()
  }

  /** QUIT, QUIT_NC or the end of the stream. */
  #endConnection(): void {
    this.#stopWaiting()
    this.#endMessage('lost')
    const connection = this.#connection
    this.#connection = undefined
    if (connection !== undefined) {
      this.#hook('close', this.#filter.close, connection)
      connection.end()
    }
    this.#macros.clear()
  }

  /** A hook decides nothing, so its failure changes nothing. */
  #hook<Args extends unknown[]>(
    name: string,
    hook: ((this: Filter<State>, ...args: Args) => void) | undefined,
    ...args: Args
  ): void {
    try {
      hook?.apply(this.#filter, args)
    } catch (error) {
      this.#report('handler-failed', `the ${name} handler failed`, error)
    }
  }

  #report(kind: SessionReport['kind'], text: string, error?: unknown): void {
    const connection = this.#connection
    this.#host.report({ kind, text, connection: connection?.id, queueId: connection?.macro('i'), error })
  }
}
