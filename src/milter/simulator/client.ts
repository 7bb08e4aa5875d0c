// The protocol as an MTA speaks it: one method for each command, with the macro packet before it and one verdict after
// it. It decides nothing: when to send which command is `SmtpSession`'s business.

import { ByteReader, ByteWriter } from '../bytes.ts'
import { type Command, encodeCommand } from '../commands.ts'
import { ProtocolError } from '../errors.ts'
import type { Client, NoReplyStage, Offer } from '../filter.ts'
import { type Agreement, CURRENT_OFFER, decodeAgreement, NO_REPLY, NO_STEPS } from '../negotiation.ts'
import { decodeResponse, type Modification, type Response } from '../replies.ts'
import { type Channel, type Frame, type MilterTarget, openChannel } from './channel.ts'
import { SimulatorError } from './errors.ts'
import { type MacroCommand, type Macros, macroPairs } from './macros.ts'
import { type MtaKind, TIMEOUTS, type Timeouts } from './mta.ts'
import {
  agreementFault,
  changeFault,
  isModification,
  isVerdict,
  type MilterVerdict,
  whyNoVerdict,
} from './rules.ts'

export interface MilterClientOptions {
  /** Which MTA to be; sendmail if left out. */
  readonly like?: MtaKind
  /** Instead of version 6 with everything. */
  readonly offer?: Partial<Offer>
  /** In milliseconds; the MTA's own defaults for what is left out. */
  readonly timeouts?: Partial<Timeouts>
  /** Values of more macros, `{ '{auth_authen}': 'dredd' }`; sent where the MTA's lists, or the milter's, name them. */
  readonly macros?: Macros
}

export interface EndOfMessage {
  readonly verdict: MilterVerdict
  /** In the order in which they came. */
  readonly changes: readonly Modification[]
}

/** A command that is answered. */
type Stage = NoReplyStage | 'endOfMessage'

const CONTINUE: MilterVerdict = { kind: 'continue' }

const CONTENT_STAGES: ReadonlySet<Stage> = new Set(['header', 'endOfHeaders', 'body', 'endOfMessage'])

/** The letter that a macro packet begins with. */
const MACRO_LETTERS: Readonly<Record<MacroCommand, string>> = {
  connect: 'C',
  helo: 'H',
  mail: 'M',
  rcpt: 'R',
  data: 'T',
  header: 'L',
  endOfHeaders: 'N',
  body: 'B',
  endOfMessage: 'E',
  unknown: 'U',
}

/** Largest body chunk (MILTER_CHUNK_SIZE). */
export const CHUNK_SIZE = 65_535

/**
 * One connection to a milter. Every method throws `SimulatorError` when the milter is gone, late or wrong.
 * Strings are bytes, one character each; longer characters are sent as UTF-8.
 */
export class MilterClient {
  readonly like: MtaKind
  /** Macro values; whoever drives the client sets them as the session goes on. */
  readonly macros: Map<string, string>
  readonly #channel: Channel
  readonly #timeouts: Timeouts
  readonly #offer: Offer
  #agreement: Agreement | undefined

  constructor(channel: Channel, options: MilterClientOptions = {}) {
    this.like = options.like ?? 'sendmail'
    this.macros = new Map(Object.entries(options.macros ?? {}))
    this.#channel = channel
    this.#timeouts = { ...TIMEOUTS[this.like], ...options.timeouts }
    this.#offer = { ...CURRENT_OFFER, ...options.offer }
  }

  /** Connects. Nothing is sent yet. */
  static async open(target: MilterTarget, options: MilterClientOptions = {}): Promise<MilterClient> {
    const timeout = options.timeouts?.connect ?? TIMEOUTS[options.like ?? 'sendmail'].connect
    return new MilterClient(await openChannel(target, timeout), options)
  }

  /** What was agreed on; undefined before `negotiate`. */
  get agreement(): Agreement | undefined {
    return this.#agreement
  }

  /** True once the milter has closed the connection. */
  get isClosed(): boolean {
    return this.#channel.isClosed
  }

  /** SMFIC_OPTNEG. What sendmail and Postfix would refuse in the answer is refused. */
  async negotiate(): Promise<Agreement> {
    await this.#send([{ kind: 'negotiate', offer: this.#offer }], 'negotiation')
    const { code, payload } = await this.#channel.read(this.#timeouts.negotiation, 'negotiation')
    if (code !== 0x4f) throw this.#wrong('negotiation', `answered the offer with ${byteName(code)}`)
    const agreement = this.#decoded('negotiation', () => decodeAgreement(new ByteReader(payload)))
    const fault = agreementFault(this.like, this.#offer, agreement)
    if (fault !== undefined) throw this.#wrong('negotiation', fault)
    this.#agreement = agreement
    return agreement
  }

  async connect(client: Client): Promise<MilterVerdict> {
    // sendmail marks the family once more in the address; Postfix does not.
    const address =
      this.like === 'sendmail' && client.family === 'ipv6' ? `IPv6:${client.address}` : client.address
    return this.#ask('connect', { kind: 'connect', client: { ...client, host: wire(client.host), address } })
  }

  async helo(name: string): Promise<MilterVerdict> {
    return this.#ask('helo', { kind: 'helo', name: wire(name) })
  }

  async mail(argument: string, parameters: readonly string[] = []): Promise<MilterVerdict> {
    const sender = { argument: wire(argument), parameters: parameters.map(wire) }
    return this.#ask('mail', { kind: 'mail', sender })
  }

  async rcpt(argument: string, parameters: readonly string[] = []): Promise<MilterVerdict> {
    const recipient = { argument: wire(argument), parameters: parameters.map(wire) }
    return this.#ask('rcpt', { kind: 'rcpt', recipient })
  }

  async data(): Promise<MilterVerdict> {
    return this.#ask('data', { kind: 'data' })
  }

  async header(name: string, value: string): Promise<MilterVerdict> {
    return this.#ask('header', { kind: 'header', name: wire(name), value: wire(value) })
  }

  async endOfHeaders(): Promise<MilterVerdict> {
    return this.#ask('endOfHeaders', { kind: 'endOfHeaders' })
  }

  /** At most `CHUNK_SIZE` bytes, with CRLF line ends and without dot-stuffing. */
  async body(chunk: Buffer): Promise<MilterVerdict> {
    return this.#ask('body', { kind: 'body', chunk })
  }

  /** `lastChunk` is the part of the body that the protocol lets travel along; neither MTA uses it. */
  async endOfMessage(lastChunk: Buffer = Buffer.alloc(0)): Promise<EndOfMessage> {
    await this.#send(
      [...this.#macroPacket('endOfMessage'), { kind: 'endOfMessage', lastChunk }],
      'endOfMessage',
    )
    const deadline = performance.now() + this.#timeouts.endOfMessage
    const changes: Modification[] = []
    for (;;) {
      const left = Math.max(deadline - performance.now(), 0)
      const response = await this.#read('endOfMessage', Math.min(left, this.#timeouts.content))
      if (response.kind === 'progress') continue
      if (!isModification(response)) return { verdict: this.#verdict('endOfMessage', response), changes }
      const fault = changeFault(this.like, this.#agreed, response, changes)
      if (fault !== undefined) throw this.#wrong('endOfMessage', fault)
      changes.push(response)
    }
  }

  async unknown(command: string): Promise<MilterVerdict> {
    return this.#ask('unknown', { kind: 'unknown', command: wire(command) })
  }

  /** The macro packet alone, as sendmail sends it for a recipient that it then refuses itself. */
  async macrosOnly(command: MacroCommand): Promise<void> {
    await this.#send(this.#macroPacket(command), command)
  }

  async abort(): Promise<void> {
    await this.#send([{ kind: 'abort' }], 'ABORT')
  }

  /** Says QUIT and waits, at most `patience` milliseconds, until the milter has closed. True if it did. */
  async quit(patience = 5000): Promise<boolean> {
    // A milter that has gone first has only been faster.
    if (!this.isClosed) await this.#send([{ kind: 'quit' }], 'QUIT')
    const closed = await this.#channel.end(patience)
    this.#refuseSurplus('QUIT')
    return closed
  }

  /** SMFIC_QUIT_NC: the next SMTP session will use this connection. Neither sendmail 8.17 nor Postfix 3.7 sends it. */
  async quitNewConnection(): Promise<void> {
    await this.#send([{ kind: 'quitNewConnection' }], 'QUIT_NC')
  }

  /** Breaks the connection off without a word. */
  drop(): void {
    this.#channel.destroy()
  }

  /** For hostile tests: any bytes, with nothing added. */
  async sendBytes(bytes: Buffer): Promise<void> {
    await this.#channel.write(bytes, this.#timeouts.command, 'raw bytes')
  }

  /** For hostile tests: the next packet, whatever it is. */
  async readFrame(timeout = this.#timeouts.command): Promise<Frame> {
    return this.#channel.read(timeout, 'reading a packet')
  }

  /** Waits until the milter closes, at most `patience` milliseconds. False: it did not. */
  async waitForClose(patience: number): Promise<boolean> {
    return this.#channel.closed(patience)
  }

  /** Whether the command travels at all, by what was agreed on. */
  sends(stage: keyof typeof NO_STEPS): boolean {
    return this.#isKnown(stage) && (this.#agreed.steps & NO_STEPS[stage]) === 0
  }

  /** Whether the milter answers this command. */
  answers(stage: NoReplyStage): boolean {
    return (this.#agreed.steps & NO_REPLY[stage]) === 0
  }

  /** DATA came with version 4 and UNKNOWN with version 3; both MTAs leave out what the milter is too old for. */
  #isKnown(stage: Stage): boolean {
    const { version } = this.#agreed
    return !(stage === 'data' && version < 4) && !(stage === 'unknown' && version < 3)
  }

  async #ask(stage: NoReplyStage, command: Command): Promise<MilterVerdict> {
    const sends = this.sends(stage)
    // Switching a step off does not switch its macros off, except for the content in Postfix.
    const withMacros = sends || (!CONTENT_STAGES.has(stage) && this.#isKnown(stage))
    const macros = withMacros ? this.#macroPacket(stage) : []
    const packets = sends ? [...macros, command] : macros
    if (packets.length > 0) await this.#send(packets, stage)
    if (!sends || !this.answers(stage)) return CONTINUE
    const timeout = CONTENT_STAGES.has(stage) ? this.#timeouts.content : this.#timeouts.command
    return this.#verdict(stage, await this.#read(stage, timeout))
  }

  #macroPacket(command: MacroCommand): Command[] {
    // Only Postfix has macros for these.
    const postfixOnly = command === 'header' || command === 'body' || command === 'unknown'
    if (postfixOnly && this.like === 'sendmail') return []
    const pairs = macroPairs(this.like, command, this.#agreed.macroLists, this.macros)
    return pairs === undefined
      ? []
      : [{ kind: 'macros', stage: MACRO_LETTERS[command].charCodeAt(0), pairs: wire(pairs) }]
  }

  async #send(commands: readonly Command[], during: string): Promise<void> {
    this.#refuseSurplus(during)
    const writer = new ByteWriter()
    for (const command of commands) encodeCommand(command, writer)
    await this.#channel.write(writer.finish(), this.#timeouts.command, during)
  }

  async #read(stage: Stage, timeout: number): Promise<Response> {
    const { code, payload } = await this.#channel.read(timeout, stage)
    return this.#decoded(stage, () => decodeResponse(code, new ByteReader(payload)))
  }

  #verdict(stage: Stage, response: Response): MilterVerdict {
    if (isVerdict(response, stage)) return response
    throw this.#wrong(stage, whyNoVerdict(response))
  }

  /** Something came that nothing asked for: both MTAs would take it for the answer to the next command. */
  #refuseSurplus(during: string): void {
    const frame = this.#channel.unread[0]
    if (frame) throw this.#wrong(during, `sent ${byteName(frame.code)} that nothing had asked for`)
  }

  #decoded<T>(during: string, decode: () => T): T {
    try {
      return decode()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      throw this.#wrong(during, `sent a broken packet (${error.message})`)
    }
  }

  #wrong(during: string, what: string): SimulatorError {
    return new SimulatorError(
      during === 'negotiation' ? 'negotiation' : 'protocol',
      `${this.#name} ${what}, at ${during}.`,
    )
  }

  get #name(): string {
    return this.#channel.name.replace(/^t/, 'T')
  }

  get #agreed(): Agreement {
    if (this.#agreement === undefined) throw new TypeError('negotiate() comes first')
    return this.#agreement
  }
}

function byteName(code: number): string {
  return code > 0x20 && code < 0x7f
    ? `packet '${String.fromCharCode(code)}'`
    : `packet 0x${code.toString(16)}`
}

/** A string that travels: characters beyond one byte become UTF-8. */
function wire(text: string): string {
  return /[\u0100-\uffff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}
