// A conversation with a session, without a socket: commands in, answers out as text. One answer reads `c`, or
// `+<a@b.example>|` (the code, then the payload with | for each NUL).

import { ByteWriter } from '../../src/milter/bytes.ts'
import { type Command, encodeCommand } from '../../src/milter/commands.ts'
import type { Client, Filter, Offer, Outcome } from '../../src/milter/filter.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { CURRENT_OFFER } from '../../src/milter/negotiation.ts'
import { Session } from '../../src/milter/session.ts'
import {
  DEFAULT_SESSION_OPTIONS,
  type SessionOptions,
  type SessionReport,
} from '../../src/milter/session-host.ts'

export const CLIENT: Client = { host: 'c.example', family: 'ipv4', address: '192.0.2.7', port: 25_000 }

const NOTHING = Buffer.alloc(0)

// One short word for each command, so that a test reads as the dialogue it is.
export const offer = (change: Partial<Offer> = {}): Command => ({
  kind: 'negotiate',
  offer: { ...CURRENT_OFFER, ...change },
})
export const connect = (client: Client = CLIENT): Command => ({ kind: 'connect', client })
export const helo = (name = 'c.example'): Command => ({ kind: 'helo', name })
export const mail = (argument = '<s@x.example>', ...parameters: string[]): Command => ({
  kind: 'mail',
  sender: { argument, parameters },
})
export const rcpt = (argument: string, ...parameters: string[]): Command => ({
  kind: 'rcpt',
  recipient: { argument, parameters },
})
export const data: Command = { kind: 'data' }
export const header = (name: string, value: string): Command => ({ kind: 'header', name, value })
export const endOfHeaders: Command = { kind: 'endOfHeaders' }
export const body = (text: string | Buffer): Command => ({ kind: 'body', chunk: bytes(text) })
export const endOfMessage = (lastChunk: string | Buffer = NOTHING): Command => ({
  kind: 'endOfMessage',
  lastChunk: bytes(lastChunk),
})
export const unknown = (command: string): Command => ({ kind: 'unknown', command })
export const abort: Command = { kind: 'abort' }
export const quit: Command = { kind: 'quit' }
export const quitNewConnection: Command = { kind: 'quitNewConnection' }
export const macros = (stage: string, values: Readonly<Record<string, string>> = {}): Command => ({
  kind: 'macros',
  stage: stage.charCodeAt(0),
  pairs: Object.entries(values)
    .flatMap(([name, value]) => [name, '\0', value, '\0'])
    .join(''),
})

/** From MAIL to the end, with everything in between. */
export const wholeMessage = (...recipients: string[]): Command[] => [
  mail(),
  ...recipients.map((recipient) => rcpt(recipient)),
  data,
  header('Subject', 't'),
  endOfHeaders,
  body('hello\r\n'),
  endOfMessage(),
]

const bytes = (text: string | Buffer): Buffer =>
  typeof text === 'string' ? Buffer.from(text, 'latin1') : text

export function wire(...commands: readonly Command[]): Buffer {
  const writer = new ByteWriter()
  for (const command of commands) encodeCommand(command, writer)
  return writer.finish()
}

/** A frame as it should not be: any code, any payload, a length that may lie. */
export function rawFrame(code: string, payload: string | Buffer = '', length?: number): Buffer {
  const content = bytes(payload)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length ?? content.length + 1)
  head.write(code, 4, 'latin1')
  return Buffer.concat([head, content])
}

export function readAnswers(output: Buffer): string[] {
  const decoder = new FrameDecoder(0xffff_ffff)
  decoder.push(output)
  const answers: string[] = []
  while (decoder.next()) {
    answers.push(String.fromCharCode(decoder.code) + decoder.payload.latin1().replaceAll('\0', '|'))
  }
  if (decoder.pending > 0) throw new Error('the output ends within a frame')
  return answers
}

export class Conversation<State = undefined> {
  readonly reports: SessionReport[] = []
  readonly session: Session<State>
  /** How many times a late handler has answered. */
  #answered: (() => void)[] = []
  #ids = 0

  constructor(filter: Filter<State>, options: Partial<SessionOptions> = {}) {
    const host = {
      answered: () => {
        this.session.run()
        for (const resolve of this.#answered.splice(0)) resolve()
      },
      report: (report: SessionReport) => void this.reports.push(report),
      nextConnectionId: () => ++this.#ids,
      mayGoOn: () => true,
    }
    this.session = new Session(filter, host, { ...DEFAULT_SESSION_OPTIONS, ...options })
  }

  get closed(): boolean {
    return this.session.phase === 'closed'
  }

  /** Answers to these commands, sent in one piece. */
  say(...commands: readonly Command[]): string[] {
    return this.bytes(wire(...commands))
  }

  bytes(input: Buffer): string[] {
    if (!this.closed) this.session.receive(input)
    return this.answers()
  }

  /** What has been answered and not been read. */
  answers(): string[] {
    const output = [...this.session.takeOutput()]
    while (!this.session.waiting && !this.closed && output.length > 0) {
      this.session.run()
      const more = this.session.takeOutput()
      if (more.length === 0) break
      output.push(...more)
    }
    return readAnswers(Buffer.concat(output))
  }

  /** Resolves when a handler that took its time has answered. */
  async lateAnswers(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#answered.push(resolve))
    return this.answers()
  }
}

/** A conversation that has negotiated; CONNECT and HELO are over. */
export function started<State = undefined>(
  filter: Filter<State>,
  options: Partial<SessionOptions> & { offer?: Partial<Offer> } = {},
): Conversation<State> {
  const conversation = new Conversation(filter, options)
  conversation.say(offer(options.offer), connect(), helo())
  return conversation
}

/** A filter that has an opinion about nothing, is asked everything, and writes down what it is asked. */
export class Witness {
  readonly seen: string[] = []
  readonly ended: Outcome[] = []
  closes = 0
  aborts = 0
  readonly filter: Filter<string[]>

  constructor(overrides: Filter<string[]> = {}) {
    const note = (...words: readonly string[]) => {
      this.seen.push(words.join(' '))
      return { kind: 'continue' } as const
    }
    this.filter = {
      actions: ['addRecipient', 'deleteRecipient'],
      newMessage: () => [],
      connect: (client) => note('connect', client.host, client.family, client.address, String(client.port)),
      helo: (name) => note('helo', name),
      mail: (sender) => note('mail', sender.argument, ...sender.parameters),
      rcpt: (recipient, message) => {
        message.state.push(recipient.argument)
        return note('rcpt', recipient.argument, ...recipient.parameters)
      },
      data: () => note('data'),
      header: (name, value) => note('header', `${name}:${value}`),
      endOfHeaders: () => note('endOfHeaders'),
      body: (chunk) => note('body', chunk.toString('latin1')),
      endOfMessage: (message) => note('endOfMessage', ...message.state),
      unknown: (command) => note('unknown', command),
      abort: () => void this.aborts++,
      messageEnded: (_message, outcome) => void this.ended.push(outcome),
      close: () => void this.closes++,
      ...overrides,
    }
  }
}
