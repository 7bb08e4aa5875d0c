// Whatever a peer sends: no crash, no answer before an agreement, no answer too many or too few, nothing of one message
// in another. The seed is fixed so that a run can be repeated; FUZZ_SEED and FUZZ_RUNS choose others.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Command } from '../../src/milter/commands.ts'
import { ProtocolError } from '../../src/milter/errors.ts'
import type { Filter } from '../../src/milter/filter.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { reply } from '../../src/milter/replies.ts'
import { ACCEPT, CONTINUE, DISCARD, REJECT, SKIP, TEMPFAIL, type Verdict } from '../../src/milter/verdict.ts'
import {
  abort,
  body,
  Conversation,
  connect,
  data,
  endOfHeaders,
  endOfMessage,
  header,
  helo,
  macros,
  mail,
  offer,
  quit,
  quitNewConnection,
  rawFrame,
  rcpt,
  readAnswers,
  started,
  unknown,
  Witness,
  wholeMessage,
  wire,
} from './conversation.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122)
const runs = (share: number): number => Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100_000) * share)

/** Milliseconds; a slow machine takes its time. */
const PATIENCE = 120_000

/** `expect` for the innermost loops, where its own cost would be most of the run. */
function must(claim: boolean, text: string): void {
  if (!claim) throw new Error(text)
}

/** Runs a property with its seed in the message, should it fail. */
function hold<Ts extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Ts>, share: number): void {
  fc.assert(property, { seed, numRuns: runs(share) })
}

/** Random bytes that often look like a beginning. */
const noise = fc.uint8Array({ maxLength: 48 }).map((bytes) => Buffer.from(bytes))
const frameLike = fc
  .tuple(
    fc.constantFrom(...'OCHMRTLNBEAQKUDxX\0'),
    fc.uint8Array({ maxLength: 24 }),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([code, payload, lie]) => rawFrame(code, Buffer.from(payload), Math.max(0, payload.length + 1 + lie)))

test(
  '15. random bytes before an agreement are never answered and never crash',
  () => {
    const first = fc.oneof({ weight: 3, arbitrary: noise }, { weight: 2, arbitrary: frameLike })
    hold(
      fc.property(first, noise, (head, tail) => {
        const witness = new Witness()
        const conversation = new Conversation(witness.filter)
        const answers = conversation.bytes(Buffer.concat([head, tail]))
        // An offer of our own making is the one thing that may be answered, and only with an offer.
        must(answers[0]?.startsWith('O') ?? true, 'an answer before an agreement')
        conversation.session.end()
        must(witness.closes === (answers.length > 0 ? 1 : 0), `closed ${witness.closes} times`)
      }),
      0.6,
    )
  },
  PATIENCE,
)

test(
  '15. random packets after an agreement end in answers or in hanging up, and each end is told once',
  () => {
    const input = fc.array(fc.oneof({ weight: 4, arbitrary: frameLike }, { weight: 1, arbitrary: noise }), {
      maxLength: 6,
    })
    hold(
      fc.property(input, fc.integer({ min: 1, max: 64 }), (packets, cut) => {
        const witness = new Witness()
        const conversation = started(witness.filter)
        conversation.say(mail(), rcpt('<a@x>'))
        const bytes = Buffer.concat(packets)
        conversation.bytes(bytes.subarray(0, cut))
        conversation.bytes(bytes.subarray(cut))
        conversation.session.end()
        const mails = witness.seen.filter((line) => line.startsWith('mail')).length
        expect(witness.ended).toHaveLength(mails)
        for (const report of conversation.reports) expect(report.error).toBeInstanceOf(ProtocolError)
      }),
      0.25,
    )
  },
  PATIENCE,
)

const anyOffer = wire(offer())
const session = wire(
  offer(),
  macros('C', { j: 'mx' }),
  connect(),
  helo(),
  ...wholeMessage('<a@x>', '<b@x>'),
  abort,
  quit,
)

test(
  '15. a recorded session with a few bytes changed, cut out or doubled',
  () => {
    const mutation = fc.record({
      at: fc.nat(session.length - 1),
      kind: fc.constantFrom('change', 'cut', 'double'),
      value: fc.nat(255),
      length: fc.nat(12),
    })
    hold(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        let bytes = Buffer.from(session)
        for (const { at, kind, value, length } of mutations) {
          if (kind === 'change') bytes[at % bytes.length] = value
          else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
          else bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
        }
        const witness = new Witness()
        const conversation = new Conversation(witness.filter)
        const answers = conversation.bytes(bytes)
        conversation.session.end()
        if (answers.length > 0) expect(answers[0]?.startsWith('O')).toBe(true)
        expect(witness.closes).toBe(answers.length > 0 ? 1 : 0)
      }),
      0.1,
    )
  },
  PATIENCE,
)

// Commands in any order against handlers with any opinion, checked against what must hold whatever the order.

type Name =
  | 'connect'
  | 'helo'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'header'
  | 'endOfHeaders'
  | 'body'
  | 'endOfMessage'
  | 'unknown'
const VERDICTS: readonly Verdict[] = [CONTINUE, ACCEPT, REJECT, TEMPFAIL, DISCARD, reply(550, '5.7.1', 'no')]
const SILENT: ReadonlySet<Command['kind']> = new Set(['abort', 'quit', 'quitNewConnection', 'macros'])

const step = fc.constantFrom<(serial: number) => Command>(
  () => connect(),
  () => helo(),
  (serial) => mail(`<${serial}@from>`),
  (serial) => mail(`<${serial}@from>`),
  (serial) => rcpt(`<${serial}@to>`),
  (serial) => rcpt(`<${serial}@to>`),
  (serial) => rcpt(`<${serial}@to>`),
  () => data,
  () => header('A', 'b'),
  () => endOfHeaders,
  () => body('x'),
  () => endOfMessage(),
  () => endOfMessage('tail'),
  () => unknown('BOGUS'),
  () => abort,
  () => quitNewConnection,
  (serial) => macros('R', { serial: String(serial) }),
)

/** Takes its opinions from a list, throws at times, and checks that each message is its own. */
class Moody {
  readonly faults: string[] = []
  open = 0
  #mood = 0
  readonly filter: Filter<{ sender: string; recipients: string[] }>

  constructor(moods: readonly number[]) {
    const opinion = (allowed: readonly Verdict[] = VERDICTS): Verdict => {
      const mood = moods[this.#mood++ % moods.length] ?? 0
      if (mood === 15) throw new Error('moody')
      return allowed[mood % allowed.length] ?? CONTINUE
    }
    const atConnection = [CONTINUE, CONTINUE, REJECT, TEMPFAIL, ACCEPT] as never[]
    const atCommand = [CONTINUE, REJECT, TEMPFAIL] as never[]
    this.filter = {
      actions: ['addHeader', 'addRecipient'],
      newMessage: () => {
        if (this.open++ > 0) this.faults.push('two messages at a time')
        return { sender: '', recipients: [] }
      },
      connect: () => opinion(atConnection) as never,
      helo: () => opinion(atConnection) as never,
      mail: (sender, message) => {
        if (message.state.sender !== '') this.faults.push('a used state')
        message.state.sender = sender.argument
        return opinion([CONTINUE, CONTINUE, CONTINUE, ...VERDICTS])
      },
      rcpt: (recipient, message) => {
        if (message.sender.argument !== message.state.sender) this.faults.push('a foreign message')
        message.state.recipients.push(recipient.argument)
        return opinion([CONTINUE, CONTINUE, CONTINUE, ...VERDICTS])
      },
      data: () => opinion(),
      header: () => opinion([CONTINUE, CONTINUE, CONTINUE, ...VERDICTS]),
      endOfHeaders: () => opinion([CONTINUE, CONTINUE, CONTINUE, ...VERDICTS]),
      body: () => opinion([CONTINUE, SKIP as never, ...VERDICTS]),
      endOfMessage: (message, changes) => {
        for (const recipient of message.state.recipients) changes.addHeader('X-To', recipient)
        return opinion()
      },
      unknown: () => opinion(atCommand) as never,
      messageEnded: () => {
        if (--this.open !== 0) this.faults.push('an end without a beginning')
      },
    } satisfies Filter<{ sender: string; recipients: string[] }> & Record<Name, unknown>
  }
}

test(
  '15. commands in any order: exactly one answer each until the end, and no recipient in another message',
  () => {
    const dialogue = fc.array(step, { minLength: 1, maxLength: 24 })
    hold(
      fc.property(dialogue, fc.array(fc.nat(15), { minLength: 1, maxLength: 12 }), (steps, moods) => {
        const moody = new Moody(moods)
        const conversation = new Conversation(moody.filter)
        conversation.bytes(anyOffer)
        let recipients: string[] = []
        for (const [serial, make] of steps.entries()) {
          const command = make(serial)
          if (command.kind === 'mail') recipients = []
          if (command.kind === 'rcpt') recipients.push(command.recipient.argument)
          const answers = conversation.say(command)
          if (conversation.closed) break
          const verdicts = answers.filter((answer) => !answer.startsWith('h'))
          expect(verdicts, command.kind).toHaveLength(SILENT.has(command.kind) ? 0 : 1)
          for (const answer of answers) {
            if (answer.startsWith('h')) expect(recipients).toContain(answer.slice('hX-To|'.length, -1))
            if (answer === 's') expect(command.kind).toBe('body')
          }
        }
        conversation.session.end()
        expect(moody.faults).toEqual([])
        expect(moody.open).toBe(0)
      }),
      0.05,
    )
  },
  PATIENCE,
)

test(
  '15. the same dialogue is answered alike in one piece and byte by byte',
  () => {
    hold(
      fc.property(
        fc.array(step, { maxLength: 16 }),
        fc.array(fc.nat(15), { minLength: 1 }),
        (steps, moods) => {
          const bytes = Buffer.concat([anyOffer, wire(...steps.map((make, serial) => make(serial)))])
          const whole = new Conversation(new Moody(moods).filter)
          const answers = whole.bytes(bytes)
          const pieces = new Conversation(new Moody(moods).filter)
          const output: Buffer[] = []
          for (const byte of bytes) {
            if (pieces.closed) break
            pieces.session.receive(Buffer.from([byte]))
            output.push(...pieces.session.takeOutput())
          }
          expect(readAnswers(Buffer.concat(output))).toEqual(answers)
          expect(pieces.closed).toBe(whole.closed)
        },
      ),
      0.02,
    )
  },
  PATIENCE,
)

test(
  '15. a decoder finds the same frames wherever the stream is cut',
  () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 })
    hold(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (payloads, sizes) => {
        const bytes = Buffer.concat(payloads.map((payload) => rawFrame('B', Buffer.from(payload))))
        const decoder = new FrameDecoder()
        const found: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          decoder.push(Buffer.from(bytes.subarray(at, at + size)))
          while (decoder.next()) found.push(Buffer.from(decoder.payload.rest()))
          at += size
        }
        expect(found.map((payload) => payload.toString('hex'))).toEqual(
          payloads.map((payload) => Buffer.from(payload).toString('hex')),
        )
      }),
      0.02,
    )
  },
  PATIENCE,
)

test(
  'megabytes without a NUL, and a hundred thousand recipients, stay within their bounds',
  () => {
    const conversation = started(new Witness().filter)
    conversation.say(mail())
    const long = rawFrame('R', Buffer.alloc(65_534, 'x'))
    expect(conversation.bytes(Buffer.concat([long, long, long]))).toEqual([])
    expect(conversation.closed).toBe(true)
    let seen = 0
    const crowd = started({
      rcpt: () => {
        seen++
        return CONTINUE
      },
    })
    crowd.say(mail())
    const batch = wire(...Array.from({ length: 1000 }, (_, at) => rcpt(`<${at}@x>`)))
    const answers = Array.from({ length: 100 }, () => crowd.bytes(batch)).flat()
    expect(answers).toHaveLength(100_000)
    expect([seen, answers.filter((answer) => answer === 'c').length]).toEqual([10_000, 10_000])
  },
  PATIENCE,
)
