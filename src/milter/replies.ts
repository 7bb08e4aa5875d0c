// Responses, filter to MTA: verdicts and changes, and one table that reads and writes them; and `reply`, which builds
// an SMTP reply that neither sendmail nor Postfix will misread.

import type { ByteReader, ByteWriter } from './bytes.ts'
import { byte, type Codec, empty, kindsByCode } from './codec.ts'
import { ProtocolError } from './errors.ts'
import { encodeFrame } from './frame.ts'
import type { Accept, Continue, Discard, Reject, Reply, Skip, Tempfail } from './verdict.ts'

/** Changes to a message; they travel between SMFIC_BODYEOB and its verdict. */
export type Modification =
  | { readonly kind: 'addRecipient'; readonly address: string }
  /** `parameters` is one string with blanks between; undefined leaves the second string out. */
  | {
      readonly kind: 'addRecipientWithParameters'
      readonly address: string
      readonly parameters: string | undefined
    }
  | { readonly kind: 'deleteRecipient'; readonly address: string }
  | { readonly kind: 'changeSender'; readonly address: string; readonly parameters: string | undefined }
  | { readonly kind: 'addHeader'; readonly name: string; readonly value: string }
  | { readonly kind: 'insertHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** An empty value deletes. */
  | { readonly kind: 'changeHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** Several are joined. */
  | { readonly kind: 'replaceBody'; readonly chunk: Buffer }
  | { readonly kind: 'quarantine'; readonly reason: string }

export type Response =
  | Continue
  | Accept
  | Reject
  | Tempfail
  | Discard
  | Skip
  /** SMFIR_REPLYCODE: `551 5.7.1 text`, lines joined by CRLF, `%` doubled. */
  | { readonly kind: 'reply'; readonly text: string }
  /** Restarts the MTA's read timeout, at end of message only. */
  | { readonly kind: 'progress' }
  | Modification
  /** SMFIR_SHUTDOWN and SMFIR_CONN_FAIL: never sent by us, and an error for both MTAs. */
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'connectionFailure' }

type Fields<K extends Response['kind']> = Omit<Extract<Response, { kind: K }>, 'kind'>

const optionalString = (from: ByteReader): string | undefined =>
  from.remaining === 0 ? undefined : from.cstring()

const RESPONSES: { readonly [K in Response['kind']]: Codec<Fields<K>> } = {
  continue: empty('c'),
  accept: empty('a'),
  reject: empty('r'),
  tempfail: empty('t'),
  discard: empty('d'),
  skip: empty('s'),
  progress: empty('p'),
  shutdown: empty('4'),
  connectionFailure: empty('f'),
  reply: {
    code: byte('y'),
    decode: (from) => ({ text: from.cstring() }),
    encode: ({ text }, to) => to.cstring(text),
  },
  addRecipient: {
    code: byte('+'),
    decode: (from) => ({ address: from.cstring() }),
    encode: ({ address }, to) => to.cstring(address),
  },
  addRecipientWithParameters: {
    code: byte('2'),
    decode: (from) => ({ address: from.cstring(), parameters: optionalString(from) }),
    encode: encodeWithParameters,
  },
  deleteRecipient: {
    code: byte('-'),
    decode: (from) => ({ address: from.cstring() }),
    encode: ({ address }, to) => to.cstring(address),
  },
  changeSender: {
    code: byte('e'),
    decode: (from) => ({ address: from.cstring(), parameters: optionalString(from) }),
    encode: encodeWithParameters,
  },
  addHeader: {
    code: byte('h'),
    decode: (from) => ({ name: from.cstring(), value: from.cstring() }),
    encode: ({ name, value }, to) => {
      to.cstring(name)
      to.cstring(value)
    },
  },
  insertHeader: { code: byte('i'), decode: decodeIndexed, encode: encodeIndexed },
  changeHeader: { code: byte('m'), decode: decodeIndexed, encode: encodeIndexed },
  replaceBody: {
    code: byte('b'),
    decode: (from) => ({ chunk: from.rest() }),
    encode: ({ chunk }, to) => to.bytes(chunk),
  },
  quarantine: {
    code: byte('q'),
    decode: (from) => ({ reason: from.cstring() }),
    encode: ({ reason }, to) => to.cstring(reason),
  },
}

const KIND_BY_CODE: readonly (Response['kind'] | undefined)[] = kindsByCode(RESPONSES)

/** Reads as strictly as Postfix, which drops a filter for one surplus byte. The chunk of a body is a view. */
export function decodeResponse(code: number, payload: ByteReader): Response {
  const kind = KIND_BY_CODE[code]
  if (kind === undefined) throw new ProtocolError('unknown-code', `response byte 0x${code.toString(16)}`)
  // The compiler cannot see that row and kind belong together; the table's type has made sure of it.
  const response = { kind, ...RESPONSES[kind].decode(payload) } as Response
  payload.done()
  return response
}

/** Appends the response to `to` as one frame. `TypeError` for a string with NUL in it or beyond latin1. */
export function encodeResponse(response: Response, to: ByteWriter): void {
  const row = RESPONSES[response.kind] as Codec<Response>
  to.beginFrame(row.code)
  row.encode(response, to)
  to.endFrame()
}

interface WithParameters {
  readonly address: string
  readonly parameters: string | undefined
}

// Two strings at most: with three, sendmail ignores the request and Postfix fails the message.
function encodeWithParameters({ address, parameters }: WithParameters, to: ByteWriter): void {
  to.cstring(address)
  if (parameters !== undefined) to.cstring(parameters)
}

interface IndexedHeader {
  readonly index: number
  readonly name: string
  readonly value: string
}

function decodeIndexed(from: ByteReader): IndexedHeader {
  return { index: from.u32(), name: from.cstring(), value: from.cstring() }
}

function encodeIndexed({ index, name, value }: IndexedHeader, to: ByteWriter): void {
  to.u32(index)
  to.cstring(name)
  to.cstring(value)
}

/** Bytes of text in one line that libmilter lets through (MAXREPLYLEN), and lines (MAXREPLIES). */
const MAX_TEXT = 980
const MAX_LINES = 32
/** RFC 5321 section 4.5.3.1.5: a reply line with its CRLF. */
const MAX_SMTP_LINE = 512

/** A reply with its frame at hand, so that sending it costs nothing. Only `reply` makes one. */
class CheckedReply implements Reply {
  readonly kind = 'reply'
  readonly code: number
  readonly payload: Buffer
  readonly #frame: Buffer

  constructor(code: number, payload: string) {
    this.#frame = encodeFrame('y', Buffer.from(payload, 'latin1'))
    this.code = code
    this.payload = this.#frame.subarray(5)
    Object.freeze(this)
  }

  static frameOf(verdict: object): Buffer | undefined {
    return #frame in verdict ? verdict.#frame : undefined
  }
}

/** The frame of a reply that `reply` made; undefined for anything else. */
export const replyFrame = CheckedReply.frameOf

/**
 * An SMTP reply of our own: `reply(551, '5.7.1', 'Expiration reached.')`. Plain text: `%` is doubled here, once (both
 * MTAs read it as a format), and a line that SMTP would find too long is folded at a blank.
 *
 * @param code 400 to 599. 421 also makes the MTA close the SMTP connection.
 * @param enhanced RFC 3463, of the same class as `code`; undefined means 4.0.0 or 5.0.0. Postfix answers 451 for the
 *   rest of the connection when the classes differ.
 * @param text One line, or several: printable ASCII, at most 980 characters each and 32 lines in all.
 * @throws TypeError for anything else: a line end in it would break the client's dialogue in both MTAs.
 */
export function reply(code: number, enhanced: string | undefined, text: string | readonly string[]): Reply {
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw new TypeError(`a reply code is 4xx or 5xx, not ${code}`)
  }
  const prefix = `${checkedEnhanced(code, enhanced)} `
  const room = MAX_SMTP_LINE - '550 '.length - prefix.length - '\r\n'.length
  const lines = (typeof text === 'string' ? [text] : text).flatMap((line) => fold(checkedLine(line), room))
  if (lines.length === 0 || lines.length > MAX_LINES) {
    throw new TypeError(`a reply has 1 to ${MAX_LINES} lines, not ${lines.length}`)
  }
  const last = lines.length - 1
  const payload = lines.map(
    (line, at) => `${code}${at < last ? '-' : ' '}${prefix}${line.replaceAll('%', '%%')}`,
  )
  return new CheckedReply(code, `${payload.join('\r\n')}\0`)
}

function checkedEnhanced(code: number, enhanced: string | undefined): string {
  const group = Math.floor(code / 100)
  if (enhanced === undefined) return `${group}.0.0`
  if (!/^[45]\.\d{1,3}\.\d{1,3}$/.test(enhanced) || !enhanced.startsWith(`${group}.`)) {
    throw new TypeError(`enhanced code ${JSON.stringify(enhanced)} does not go with ${code}`)
  }
  return enhanced
}

function checkedLine(line: string): string {
  if (!/^[\x20-\x7e]*$/.test(line)) throw new TypeError('reply text beyond printable ASCII')
  if (line.trim() === '') throw new TypeError('reply text without a word')
  if (line.length > MAX_TEXT)
    throw new TypeError(`reply line of ${line.length} characters, above ${MAX_TEXT}`)
  return line
}

function fold(line: string, room: number): string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > room) {
    const blank = rest.lastIndexOf(' ', room)
    const end = blank > 0 ? blank : room
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  if (rest !== '' || lines.length === 0) lines.push(rest)
  return lines
}
