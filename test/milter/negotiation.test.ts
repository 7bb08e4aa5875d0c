import { expect, test } from 'vitest'
import { ByteReader } from '../../src/milter/bytes.ts'
import type { Action, Filter, Offer } from '../../src/milter/filter.ts'
import {
  ACTIONS,
  type Agreement,
  CURRENT_OFFER,
  checkMacros,
  decodeAgreement,
  NO_REPLY,
} from '../../src/milter/negotiation.ts'
import { CONTINUE, REJECT } from '../../src/milter/verdict.ts'
import {
  abort,
  body,
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
  wholeMessage,
  wire,
} from './conversation.ts'

/** What a filter with these handlers and wishes answers to an offer; undefined when it hangs up. */
function agree<State>(filter: Filter<State>, change: Partial<Offer> = {}): Agreement | undefined {
  const conversation = new Conversation(filter)
  conversation.session.receive(wire(offer(change)))
  const [bytes] = conversation.session.takeOutput()
  return bytes === undefined ? undefined : decodeAgreement(new ByteReader(bytes, 5))
}

const recipientsOnly: Filter = {
  actions: ['addRecipient', 'deleteRecipient'],
  connect: () => CONTINUE,
  mail: () => CONTINUE,
  rcpt: () => CONTINUE,
  endOfMessage: () => CONTINUE,
}
const all = new Witness().filter

test('18. to an offer of 6/0x1ff/0x1fffff the answer is version 6 and exactly the wished flags', () => {
  expect(agree(recipientsOnly)).toEqual({ version: 6, actions: 0x0c, steps: 0x372, macroLists: [] })
  expect(agree(all)).toMatchObject({ version: 6, actions: 0x0c, steps: 0x400 })
})

test('18. with every wish there is', () => {
  const everyAction = Object.keys(ACTIONS) as Action[]
  const wishes: Filter<string[]> = {
    ...all,
    actions: everyAction,
    rejectedRecipients: true,
    leadingSpace: true,
    noReply: ['connect', 'helo', 'mail', 'rcpt', 'data', 'unknown', 'header', 'endOfHeaders', 'body'],
  }
  expect(agree(wishes)).toMatchObject({ actions: 0xff, steps: 0x1ffc80 })
})

test('19. to version 2/0x3f/0x7f the answer is version 2 and no bit outside the offer', () => {
  expect(agree(recipientsOnly, { version: 2, actions: 0x3f, steps: 0x7f })).toEqual({
    version: 2,
    actions: 0x0c,
    steps: 0x72,
    macroLists: [],
  })
})

test('20. versions 3, 4 and 5 are answered with themselves', () => {
  for (const version of [3, 4, 5]) expect(agree(all, { version })?.version).toBe(version)
})

test('21. versions 7 and 0xffffffff are answered with 6', () => {
  for (const version of [7, 0xffff_ffff]) expect(agree(all, { version })?.version).toBe(6)
})

test('22. versions 0 and 1 are hung up on without an answer', () => {
  for (const version of [0, 1]) {
    const conversation = new Conversation(all)
    expect(conversation.say(offer({ version }))).toEqual([])
    expect(conversation.closed).toBe(true)
    expect(conversation.reports[0]?.text).toContain(`version ${version}`)
  }
})

test('23. a required action that is missing closes, and the log says which', () => {
  const conversation = new Conversation({ ...all, actions: ['addHeader', 'addRecipient', 'changeSender'] })
  expect(conversation.say(offer({ actions: 0x04 }))).toEqual([])
  expect(conversation.closed).toBe(true)
  expect(conversation.reports[0]?.text).toContain('addHeader, changeSender')
})

test('23. an optional action that is missing is done without', () => {
  const filter: Filter<string[]> = {
    ...all,
    actions: ['addRecipient'],
    optionalActions: ['changeSender', 'addHeader'],
  }
  expect(agree(filter, { actions: 0x05 })?.actions).toBe(0x05)
})

test('24. a step that is not offered is never in the answer, each bit alone', () => {
  const wishes: Filter = {
    leadingSpace: true,
    rejectedRecipients: true,
    noReply: ['connect', 'rcpt', 'body'],
  }
  for (let bit = 0; bit <= 31; bit++) {
    const only = 2 ** bit
    const alone = agree(wishes, { steps: only })?.steps ?? Number.NaN
    expect(alone === 0 || alone === only, `bit ${bit} alone`).toBe(true)
    const without = agree(wishes, { steps: 0xffff_ffff - only })?.steps ?? Number.NaN
    expect(Math.floor(without / only) % 2, `all but bit ${bit}`).toBe(0)
    // What is neither a NO* of a missing handler nor wished is not asked for although it is offered: MDS_* and the like.
    expect(agree(wishes, { steps: 0xffff_ffff })?.steps).toBe(0x18_9b7f)
  }
})

/** A whole session in which each of the nine commands with a no-reply flag comes once. */
const commands = {
  connect: connect(),
  helo: helo(),
  mail: mail(),
  rcpt: rcpt('<a@x>'),
  data,
  unknown: unknown('BOGUS'),
  header: header('A', 'b'),
  endOfHeaders,
  body: body('x'),
} as const
const order = [
  'connect',
  'helo',
  'mail',
  'unknown',
  'rcpt',
  'data',
  'header',
  'endOfHeaders',
  'body',
] as const

test('25. a no-reply wish that is not offered is answered with CONTINUE by the library', () => {
  for (const stage of order) {
    const witness = new Witness({ noReply: [stage] })
    const conversation = new Conversation(witness.filter)
    conversation.say(offer({ steps: 0x1fffff - NO_REPLY[stage] }))
    for (const kind of order) expect(conversation.say(commands[kind]), `${kind} for ${stage}`).toEqual(['c'])
    expect(witness.seen.some((line) => line.startsWith(stage))).toBe(true)
  }
})

test('26. a no-reply step that was agreed on gets no answer, and its handler runs all the same', () => {
  for (const stage of order) {
    const witness = new Witness({ noReply: [stage] })
    const conversation = new Conversation(witness.filter)
    conversation.say(offer())
    for (const kind of order) {
      expect(conversation.say(commands[kind]), `${kind} for ${stage}`).toEqual(kind === stage ? [] : ['c'])
    }
    expect(conversation.say(endOfMessage())).toEqual(['c'])
    expect(witness.seen.some((line) => line.startsWith(stage))).toBe(true)
  }
})

test('26. a refusal where there is no reply becomes a TEMPFAIL at the next reply, and concerns no other message', () => {
  let refuse = true
  const witness = new Witness({
    noReply: ['header', 'rcpt'],
    header: () => (refuse ? REJECT : CONTINUE),
  })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), data, header('A', 'b'), header('A', 'b'))).toEqual([
    'c',
    'c',
  ])
  expect(conversation.say(endOfHeaders)).toEqual(['t'])
  expect(witness.ended).toEqual(['tempfailed'])
  refuse = false
  expect(conversation.say(...wholeMessage('<a@x>')).join('')).toBe('ccccc')
  expect(witness.ended).toEqual(['tempfailed', 'accepted'])
  expect(conversation.reports.map(({ kind }) => kind)).toEqual(['verdict-delayed'])
})

test('26. a handler that fails at MAIL without a reply puts the message off, and does not let it pass unseen', () => {
  const witness = new Witness({
    noReply: ['mail'],
    mail: () => {
      throw new Error('out of order')
    },
  })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), data)).toEqual(['t', 't'])
  expect(conversation.say(endOfMessage())).toEqual(['t'])
})

test('27. an offer of 11 bytes closes, one of 16 bytes is accepted', () => {
  const words = Buffer.from('00000006000001ff001fffff', 'hex')
  const short = new Conversation(all)
  expect(short.bytes(rawFrame('O', words.subarray(0, 11)))).toEqual([])
  expect(short.closed).toBe(true)
  const long = new Conversation(all)
  expect(long.bytes(rawFrame('O', Buffer.concat([words, Buffer.alloc(4)])))).toHaveLength(1)
  expect(long.closed).toBe(false)
})

test('28. a second offer closes', () => {
  const conversation = new Conversation(all)
  expect(conversation.say(offer())).toHaveLength(1)
  expect(conversation.say(offer())).toEqual([])
  expect(conversation.closed).toBe(true)
})

test('29. any command before the offer closes without an answer and without a handler', () => {
  const others = [macros('C'), endOfMessage(), abort, quit, quitNewConnection]
  for (const command of [...Object.values(commands), ...others]) {
    const witness = new Witness()
    const conversation = new Conversation(witness.filter)
    expect(conversation.say(command, offer()), command.kind).toEqual([])
    expect(conversation.closed).toBe(true)
    expect(witness).toMatchObject({ seen: [], ended: [], closes: 0, aborts: 0 })
  }
})

test('30. macro lists follow as stage and string', () => {
  const filter: Filter = { macros: { connect: ['j', '{client_addr}'], mail: ['i', 'mail_addr'], rcpt: [] } }
  expect(agree(filter)).toMatchObject({
    actions: 0x100,
    macroLists: [
      { stage: 0, names: 'j {client_addr}' },
      { stage: 2, names: 'i {mail_addr}' },
      { stage: 3, names: '' },
    ],
  })
})

test('30. the lists of end of headers and end of message go together, as sendmail 8.17 needs them', () => {
  const stages = (macros: Filter['macros']) => agree(macros === undefined ? {} : { macros })?.macroLists
  expect(stages({ endOfMessage: ['i'] })).toEqual([
    { stage: 5, names: 'i' },
    { stage: 6, names: '' },
  ])
  expect(stages({ endOfHeaders: ['i'] })).toEqual([
    { stage: 5, names: 'i {msg_id}' },
    { stage: 6, names: 'i' },
  ])
  expect(stages({ rcpt: ['i'] })).toEqual([{ stage: 3, names: 'i' }])
  expect(stages(undefined)).toEqual([])
})

test('30. a macro name that is none, or a list that is too long, is refused at the start', () => {
  for (const name of ['', ' ', 'a b', '{a', 'a}', '{}', 'a,b', '{a b}']) {
    expect(() => checkMacros({ macros: { mail: [name] } }), JSON.stringify(name)).toThrow(TypeError)
  }
  const names = Array.from({ length: 51 }, (_, at) => `{m${at}}`)
  expect(() => checkMacros({ macros: { mail: names } })).toThrow('51 macros')
  expect(() => checkMacros({ macros: { mail: ['i', '_', '{rcpt_addr}', 'rcpt_addr'] } })).not.toThrow()
})

test('31. macro lists are not sent when they are not offered', () => {
  expect(agree({ macros: { mail: ['i'] } }, { actions: 0xff })).toMatchObject({ actions: 0, macroLists: [] })
})

test('32. two connections with different offers do not influence each other', () => {
  const filter = new Witness({ noReply: ['helo'] }).filter
  const modern = new Conversation(filter)
  const old = new Conversation(filter)
  modern.say(offer())
  old.say(offer({ version: 2, actions: 0x3f, steps: 0x7f }))
  expect(modern.say(connect(), helo())).toEqual(['c'])
  expect(old.say(connect(), helo())).toEqual(['c', 'c'])
  expect(agree(filter)).toMatchObject({ version: 6, steps: 0x2400 })
})

test('33. HDR_LEADSPC on: the leading blank is kept both ways; off: none is added by us', () => {
  const values: string[] = []
  const filter = (leadingSpace: boolean): Filter => ({
    actions: ['addHeader'],
    leadingSpace,
    header: (_name, value) => {
      values.push(value)
      return CONTINUE
    },
    endOfMessage: (_message, changes) => {
      changes.addHeader('X-A', leadingSpace ? ' v' : 'v')
      return CONTINUE
    },
  })
  const on = started(filter(true))
  on.say(mail(), rcpt('<a@x>'), header('Subject', ' t'))
  expect(on.say(endOfMessage())).toEqual(['hX-A| v|', 'c'])
  const off = started(filter(false))
  off.say(mail(), rcpt('<a@x>'), header('Subject', 't'))
  expect(off.say(endOfMessage())).toEqual(['hX-A|v|', 'c'])
  expect(values).toEqual([' t', 't'])
})

test('the filter has the last word once it knows the offer', () => {
  const filter: Filter = {
    actions: ['addHeader', 'quarantine'],
    negotiate: ({ version }) => (version < 6 ? { actions: ['addHeader'] } : undefined),
    endOfMessage: () => CONTINUE,
  }
  expect(agree(filter)?.actions).toBe(0x21)
  expect(agree(filter, { version: 4, actions: 0x01 })?.actions).toBe(0x01)
})

test('wishes and handlers of a class count as those of a plain object', () => {
  class Stamp implements Filter {
    readonly actions = ['addHeader'] as const
    get leadingSpace(): boolean {
      return true
    }
    rcpt() {
      return CONTINUE
    }
  }
  expect(agree(new Stamp())).toMatchObject({ actions: 0x01, steps: 0x100373 })
})

test('MAIL is never negotiated away by a filter that takes anything of a message', () => {
  const mailIsSent = (filter: Filter) => ((agree(filter)?.steps ?? 0) & 0x4) === 0
  expect(mailIsSent({ rcpt: () => CONTINUE })).toBe(true)
  expect(mailIsSent({ endOfMessage: () => CONTINUE })).toBe(true)
  expect(mailIsSent({ header: () => CONTINUE })).toBe(true)
  expect(mailIsSent({ messageEnded: () => undefined })).toBe(true)
  expect(mailIsSent({ newMessage: () => undefined })).toBe(true)
  expect(mailIsSent({ connect: () => CONTINUE })).toBe(false)
})

test('a filter that takes nothing of messages answers their end all the same', () => {
  const conversation = new Conversation({ connect: () => CONTINUE })
  conversation.say(offer())
  expect(conversation.say(connect(), endOfMessage(), endOfMessage())).toEqual(['c', 'c', 'c'])
  const silent = new Conversation({})
  silent.say(offer())
  expect(silent.say(endOfMessage(), abort, endOfMessage(), quit)).toEqual(['c', 'c'])
})

test('a filter whose negotiation fails closes that connection only', () => {
  const conversation = new Conversation({
    negotiate: () => {
      throw new Error('cannot decide')
    },
  })
  expect(conversation.say(offer())).toEqual([])
  expect(conversation.closed).toBe(true)
  expect(conversation.reports).toMatchObject([{ kind: 'handler-failed', error: new Error('cannot decide') }])
})

test('the offer of sendmail 8.17 and Postfix 3.7 is the one that tests use', () => {
  expect(CURRENT_OFFER).toEqual({ version: 6, actions: 0x1ff, steps: 0x1fffff })
})
