// One SMTP session in one call: connect, greet, send the messages, quit, and tell what became of each.

import type { Client } from '../filter.ts'
import type { Agreement } from '../negotiation.ts'
import type { MilterTarget } from './channel.ts'
import { MilterClient, type MilterClientOptions } from './client.ts'
import type { HeaderField } from './header-fields.ts'
import { type MessageContent, withCrlf } from './message.ts'
import { isPositive, type SmtpReply } from './smtp-reply.ts'
import { type MessageEnd, type SessionOptions, SmtpSession } from './smtp-session.ts'

/** `a@b` or `<a@b>`, which both travel with brackets; or the very argument, and ESMTP parameters. */
export type Mailbox = string | { readonly argument: string; readonly parameters?: readonly string[] }

export interface MessageInput {
  /** '' is the null sender, and the default. */
  readonly from?: Mailbox
  readonly to: readonly Mailbox[]
  /** A Subject and a From, if left out. */
  readonly headers?: readonly HeaderField[]
  /** Text is sent as UTF-8, with CRLF; a Buffer as it is. */
  readonly body?: string | Buffer
  /** Commands that the MTA does not know, sent before DATA. */
  readonly unknown?: readonly string[]
  /** Instead of DATA: RSET, a new HELO, QUIT, or the client is gone; or it is gone in the middle of the data. */
  readonly giveUp?: 'rset' | 'helo' | 'quit' | 'drop' | 'dropInData'
}

export interface SimulateOptions extends MilterClientOptions, SessionOptions {
  readonly milter: MilterTarget
  readonly client?: Client
  readonly helo?: string
  readonly messages: readonly MessageInput[]
}

export interface RecipientResult {
  /** As it went over the wire. */
  readonly argument: string
  /** What the SMTP client was told at RCPT; the reply to MAIL if that was refused. */
  readonly reply: SmtpReply
  readonly accepted: boolean
}

export interface MessageResult {
  /** To MAIL FROM. */
  readonly senderReply: SmtpReply
  readonly recipients: readonly RecipientResult[]
  readonly unknownReplies: readonly SmtpReply[]
  /** Undefined when the message was given up, or never begun because the session was over. */
  readonly end: MessageEnd | undefined
}

export interface Simulation {
  readonly agreement: Agreement
  readonly greeting: SmtpReply
  readonly heloReply: SmtpReply
  /** One for each message that was begun. */
  readonly messages: readonly MessageResult[]
  /** Whether the milter closed the connection by itself after QUIT. */
  readonly closed: boolean
}

const CLIENT: Client = { host: 'client.example', family: 'ipv4', address: '192.0.2.7', port: 25_000 }

/**
 * Plays an MTA to the milter for one SMTP session.
 * @throws SimulatorError when the milter cannot be reached, stops answering or breaks the protocol; SpecError for a
 *   spec that cannot be used.
 */
export async function simulate(options: SimulateOptions): Promise<Simulation> {
  const milter = await MilterClient.open(options.milter, options)
  try {
    const agreement = await milter.negotiate()
    const session = new SmtpSession(milter, options)
    const greeting = await session.connect(options.client ?? CLIENT)
    const helo = options.helo ?? 'client.example'
    const heloReply = session.hungUp ? greeting : await session.helo(helo)
    const messages: MessageResult[] = []
    for (const message of options.messages) {
      if (session.hungUp) break
      messages.push(await sendMessage(session, message, helo))
    }
    return { agreement, greeting, heloReply, messages, closed: await session.quit() }
  } finally {
    milter.drop()
  }
}

async function sendMessage(
  session: SmtpSession,
  message: MessageInput,
  helo: string,
): Promise<MessageResult> {
  const from = envelopeArgument(message.from ?? '')
  const senderReply = await session.mail(from.argument, from.parameters)
  const recipients = await sendRecipients(session, message.to, senderReply)
  const unknownReplies: SmtpReply[] = []
  for (const line of message.unknown ?? []) {
    if (!session.hungUp) unknownReplies.push(await session.unknown(line))
  }
  const end = session.hungUp ? undefined : await finish(session, message, senderReply, helo)
  return { senderReply, recipients, unknownReplies, end }
}

async function sendRecipients(
  session: SmtpSession,
  to: readonly Mailbox[],
  senderReply: SmtpReply,
): Promise<RecipientResult[]> {
  const results: RecipientResult[] = []
  let last = senderReply
  for (const mailbox of to) {
    const { argument, parameters } = envelopeArgument(mailbox)
    const asked = isPositive(senderReply) && !session.hungUp
    if (asked) last = await session.rcpt(argument, parameters)
    results.push({ argument, reply: last, accepted: asked && isPositive(last) })
  }
  return results
}

async function finish(
  session: SmtpSession,
  message: MessageInput,
  senderReply: SmtpReply,
  helo: string,
): Promise<MessageEnd | undefined> {
  switch (message.giveUp) {
    case 'rset':
      await session.rset()
      return undefined
    case 'helo':
      await session.helo(helo)
      return undefined
    case 'quit':
    case 'drop':
      await session.drop()
      return undefined
    case 'dropInData':
      await session.dropInData()
      return undefined
    default: {
      if (!isPositive(senderReply)) return undefined
      const end = await session.data(contentOf(message))
      // A client that is refused at DATA starts again.
      if (!isPositive(end.reply) && !session.hungUp) await session.rset()
      return end
    }
  }
}

function envelopeArgument(mailbox: Mailbox): { argument: string; parameters: readonly string[] } {
  if (typeof mailbox !== 'string') return { argument: mailbox.argument, parameters: mailbox.parameters ?? [] }
  return { argument: mailbox.startsWith('<') ? mailbox : `<${mailbox}>`, parameters: [] }
}

function contentOf({ from = '', headers, body = 'A test message.\r\n' }: MessageInput): MessageContent {
  const sender = envelopeArgument(from).argument
  return {
    headers: headers ?? [
      ['From', sender],
      ['Subject', 'A test message'],
    ],
    body: typeof body === 'string' ? withCrlf(body) : body,
  }
}
