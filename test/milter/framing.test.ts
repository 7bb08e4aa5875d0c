import { expect, test } from 'vitest'
import { ProtocolError } from '../../src/milter/errors.ts'
import { encodeFrame, FrameDecoder } from '../../src/milter/frame.ts'
import {
  abort,
  body,
  Conversation,
  connect,
  data,
  endOfHeaders,
  header,
  helo,
  macros,
  mail,
  offer,
  quit,
  rawFrame,
  rcpt,
  readAnswers,
  started,
  unknown,
  Witness,
  wholeMessage,
  wire,
} from './conversation.ts'

const everything = wire(
  offer(),
  macros('C', { j: 'mx.test.example' }),
  connect(),
  helo(),
  ...wholeMessage('<a@x.example>', '<b@x.example>'),
  abort,
  unknown('BOGUS'),
  ...wholeMessage('<c@x.example>'),
  abort,
)

function answersTo(pieces: readonly Buffer[]): { answers: string[]; seen: readonly string[] } {
  const witness = new Witness()
  const conversation = new Conversation(witness.filter)
  const answers = pieces.flatMap((piece) => conversation.bytes(piece))
  return { answers, seen: witness.seen }
}

const inPiecesOf = (size: number, input: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(input.length / size) }, (_, at) =>
    input.subarray(at * size, (at + 1) * size),
  )

test('1. a conversation fed one byte at a time is answered as in one piece', () => {
  const whole = answersTo([everything])
  expect(whole.answers.slice(1).join('')).toBe('c'.repeat(18))
  expect(answersTo(inPiecesOf(1, everything))).toEqual(whole)
  for (const size of [2, 3, 4, 5, 7, 64]) expect(answersTo(inPiecesOf(size, everything))).toEqual(whole)
})

test('1. trailing bytes of the next packet neither disturb an answer nor get lost', () => {
  const conversation = started(new Witness().filter)
  const next = wire(rcpt('<a@x.example>'))
  expect(conversation.bytes(Buffer.concat([wire(mail()), next.subarray(0, 9)]))).toEqual(['c'])
  expect(conversation.session.midFrame).toBe(true)
  expect(conversation.bytes(next.subarray(9))).toEqual(['c'])
  expect(conversation.session.midFrame).toBe(false)
})

test('2. ten packets in one write are handled in order and answered in order, in one write', () => {
  const witness = new Witness({
    rcpt: (recipient) => ({ kind: recipient.argument.startsWith('<no') ? 'reject' : 'continue' }),
  })
  const conversation = started(witness.filter)
  const recipients = ['<1@x>', '<no2@x>', '<3@x>', '<no4@x>', '<5@x>', '<6@x>', '<no7@x>', '<8@x>', '<9@x>']
  const answers = conversation.say(mail(), ...recipients.map((recipient) => rcpt(recipient)))
  expect(answers.join('')).toBe('ccrcrccrcc')
})

test('3. a packet split inside its length is decoded', () => {
  for (const at of [1, 2, 3, 4]) {
    const conversation = started(new Witness().filter)
    const packet = wire(mail())
    expect(conversation.bytes(packet.subarray(0, at))).toEqual([])
    expect(conversation.bytes(packet.subarray(at))).toEqual(['c'])
  }
})

test('4. a length of 0 closes and runs nothing but the end of the connection', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  witness.seen.length = 0
  expect(conversation.bytes(rawFrame('A', '', 0))).toEqual([])
  expect(conversation.closed).toBe(true)
  expect(witness).toMatchObject({ seen: [], closes: 1, aborts: 0 })
})

test('5. a length of 65536, a body chunk of 65535 bytes, is accepted', () => {
  const sizes: number[] = []
  const witness = new Witness({
    body: (chunk) => {
      sizes.push(chunk.length)
      return { kind: 'continue' }
    },
  })
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'), data, header('A', 'b'), endOfHeaders)
  const packet = wire(body(Buffer.alloc(65_535, 'x')))
  expect(packet.readUInt32BE()).toBe(65_536)
  expect(conversation.bytes(packet)).toEqual(['c'])
  expect(inPiecesOf(1460, packet).flatMap((piece) => conversation.bytes(piece))).toEqual(['c'])
  expect(sizes).toEqual([65_535, 65_535])
})

test('6. a length of 65537 closes at once, before anything more is sent', () => {
  const conversation = started(new Witness().filter)
  conversation.bytes(Buffer.from([0, 1, 0, 1]))
  expect(conversation.closed).toBe(true)
  expect(conversation.reports).toMatchObject([{ kind: 'protocol-error', text: 'a frame of 65537 bytes' }])
})

test('7. lengths of 0xffffffff and 0x80000001 close, and no memory is taken for them', () => {
  for (const length of [0xffff_ffff, 0x8000_0001]) {
    const conversation = started(new Witness().filter)
    const before = process.memoryUsage().arrayBuffers
    conversation.bytes(rawFrame('B', 'x', length))
    expect(conversation.closed).toBe(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  }
})

test('7. memory grows with the bytes that came, not with a length that was announced', () => {
  const decoder = new FrameDecoder(1_000_000_000)
  const before = process.memoryUsage().arrayBuffers
  decoder.push(rawFrame('B', 'x'.repeat(1000), 1_000_000_000))
  expect(decoder.next()).toBe(false)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
})

test('7. a frame in very many pieces costs time in proportion to its bytes', () => {
  const frame = encodeFrame('B', Buffer.alloc(4_000_000, 'x'))
  const decoder = new FrameDecoder(5_000_000)
  // Copied together for each piece, this would be 32 GB to move.
  for (const piece of inPiecesOf(256, frame)) {
    decoder.push(piece)
    if (decoder.next()) expect(decoder.payload.remaining).toBe(4_000_000)
  }
  expect(decoder.pending).toBe(0)
})

test('8. the end of the stream inside a length closes and calls no handler', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  witness.seen.length = 0
  conversation.bytes(Buffer.from([0, 0]))
  conversation.session.end()
  expect(conversation.answers()).toEqual([])
  expect(witness).toMatchObject({ seen: [], ended: [], closes: 1 })
})

test('9. the end of the stream inside a payload ends the message once and the connection once', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  conversation.bytes(wire(rcpt('<b@x>')).subarray(0, 8))
  conversation.session.end()
  conversation.session.end()
  expect(witness).toMatchObject({ ended: ['lost'], aborts: 1, closes: 1 })
})

test('10. an unknown command byte closes', () => {
  for (const code of 'XYZabcryt@~') {
    const conversation = started(new Witness().filter)
    expect(conversation.bytes(rawFrame(code)), code).toEqual([])
    expect(conversation.closed, code).toBe(true)
  }
})

test('11. command bytes below 0x20 and above 0x7e close', () => {
  for (const code of [...Array(32).keys(), 0x7f, 0x80, 0xff]) {
    const conversation = started(new Witness().filter)
    conversation.bytes(rawFrame(String.fromCharCode(code)))
    expect(conversation.closed, `0x${code.toString(16)}`).toBe(true)
  }
})

test('answers that belong to packets before a broken one are still given', () => {
  const conversation = started(new Witness().filter)
  expect(conversation.bytes(Buffer.concat([wire(mail()), rawFrame('X')]))).toEqual(['c'])
  expect(conversation.closed).toBe(true)
})

test('nothing after QUIT is looked at', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.bytes(Buffer.concat([wire(quit, mail()), rawFrame('X')]))
  expect(conversation.closed).toBe(true)
  expect(witness.seen.filter((line) => line.startsWith('mail'))).toEqual([])
  expect(conversation.reports).toEqual([])
})

test('a decoder lets go of a chunk as soon as its frames are taken', () => {
  const decoder = new FrameDecoder()
  const chunk = Buffer.concat([encodeFrame('N'), Buffer.from([0, 0, 0])])
  decoder.push(chunk)
  expect(decoder.next()).toBe(true)
  expect(decoder.next()).toBe(false)
  chunk.fill(0xff)
  decoder.push(Buffer.from([1, 0x45]))
  expect(decoder.next()).toBe(true)
  expect(String.fromCharCode(decoder.code)).toBe('E')
})

test('the limit of a decoder is its own', () => {
  const decoder = new FrameDecoder(10)
  decoder.push(encodeFrame('B', Buffer.alloc(10)))
  expect(() => decoder.next()).toThrow(ProtocolError)
})

test('an answer that is cut short is no answer', () => {
  expect(() => readAnswers(Buffer.from([0, 0, 0, 2, 0x63]))).toThrow('within a frame')
})
