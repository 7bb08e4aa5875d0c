// Reading and writing the few shapes that the wire knows: integers, strings ended by NUL, raw bytes.
// A string is latin1: one character is one byte, whatever character set the sender had in mind.

import { ProtocolError } from './errors.ts'

const NO_STRINGS: readonly string[] = Object.freeze([])

/** A window on bytes that somebody else owns. Reading past its end, or a string without its NUL, is the peer's fault. */
export class ByteReader {
  #bytes: Buffer
  #at: number
  #end: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Looks at other bytes from now on. One reader serves a whole connection. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** Whether this very string, given in lower case, comes next, with ASCII letters in any case. Takes nothing. */
  isNext(lowerCase: string): boolean {
    const { length } = lowerCase
    if (this.#end - this.#at <= length) return false
    for (let index = 0; index < length; index++) {
      const byte = this.#bytes[this.#at + index] ?? 0
      const letter = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
      if (letter !== lowerCase.charCodeAt(index)) return false
    }
    return this.#bytes[this.#at + length] === 0
  }

  /** One string without its NUL. */
  cstring(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end === -1 || end >= this.#end) throw new ProtocolError('malformed', 'a string without its final NUL')
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** All strings to the end; the last one must have its NUL, too. */
  cstrings(): readonly string[] {
    if (this.remaining === 0) return NO_STRINGS
    const strings: string[] = []
    while (this.remaining > 0) strings.push(this.cstring())
    return strings
  }

  /** The rest as text, NULs included: a copy, so nothing of the chunk is held. */
  latin1(): string {
    const text = this.#bytes.toString('latin1', this.#at, this.#end)
    this.#at = this.#end
    return text
  }

  /** The rest as bytes: a view, valid as long as the chunk is. */
  rest(): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#end)
    this.#at = this.#end
    return bytes
  }

  /** Nothing may be left. Postfix, too, calls a packet with surplus bytes broken. */
  done(): void {
    if (this.remaining > 0) throw new ProtocolError('malformed', `${this.remaining} surplus bytes`)
  }

  #take(count: number): number {
    const at = this.#at
    if (this.#end - at < count) throw new ProtocolError('malformed', 'the packet ends too early')
    this.#at = at + count
    return at
  }
}

/** Collects frames, any number of them, into one buffer that leaves in one write. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0
  #frame = -1

  /** `room` is a guess in bytes; the buffer grows. */
  constructor(room = 256) {
    this.#bytes = Buffer.allocUnsafe(room)
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  u16(value: number): void {
    this.#reserve(2)
    this.#length = this.#bytes.writeUInt16BE(value, this.#length)
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeUInt32BE(value, this.#length)
  }

  /** A string and its NUL. `TypeError` for NUL inside, and for characters that are not one byte. */
  cstring(text: string): void {
    this.latin1(requireByteString(text))
    this.u8(0)
  }

  /** Characters as bytes, unchecked. */
  latin1(text: string): void {
    this.#reserve(text.length)
    this.#length += this.#bytes.write(text, this.#length, 'latin1')
  }

  bytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#length += bytes.copy(this.#bytes, this.#length)
  }

  /** Opens a frame; its length is filled in by `endFrame`. */
  beginFrame(code: number): void {
    this.#frame = this.#length
    this.u32(0)
    this.u8(code)
  }

  endFrame(): void {
    this.#bytes.writeUInt32BE(this.#length - this.#frame - 4, this.#frame)
  }

  /** What was written: a view, not to be written to again. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

const NOT_A_BYTE_STRING = /[\0\u0100-\uffff]/

/** Gives the text back, or throws `TypeError` when it cannot travel as one string of bytes. */
export function requireByteString(text: string): string {
  if (NOT_A_BYTE_STRING.test(text)) {
    throw new TypeError(
      text.includes('\0') ? 'text with NUL in it' : 'text beyond latin1: pass it through bytesOf() first',
    )
  }
  return text
}
