import { expect, test } from 'vitest'
import { ByteReader } from '../../src/milter/bytes.ts'
import { type Command, decodeCommand } from '../../src/milter/commands.ts'
import { ProtocolError } from '../../src/milter/errors.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { Macros } from '../../src/milter/macros.ts'
import { CONTINUE, REJECT, SKIP } from '../../src/milter/verdict.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'
import {
  abort,
  body,
  CLIENT,
  Conversation,
  connect,
  data,
  endOfHeaders,
  endOfMessage,
  header,
  helo,
  macros,
  mail,
  offer,
  quit,
  quitNewConnection,
  rawFrame,
  rcpt,
  started,
  unknown,
  Witness,
  wire,
} from './conversation.ts'

/** Appendix A of the protocol reference, from real MTAs. */
const golden: readonly (readonly [hex: string, command: Command])[] = [
  ['0000000d4f00000006000001ff001fffff', offer()],
  [
    '0000001444436a006d782e746573742e6578616d706c6500',
    { kind: 'macros', stage: 0x43, pairs: 'j\0mx.test.example\0' },
  ],
  ['000000024448', macros('H')],
  [
    '0000001a435b3139322e302e322e375d003461a83139322e302e322e3700',
    connect({ ...CLIENT, host: '[192.0.2.7]' }),
  ],
  [
    '0000001a43632e6578616d706c65003661a8323030313a6462383a3a3100',
    connect({ host: 'c.example', family: 'ipv6', port: 25_000, address: '2001:db8::1' }),
  ],
  [
    '00000015436c6f63616c686f7374004c00002f72756e2f7300',
    connect({ host: 'localhost', family: 'unix', port: 0, address: '/run/s' }),
  ],
  [
    '0000000c436c6f63616c686f73740055',
    connect({ host: 'localhost', family: 'unknown', port: 0, address: '' }),
  ],
  ['0000000b48632e6578616d706c6500', helo('c.example')],
  ['000000044d3c3e00', mail('<>')],
  ['000000024d00', mail('')],
  ['000000184d3c7340782e6578616d706c653e0053495a453d31303000', mail('<s@x.example>', 'SIZE=100')],
  ['00000014523c6f6e6540646573742e6578616d706c653e00', rcpt('<one@dest.example>')],
  ['0000000154', data],
  ['000000014e', endOfHeaders],
  ['0000000145', endOfMessage()],
  ['0000000141', abort],
  ['0000000151', quit],
  ['000000014b', quitNewConnection],
  ['0000000b4c5375626a656374007400', header('Subject', 't')],
  ['000000084268656c6c6f0d0a', body('hello\r\n')],
  ['0000000755424f47555300', unknown('BOGUS')],
]

function decode(frame: Buffer): Command {
  const decoder = new FrameDecoder()
  decoder.push(frame)
  expect(decoder.next()).toBe(true)
  return decodeCommand(decoder.code, decoder.payload)
}

test('each command has the bytes that real MTAs send, in both directions', () => {
  for (const [hex, command] of golden) {
    expect(wire(command).toString('hex'), command.kind).toBe(hex)
    expect(decode(Buffer.from(hex, 'hex')), hex).toEqual(command)
  }
})

const seenBy = (conversation: Conversation<string[]>, witness: Witness, ...commands: Command[]): string[] => {
  witness.seen.length = 0
  conversation.say(...commands)
  return [...witness.seen]
}

/** Whether the session hangs up on this packet, having agreed and opened a message. */
function closesOn(code: string, payload: string): boolean {
  const conversation = new Conversation(new Witness().filter)
  conversation.say(offer())
  if (code !== 'C') conversation.say(connect(), helo(), mail(), rcpt('<a@x>'))
  conversation.bytes(rawFrame(code, payload))
  if (conversation.closed) expect(conversation.reports[0]?.kind).toBe('protocol-error')
  return conversation.closed
}

test('34. CONNECT of the four families gives the right fields, the port big-endian', () => {
  const lines: string[] = []
  for (const payload of [
    'c\x004\x61\xa8192.0.2.7\0',
    'c\x006\x61\xa82001:db8::1\0',
    'c\0L\0\0/run/s\0',
    'c\0U',
  ]) {
    const witness = new Witness()
    const conversation = new Conversation(witness.filter)
    conversation.say(offer())
    expect(conversation.bytes(rawFrame('C', payload))).toEqual(['c'])
    lines.push(...witness.seen)
  }
  expect(lines).toEqual([
    'connect c ipv4 192.0.2.7 25000',
    'connect c ipv6 2001:db8::1 25000',
    'connect c unix /run/s 0',
    'connect c unknown  0',
  ])
})

test("35. an IPv6 client has the same address with and without sendmail's prefix", () => {
  const plain = decode(rawFrame('C', 'c\x006\x61\xa82001:db8::1\0'))
  expect(decode(rawFrame('C', 'c\x006\x61\xa8IPv6:2001:db8::1\0'))).toEqual(plain)
  expect(decode(rawFrame('C', 'c\x006\x61\xa8IPV6:2001:db8::1\0'))).toEqual(plain)
})

test('36. CONNECT of an unknown family may have nothing after it, or something', () => {
  const plain = decode(rawFrame('C', 'localhost\0U'))
  expect(decode(rawFrame('C', 'localhost\0U\0\0whatever'))).toEqual(plain)
})

test('37. a CONNECT that is cut short anywhere closes', () => {
  for (const payload of [
    '',
    'host',
    'host\0',
    'host\0X',
    'host\x004',
    'host\x004\0',
    'host\x004\0\x19',
    'host\x004\0\x19192.0.2.7',
  ]) {
    expect(closesOn('C', payload), JSON.stringify(payload)).toBe(true)
  }
})

test('38. a second HELO replaces the first', () => {
  const names: (string | undefined)[] = []
  const conversation = started({
    mail: (_sender, message) => {
      names.push(message.connection.helo)
      return CONTINUE
    },
  })
  conversation.say(helo('first.example'), helo('second.example'), mail())
  expect(names).toEqual(['second.example'])
})

test('39. a HELO without NUL closes', () => {
  expect(closesOn('H', 'c.example')).toBe(true)
  expect(closesOn('H', '')).toBe(true)
})

test('39. the NUL of the packet after it does not count', () => {
  for (const [code, payload] of [
    ['H', 'c.example'],
    ['M', '<s@x>'],
    ['M', '<s@x>\0SIZE=1'],
    ['U', 'BOGUS'],
  ] as const) {
    const witness = new Witness()
    const conversation = started(witness.filter)
    witness.seen.length = 0
    expect(conversation.bytes(Buffer.concat([rawFrame(code, payload), wire(helo(), mail())])), code).toEqual(
      [],
    )
    expect(conversation.closed, code).toBe(true)
    expect(witness.seen, code).toEqual([])
  }
})

test('40. the null sender in brackets, as an empty string, and a sender without brackets', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  expect(seenBy(conversation, witness, mail('<>'), mail(''), mail('snd@x.example'))).toEqual([
    'mail <>',
    'mail ',
    'mail snd@x.example',
  ])
})

test('41. five ESMTP arguments are delivered in order', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  const parameters = ['SIZE=100', 'BODY=8BITMIME', 'RET=HDRS', 'ENVID=x', 'SMTPUTF8']
  expect(seenBy(conversation, witness, mail('<s@x>', ...parameters))).toEqual([
    `mail <s@x> ${parameters.join(' ')}`,
  ])
})

test('42. MAIL with an empty payload, without any NUL, or with an unfinished argument closes', () => {
  for (const payload of ['', '<s@x>', '<s@x>\0SIZE=1']) expect(closesOn('M', payload), payload).toBe(true)
  for (const payload of ['', '<a@x>', '<a@x>\0NOTIFY=NEVER'])
    expect(closesOn('R', payload), payload).toBe(true)
  expect(closesOn('R', '<a@x>\0')).toBe(false)
})

test('43. each form of recipient that MTAs send arrives as it was sent', () => {
  const forms = [
    '<One@Dest.Example>',
    'two@dest.example',
    '<"q s"@dest.example>',
    '<@relay.example:three@dest.example>',
    '<ok>',
    '"q s"@dest.example',
    '',
  ]
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail())
  const lines = seenBy(conversation, witness, ...forms.map((form) => rcpt(form)))
  expect(lines).toEqual(forms.map((form) => `rcpt ${form}`))
})

test('44. a recipient with 8-bit bytes keeps them', () => {
  const argument = Buffer.from([0x3c, 0x80, 0xff, 0xc3, 0xa9, 0x40, 0x78, 0x3e])
  const seen: Buffer[] = []
  const conversation = started({
    rcpt: (recipient) => {
      seen.push(Buffer.from(recipient.argument, 'latin1'))
      return CONTINUE
    },
  })
  conversation.say(mail())
  conversation.bytes(rawFrame('R', Buffer.concat([argument, Buffer.from([0])])))
  expect(seen).toEqual([argument])
})

test('45. a header with an empty value, a folded one and one of 60000 bytes', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  const long = 'v'.repeat(60_000)
  expect(seenBy(conversation, witness, header('A', ''), header('B', 'a\n\tb'), header('C', long))).toEqual([
    'header A:',
    'header B:a\n\tb',
    `header C:${long}`,
  ])
})

test('of the headers only those whose names the filter has given are shown, in any case, whole names only', () => {
  const witness = new Witness()
  const conversation = started(Object.assign(witness.filter, { headerNames: ['x-ours', 'x-other'] }))
  conversation.say(mail(), rcpt('<a@x>'))
  const fields = ['Subject', 'X-Our', 'X-OURS', 'X-Ours-2', 'x-other', 'x', ''].map((name) =>
    header(name, 'v'),
  )
  expect(seenBy(conversation, witness, ...fields)).toEqual(['header X-OURS:v', 'header x-other:v'])
  expect(seenBy(conversation, witness, endOfHeaders)).toEqual(['endOfHeaders'])
})

test('46. a header with one string closes; a third string is read over', () => {
  expect(closesOn('L', 'Subject\0')).toBe(true)
  expect(closesOn('L', 'Subject\0t')).toBe(true)
  expect(closesOn('L', '')).toBe(true)
  expect(closesOn('L', 'Subject\0t\0third\0')).toBe(false)
})

test('47. NUL bytes in a body pass unchanged', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  expect(seenBy(conversation, witness, body('a\0b\0\0'))).toEqual(['body a\0b\0\0'])
})

test('48. an end of message with payload is a body chunk, then the end, with one verdict', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  witness.seen.length = 0
  expect(conversation.say(endOfMessage('tail'))).toEqual(['c'])
  expect(witness.seen).toEqual(['body tail', 'endOfMessage <a@x>'])
  expect(witness.ended).toEqual(['accepted'])
})

test('49. a last chunk that the body handler refuses gets exactly one verdict and no end of message', () => {
  const witness = new Witness({ body: () => REJECT })
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  expect(conversation.say(endOfMessage('tail'))).toEqual(['r'])
  expect(witness.seen.some((line) => line.startsWith('endOfMessage'))).toBe(false)
  expect(witness.ended).toEqual(['rejected'])
})

test('49. the same when the body handler takes its time', async () => {
  const witness = new Witness({ body: async () => REJECT })
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  expect(conversation.say(endOfMessage('tail'))).toEqual([])
  expect(await conversation.lateAnswers()).toEqual(['r'])
  expect(witness.ended).toEqual(['rejected'])
})

test('49. a last chunk that the body handler skips is followed by the end of message', () => {
  const witness = new Witness({ body: () => SKIP })
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  expect(conversation.say(endOfMessage('tail'))).toEqual(['c'])
  expect(witness.seen.at(-1)).toBe('endOfMessage <a@x>')
})

test('50. without any body the end of message still runs', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'), data, header('A', 'b'), endOfHeaders)
  expect(seenBy(conversation, witness, endOfMessage())).toEqual(['endOfMessage <a@x>'])
})

test('51. the end of message may follow RCPT directly', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), endOfMessage())).toEqual(['c', 'c', 'c'])
  expect(witness.ended).toEqual(['accepted'])
})

test('52. an unknown command between recipients leaves the transaction unharmed', () => {
  const witness = new Witness({ unknown: () => REJECT })
  const conversation = started(witness.filter)
  expect(
    conversation.say(mail(), rcpt('<a@x>'), unknown('BOGUS foo'), rcpt('<b@x>'), endOfMessage()).join(''),
  ).toBe('ccrcc')
  expect(witness.seen.at(-1)).toBe('endOfMessage <a@x> <b@x>')
})

const encoded = (pairs: string): Macros => {
  const set = new Macros()
  set.hold(0x4d, pairs)
  set.enter(0x4d)
  return set
}

test('53. macros: only the code, an empty last value, an odd count, no final NUL, an unknown code', () => {
  expect(encoded('').find('i')).toBeUndefined()
  expect(encoded('i\0q1\0{mail_addr}\0\0').find('{mail_addr}')).toBe('')
  const odd = encoded('i\0q1\0{lonely}\0')
  expect([odd.find('i'), odd.find('{lonely}')]).toEqual(['q1', undefined])
  const unfinished = encoded('i\0q1\0{x}\0cut')
  expect([unfinished.find('i'), unfinished.find('x')]).toEqual(['q1', undefined])
  expect(closesOn('D', 'H')).toBe(false)
  expect(closesOn('D', 'Zi\0q1\0')).toBe(false)
  expect(closesOn('D', 'M\0\0\0\0')).toBe(false)
})

test('53. a macro packet with an empty payload closes', () => {
  expect(closesOn('D', '')).toBe(true)
})

test('54. ten thousand macro packets leave one set behind', () => {
  const conversation = started(new Witness().filter)
  const flood = wire(macros('R', { x: 'v'.repeat(1000) }))
  const before = process.memoryUsage()
  for (let count = 0; count < 10_000; count++) conversation.bytes(flood)
  const after = process.memoryUsage()
  // Ten megabytes came; what the engine has not collected yet is not ours to judge, so the bound is generous.
  expect(after.rss - before.rss).toBeLessThan(100_000_000)
  expect(conversation.closed).toBe(false)
  let seen: string | undefined
  const reader = started({
    rcpt: (_recipient, message) => {
      seen = message.macro('x')
      return CONTINUE
    },
  })
  for (const value of ['first', 'second']) reader.say(macros('R', { x: value }))
  reader.say(mail(), macros('R', { x: 'third' }), rcpt('<a@x>'))
  expect(seen).toBe('third')
})

test('55. 65535 bytes of one-letter macros are read in a moment', () => {
  const pairs = 'a\0b\0'.repeat(16_383)
  const set = encoded(`${pairs}z\0last\0`)
  const took = cpuTimeOf(() => {
    for (let count = 0; count < 100; count++) expect(set.find('z')).toBe('last')
  })
  // 33,000 strings, a hundred times: quadratic would be hours.
  expect(took).toBeLessThan(5000)
})

test('surplus bytes after a command without payload are read over', () => {
  for (const code of ['T', 'N', 'A']) expect(closesOn(code, 'surplus'), code).toBe(false)
})

test('a string that is never ended is the peer’s fault, however long', () => {
  const reader = new ByteReader(Buffer.alloc(1_000_000, 'x'))
  expect(() => reader.cstring()).toThrow(ProtocolError)
})
