// What a verdict means at each question: where it may be given, how the message ends by it, which bytes it is.

import type { Outcome } from './filter.ts'
import { encodeFrame } from './frame.ts'
import { replyFrame } from './replies.ts'
import type { Kind } from './stages.ts'
import type { BodyVerdict } from './verdict.ts'

/** What is being asked. The last chunk of a body may travel in the end of message; it has no answer of its own. */
export type Question = Kind | 'lastChunk'

/** The widest type that a handler may return. */
export type AnyVerdict = BodyVerdict

const FRAMES: Readonly<Record<Exclude<AnyVerdict['kind'], 'reply'>, Buffer>> = {
  continue: encodeFrame('c'),
  accept: encodeFrame('a'),
  reject: encodeFrame('r'),
  tempfail: encodeFrame('t'),
  discard: encodeFrame('d'),
  skip: encodeFrame('s'),
}

export const PROGRESS_FRAME = encodeFrame('p')

/** Nothing is computed: the frames exist already. */
export function verdictFrame(verdict: AnyVerdict): Buffer {
  if (verdict.kind !== 'reply') return FRAMES[verdict.kind]
  return replyFrame(verdict) ?? FRAMES.tempfail
}

const OUTSIDE_MESSAGES: ReadonlySet<Question> = new Set(['connect', 'helo', 'unknown'])
/** REJECT and TEMPFAIL concern that command alone. */
const ONE_COMMAND: ReadonlySet<Question> = new Set([...OUTSIDE_MESSAGES, 'rcpt', 'data'])

/** A value that came from an author's handler, which the compiler may not have seen. */
export function isVerdict(question: Question, value: unknown): value is AnyVerdict {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  switch (value.kind) {
    case 'continue':
    case 'reject':
    case 'tempfail':
      return true
    case 'reply':
      return replyFrame(value) !== undefined
    case 'accept':
      return question !== 'unknown'
    case 'discard':
      return !OUTSIDE_MESSAGES.has(question)
    case 'skip':
      return question === 'body' || question === 'lastChunk'
    default:
      return false
  }
}

/** How the message ends by this answer; undefined when it goes on. */
export function outcomeOf(question: Question, verdict: AnyVerdict): Outcome | undefined {
  if (verdict.kind === 'continue') return question === 'endOfMessage' ? 'accepted' : undefined
  if (verdict.kind === 'skip' || OUTSIDE_MESSAGES.has(question)) return undefined
  if (verdict.kind === 'accept') return 'accepted'
  if (verdict.kind === 'discard') return 'discarded'
  if (ONE_COMMAND.has(question)) return undefined
  return isPermanent(verdict) ? 'rejected' : 'tempfailed'
}

/** Says no, so that it must not be lost when the command has no reply. */
export function isRefusal({ kind }: AnyVerdict): boolean {
  return kind === 'reject' || kind === 'tempfail' || kind === 'reply' || kind === 'discard'
}

function isPermanent(verdict: AnyVerdict): boolean {
  return verdict.kind === 'reject' || (verdict.kind === 'reply' && verdict.code >= 500)
}
