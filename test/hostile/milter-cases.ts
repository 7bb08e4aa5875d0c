// Hostile conversations by the million, with the real filter behind the real session, and the twin watching. One case is
// one conversation, from the first byte to hanging up.

import { Judge } from '../../src/filter/judge.ts'
import { RecipientFilter } from '../../src/filter/recipient-filter.ts'
import { Session } from '../../src/milter/session.ts'
import { DEFAULT_SESSION_OPTIONS } from '../../src/milter/session-host.ts'
import { createServices } from '../../src/service/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { captures } from '../captures/captures.ts'
import { offer, rawFrame, readAnswers, wire } from '../milter/conversation.ts'
import { Dice } from './dice.ts'
import { cut, Twin } from './milter-twin.ts'

const NOON = Date.parse('2026-11-22T12:00:00Z')
const MAILBOXES = ['<dredd@example.com>', '<anderson@example.com>', '<postmaster@example.com>']

/** What real mail servers have sent, whole sessions. */
const SESSIONS = captures
  .map(({ packets }) => Buffer.concat(packets.filter(({ from }) => from === 'mta').map(({ frame }) => frame)))
  .filter(({ length }) => length < 3_000)

const OFFER = wire(offer())
const CODES = [...'OCHMRTLNBEAQKUD']
const NOTHING: readonly string[] = []
const NUL = '\0'
/** Often what makes a message, so that some come to their end. */
const BETWEEN = [...'MMMMMMDDHCUAK']
const IN_MESSAGE = [...'RRRRRRRRRDDDTLLNBBEEEEUAM']
const MACROS = ['i', '{client_addr}', '{client_name}', '{rcpt_addr}', 'j', '{', '', '{}', '_']

export interface Tally {
  readonly cases: number
  readonly packets: number
  readonly answers: number
  /** Conversations that got as far as an agreement. */
  readonly agreed: number
  /** Recipients that were deleted: messages of ours that got through. */
  readonly rewritten: number
}

/** Runs so many cases; throws with the number and the bytes of the first that breaks a rule. */
export async function runCases(count: number, seed: number): Promise<Tally> {
  const arena = await Arena.open()
  const dice = new Dice(seed)
  for (let number = 0; number < count; number++) {
    const kind = number % KINDS.length
    const bytes = KINDS[kind]?.(dice) ?? OFFER
    try {
      await arena.play(bytes, dice)
    } catch (error) {
      const hex = bytes.toString('hex').slice(0, 4000)
      throw new Error(`case ${number} of seed ${seed}: ${(error as Error).message}\n${hex}`, { cause: error })
    }
  }
  await arena.close()
  return { cases: count, ...arena.tally }
}

// ---- what is sent ----

const KINDS: readonly ((dice: Dice) => Buffer)[] = [
  noise,
  recorded,
  disorder,
  disorder,
  liar,
  (dice) => Buffer.concat([OFFER, noise(dice)]),
]

/** Any bytes, often with a plausible length in front. */
function noise(dice: Dice): Buffer {
  const bytes = dice.bytes(dice.below(64))
  if (dice.below(2) === 0) return bytes
  return rawFrame(dice.pick(CODES), bytes, Math.max(0, bytes.length + dice.below(5) - 2))
}

/** A session of a real mail server with bytes changed, cut out, doubled or put in. */
function recorded(dice: Dice): Buffer {
  let bytes = dice.pick(SESSIONS)
  for (let times = 1 + dice.below(4); times > 0; times--) {
    const at = dice.below(bytes.length)
    const length = dice.below(24)
    const head = bytes.subarray(0, at)
    switch (dice.below(4)) {
      case 0:
        bytes = Buffer.concat([head, dice.bytes(1), bytes.subarray(at + 1)])
        break
      case 1:
        bytes = Buffer.concat([head, bytes.subarray(at + length)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, Math.min(bytes.length, at + length)), bytes.subarray(at)])
        break
      default:
        bytes = Buffer.concat([head, dice.bytes(length), bytes.subarray(at)])
    }
    if (bytes.length === 0) return OFFER
  }
  return bytes
}

/** Well-formed packets, mostly in order: whoever breaks it is hung up on, and gets no further. */
function disorder(dice: Dice): Buffer {
  const packets = dice.below(8) === 0 ? [] : [OFFER]
  let open = false
  for (let times = dice.below(24); times > 0; times--) {
    const code = dice.below(24) === 0 ? dice.pick(CODES) : dice.pick(open ? IN_MESSAGE : BETWEEN)
    packets.push(packet(code, dice))
    if (code === 'M') open = true
    else if ('EAHC'.includes(code)) open = false
  }
  return Buffer.concat(packets)
}

/** The same, with one length that is not true. */
function liar(dice: Dice): Buffer {
  const bytes = Buffer.from(disorder(dice))
  const { pieces } = cut(bytes)
  if (pieces.length === 0) return bytes
  const { end, payload } = dice.pick(pieces)
  const at = end - payload.length - 5
  const length = payload.length + 1
  const lies = [0, 1, length - 1, length + 1, length + 5, 65_536, 65_537, 0x7fff_ffff, 0xffff_ffff]
  bytes.writeUInt32BE(dice.pick(lies) >>> 0, at)
  return bytes
}

function packet(code: string, dice: Dice): Buffer {
  switch (code) {
    case 'M':
      return rawFrame('M', `<${dice.below(1000)}@from.example>${NUL}SIZE=1${NUL}`)
    case 'R':
      return rawFrame('R', recipient(dice) + NUL)
    case 'D':
      return rawFrame('D', macros(dice))
    case 'O':
      return OFFER
    case 'C':
      return rawFrame('C', `c.example${NUL}4\x61\xa8192.0.2.7${NUL}`)
    case 'L':
      return rawFrame('L', `X-Timedelay-Address${NUL}x${NUL}`)
    case 'H':
    case 'U':
      return rawFrame(code, `c.example${NUL}`)
    default:
      return rawFrame(code, dice.below(3) === 0 ? dice.bytes(dice.below(40)) : '')
  }
}

/** Ours and living, ours and dead, ours and broken, guessed, foreign; each name once or seldom more. */
function recipient(dice: Dice): string {
  const prefix = dice.pick(['djb', 'joe', 'sig', 'off', 'zzz'])
  const date = `2026${dice.pick(['1101', '1120', '1031', '0229', '1231'])}`
  const days = String(dice.below(100)).padStart(2, '0')
  const tag = dice.below(4) === 0 ? 'b00000' : ''
  const domain = dice.pick([
    'td.example.com',
    'TD.example.com.',
    'td.example.com.evil.example',
    'example.com',
  ])
  const address = `${prefix}${date}${days}${tag}@${domain}`
  const dress = [`<${address}>`, address, `<@a.example:${address}>`, `<"${prefix}"@${domain}>`, `<>`]
  return dice.below(3) === 0 ? dice.pick(dress) : `<${address}>`
}

function macros(dice: Dice): string {
  const pairs = Array.from(
    { length: dice.below(5) },
    () => `${dice.pick(MACROS)}${NUL}192.0.2.${dice.below(9)}${NUL}`,
  )
  return dice.pick(CODES) + pairs.join('') + (dice.below(5) === 0 ? 'half' : '')
}

// ---- who is spoken to ----

class Arena {
  readonly #filter: RecipientFilter
  readonly close: () => Promise<void>
  packets = 0
  answers = 0
  agreed = 0
  rewritten = 0

  private constructor(filter: RecipientFilter, close: () => Promise<void>) {
    this.#filter = filter
    this.close = close
  }

  static async open(): Promise<Arena> {
    const store = openSqliteStore(':memory:')
    const clock = (): number => NOON
    const { domains, prefixes } = createServices({ store, clock, refusalCode: 551 })
    await domains.add('td.example.com', { timeZone: 'UTC', postmaster: 'postmaster@example.com' })
    await prefixes.add('djb', { mailboxes: ['dredd@example.com'] })
    await prefixes.add('joe', { mailboxes: ['anderson@example.com'] })
    await prefixes.add('sig', { mailboxes: ['dredd@example.com'], signed: true })
    const judge = new Judge(store, clock)
    await judge.prime()
    const filter = new RecipientFilter({
      judge,
      clock,
      recorder: { record: () => undefined },
      refusalCode: 551,
      onVerdict: () => undefined,
      onFault: (fault, doing) => {
        throw new Error(`${doing} failed`, { cause: fault })
      },
    })
    return new Arena(filter, () => store.close())
  }

  get tally(): Omit<Tally, 'cases'> {
    const { packets, answers, agreed, rewritten } = this
    return { packets, answers, agreed, rewritten }
  }

  /** Whole packets, at times in two halves, each watched; then what is left; then the peer is gone. */
  async play(bytes: Buffer, dice: Dice): Promise<void> {
    const faults: unknown[] = []
    let wake = (): void => undefined
    let ids = 0
    const session: Session<unknown> = new Session(
      this.#filter as never,
      {
        answered: () => {
          session.run()
          if (!session.waiting) wake()
        },
        report: ({ kind, error }) => {
          // A peer's fault is told as such; anything else is ours.
          if (kind !== 'protocol-error') faults.push(error)
        },
        nextConnectionId: () => ++ids,
        mayGoOn: () => true,
      },
      DEFAULT_SESSION_OPTIONS,
    )
    // Without a promise where there is nothing to wait for: most of the time would go there.
    const say = (chunk: Buffer): Promise<void> | undefined => {
      if (session.phase === 'closed') return undefined
      session.receive(chunk)
      return session.waiting ? new Promise<void>((resolve) => (wake = resolve)) : undefined
    }
    const heard = (): readonly string[] => {
      const output = session.takeOutput()
      return output.length === 0 ? NOTHING : readAnswers(Buffer.concat(output))
    }
    const twin = new Twin(MAILBOXES)
    const { pieces, broken } = cut(bytes)
    let at = 0
    for (const piece of pieces) {
      const middle = at + dice.below(6 * (piece.end - at))
      if (middle < piece.end) {
        void say(bytes.subarray(at, middle))
        none(heard())
        at = middle
      }
      const wait = say(bytes.subarray(at, piece.end))
      if (wait !== undefined) await wait
      const answers = heard()
      at = piece.end
      this.packets++
      this.answers += answers.length
      if (answers[0]?.startsWith('-')) this.rewritten++
      twin.check(piece, answers, session.phase === 'closed')
      if (session.phase === 'closed') break
    }
    void say(bytes.subarray(at))
    none(heard())
    if (broken && session.phase !== 'closed') throw new Error('goes on after a length that cannot be')
    if (twin.agreed) this.agreed++
    session.end()
    if (session.takeOutput().length > 0) throw new Error('speaks after the end')
    if (faults.length > 0) throw new Error(`a fault of ours: ${String(faults[0])}`, { cause: faults[0] })
  }
}

function none(answers: readonly string[]): void {
  if (answers.length > 0) throw new Error(`an answer to half a packet: ${answers.join(' ')}`)
}
