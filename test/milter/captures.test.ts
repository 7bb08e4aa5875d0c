// Sessions recorded between real MTAs (sendmail 8.17.1.9, Postfix 3.7.11) and other filters, read and written again by
// our codec.

import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/milter/bytes.ts'
import { decodeCommand, encodeCommand } from '../../src/milter/commands.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { decodeAgreement, encodeAgreement } from '../../src/milter/negotiation.ts'
import { decodeResponse, encodeResponse } from '../../src/milter/replies.ts'
import { captures, type Packet } from '../captures/captures.ts'

/** The packet as our codec understands it, and the bytes that it makes of that. */
function rewritten({ from, code, payload }: Packet): Buffer {
  const writer = new ByteWriter()
  const reader = new ByteReader(payload)
  const letter = code.charCodeAt(0)
  if (from === 'mta') encodeCommand(decodeCommand(letter, reader), writer)
  else if (code === 'O') encodeAgreement(decodeAgreement(reader), writer)
  else encodeResponse(decodeResponse(letter, reader), writer)
  return writer.finish()
}

/** sendmail's mark before an IPv6 address is taken off in reading, since Postfix has none. */
const isPrefixedAddress = (packet: Packet): boolean =>
  packet.from === 'mta' && packet.code === 'C' && packet.payload.includes('IPv6:')

describe('the codec reads every recorded packet and writes the same bytes', () => {
  it.each(captures.map((capture) => [capture.name, capture.packets] as const))('%s', (_, packets) => {
    expect(packets.length).toBeGreaterThan(0)
    for (const packet of packets) {
      if (isPrefixedAddress(packet)) continue
      expect(rewritten(packet).toString('hex')).toBe(packet.frame.toString('hex'))
    }
  })

  it('reads the one address that it does not write the same way', () => {
    const prefixed = captures.flatMap(({ packets }) => packets.filter(isPrefixedAddress))
    expect(prefixed).toHaveLength(1)
    const [packet] = prefixed as [Packet]
    expect(decodeCommand(0x43, new ByteReader(packet.payload))).toMatchObject({
      kind: 'connect',
      client: { family: 'ipv6', address: '0:0:0:0:0:0:0:1' },
    })
  })
})

describe('the stream of each side falls into the recorded packets', () => {
  const sides = captures.flatMap(({ name, packets }) =>
    (['mta', 'filter'] as const).map(
      (from) => [name, from, packets.filter((packet) => packet.from === from)] as const,
    ),
  )

  it.each(sides)('%s, %s, in pieces of 1, 7 and 4096 bytes and in one', (_, __, packets) => {
    const stream = Buffer.concat(packets.map(({ frame }) => frame))
    const pieces = stream.length > 100_000 ? [4096, stream.length] : [1, 7, 4096, stream.length]
    for (const size of pieces) {
      const decoder = new FrameDecoder()
      const found: string[] = []
      for (let at = 0; at < stream.length; at += size) {
        decoder.push(stream.subarray(at, at + size))
        while (decoder.next()) {
          found.push(String.fromCharCode(decoder.code) + decoder.payload.rest().toString('hex'))
        }
      }
      expect(found).toEqual(packets.map(({ code, payload }) => code + payload.toString('hex')))
      expect(decoder.pending).toBe(0)
    }
  })
})
