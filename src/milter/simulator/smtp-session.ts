// One SMTP session of an MTA with one filter: which SMTP command makes which milter command, what the SMTP client is
// answered, and what becomes of the message. Where the two MTAs differ, the difference was recorded (sendmail 8.17.1.9,
// Postfix 3.7.11). It is above 300 lines because the session is one machine, and its state is best read in one place.

import type { Client } from '../filter.ts'
import { LEADING_SPACE } from '../negotiation.ts'
import type { Modification } from '../replies.ts'
import { applyChanges, type QueuedMessage } from './changes.ts'
import { CHUNK_SIZE, type MilterClient } from './client.ts'
import { bareAddress, Envelope, type EnvelopeRules } from './envelope.ts'
import type { HeaderField } from './header-fields.ts'
import { connectMacros, type Macros, recipientMacros, senderMacros } from './macros.ts'
import { fieldValue, type MessageContent } from './message.ts'
import type { MtaKind } from './mta.ts'
import type { MilterVerdict } from './rules.ts'
import {
  isPositive,
  readReplyCode,
  rejectReply,
  type SmtpReply,
  type SmtpStage,
  smtpReply,
  tempfailReply,
  WORDS,
} from './smtp-reply.ts'

export interface SessionOptions extends Omit<EnvelopeRules, 'like'> {
  /** The MTA's own name; `mail.example.com`. */
  readonly hostname?: string
  /** The time in the headers that the MTA adds. */
  readonly now?: Date
}

/** What became of a message, once its last reply was given. */
export interface MessageEnd extends QueuedMessage {
  readonly reply: SmtpReply
  readonly outcome: 'accepted' | 'rejected' | 'tempfailed' | 'discarded'
  /** False when the milter left before end of message (ACCEPT), or was never asked. */
  readonly filtered: boolean
  /** All that the milter asked for, in its order; also what was not done because it refused the message. */
  readonly changes: readonly Modification[]
  readonly queueId: string
}

/** One message, from MAIL on. */
interface Transaction {
  readonly sender: string
  readonly envelope: Envelope
  accepted: number
  /** Whether the milter still wants to see this message. */
  filtered: boolean
  discarded: boolean
}

/** The verdict that ended the content early; undefined when all of it went over. */
type EarlyEnd = { readonly verdict: MilterVerdict; readonly stage: SmtpStage } | undefined

export class SmtpSession {
  readonly #milter: MilterClient
  readonly #like: MtaKind
  readonly #options: SessionOptions
  readonly #hostname: string
  readonly #now: Date
  /** Macros that the caller has set, and that keep their value. */
  readonly #fixedMacros: ReadonlySet<string>
  /** False once the milter has accepted, or refused, the whole SMTP session. */
  #asksMilter = true
  /** What every MAIL is answered, since CONNECT or HELO was refused. */
  #refusal: SmtpReply | undefined
  /** The client is this host (Postfix's local_header_rewrite_clients). */
  #ownHost = false
  #helo = false
  #open: Transaction | undefined
  /** Postfix: there was a MAIL since the last reset. */
  #mailed = false
  #hungUp = false
  #closed: Promise<boolean> | undefined
  #messages = 0

  /** `milter` has been negotiated with. */
  constructor(milter: MilterClient, options: SessionOptions = {}) {
    this.#milter = milter
    this.#like = milter.like
    this.#options = options
    this.#hostname = options.hostname ?? 'mail.example.com'
    this.#now = options.now ?? new Date()
    this.#fixedMacros = new Set(milter.macros.keys())
  }

  /** True when the SMTP connection is over: QUIT, a client that is gone, or a reply of 421. */
  get hungUp(): boolean {
    return this.#hungUp
  }

  /** The client connects; gives the greeting. */
  async connect(client: Client): Promise<SmtpReply> {
    this.#ownHost = client.address === '127.0.0.1'
    this.#setMacros(connectMacros(this.#like, this.#hostname, client))
    const verdict = await this.#milter.connect(client)
    const greeting = smtpReply(220, undefined, `${this.#hostname} ESMTP`)
    // sendmail lets a session pass unfiltered after DISCARD; Postfix warns and goes on.
    if (verdict.kind === 'accept' || (verdict.kind === 'discard' && this.#like === 'sendmail')) {
      await this.#dismissMilter()
      return greeting
    }
    const refusal = this.#replyTo(verdict, 'connect')
    return refusal === undefined ? greeting : this.#refuseSession(refusal, greeting)
  }

  async helo(name: string): Promise<SmtpReply> {
    const again = this.#helo
    this.#helo = true
    // sendmail aborts the message before it says HELO, Postfix after, and twice.
    if (this.#like === 'sendmail') await this.#reset()
    const verdict = this.#asksMilter ? await this.#milter.helo(name) : undefined
    if (this.#like === 'postfix') {
      if (again) await this.#abort()
      await this.#reset()
    }
    if (verdict?.kind === 'accept') await this.#dismissMilter()
    if (verdict) this.#refusal = this.#replyTo(verdict, 'helo')
    return this.#refusal?.code === 421 ? this.#refusal : smtpReply(250, undefined, this.#hostname)
  }

  /** MAIL FROM. `argument` as the client writes it, brackets and all. */
  async mail(argument: string, parameters: readonly string[] = []): Promise<SmtpReply> {
    if (this.#refusal) return this.#refusal
    if (this.#open) return WORDS[this.#like].nestedMail
    const transaction: Transaction = {
      sender: bareAddress(argument),
      envelope: new Envelope({ ...this.#options, like: this.#like }),
      accepted: 0,
      filtered: this.#asksMilter,
      discarded: false,
    }
    this.#messages += 1
    this.#mailed = true
    this.#setMessageMacros(argument)
    const refusal = await this.#verdictIn(transaction, 'mail', () => this.#milter.mail(argument, parameters))
    if (refusal === undefined) {
      this.#open = transaction
      return WORDS[this.#like].mail(argument)
    }
    if (this.#like === 'postfix') await this.#reset()
    return refusal
  }

  /** RCPT TO. */
  async rcpt(argument: string, parameters: readonly string[] = []): Promise<SmtpReply> {
    const transaction = this.#open
    if (transaction === undefined) return WORDS[this.#like].noMail
    const { envelope } = transaction
    this.#setMacros(recipientMacros(this.#like, argument, envelope.resolve(argument)))
    const refusal = await this.#verdictIn(transaction, 'rcpt', () => this.#milter.rcpt(argument, parameters))
    envelope.rcpt(argument, parameters, refusal === undefined)
    if (refusal) return refusal
    transaction.accepted += 1
    // Postfix opens the queue file, and so knows the queue id, with the first recipient that it takes.
    if (this.#like === 'postfix') this.#setMacros({ i: this.#queueId })
    return WORDS[this.#like].rcpt(argument)
  }

  /** DATA and the message. Where DATA itself is refused the transaction stays open, as in both MTAs. */
  async data(content: MessageContent): Promise<MessageEnd> {
    const refusal = await this.#dataCommand()
    const transaction = this.#open
    if (transaction === undefined || refusal) {
      return this.#endUnchanged(transaction, content, refusal ?? WORDS[this.#like].noMail)
    }
    const discardedBefore = transaction.discarded
    const end = transaction.filtered
      ? await this.#content(transaction, content)
      : this.#endUnchanged(transaction, content, WORDS[this.#like].queued(this.#queueId))
    // After the final dot sendmail sends ABORT only for a message that was discarded before it; Postfix always does.
    if (this.#like === 'postfix' || discardedBefore) await this.#reset()
    this.#open = undefined
    return end
  }

  /** DATA, and then the client is gone before the final dot. */
  async dropInData(): Promise<void> {
    await this.#dataCommand()
    if (this.#like === 'postfix') {
      await this.drop()
      return
    }
    // sendmail does not even say QUIT.
    this.#hungUp = true
    this.#closed = Promise.resolve(true)
    this.#milter.drop()
  }

  async rset(): Promise<SmtpReply> {
    await this.#reset()
    return WORDS[this.#like].rset
  }

  /** A command that the MTA does not know, `BOGUS foo`. */
  async unknown(line: string): Promise<SmtpReply> {
    const own = WORDS[this.#like].unknown(line)
    if (!this.#asksMilter) return own
    const command = this.#like === 'sendmail' ? line : (line.split(' ')[0] ?? '')
    const ask = (): Promise<MilterVerdict> => this.#milter.unknown(command)
    const refusal = this.#open
      ? await this.#verdictIn(this.#open, 'unknown', ask)
      : this.#replyTo(await ask(), 'unknown')
    return refusal ?? own
  }

  /** QUIT. True if the milter closed its connection within `patience` milliseconds. */
  async quit(patience?: number): Promise<boolean> {
    this.#closed ??= this.#leave(patience)
    return this.#closed
  }

  /** The SMTP client is gone without QUIT. To a milter that is QUIT all the same. */
  async drop(patience?: number): Promise<boolean> {
    return this.quit(patience)
  }

  /** sendmail says only QUIT. Postfix first sends ABORT for the HELO, and for the message, finished or not. */
  async #leave(patience: number | undefined): Promise<boolean> {
    this.#hungUp = true
    if (this.#like === 'postfix') {
      if (this.#helo) await this.#abort()
      await this.#reset()
    }
    return this.#milter.quit(patience)
  }

  /** The end of a transaction that was given up, and in Postfix of any. */
  async #reset(): Promise<void> {
    const aborts = this.#like === 'postfix' ? this.#mailed : this.#sendmailAborts()
    this.#open = undefined
    this.#mailed = false
    if (aborts) await this.#abort()
  }

  /** sendmail leaves ABORT out when the milter has left the message, and when it never saw, or answered, MAIL. */
  #sendmailAborts(): boolean {
    const wanted = this.#open?.filtered === true || this.#open?.discarded === true
    return wanted && this.#milter.sends('mail') && this.#milter.answers('mail')
  }

  async #abort(): Promise<void> {
    if (this.#asksMilter && !this.#milter.isClosed) await this.#milter.abort()
  }

  /** The milter has nothing more to do: sendmail says QUIT at once, Postfix closes. */
  async #dismissMilter(): Promise<void> {
    this.#asksMilter = false
    if (this.#like === 'sendmail') this.#closed = this.#milter.quit()
    else {
      this.#closed = Promise.resolve(true)
      this.#milter.drop()
    }
    await this.#closed
  }

  async #refuseSession(refusal: SmtpReply, greeting: SmtpReply): Promise<SmtpReply> {
    if (refusal.code === 421) {
      return this.#like === 'postfix'
        ? refusal
        : smtpReply(421, '4.7.0', `${this.#hostname} closing connection`)
    }
    await this.#dismissMilter()
    const later = refusal.code < 500
    // At CONNECT sendmail uses its own words, whatever the milter said.
    const ownWords = later ? tempfailReply('sendmail') : smtpReply(550, '5.0.0', 'Command rejected')
    this.#refusal = this.#like === 'sendmail' ? ownWords : refusal
    return later ? greeting : smtpReply(554, undefined, `${this.#hostname} ESMTP not accepting messages`)
  }

  /** Asks about one command of a transaction. Undefined: the MTA says yes. */
  async #verdictIn(
    transaction: Transaction,
    stage: SmtpStage,
    ask: () => Promise<MilterVerdict>,
  ): Promise<SmtpReply | undefined> {
    if (!transaction.filtered) return undefined
    const verdict = await ask()
    if (verdict.kind === 'accept' || verdict.kind === 'discard') {
      transaction.filtered = false
      transaction.discarded = verdict.kind === 'discard'
    }
    return this.#replyTo(verdict, stage)
  }

  #replyTo(verdict: MilterVerdict, stage: SmtpStage): SmtpReply | undefined {
    if (verdict.kind === 'reject') return rejectReply(this.#like, stage)
    if (verdict.kind === 'tempfail') return tempfailReply(this.#like)
    if (verdict.kind !== 'reply') return undefined
    const reply = readReplyCode(this.#like, stage, verdict.text)
    // At any stage 421 ends the SMTP connection, in both MTAs.
    if (reply.code === 421) this.#hungUp = true
    return reply
  }

  async #dataCommand(): Promise<SmtpReply | undefined> {
    const transaction = this.#open
    if (transaction === undefined) return WORDS[this.#like].noMail
    if (transaction.accepted === 0) return WORDS[this.#like].noRecipients
    return this.#verdictIn(transaction, 'data', () => this.#milter.data())
  }

  /** Headers to end of message. */
  async #content(transaction: Transaction, given: MessageContent): Promise<MessageEnd> {
    const content = { ...given, headers: [...given.headers, ...this.#addedHeaders(transaction, given)] }
    const early = await this.#headersAndBody(content)
    if (early) return this.#endByVerdict(transaction, content, early)
    this.#setMacros({ '{msg_id}': fieldValue(content, 'message-id') ?? this.#messageId })
    const { verdict, changes } = await this.#milter.endOfMessage()
    if (verdict.kind !== 'continue' && verdict.kind !== 'accept') {
      const end = this.#endByVerdict(transaction, content, { verdict, stage: 'endOfMessage' })
      return { ...end, filtered: true, changes }
    }
    const { sender, envelope } = transaction
    const leadingSpace = this.#leadingSpace
    return {
      ...this.#endUnchanged(transaction, content, WORDS[this.#like].queued(this.#queueId)),
      ...applyChanges({ sender, envelope, content, like: this.#like, leadingSpace }, changes),
      filtered: true,
      changes,
    }
  }

  async #headersAndBody(content: MessageContent): Promise<EarlyEnd> {
    const lead = this.#leadingSpace ? ' ' : ''
    for (const [name, value] of content.headers) {
      const verdict = await this.#milter.header(name, lead + value)
      if (verdict.kind !== 'continue') return { verdict, stage: 'header' }
    }
    const verdict = await this.#milter.endOfHeaders()
    if (verdict.kind !== 'continue') return { verdict, stage: 'endOfHeaders' }
    for (let at = 0; at < content.body.length; at += CHUNK_SIZE) {
      const verdict = await this.#milter.body(content.body.subarray(at, at + CHUNK_SIZE))
      if (verdict.kind === 'skip') break
      if (verdict.kind !== 'continue') return { verdict, stage: 'body' }
    }
    return undefined
  }

  /** ACCEPT takes the message as it is, DISCARD takes and drops it, the others refuse it. */
  #endByVerdict(
    transaction: Transaction,
    content: MessageContent,
    { verdict, stage }: NonNullable<EarlyEnd>,
  ): MessageEnd {
    if (verdict.kind === 'discard') transaction.discarded = true
    const reply = this.#replyTo(verdict, stage) ?? WORDS[this.#like].queued(this.#queueId)
    return this.#endUnchanged(transaction, content, reply)
  }

  /** The message as it came, and the reply that it got. */
  #endUnchanged(transaction: Transaction | undefined, content: MessageContent, reply: SmtpReply): MessageEnd {
    const discarded = transaction?.discarded === true && isPositive(reply)
    const outcome = discarded ? 'discarded' : outcomeOf(reply)
    return {
      reply,
      outcome,
      filtered: false,
      envelope: {
        sender: transaction?.sender ?? '',
        recipients: outcome === 'accepted' ? (transaction?.envelope.recipients ?? []) : [],
      },
      headers: content.headers,
      body: content.body,
      quarantined: undefined,
      changes: [],
      queueId: this.#queueId,
      warnings: transaction?.envelope.warnings ?? [],
    }
  }

  get #leadingSpace(): boolean {
    return ((this.#milter.agreement?.steps ?? 0) & LEADING_SPACE) !== 0
  }

  /** Postfix completes the mail of its own host, and shows what it added; sendmail keeps its own to itself. */
  #addedHeaders({ sender }: Transaction, content: MessageContent): HeaderField[] {
    if (this.#like === 'sendmail' || !this.#ownHost) return []
    const added: HeaderField[] = [
      ['Message-Id', this.#messageId],
      ['Date', this.#now.toUTCString().replace('GMT', '+0000 (UTC)')],
      ['From', sender || `MAILER-DAEMON@${this.#hostname}`],
    ]
    return added.filter(([name]) => fieldValue(content, name.toLowerCase()) === undefined)
  }

  get #messageId(): string {
    const stamp = this.#now.toISOString().replace(/\D/g, '').slice(0, 14)
    return `<${stamp}.${this.#queueId}@${this.#hostname}>`
  }

  get #queueId(): string {
    const number = String(this.#messages).padStart(6, '0')
    return this.#like === 'sendmail' ? `6AMSim01${number}` : `5A1${number}F`
  }

  #setMessageMacros(sender: string): void {
    for (const name of ['i', '{msg_id}', '{rcpt_mailer}', '{rcpt_host}', '{rcpt_addr}']) {
      if (!this.#fixedMacros.has(name)) this.#milter.macros.delete(name)
    }
    if (this.#like === 'sendmail') this.#setMacros({ i: this.#queueId })
    this.#setMacros(senderMacros(this.#like, sender))
  }

  #setMacros(macros: Macros): void {
    for (const [name, value] of Object.entries(macros)) {
      if (!this.#fixedMacros.has(name)) this.#milter.macros.set(name, value)
    }
  }
}

function outcomeOf(reply: SmtpReply): MessageEnd['outcome'] {
  if (isPositive(reply)) return 'accepted'
  return reply.code < 500 ? 'tempfailed' : 'rejected'
}
