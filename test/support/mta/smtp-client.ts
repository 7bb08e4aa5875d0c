// A small SMTP client that does what it is told, right or wrong: tests must be able to break off, to pipeline, to send
// eight-bit bytes and to come from a stranger's address.

import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'

/** Seconds to wait for a reply; longer than any time limit that the rigs configure. */
const PATIENCE = 60

export interface SmtpReply {
  readonly code: number
  /** Lines without their code. */
  readonly lines: readonly string[]
  /** The reply as one line: `551 5.7.1 Expiration Reached.` */
  readonly text: string
}

export interface ClientOptions {
  /** 127.0.0.1 may relay through the rigs; 127.0.0.2, the default, is a stranger. */
  readonly localAddress?: string
}

export interface Envelope {
  readonly from?: string
  /** An address, or what follows `RCPT TO:` when it begins with `<`. */
  readonly to: readonly string[]
  readonly message?: Buffer | string
}

/** The replies to one message. */
export interface Sent {
  readonly mail: SmtpReply
  readonly rcpt: readonly SmtpReply[]
  /** After the final dot; the reply to DATA when that was refused. */
  readonly end: SmtpReply
}

interface Waiting {
  resolve(reply: SmtpReply): void
  reject(error: Error): void
}

/** One SMTP session. */
export class SmtpClient {
  readonly #stream: Duplex
  readonly #waiting: Waiting[] = []
  readonly #arrived: SmtpReply[] = []
  #text = ''
  #lines: string[] = []
  #over: Error | undefined

  private constructor(stream: Duplex) {
    this.#stream = stream.setEncoding('latin1')
    stream.on('data', (text: string) => this.#take(text))
    stream.on('error', (error) => this.#end(error))
    stream.on('close', () => this.#end(new Error('the server closed the connection')))
  }

  /** Connects, reads the greeting and says EHLO. */
  static async open(port: number, options: ClientOptions = {}): Promise<SmtpClient> {
    return SmtpClient.raw(port, options).#greeted()
  }

  /** Talks to a program on its standard input and output, as `sendmail -bs`. */
  static onStandardInput(program: ChildProcess): Promise<SmtpClient> {
    const { stdout, stdin } = program
    if (stdout === null || stdin === null) throw new Error('the program has no pipes')
    return new SmtpClient(Duplex.from({ readable: stdout, writable: stdin })).#greeted()
  }

  async #greeted(): Promise<SmtpClient> {
    const greeting = await this.reply()
    if (greeting.code !== 220) throw new Error(`greeted with ${greeting.text}`)
    await this.command('EHLO client.elsewhere.example')
    return this
  }

  /** Connects; the greeting is the first reply. */
  static raw(port: number, options: ClientOptions = {}): SmtpClient {
    const localAddress = options.localAddress ?? '127.0.0.2'
    return new SmtpClient(connect({ host: '127.0.0.1', port, localAddress, noDelay: true }))
  }

  /** The next reply, or an error when the connection ends or nothing comes. */
  reply(): Promise<SmtpReply> {
    const arrived = this.#arrived.shift()
    if (arrived !== undefined) return Promise.resolve(arrived)
    if (this.#over !== undefined) return Promise.reject(this.#over)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply within ${PATIENCE} s`)), PATIENCE * 1000)
      this.#waiting.push({
        resolve: (reply) => {
          clearTimeout(timer)
          resolve(reply)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
    })
  }

  write(bytes: Buffer | string): void {
    this.#stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  command(line: string): Promise<SmtpReply> {
    this.write(`${line}\r\n`)
    return this.reply()
  }

  /** All commands in one write (RFC 2920), then all replies. */
  async pipeline(lines: readonly string[]): Promise<readonly SmtpReply[]> {
    this.write(lines.map((line) => `${line}\r\n`).join(''))
    const replies: SmtpReply[] = []
    for (const _ of lines) replies.push(await this.reply())
    return replies
  }

  mail(from = 'shop@elsewhere.example'): Promise<SmtpReply> {
    return this.command(`MAIL FROM:${from.startsWith('<') ? from : `<${from}>`}`)
  }

  rcpt(to: string): Promise<SmtpReply> {
    return this.command(`RCPT TO:${to.startsWith('<') ? to : `<${to}>`}`)
  }

  /** DATA, the message and the final dot. The message has CRLF line ends; a dot that begins a line is doubled. */
  async data(message: Buffer | string): Promise<SmtpReply> {
    const started = await this.command('DATA')
    if (started.code !== 354) return started
    this.write(stuffed(message))
    this.write('.\r\n')
    return this.reply()
  }

  /** One message, a command at a time; goes on after refused recipients, as real senders do. */
  async send(envelope: Envelope): Promise<Sent> {
    const mail = await this.mail(envelope.from)
    const rcpt: SmtpReply[] = []
    for (const to of envelope.to) rcpt.push(await this.rcpt(to))
    return { mail, rcpt, end: await this.data(envelope.message ?? aMessage()) }
  }

  async quit(): Promise<void> {
    await this.command('QUIT')
    this.#stream.destroy()
  }

  /** Breaks the connection off, in the middle of whatever it was. */
  drop(): void {
    this.#stream.destroy()
  }

  #take(text: string): void {
    this.#text += text
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end).replace(/\r$/, '')
      this.#text = this.#text.slice(end + 1)
      this.#lines.push(line)
      if (line[3] !== '-') this.#finish(this.#lines.splice(0))
    }
  }

  #finish(lines: readonly string[]): void {
    const code = Number(lines.at(-1)?.slice(0, 3))
    const reply = { code, lines: lines.map((line) => line.slice(4)), text: lines.join('\n') }
    const next = this.#waiting.shift()
    if (next === undefined) this.#arrived.push(reply)
    else next.resolve(reply)
  }

  #end(error: Error): void {
    this.#over ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#over)
  }
}

function stuffed(message: Buffer | string): Buffer {
  const text = typeof message === 'string' ? message : message.toString('latin1')
  return Buffer.from(text.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..'), 'latin1')
}

/** A message with the fields that every message has. `headers` are whole lines without their ends. */
export function aMessage(
  parts: {
    readonly subject?: string
    readonly headers?: readonly string[]
    readonly body?: Buffer | string
  } = {},
): Buffer {
  const header = [
    'From: shop@elsewhere.example',
    'To: undisclosed-recipients:;',
    `Subject: ${parts.subject ?? 'an order'}`,
    'Date: Sun, 22 Nov 2026 12:00:00 +0000',
    'Message-Id: <1@elsewhere.example>',
    ...(parts.headers ?? []),
  ]
  const body = parts.body ?? 'Thank you.\r\n'
  return Buffer.concat([
    Buffer.from(`${header.join('\r\n')}\r\n\r\n`, 'latin1'),
    typeof body === 'string' ? Buffer.from(body, 'latin1') : body,
  ])
}
