// What must hold of the answers to any bytes, worked out from the bytes alone and without our codec: the rules of the
// protocol in few lines, written a second time.

/** A packet as the wire has it, or where the stream stops being packets. */
export interface Piece {
  readonly code: string
  readonly payload: Buffer
  /** The first byte after it. */
  readonly end: number
}

const HEAD = 5
const LARGEST = 65_536
/** Commands that are never answered. */
const SILENT = new Set(['D', 'A', 'Q', 'K'])
/** SMFIP_NR_HDR: then neither are headers. */
const SILENT_HEADERS = 0x80
const VERDICTS = new Set(['a', 'c', 'd', 'r', 's', 't', 'y'])
const CHANGES = new Set(['+', '-', 'h', 'm', '2', 'i', 'b', 'q', 'e'])
/** What ends or begins a message, so that recipients from before it are none of the next one's. */
const FORGETS = new Set(['M', 'H', 'A', 'Q', 'K'])

/** Whole packets at the front of the bytes. A length of 0 or too much ends them: `broken`. */
export function cut(bytes: Buffer): { readonly pieces: readonly Piece[]; readonly broken: boolean } {
  const pieces: Piece[] = []
  let at = 0
  while (bytes.length - at >= 4) {
    const length = bytes.readUInt32BE(at)
    if (length < 1 || length > LARGEST) return { pieces, broken: true }
    const end = at + 4 + length
    if (end > bytes.length) break
    pieces.push({
      code: String.fromCharCode(bytes[at + 4] ?? 0),
      payload: bytes.subarray(at + HEAD, end),
      end,
    })
    at = end
  }
  return { pieces, broken: false }
}

/** One conversation, watched: packets in, answers out. */
export class Twin {
  #agreed = false
  #steps = 0
  readonly #recipients = new Set<string>()
  readonly #mailboxes: ReadonlySet<string>

  /** `mailboxes`: who may be added. */
  constructor(mailboxes: readonly string[]) {
    this.#mailboxes = new Set(mailboxes)
  }

  get agreed(): boolean {
    return this.#agreed
  }

  /** Throws when these answers to that packet break a rule. `answers` are as `readAnswers` writes them. */
  check({ code, payload }: Piece, answers: readonly string[], closed: boolean): void {
    if (!this.#agreed) {
      this.#checkFirst(code, payload, answers, closed)
      return
    }
    if (FORGETS.has(code)) this.#recipients.clear()
    if (code === 'R') this.#recipients.add(bracketed(payload.toString('latin1').split('\0')[0] ?? ''))
    const verdicts = answers.filter((answer) => VERDICTS.has(answer.charAt(0)))
    const changes = answers.filter((answer) => CHANGES.has(answer.charAt(0)))
    claim(verdicts.length + changes.length === answers.length, `an answer of no kind to ${code}`, answers)
    if (closed) claim(answers.length === 0, `an answer to ${code}, and hung up`, answers)
    else claim(verdicts.length === (this.#isSilent(code) ? 0 : 1), `so many answers to ${code}`, answers)
    claim(changes.length === 0 || code === 'E', `changes after ${code}`, answers)
    for (const change of changes) this.#checkChange(change, answers)
    if (code === 'E') this.#recipients.clear()
  }

  /** Before an agreement nothing is answered but an offer, and that with one offer that asks for no more. */
  #checkFirst(code: string, payload: Buffer, answers: readonly string[], closed: boolean): void {
    if (answers.length === 0) {
      claim(closed, `silence after ${code} before an agreement`, answers)
      return
    }
    claim(code === 'O' && payload.length >= 12, `an answer to ${code} before an agreement`, answers)
    claim(answers.length === 1 && answers[0]?.charAt(0) === 'O', 'an offer answered otherwise', answers)
    const reply = Buffer.from(answers[0]?.replaceAll('|', '\0') ?? '', 'latin1')
    claim(reply.readUInt32BE(1) >= 2 && reply.readUInt32BE(1) <= 6, 'a version of no protocol', answers)
    const more = reply.readUInt32BE(5) & ~payload.readUInt32BE(4)
    claim(more === 0, 'an action that was not offered', answers)
    this.#agreed = true
    this.#steps = reply.readUInt32BE(9)
    const moreSteps = this.#steps & ~payload.readUInt32BE(8)
    claim(moreSteps === 0, 'a step that was not offered', answers)
  }

  #isSilent(code: string): boolean {
    return SILENT.has(code) || (code === 'L' && (this.#steps & SILENT_HEADERS) !== 0)
  }

  /** Named in this message; or, where it was named with a source route, what is left without that. */
  #knows(recipient: string): boolean {
    if (this.#recipients.has(recipient)) return true
    const end = recipient.slice(1)
    return [...this.#recipients].some((named) => named.startsWith('<@') && named.endsWith(`:${end}`))
  }

  #checkChange(change: string, answers: readonly string[]): void {
    const text = change.slice(1).replace(/\|$/, '')
    if (change.startsWith('-')) claim(this.#knows(text), `deletes ${text} of another message`, answers)
    if (change.startsWith('+')) claim(this.#mailboxes.has(text), `adds ${text}`, answers)
  }
}

/** As a deletion names it: in brackets, which Postfix leaves out for mail without SMTP. */
function bracketed(argument: string): string {
  const bare = argument.replace(/^ +| +$/g, '')
  return bare.startsWith('<') && bare.endsWith('>') ? bare : `<${bare}>`
}

function claim(holds: boolean, what: string, answers: readonly string[]): void {
  if (!holds) throw new Error(`${what}: ${answers.join(' ').slice(0, 500) || '(nothing)'}`)
}
