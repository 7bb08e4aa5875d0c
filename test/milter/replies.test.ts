import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/milter/bytes.ts'
import type { Awaitable, Filter, Message } from '../../src/milter/filter.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { decodeResponse, encodeResponse, type Response, reply } from '../../src/milter/replies.ts'
import {
  ACCEPT,
  type BodyVerdict,
  CONTINUE,
  DISCARD,
  REJECT,
  SKIP,
  TEMPFAIL,
  type Verdict,
} from '../../src/milter/verdict.ts'
import {
  abort,
  body,
  endOfHeaders,
  endOfMessage,
  header,
  mail,
  quit,
  rcpt,
  started,
  unknown,
  Witness,
  wholeMessage,
  wire,
} from './conversation.ts'

/** A promise and the ends of it. */
function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const payloadOf = (...arguments_: Parameters<typeof reply>): string =>
  reply(...arguments_)
    .payload.toString('latin1')
    .replaceAll('\0', '|')

test('76. each verdict is exactly its byte with a length of 1', () => {
  for (const [verdict, hex] of [
    [CONTINUE, '0000000163'],
    [ACCEPT, '0000000161'],
    [REJECT, '0000000172'],
    [TEMPFAIL, '0000000174'],
    [DISCARD, '0000000164'],
    [SKIP, '0000000173'],
  ] as const) {
    const conversation = started({ body: () => verdict })
    conversation.say(mail())
    conversation.session.receive(wire(body('x')))
    expect(Buffer.concat(conversation.session.takeOutput()).toString('hex'), verdict.kind).toBe(hex)
  }
})

test('76. each response is decoded from the bytes that it is encoded to', () => {
  const responses: Response[] = [
    CONTINUE,
    ACCEPT,
    REJECT,
    TEMPFAIL,
    DISCARD,
    SKIP,
    { kind: 'progress' },
    { kind: 'shutdown' },
    { kind: 'connectionFailure' },
    { kind: 'reply', text: '550 5.1.1 No such user' },
  ]
  const codes = responses.map((response) => {
    const writer = new ByteWriter(1)
    encodeResponse(response, writer)
    const decoder = new FrameDecoder()
    decoder.push(writer.finish())
    expect(decoder.next()).toBe(true)
    const code = String.fromCharCode(decoder.code)
    expect(decodeResponse(decoder.code, decoder.payload)).toEqual({ ...response })
    return code
  })
  expect(codes.join('')).toBe('cartdsp4fy')
})

test('76. a response with surplus bytes, or an unknown one, is refused as Postfix refuses it', () => {
  expect(() => decodeResponse(0x63, new ByteReader(Buffer.from('x')))).toThrow('surplus')
  expect(() => decodeResponse(0x79, new ByteReader(Buffer.from('550 5.1.1 x')))).toThrow('NUL')
  expect(() => decodeResponse(0x7a, new ByteReader(Buffer.alloc(0)))).toThrow('0x7a')
})

test('77. a handler that throws yields one TEMPFAIL, and the connection goes on', () => {
  let broken = true
  const witness = new Witness({
    rcpt: () => {
      if (broken) throw new Error('a bug')
      return CONTINUE
    },
  })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'))).toEqual(['c', 't'])
  expect(conversation.reports).toMatchObject([
    { kind: 'handler-failed', error: new Error('a bug'), connection: 1 },
  ])
  broken = false
  expect(conversation.say(rcpt('<b@x>'), endOfMessage())).toEqual(['c', 'c'])
})

test('77. the same for one that rejects, and for the setting that lets mail pass', async () => {
  for (const [onHandlerFault, answer] of [
    [TEMPFAIL, 't'],
    [CONTINUE, 'c'],
  ] as const) {
    const failing = async (): Promise<Verdict> => {
      throw new Error('a bug')
    }
    const conversation = started({ rcpt: failing }, { onHandlerFault })
    expect(conversation.say(mail(), rcpt('<a@x>'))).toEqual(['c'])
    expect(await conversation.lateAnswers()).toEqual([answer])
  }
})

test('77. changes that were asked for before the failure are not made, whatever the setting', () => {
  for (const [onHandlerFault, answer] of [
    [TEMPFAIL, 't'],
    [CONTINUE, 'c'],
  ] as const) {
    const half: Filter = {
      actions: ['deleteRecipient', 'addRecipient'],
      rcpt: () => CONTINUE,
      endOfMessage: (_message, changes) => {
        changes.deleteRecipient('<a@x>')
        throw new Error('a bug')
      },
    }
    const conversation = started(half, { onHandlerFault })
    expect(conversation.say(mail(), rcpt('<a@x>'), endOfMessage())).toEqual(['c', 'c', answer])
  }
})

test('77. an answer that is no verdict counts as a failure', () => {
  // What an author without a compiler might return.
  const answers: unknown[] = [
    undefined,
    null,
    'continue',
    42,
    {},
    { kind: 'perhaps' },
    { kind: 'reply', code: 550 },
  ]
  for (const answer of answers) {
    const conversation = started({ rcpt: () => answer as Verdict })
    expect(conversation.say(mail(), rcpt('<a@x>')), JSON.stringify(answer)).toEqual(['c', 't'])
    expect(conversation.reports[0]?.kind).toBe('handler-failed')
  }
})

test('77. a verdict where it may not be given counts as a failure', () => {
  const misplaced: [Filter, string][] = [
    [{ connect: () => DISCARD as never }, 'connect'],
    [{ helo: () => DISCARD as never }, 'helo'],
    [{ unknown: () => ACCEPT as never }, 'unknown'],
    [{ unknown: () => DISCARD as never }, 'unknown'],
    [{ rcpt: () => SKIP as never }, 'rcpt'],
    [{ header: () => SKIP as never }, 'header'],
    [{ endOfMessage: () => SKIP as never }, 'endOfMessage'],
  ]
  const commands = [mail(), rcpt('<a@x>'), unknown('x'), header('A', 'b'), endOfMessage()]
  for (const [filter, stage] of misplaced) {
    const conversation = started(filter)
    const answers = conversation.say(...commands)
    expect(answers.join('').includes('s'), stage).toBe(false)
    expect(conversation.reports.map(({ text }) => text)).toEqual([
      `the ${stage} handler returned what is no verdict there`,
    ])
  }
})

test('78. a handler that never settles yields one TEMPFAIL at the deadline, and its late result is dropped', async () => {
  const answer = pending<Verdict>()
  let asked = 0
  const conversation = started({ rcpt: () => (asked++ === 0 ? answer.promise : CONTINUE) })
  expect(conversation.say(mail(), rcpt('<a@x>'))).toEqual(['c'])
  conversation.session.expire()
  expect(conversation.answers()).toEqual(['t'])
  answer.resolve(REJECT)
  await answer.promise
  expect(conversation.answers()).toEqual([])
  expect(conversation.say(rcpt('<b@x>'))).toEqual(['c'])
  expect(conversation.reports.map(({ kind }) => kind)).toEqual(['handler-timeout'])
})

test('78. a late failure is dropped, too, and is no unhandled rejection', async () => {
  const answer = pending<Verdict>()
  const conversation = started({ endOfMessage: () => answer.promise })
  conversation.say(mail(), rcpt('<a@x>'), endOfMessage())
  conversation.session.expire()
  expect(conversation.answers()).toEqual(['t'])
  answer.reject(new Error('too late'))
  await answer.promise.catch(() => undefined)
  expect(conversation.reports.map(({ kind }) => kind)).toEqual(['handler-timeout'])
})

test('78. at the deadline the signal fires, and the next handler of the message has a new one', async () => {
  const signals: AbortSignal[] = []
  const conversation = started({
    rcpt: (_recipient, message) => {
      signals.push(message.signal)
      return signals.length === 1 ? new Promise<Verdict>(() => undefined) : CONTINUE
    },
  })
  conversation.say(mail(), rcpt('<a@x>'))
  expect(signals[0]?.aborted).toBe(false)
  conversation.session.expire()
  conversation.say(rcpt('<b@x>'))
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})

test('79. when the connection is lost while a handler runs, the signal fires and nothing is written', async () => {
  const answer = pending<Verdict>()
  const signals: AbortSignal[] = []
  const witness = new Witness({
    endOfMessage: (message: Message<string[]>) => {
      signals.push(message.signal)
      return answer.promise
    },
  })
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'), endOfMessage())
  conversation.session.end()
  expect(signals[0]?.aborted).toBe(true)
  expect(witness).toMatchObject({ ended: ['lost'], closes: 1 })
  answer.resolve(CONTINUE)
  await answer.promise
  expect(conversation.answers()).toEqual([])
})

test('commands wait while a handler runs, and are then answered in order', async () => {
  const answer = pending<Verdict>()
  const witness = new Witness({
    rcpt: (recipient) => (recipient.argument === '<a@x>' ? answer.promise : REJECT),
  })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), rcpt('<b@x>'), endOfMessage())).toEqual(['c'])
  answer.resolve(CONTINUE)
  expect(await conversation.lateAnswers()).toEqual(['c', 'r', 'c'])
})

test('a handler may return any thenable, and is asked once', async () => {
  // biome-ignore lint/suspicious/noThenProperty: a thenable that is no Promise is the case in point
  const thenable = { then: (resolve: (verdict: Verdict) => void) => resolve(REJECT) }
  const conversation = started({ rcpt: () => thenable as unknown as Awaitable<Verdict> })
  expect(conversation.say(mail(), rcpt('<a@x>'))).toEqual(['c'])
  expect(await conversation.lateAnswers()).toEqual(['r'])
})

test('80. a reply doubles %, ends with NUL, and refuses line ends, NUL and what is not ASCII', () => {
  expect(payloadOf(550, '5.1.1', '100% full, %s')).toBe('550 5.1.1 100%% full, %%s|')
  for (const text of ['a\r\nb', 'a\nb', 'a\rb', 'a\0b', 'grün', 'tab\there', '\x7f', '', ' ']) {
    expect(() => reply(550, '5.1.1', text), JSON.stringify(text)).toThrow(TypeError)
  }
})

test('81. a reply is 4xx or 5xx, its enhanced code of the same class, and there is always one', () => {
  for (const code of [250, 354, 399, 600, 55, 5500, 550.5, Number.NaN]) {
    expect(() => reply(code, undefined, 'no'), String(code)).toThrow(TypeError)
  }
  for (const enhanced of ['4.1.1', '2.0.0', '5.1', '5.1.1111', '5.1.1 ', '', 'x']) {
    expect(() => reply(550, enhanced, 'no'), enhanced).toThrow(TypeError)
  }
  expect(payloadOf(450, undefined, 'later')).toBe('450 4.0.0 later|')
  expect(payloadOf(551, undefined, 'elsewhere')).toBe('551 5.0.0 elsewhere|')
})

test('82. a reply of several lines has - on all but the last', () => {
  expect(payloadOf(550, '5.7.1', ['one', 'two', 'three'])).toBe(
    '550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 three|',
  )
})

test('82. 32 lines of 980 characters are the most', () => {
  expect(() =>
    reply(
      550,
      '5.7.1',
      Array.from({ length: 32 }, () => 'line'),
    ),
  ).not.toThrow()
  expect(() =>
    reply(
      550,
      '5.7.1',
      Array.from({ length: 33 }, () => 'line'),
    ),
  ).toThrow('33')
  expect(() => reply(550, '5.7.1', [])).toThrow('not 0')
  expect(() => reply(550, '5.7.1', 'x'.repeat(980))).not.toThrow()
  expect(() => reply(550, '5.7.1', 'x'.repeat(981))).toThrow('981')
})

test('82. a line that SMTP would find too long is folded at a blank, within 512 bytes each', () => {
  const words = Array.from({ length: 150 }, (_, at) => `word${at}`).join(' ')
  const text = words.slice(0, 980)
  const lines = payloadOf(550, '5.7.1', text).slice(0, -1).split('\r\n')
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines) expect(line.length + 2).toBeLessThanOrEqual(512)
  expect(lines.map((line) => line.slice('550-5.7.1 '.length)).join(' ')).toBe(text)
  expect(payloadOf(550, '5.7.1', 'y'.repeat(980)).match(/y/g)).toHaveLength(980)
})

test('83. 421 is allowed', () => {
  expect(payloadOf(421, '4.3.2', 'closing')).toBe('421 4.3.2 closing|')
})

test('a reply is sent as it was built, as often as wanted', () => {
  const no = reply(551, '5.7.1', 'Expiration reached.')
  const conversation = started({ rcpt: () => no })
  const answer = 'y551 5.7.1 Expiration reached.|'
  expect(conversation.say(mail(), rcpt('<a@x>'), rcpt('<b@x>'))).toEqual(['c', answer, answer])
})

test('84. PROGRESS is sent at end of message only, and none after the verdict', async () => {
  const atRcpt = pending<Verdict>()
  const atEnd = pending<Verdict>()
  const conversation = started({ rcpt: () => atRcpt.promise, endOfMessage: () => atEnd.promise })
  conversation.session.progress()
  conversation.say(mail(), rcpt('<a@x>'))
  conversation.session.progress()
  expect(conversation.answers()).toEqual([])
  atRcpt.resolve(CONTINUE)
  expect(await conversation.lateAnswers()).toEqual(['c'])
  conversation.say(endOfMessage())
  conversation.session.progress()
  conversation.session.progress()
  expect(conversation.answers()).toEqual(['p', 'p'])
  atEnd.resolve(CONTINUE)
  expect(await conversation.lateAnswers()).toEqual(['c'])
  conversation.session.progress()
  expect(conversation.answers()).toEqual([])
})

test('85. SKIP is sent for a body chunk, and hides the rest of the body from the handler', () => {
  let chunks = 0
  const filter: Filter = {
    body: (): BodyVerdict => {
      chunks++
      return SKIP
    },
    endOfMessage: () => CONTINUE,
  }
  const modern = started(filter)
  expect(modern.say(mail(), body('1'), body('2'), endOfMessage('3'))).toEqual(['c', 's', 'c', 'c'])
  expect(chunks).toBe(1)
  expect(modern.say(mail(), body('1'))).toEqual(['c', 's'])
  expect(chunks).toBe(2)
})

test('85. an MTA that does not know SKIP gets CONTINUE, and the handler is spared all the same', () => {
  let chunks = 0
  const old = started(
    {
      body: () => {
        chunks++
        return SKIP
      },
    },
    { offer: { version: 2, actions: 0x3f, steps: 0x7f } },
  )
  expect(old.say(mail(), rcpt('<a@x>'), body('1'), body('2'), endOfMessage())).toEqual([
    'c',
    'c',
    'c',
    'c',
    'c',
  ])
  expect(chunks).toBe(1)
})

test('all answers to one chunk leave in one piece', () => {
  const conversation = started(new Witness().filter)
  conversation.session.receive(wire(...wholeMessage('<a@x>', '<b@x>')))
  expect(Buffer.concat(conversation.session.takeOutput())).toHaveLength(8 * 5)
})

test('a version-2 MTA is served without the events it does not know', () => {
  const witness = new Witness()
  const conversation = started(witness.filter, { offer: { version: 2, actions: 0x3f, steps: 0x7f } })
  const commands = [mail(), rcpt('<a@x>'), header('A', 'b'), endOfHeaders, body('x'), endOfMessage(), abort]
  expect(conversation.say(...commands).join('')).toBe('cccccc')
  expect(conversation.say(quit)).toEqual([])
  expect(witness.ended).toEqual(['accepted'])
})

test('one offer, one answer: a filter without handlers answers what comes all the same', () => {
  const conversation = started({})
  expect(conversation.say(...wholeMessage('<a@x>'), unknown('x')).join('')).toBe('c'.repeat(8))
})
