import { expect, test } from 'vitest'
import { ByteReader } from '../../src/milter/bytes.ts'
import { ChangeList } from '../../src/milter/changes.ts'
import type { Action, Changes } from '../../src/milter/filter.ts'
import { encodeFrame } from '../../src/milter/frame.ts'
import { ACTIONS } from '../../src/milter/negotiation.ts'
import { decodeResponse } from '../../src/milter/replies.ts'
import { CONTINUE, REJECT, TEMPFAIL, type Verdict } from '../../src/milter/verdict.ts'
import { endOfMessage, mail, rcpt, readAnswers, started } from './conversation.ts'

const EVERYTHING = Object.keys(ACTIONS) as Action[]
const VERDICT = encodeFrame('c')

/** The frames of some changes, without the verdict; recipients are those that RCPT brought. */
function framesOf(change: (changes: Changes) => void, recipients: readonly string[] = []): Buffer {
  const changes = new ChangeList(0xff, recipients)
  change(changes)
  const bytes = Buffer.concat(changes.encode(VERDICT))
  expect(bytes.subarray(-5)).toEqual(VERDICT)
  return bytes.subarray(0, -5)
}

const answersOf = (change: (changes: Changes) => void, recipients?: readonly string[]): string[] =>
  readAnswers(framesOf(change, recipients))

test('86. each request has the exact bytes that MTAs understand', () => {
  const golden: [string, (changes: Changes) => void][] = [
    ['000000112d3c61314074642e6578616d706c653e00', (it) => it.deleteRecipient('<a1@td.example>')],
    ['000000152b3c7265616c40646573742e6578616d706c653e00', (it) => it.addRecipient('<real@dest.example>')],
    [
      '0000001c323c7240642e6578616d706c653e004e4f544946593d4e4556455200',
      (it) => it.addRecipient('<r@d.example>', 'NOTIFY=NEVER'),
    ],
    ['00000011653c6e657740782e6578616d706c653e00', (it) => it.changeSender('<new@x.example>')],
    ['0000000768582d41007600', (it) => it.addHeader('X-A', 'v')],
    ['0000000b6900000001582d41007600', (it) => it.insertHeader(1, 'X-A', 'v')],
    ['0000000a6d00000001582d410000', (it) => it.deleteHeader(1, 'X-A')],
    ['0000000b6d00000002582d41007600', (it) => it.changeHeader(2, 'X-A', 'v')],
    ['000000057177687900', (it) => it.quarantine('why')],
    ['0000000462410d0a', (it) => it.replaceBody('A\r\n')],
  ]
  for (const [hex, change] of golden) {
    const frame = framesOf(change)
    expect(frame.toString('hex')).toBe(hex)
    expect(() => decodeResponse(frame[4] ?? 0, new ByteReader(frame, 5))).not.toThrow()
  }
})

/** Runs one end of message of a filter that declares these actions. */
function atEnd(
  actions: readonly Action[],
  handler: (changes: Changes) => Verdict,
  offeredActions = 0x1ff,
): { answers: string[]; kept: Changes | undefined; reports: readonly { readonly kind: string }[] } {
  let kept: Changes | undefined
  const conversation = started(
    {
      optionalActions: actions,
      rcpt: () => CONTINUE,
      endOfMessage: (_message, changes) => {
        kept = changes
        return handler(changes)
      },
    },
    { offer: { actions: offeredActions } },
  )
  conversation.say(mail(), rcpt('<a@x.example>'))
  return { answers: conversation.say(endOfMessage()), kept, reports: conversation.reports }
}

const CALLS: Record<Action, (changes: Changes) => void> = {
  addHeader: (it) => it.addHeader('X-A', 'v'),
  replaceBody: (it) => it.replaceBody('x'),
  addRecipient: (it) => it.addRecipient('<b@x>'),
  deleteRecipient: (it) => it.deleteRecipient('<a@x>'),
  changeHeader: (it) => it.changeHeader(1, 'X-A', 'v'),
  quarantine: (it) => it.quarantine('why'),
  changeSender: (it) => it.changeSender('<s@x>'),
  addRecipientWithParameters: (it) => it.addRecipient('<b@x>', 'NOTIFY=NEVER'),
}

test('87. after the verdict every change throws and writes nothing', () => {
  const { kept, answers } = atEnd(EVERYTHING, () => CONTINUE)
  expect(answers).toEqual(['c'])
  for (const action of EVERYTHING) {
    expect(() => kept && CALLS[action](kept), action).toThrow('too late')
  }
})

test('87. a change whose action was not negotiated throws; the message is put off, unchanged', () => {
  for (const action of EVERYTHING) {
    const others = EVERYTHING.filter((other) => other !== action)
    const call = (changes: Changes): Verdict => {
      expect(changes.allows(action)).toBe(false)
      CALLS[action](changes)
      return CONTINUE
    }
    const undeclared = atEnd(others, call)
    expect(undeclared.answers, action).toEqual(['t'])
    expect(undeclared.reports.map(({ kind }) => kind)).toEqual(['handler-failed'])
    expect(atEnd(EVERYTHING, call, 0x1ff - ACTIONS[action]).answers, action).toEqual(['t'])
  }
})

test('87. changes of a handler that has failed, refused or exceeded its deadline are not sent', () => {
  const addAnd = (verdict: Verdict) => (it: Changes) => {
    it.addHeader('X-A', 'v')
    return verdict
  }
  expect(atEnd(['addHeader'], addAnd(CONTINUE)).answers).toEqual(['hX-A|v|', 'c'])
  expect(atEnd(['addHeader'], addAnd(REJECT)).answers).toEqual(['r'])
  expect(atEnd(['addHeader'], addAnd(TEMPFAIL)).answers).toEqual(['t'])
  const failed = atEnd(['addHeader'], (it) => {
    it.addHeader('X-A', 'v')
    throw new Error('half way')
  })
  expect(failed.answers).toEqual(['t'])
  expect(() => failed.kept?.addHeader('X-B', 'v')).toThrow('too late')
  let late: Changes | undefined
  const conversation = started({
    actions: ['addHeader'],
    endOfMessage: (_message, changes) => {
      late = changes
      changes.addHeader('X-A', 'v')
      return new Promise<Verdict>(() => undefined)
    },
  })
  conversation.say(mail(), endOfMessage())
  conversation.session.expire()
  expect(conversation.answers()).toEqual(['t'])
  expect(() => late?.addHeader('X-B', 'v')).toThrow('too late')
})

test('88. recipients and senders with and without parameters are two strings or one', () => {
  expect(answersOf((it) => it.addRecipient('a@x'))).toEqual(['+<a@x>|'])
  expect(answersOf((it) => it.addRecipient('a@x', 'NOTIFY=NEVER ORCPT=rfc822;x'))).toEqual([
    '2<a@x>|NOTIFY=NEVER ORCPT=rfc822;x|',
  ])
  expect(answersOf((it) => it.addRecipient('a@x', ''))).toEqual(['2<a@x>||'])
  expect(answersOf((it) => it.changeSender('s@x'))).toEqual(['e<s@x>|'])
  expect(answersOf((it) => it.changeSender('s@x', 'RET=HDRS'))).toEqual(['e<s@x>|RET=HDRS|'])
  expect(answersOf((it) => it.changeSender(''))).toEqual(['e<>|'])
  expect(answersOf((it) => it.changeSender('<>'))).toEqual(['e<>|'])
})

test('89. an index is 32 bits, big-endian; what is none is refused', () => {
  const index = (value: number): string =>
    framesOf((it) => it.insertHeader(value, 'A', 'b')).toString('hex', 5, 9)
  expect([index(0), index(1), index(0x0102_0304), index(4_294_967_295)]).toEqual([
    '00000000',
    '00000001',
    '01020304',
    'ffffffff',
  ])
  for (const value of [-1, 0.5, 4_294_967_296, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => framesOf((it) => it.insertHeader(value, 'A', 'b')), String(value)).toThrow(TypeError)
    expect(() => framesOf((it) => it.changeHeader(value, 'A', 'b')), String(value)).toThrow(TypeError)
  }
})

test('90. a body of 200000 bytes leaves in chunks of at most 65535, in one run, after everything else', () => {
  const content = Buffer.alloc(200_000, 'abc\r\n')
  const answers = answersOf((it) => {
    it.replaceBody(content.subarray(0, 70_000))
    it.addHeader('X-A', 'v')
    it.replaceBody(content.subarray(70_000))
    it.deleteRecipient('<a@x>')
  })
  expect(answers.map((answer) => answer[0]).join('')).toBe('-hbbbb')
  const chunks = answers.slice(2).map((answer) => answer.slice(1))
  expect(chunks.map((chunk) => chunk.length)).toEqual([65_535, 65_535, 65_535, 3395])
  expect(chunks.join('')).toBe(content.toString('latin1'))
})

test('91. a body of 0 bytes is one empty packet', () => {
  expect(answersOf((it) => it.replaceBody(''))).toEqual(['b'])
})

test('92. a header name or value that would break the message is refused', () => {
  for (const name of ['', 'X A', 'X:A', 'X\tA', 'X\0', 'X\r\n', 'Xé', 'X\x7f']) {
    expect(() => framesOf((it) => it.addHeader(name, 'v')), JSON.stringify(name)).toThrow(TypeError)
    expect(() => framesOf((it) => it.insertHeader(1, name, 'v')), JSON.stringify(name)).toThrow(TypeError)
    expect(() => framesOf((it) => it.deleteHeader(1, name)), JSON.stringify(name)).toThrow(TypeError)
  }
  for (const value of ['a\rb', 'a\r\n\tb', 'a\0', 'a\nb', 'a\n', 'a\n\nb', 'a€']) {
    expect(() => framesOf((it) => it.addHeader('A', value)), JSON.stringify(value)).toThrow(TypeError)
    expect(() => framesOf((it) => it.changeHeader(1, 'A', value)), JSON.stringify(value)).toThrow(TypeError)
  }
  expect(answersOf((it) => it.addHeader('A', 'a\n\tb\n c'))).toEqual(['hA|a\n\tb\n c|'])
  expect(answersOf((it) => it.addHeader('A', ''))).toEqual(['hA||'])
  expect(answersOf((it) => it.addHeader('A', 'Gr\xfc\xdfe'))).toEqual(['hA|Gr\xfc\xdfe|'])
})

test('92. addresses, reasons and parameters that could carry a line end are refused', () => {
  for (const bad of [
    'a@x\r\nb',
    '<a@x\0>',
    'a@x\n',
    'a b@x',
    '<bad@@dest',
    '',
    '<>',
    'a@',
    '@x',
    'a@x,b@y',
    'Name <p@x>',
  ]) {
    expect(() => framesOf((it) => it.addRecipient(bad)), JSON.stringify(bad)).toThrow(TypeError)
  }
  for (const good of [
    'a@x',
    '"q s"@x',
    '"a\\"b"@x',
    'plain',
    'a@[192.0.2.1]',
    'a@[IPv6:::1]',
    'a.b+c=d@x',
    'gr\xc3\xbcn@x',
  ]) {
    expect(
      answersOf((it) => it.addRecipient(good)),
      good,
    ).toEqual([`+<${good}>|`])
  }
  expect(() => framesOf((it) => it.addRecipient('a@x', 'NOTIFY=NEVER\r\n'))).toThrow(TypeError)
  expect(() => framesOf((it) => it.quarantine('why\n'))).toThrow(TypeError)
  expect(() => framesOf((it) => it.changeSender('two words@x'))).toThrow(TypeError)
  expect(() => framesOf((it) => it.deleteRecipient('<a@x\n>'))).toThrow(TypeError)
})

test('93. DELRCPT gets brackets and loses the route; case and quotes stay', () => {
  const forms: [string, string][] = [
    ['<One@Dest.Example>', '<One@Dest.Example>'],
    ['two@dest.example', '<two@dest.example>'],
    [' <four@dest.example> ', '<four@dest.example>'],
    ['<"q s"@dest.example>', '<"q s"@dest.example>'],
    ['<"a:b"@dest.example>', '<"a:b"@dest.example>'],
    ['<@relay.example:three@dest.example>', '<three@dest.example>'],
    ['<@a.example,@b.example:three@dest.example>', '<three@dest.example>'],
    ['<@[IPv6:::1]:three@dest.example>', '<three@dest.example>'],
    ['@relay.example:three@dest.example', '<three@dest.example>'],
    ['<@broken', '<<@broken>'],
    ['<ok>', '<ok>'],
    ['caf\xc3\xa0', '<caf\xc3\xa0>'],
    ['<gr\xc3\xbcn@x>', '<gr\xc3\xbcn@x>'],
  ]
  for (const [argument, sent] of forms) {
    expect(
      answersOf((it) => it.deleteRecipient(argument)),
      argument,
    ).toEqual([`-${sent}|`])
  }
})

test('94. deletions come before additions, whatever the order of the calls, and each once', () => {
  const answers = answersOf((it) => {
    it.addRecipient('<real@dest.example>')
    it.deleteRecipient('<a@td.example>')
    it.addRecipient('real@DEST.example')
    it.deleteRecipient('a@td.example')
    it.deleteRecipient('<A@td.example>')
  })
  expect(answers).toEqual(['-<a@td.example>|', '-<A@td.example>|', '+<real@DEST.example>|'])
})

test('94. a target that is already a recipient is not added; one that is deleted at the same time is', () => {
  const recipients = [
    '<plain@dest.example>',
    '<@r.example:routed@dest.example>',
    '<td@td.example>',
    'bare@dest.example',
  ]
  const answers = answersOf((it) => {
    it.deleteRecipient('<td@td.example>')
    for (const target of [
      'plain@Dest.Example',
      'routed@dest.example',
      'bare@dest.example',
      'td@td.example',
    ]) {
      it.addRecipient(target)
    }
    it.addRecipient('Plain@dest.example')
  }, recipients)
  expect(answers).toEqual(['-<td@td.example>|', '+<td@td.example>|', '+<Plain@dest.example>|'])
})

test('94. a recipient that was refused does not count, nor one of another message', () => {
  const conversation = started({
    actions: ['addRecipient'],
    rcpt: (recipient) => (recipient.argument === '<no@x>' ? REJECT : CONTINUE),
    endOfMessage: (_message, changes) => {
      for (const target of ['no@x', 'yes@x', 'before@x']) changes.addRecipient(target)
      return CONTINUE
    },
  })
  conversation.say(mail(), rcpt('<before@x>'), endOfMessage())
  conversation.say(mail(), rcpt('<no@x>'), rcpt('<yes@x>'))
  expect(conversation.say(endOfMessage())).toEqual(['+<no@x>|', '+<before@x>|', 'c'])
})

test('all changes and the verdict leave in one piece', () => {
  const conversation = started({
    actions: EVERYTHING,
    endOfMessage: (_message, changes) => {
      for (const action of EVERYTHING) if (action !== 'replaceBody') CALLS[action](changes)
      return CONTINUE
    },
  })
  conversation.say(mail(), rcpt('<a@x>'))
  conversation.session.receive(Buffer.from('0000000145', 'hex'))
  expect(conversation.session.takeOutput()).toHaveLength(1)
})

test('the pieces of a body are not copied', () => {
  const part = Buffer.alloc(300_000)
  const changes = new ChangeList(0xff, [])
  changes.replaceBody(part)
  const chunks = changes.encode(VERDICT).filter((piece) => piece.length > 1000)
  expect(chunks.every((chunk) => chunk.buffer === part.buffer)).toBe(true)
})
