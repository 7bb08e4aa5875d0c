// Frames: u32 length (big-endian, counts the code byte), one code byte, payload. The network is a stream of bytes;
// nothing above this file knows it.

import { ByteReader } from './bytes.ts'
import { ProtocolError } from './errors.ts'

/** Largest `length` unless more was negotiated: a body chunk of 65535 bytes (MILTER_CHUNK_SIZE) and its code. */
const MAX_FRAME_LENGTH = 65_536

const NOTHING: Buffer = Buffer.alloc(0)
const HEAD = 4

/**
 * Bytes in, whole frames out:
 *
 *     decoder.push(chunk)
 *     while (decoder.next()) handle(decoder.code, decoder.payload)
 *
 * Holds at most one unfinished frame between chunks, in memory of its own, so that a few bytes left over do not keep
 * a 64 KiB read chunk alive. Memory grows with the bytes that came, never with a length that was announced.
 */
export class FrameDecoder {
  /** Of the frame that `next` found; valid until the next `next` or `push`. */
  readonly payload = new ByteReader(NOTHING)
  code = 0

  readonly #limit: number
  #bytes = NOTHING
  #at = 0
  #end = 0
  /** True: `#bytes` is ours to write to, and may be longer than `#end`. */
  #owned = false

  /** `limit` is the largest value of the length field, from 1. */
  constructor(limit = MAX_FRAME_LENGTH) {
    this.#limit = limit
  }

  /** Bytes that belong to no finished frame yet. */
  get pending(): number {
    return this.#end - this.#at
  }

  /** The chunk may be used until all its frames are taken. */
  push(chunk: Buffer): void {
    if (this.#at === this.#end) {
      this.#bytes = chunk
      this.#at = 0
      this.#end = chunk.length
      this.#owned = false
    } else {
      this.#append(chunk)
    }
  }

  /** True when there is a whole frame, now in `code` and `payload`. A length of 0 or above the limit throws. */
  next(): boolean {
    const at = this.#at
    const available = this.#end - at
    if (available >= HEAD) {
      const length = this.#bytes.readUInt32BE(at)
      // A frame always carries its code byte, so zero is as wrong as too much. libmilter executes both.
      if (length === 0 || length > this.#limit) {
        throw new ProtocolError('frame-length', `a frame of ${length} bytes`)
      }
      if (available >= HEAD + length) {
        this.#at = at + HEAD + length
        this.code = this.#bytes[at + HEAD] ?? 0
        this.payload.reset(this.#bytes, at + HEAD + 1, this.#at)
        return true
      }
    }
    this.#keep(available)
    return false
  }

  /** Lets go of the chunk; an unfinished frame moves to memory of our own. */
  #keep(available: number): void {
    if (available === 0) {
      this.#bytes = NOTHING
      this.#at = 0
      this.#end = 0
      this.#owned = false
      this.payload.reset(NOTHING, 0, 0)
    } else if (!this.#owned) {
      this.#bytes = Buffer.from(this.#bytes.subarray(this.#at, this.#end))
      this.#at = 0
      this.#end = available
      this.#owned = true
      this.payload.reset(NOTHING, 0, 0)
    }
  }

  /** Room is doubled, and only what is unread is moved: the cost stays linear however small the chunks are. */
  #append(chunk: Buffer): void {
    const unread = this.#end - this.#at
    if (!this.#owned || this.#end + chunk.length > this.#bytes.length) {
      const needed = unread + chunk.length
      const room =
        needed <= this.#bytes.length / 2 && this.#owned ? this.#bytes : Buffer.allocUnsafe(needed * 2)
      this.#bytes.copy(room, 0, this.#at, this.#end)
      this.#bytes = room
      this.#at = 0
      this.#end = unread
      this.#owned = true
    }
    this.#end += chunk.copy(this.#bytes, this.#end)
  }
}

/** One whole frame. `code` is the command or response byte as a character. */
export function encodeFrame(code: string, payload: Buffer = NOTHING): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + 1 + payload.length)
  frame.writeUInt32BE(1 + payload.length, 0)
  frame.write(code, HEAD, 1, 'latin1')
  payload.copy(frame, HEAD + 1)
  return frame
}
