// The milter's end of a stream for tests of the simulator: it answers from a script, and remembers what it was sent.

import type { Duplex } from 'node:stream'
import { duplexPair } from 'node:stream'
import { FrameDecoder } from '../../../src/milter/frame.ts'

export interface ReceivedPacket {
  readonly code: string
  readonly payload: Buffer
}

/** What to write after a packet; 'close' ends the connection. Nothing for undefined. */
export type Answer = Buffer | 'close' | undefined

export interface ScriptedMilter {
  /** The MTA's end. */
  readonly stream: Duplex
  readonly received: readonly ReceivedPacket[]
}

export function scriptedMilter(answer: (packet: ReceivedPacket, index: number) => Answer): ScriptedMilter {
  const [stream, milter] = duplexPair()
  const received: ReceivedPacket[] = []
  const decoder = new FrameDecoder(16 * 1024 * 1024)
  milter.on('error', () => undefined)
  milter.on('end', () => milter.end())
  milter.on('data', (chunk: Buffer) => {
    decoder.push(chunk)
    while (decoder.next()) {
      const packet = { code: String.fromCharCode(decoder.code), payload: Buffer.from(decoder.payload.rest()) }
      received.push(packet)
      const answered = packet.code === 'Q' ? 'close' : answer(packet, received.length - 1)
      if (answered === 'close') milter.end()
      else if (answered !== undefined) milter.write(answered)
    }
  })
  return { stream, received }
}

/** A frame by its letter, and the payload as text. */
export function frame(code: string, payload: string | Buffer = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length + 1)
  head.write(code, 4, 'latin1')
  return Buffer.concat([head, bytes])
}

/** The answer to an offer. */
export function agreement(actions: number, steps: number, version = 6): Buffer {
  const words = Buffer.alloc(12)
  words.writeUInt32BE(version, 0)
  words.writeUInt32BE(actions, 4)
  words.writeUInt32BE(steps, 8)
  return frame('O', words)
}
