// A filter for our library that gives the answers of a recorded one.

import { ByteReader } from '../../src/milter/bytes.ts'
import type { Action, Changes, Filter, NoReplyStage } from '../../src/milter/filter.ts'
import { encodeFrame } from '../../src/milter/frame.ts'
import {
  ACTIONS,
  decodeAgreement,
  NO_REPLY,
  NO_STEPS,
  REJECTED_RECIPIENTS,
} from '../../src/milter/negotiation.ts'
import { decodeResponse, type Response, reply } from '../../src/milter/replies.ts'
import {
  ACCEPT,
  type BodyVerdict,
  CONTINUE,
  DISCARD,
  REJECT,
  SKIP,
  TEMPFAIL,
  type Verdict,
} from '../../src/milter/verdict.ts'
import type { Capture, Packet } from '../captures/captures.ts'

/** One packet of the MTA, and all that the recorded filter answered. */
export interface Recorded {
  readonly command: Packet
  readonly answer: readonly Packet[]
}

export function recordedAnswers({ packets }: Capture): Recorded[] {
  const recorded: { command: Packet; answer: Packet[] }[] = []
  for (const packet of packets) {
    if (packet.from === 'mta') recorded.push({ command: packet, answer: [] })
    else recorded.at(-1)?.answer.push(packet)
  }
  return recorded
}

/**
 * The answer as our library writes it: recipients are deleted before others are added, each is added once, and every
 * address has its brackets. The recorded filters did not always do so.
 */
export function sortedChanges(answer: readonly Packet[]): Buffer {
  const frames = (wanted: (code: string) => boolean): Buffer[] =>
    answer.filter(({ code }) => wanted(code)).map(bracketed)
  const once = (all: Buffer[]): Buffer[] => [
    ...new Map(all.map((frame) => [frame.toString('hex'), frame])).values(),
  ]
  return Buffer.concat([
    ...once(frames((code) => code === '-')),
    ...once(frames((code) => code === '+')),
    ...frames((code) => code !== '-' && code !== '+'),
  ])
}

/** What Postfix's sendmail command left without brackets. */
function bracketed({ code, payload, frame }: Packet): Buffer {
  if (code !== '-' || payload[0] === 0x3c) return frame
  const address = payload.subarray(0, -1).toString('latin1')
  return encodeFrame(code, Buffer.from(`<${address}>\0`, 'latin1'))
}

const decoded = ({ code, payload }: Packet): Response =>
  decodeResponse(code.charCodeAt(0), new ByteReader(payload))

/** Has the handlers that the recorded filter did not negotiate away; `current` is the packet that is being answered. */
export function filterFor(
  recorded: readonly Recorded[],
  current: () => Recorded | undefined,
  ended: (outcome: string) => void,
): Filter {
  const payload = recorded[0]?.answer[0]?.payload ?? Buffer.alloc(0)
  const { actions, steps } = decodeAgreement(new ByteReader(payload))
  const verdict = (): Verdict => verdictOf(current())
  const handlers = {
    connect: verdict,
    helo: verdict,
    mail: verdict,
    rcpt: verdict,
    data: verdict,
    header: verdict,
    endOfHeaders: verdict,
    body: (): BodyVerdict => (current()?.answer.at(-1)?.code === 's' ? SKIP : verdict()),
    unknown: verdict,
  }
  const asked = Object.entries(handlers).filter(
    ([stage]) => (steps & NO_STEPS[stage as keyof typeof handlers]) === 0,
  )
  return {
    ...Object.fromEntries(asked),
    actions: (Object.keys(ACTIONS) as Action[]).filter((action) => (actions & ACTIONS[action]) !== 0),
    noReply: (Object.keys(NO_REPLY) as NoReplyStage[]).filter((stage) => (steps & NO_REPLY[stage]) !== 0),
    rejectedRecipients: (steps & REJECTED_RECIPIENTS) !== 0,
    endOfMessage: (_, changes) => {
      for (const packet of current()?.answer ?? []) ask(changes, decoded(packet))
      return verdict()
    },
    messageEnded: (_, outcome) => ended(outcome),
  }
}

/** The recorded sessions hold no other changes than these. */
function ask(changes: Changes, response: Response): void {
  if (response.kind === 'addRecipient') changes.addRecipient(response.address)
  if (response.kind === 'deleteRecipient') changes.deleteRecipient(response.address)
}

function verdictOf(recorded: Recorded | undefined): Verdict {
  const last = recorded?.answer.at(-1)
  if (last === undefined) return CONTINUE
  const response = decoded(last)
  switch (response.kind) {
    case 'accept':
      return ACCEPT
    case 'reject':
      return REJECT
    case 'tempfail':
      return TEMPFAIL
    case 'discard':
      return DISCARD
    case 'reply': {
      const [, code, enhanced, text = ''] = /^(\d{3}) (\d\.\d+\.\d+) (.*)$/s.exec(response.text) ?? []
      return reply(Number(code), enhanced, text)
    }
    default:
      return CONTINUE
  }
}
