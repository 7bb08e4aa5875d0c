// Sessions recorded between real MTAs (sendmail 8.17.1.9, Postfix 3.7.11) and other filters: read and written again by
// our codec, and played to our session with a filter that gives the recorded answers.

import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/milter/bytes.ts'
import { decodeCommand, encodeCommand } from '../../src/milter/commands.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { decodeAgreement, encodeAgreement } from '../../src/milter/negotiation.ts'
import { decodeResponse, encodeResponse } from '../../src/milter/replies.ts'
import { Session } from '../../src/milter/session.ts'
import { captureNamed, captures, type Packet } from '../captures/captures.ts'
import { filterFor, type Recorded, recordedAnswers, sortedChanges } from './recorded-filter.ts'

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

/** What the recorded filters did that our library does not let a filter do. */
const NOT_REPLAYED: Readonly<Record<string, string>> = {
  'sendmail-rset-abort-nomail-nr':
    'negotiates NOMAIL with a RCPT handler, and rewrites an abandoned recipient',
  'postfix-rset-abort-nomail-nr': 'negotiates NOMAIL with a RCPT handler',
  'sendmail-closed-at-rcpt': 'goes away in the middle of a message, without an answer',
  'postfix-closed-at-rcpt': 'goes away in the middle of a message, without an answer',
}

/** Plays the MTA's packets to a session, one at a time; gives what the session wrote after each. */
function replay(recorded: readonly Recorded[]): { outputs: Buffer[]; ended: string[]; reports: string[] } {
  const outputs: Buffer[] = []
  const ended: string[] = []
  const reports: string[] = []
  let current: Recorded | undefined
  let connections = 0
  const filter = filterFor(
    recorded,
    () => current,
    (outcome) => ended.push(outcome),
  )
  const session = new Session(filter, {
    answered: () => undefined,
    report: ({ kind, text }) => reports.push(`${kind}: ${text}`),
    nextConnectionId: () => ++connections,
    mayGoOn: () => true,
  })
  for (const packet of recorded) {
    current = packet
    session.receive(packet.command.frame)
    outputs.push(Buffer.concat(session.takeOutput()))
  }
  session.end()
  return { outputs, ended, reports }
}

describe('our session writes what the recorded filter wrote, byte for byte', () => {
  const replayed = captures.filter(({ name }) => NOT_REPLAYED[name] === undefined)

  it.each(replayed.map((capture) => [capture.name, capture] as const))('%s', (_, capture) => {
    const recorded = recordedAnswers(capture)
    const { outputs, ended, reports } = replay(recorded)
    expect(reports).toEqual([])
    for (const [at, { command, answer }] of recorded.entries()) {
      if (command.code === 'O') continue
      const written = outputs[at] ?? Buffer.alloc(0)
      expect([at, command.code, written.toString('hex')]).toEqual([
        at,
        command.code,
        sortedChanges(answer).toString('hex'),
      ])
    }
    expect(ended).toHaveLength(recorded.filter(({ command }) => command.code === 'M').length)
  })

  it.each(replayed.map((capture) => [capture.name, capture] as const))(
    '%s: the answer to the offer',
    (_, capture) => {
      const recorded = recordedAnswers(capture)
      const theirs = decodeAgreement(new ByteReader(recorded[0]?.answer[0]?.payload ?? Buffer.alloc(0)))
      const ours = decodeAgreement(
        new ByteReader(replay(recorded).outputs[0]?.subarray(5) ?? Buffer.alloc(0)),
      )
      // SETSYMLIST without a list asks for nothing, so we leave it out; and SKIP we ask for exactly when there is a body
      // handler that could want it. Version 2 is what one of the filters claimed to be too old for.
      const skip = (theirs.steps & 0x10) === 0 ? 0x400 : 0
      expect(ours).toEqual({
        version: 6,
        actions: theirs.actions & ~0x100,
        steps: (theirs.steps & ~0x400) | skip,
        macroLists: [],
      })
    },
  )

  it('is tried on all recordings but those named above', () => {
    expect(replayed).toHaveLength(captures.length - Object.keys(NOT_REPLAYED).length)
  })

  it('ends an abandoned message as aborted, and one whose client went away as lost', () => {
    const outcomes = (name: string): string[] => replay(recordedAnswers(captureNamed(name))).ended
    expect(outcomes('sendmail-rset-abort')).toEqual(['aborted', 'accepted'])
    expect(outcomes('sendmail-ehlo-again')).toEqual(['aborted', 'accepted'])
    expect(outcomes('postfix-ehlo-again')).toEqual(['aborted', 'accepted'])
    expect(outcomes('postfix-two-messages')).toEqual(['accepted', 'accepted'])
    expect(outcomes('sendmail-drop-in-data')).toEqual(['lost'])
    expect(outcomes('sendmail-drop-after-rcpt')).toEqual(['lost'])
    expect(outcomes('postfix-drop-in-data')).toEqual(['aborted'])
    expect(outcomes('postfix-accept-at-rcpt')).toEqual(['accepted'])
    expect(outcomes('sendmail-tempfail-at-eom')).toEqual(['tempfailed'])
  })
})
