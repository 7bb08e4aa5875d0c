import { expect, test } from 'vitest'
import type { Command } from '../../src/milter/commands.ts'
import type { Connection, Filter, Message } from '../../src/milter/filter.ts'
import { ACCEPT, CONTINUE, DISCARD, REJECT, TEMPFAIL } from '../../src/milter/verdict.ts'
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
  rcpt,
  started,
  unknown,
  Witness,
  wholeMessage,
} from './conversation.ts'

/** Says what it sees at each end of message: sender, recipients so far, a macro, the client. */
class Onlooker {
  readonly lines: string[] = []
  readonly filter: Filter<{ recipients: string[]; note: string }> = {
    newMessage: () => ({ recipients: [], note: '' }),
    connect: () => CONTINUE,
    helo: () => CONTINUE,
    mail: (sender, message) => {
      message.state.note += sender.argument
      return CONTINUE
    },
    rcpt: (recipient, message) => {
      message.state.recipients.push(recipient.argument)
      return CONTINUE
    },
    endOfMessage: (message) => {
      const { client, helo } = message.connection
      const { recipients, note } = message.state
      this.lines.push(
        [message.sender.argument, note, recipients.join(), message.macro('i'), client?.address, helo].join(
          ' ',
        ),
      )
      return CONTINUE
    },
  }
}

test('56. the second message on a connection sees nothing of the first', () => {
  const onlooker = new Onlooker()
  const conversation = started(onlooker.filter)
  conversation.say(macros('M', { i: 'q1' }), mail('<one@x>'), rcpt('<a@x>'), rcpt('<b@x>'), endOfMessage())
  conversation.say(mail('<two@x>'), rcpt('<c@x>'), endOfMessage())
  expect(onlooker.lines).toEqual([
    '<one@x> <one@x> <a@x>,<b@x> q1 192.0.2.7 c.example',
    '<two@x> <two@x> <c@x>  192.0.2.7 c.example',
  ])
})

test('57. ABORT after RCPT, then MAIL: a clean message, and the client is still known', () => {
  const onlooker = new Onlooker()
  const conversation = started(onlooker.filter)
  conversation.say(macros('M', { i: 'q1' }), mail('<one@x>'), rcpt('<a@x>'), abort)
  conversation.say(mail('<two@x>'), rcpt('<c@x>'), endOfMessage())
  expect(onlooker.lines).toEqual(['<two@x> <two@x> <c@x>  192.0.2.7 c.example'])
})

test('58. ABORT twice, before MAIL, right after the offer and after the end of message changes nothing', () => {
  const witness = new Witness()
  const conversation = new Conversation(witness.filter)
  expect(conversation.say(offer())).toHaveLength(1)
  expect(conversation.say(abort, abort)).toEqual([])
  expect(conversation.say(connect(), abort, helo(), abort)).toEqual(['c', 'c'])
  expect(conversation.say(mail(), rcpt('<a@x>'), endOfMessage(), abort, abort)).toEqual(['c', 'c', 'c'])
  expect(conversation.say(mail(), abort, abort)).toEqual(['c'])
  expect(witness).toMatchObject({ ended: ['accepted', 'aborted'], aborts: 1, closes: 0 })
  expect(conversation.closed).toBe(false)
})

test('59. MAIL in an open message ends that one as aborted, once, and opens the new one', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail('<one@x>'), rcpt('<a@x>'), mail('<two@x>'), rcpt('<b@x>'), endOfMessage())
  expect(witness).toMatchObject({ ended: ['aborted', 'accepted'], aborts: 1 })
  expect(witness.seen.at(-1)).toBe('endOfMessage <b@x>')
})

test('59. the ends of the old message see its own macros, not those of the new one', () => {
  const seen: (string | undefined)[] = []
  const conversation = started({ messageEnded: (message) => void seen.push(message.macro('i')) })
  conversation.say(macros('M', { i: 'q1' }), mail(), rcpt('<a@x>'), macros('M', { i: 'q2' }), mail(), helo())
  expect(seen).toEqual(['q1', 'q2'])
})

test('60. HELO in an open message ends it as aborted, and the ABORT after it does nothing', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), helo('again.example'), abort)).toEqual(['c', 'c', 'c'])
  expect(witness).toMatchObject({ ended: ['aborted'], aborts: 1 })
})

test('61. QUIT in mid-message ends message and connection, and nothing is answered', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  expect(conversation.say(quit)).toEqual([])
  expect(conversation.closed).toBe(true)
  expect(witness).toMatchObject({ ended: ['lost'], aborts: 1, closes: 1 })
})

test('62. QUIT_NC after a message: the next SMTP session needs no offer and finds nothing of the last', () => {
  const connections: Connection[] = []
  const seen: (string | undefined)[] = []
  const conversation = new Conversation({
    connect: (_client, connection) => {
      connections.push(connection)
      return CONTINUE
    },
    mail: (_sender, message) => {
      seen.push(message.connection.helo, message.macro('j'), message.macro('i'))
      return CONTINUE
    },
  })
  conversation.say(offer(), macros('C', { j: 'mx' }), connect(), mail(), endOfMessage(), quitNewConnection)
  const second = { host: 'other', family: 'unknown', address: '', port: 0 } as const
  expect(conversation.say(connect(second), mail()).join('')).toBe('cc')
  expect(connections.map(({ id, client }) => `${id} ${client?.host}`)).toEqual(['1 c.example', '2 other'])
  expect(seen).toEqual([undefined, 'mx', undefined, undefined, undefined, undefined])
})

test('62. what was negotiated stays after QUIT_NC', () => {
  const conversation = new Conversation(new Witness({ noReply: ['mail'] }).filter)
  conversation.say(offer(), connect(), quitNewConnection)
  expect(conversation.say(connect(), mail(), rcpt('<a@x>'))).toEqual(['c', 'c'])
})

test('63. QUIT_NC in mid-message ends it, and the connection goes on with the next SMTP session', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'), quitNewConnection)
  expect(witness).toMatchObject({ ended: ['lost'], aborts: 1, closes: 1 })
  expect(conversation.say(connect(), helo(), ...wholeMessage('<b@x>')).join('')).toBe('c'.repeat(9))
  expect(witness.seen.at(-1)).toBe('endOfMessage <b@x>')
  conversation.say(quit)
  expect(witness).toMatchObject({ ended: ['lost', 'accepted'], closes: 2 })
})

test('64. the end of the stream without QUIT is as QUIT', () => {
  const witness = new Witness()
  const conversation = started(witness.filter)
  conversation.say(mail(), rcpt('<a@x>'))
  conversation.session.end()
  expect(conversation.answers()).toEqual([])
  expect(witness).toMatchObject({ ended: ['lost'], aborts: 1, closes: 1 })
})

test('65. commands of a message without MAIL are not met with silence', () => {
  for (const command of [rcpt('<a@x>'), data, header('A', 'b'), endOfHeaders, body('x'), endOfMessage()]) {
    const witness = new Witness()
    const conversation = started(witness.filter)
    witness.seen.length = 0
    expect(conversation.say(command), command.kind).toEqual([])
    expect(conversation.closed, command.kind).toBe(true)
    expect(witness.seen).toEqual([])
    expect(conversation.reports[0]).toMatchObject({ kind: 'protocol-error', connection: 1 })
  }
})

test('65. DATA before RCPT is answered, since RCPT may have been negotiated away', () => {
  const conversation = started(new Witness().filter)
  expect(conversation.say(mail(), data)).toEqual(['c', 'c'])
})

test('65. a header after the body, a second CONNECT, RCPT after a header: hung up on, once', () => {
  const conversations: Command[][] = [
    [mail(), rcpt('<a@x>'), body('x'), header('A', 'b')],
    [connect()],
    [mail(), rcpt('<a@x>'), header('A', 'b'), rcpt('<b@x>')],
    [mail(), connect()],
  ]
  for (const commands of conversations) {
    const witness = new Witness()
    const conversation = started(witness.filter)
    conversation.say(...commands)
    expect(conversation.closed).toBe(true)
    expect(witness.closes).toBe(1)
    expect(conversation.reports).toHaveLength(1)
  }
})

test('66. after REJECT at DATA the message goes on with RCPT, and all handlers run', () => {
  for (const no of [REJECT, TEMPFAIL]) {
    let refusals = 1
    const witness = new Witness({ data: () => (refusals-- > 0 ? no : CONTINUE) })
    const conversation = started(witness.filter)
    const answers = conversation.say(
      mail(),
      rcpt('<a@x>'),
      data,
      rcpt('<b@x>'),
      data,
      header('A', 'b'),
      endOfHeaders,
      endOfMessage(),
    )
    expect(answers.join('')).toBe(`cc${no === REJECT ? 'r' : 't'}ccccc`)
    expect(witness.seen.at(-1)).toBe('endOfMessage <a@x> <b@x>')
    expect(witness.ended).toEqual(['accepted'])
  }
})

test('66. RCPT after DATA that another filter refused is answered likewise', () => {
  const conversation = started(new Witness().filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), data, rcpt('<b@x>'), data).join('')).toBe('ccccc')
})

test('67. ACCEPT at RCPT ends the message once; stray commands are answered and shown to nobody', () => {
  const witness = new Witness({ rcpt: (recipient) => (recipient.argument === '<a@x>' ? ACCEPT : CONTINUE) })
  const conversation = started(witness.filter)
  conversation.say(mail())
  expect(conversation.say(rcpt('<a@x>'))).toEqual(['a'])
  witness.seen.length = 0
  const strays = [rcpt('<b@x>'), data, header('A', 'b'), endOfHeaders, body('x'), endOfMessage()]
  expect(conversation.say(...strays).join('')).toBe('cccccc')
  expect(witness.seen).toEqual([])
  expect(witness.ended).toEqual(['accepted'])
  expect(conversation.say(mail('<two@x>'), rcpt('<c@x>')).join('')).toBe('cc')
  expect(witness.seen[0]).toBe('mail <two@x>')
})

test('68. DISCARD at RCPT and then ABORT: ended once, as discarded', () => {
  const witness = new Witness({ rcpt: () => DISCARD })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), abort)).toEqual(['c', 'd'])
  expect(witness).toMatchObject({ ended: ['discarded'], aborts: 0 })
})

test('69. REJECT of every recipient and QUIT without ABORT: ended once, without a verdict of ours', () => {
  const witness = new Witness({ rcpt: () => REJECT })
  const conversation = started(witness.filter)
  expect(conversation.say(mail(), rcpt('<a@x>'), rcpt('<b@x>'), quit)).toEqual(['c', 'r', 'r'])
  expect(witness).toMatchObject({ ended: ['lost'], aborts: 1, closes: 1 })
})

test('70. the connection ends exactly once, whatever ends it, also when CONNECT never came', () => {
  const endings: [string, (conversation: Conversation<string[]>) => void][] = [
    ['quit', (it) => void it.say(quit)],
    ['quit twice', (it) => void it.say(quit, quit)],
    ['end of the stream', (it) => it.session.end()],
    ['broken frame', (it) => void it.bytes(Buffer.from('ffffffff', 'hex'))],
    ['out of order', (it) => void it.say(rcpt('<a@x>'))],
    ['QUIT_NC and the end', (it) => void it.say(quitNewConnection)],
  ]
  for (const begin of [[offer()], [offer(), connect(), helo()], [offer(), helo(), mail(), abort]]) {
    for (const [name, end] of endings) {
      const witness = new Witness()
      const conversation = new Conversation(witness.filter)
      conversation.say(...begin)
      end(conversation)
      conversation.session.end()
      expect(witness.closes, `${name} after ${begin.at(-1)?.kind}`).toBe(1)
    }
  }
})

test('71. each message ends exactly once and for the right reason', () => {
  const endings: [Filter<string[]>, Command[], string][] = [
    [{}, [endOfMessage()], 'accepted'],
    [{ endOfMessage: () => ACCEPT }, [endOfMessage()], 'accepted'],
    [{ rcpt: () => ACCEPT }, [], 'accepted'],
    [{ mail: () => ACCEPT }, [], 'accepted'],
    [{ data: () => ACCEPT }, [data], 'accepted'],
    [{ mail: () => REJECT }, [], 'rejected'],
    [{ mail: () => TEMPFAIL }, [], 'tempfailed'],
    [{ mail: () => DISCARD }, [], 'discarded'],
    [{ header: () => REJECT }, [data, header('A', 'b')], 'rejected'],
    [{ endOfHeaders: () => DISCARD }, [endOfHeaders], 'discarded'],
    [{ body: () => TEMPFAIL }, [body('x')], 'tempfailed'],
    [{ endOfMessage: () => REJECT }, [endOfMessage()], 'rejected'],
    [{ endOfMessage: () => DISCARD }, [endOfMessage()], 'discarded'],
    [{}, [abort], 'aborted'],
    [{}, [helo()], 'aborted'],
    [{}, [quit], 'lost'],
    [
      { rcpt: () => REJECT, data: () => REJECT, unknown: () => REJECT },
      [data, unknown('x'), abort],
      'aborted',
    ],
  ]
  for (const [handlers, commands, outcome] of endings) {
    const witness = new Witness(handlers)
    const conversation = started(witness.filter)
    conversation.say(mail(), rcpt('<a@x>'), ...commands, abort, quit)
    expect(witness.ended, JSON.stringify([Object.keys(handlers), commands, outcome])).toEqual([outcome])
    expect(witness.aborts).toBe(outcome === 'aborted' || outcome === 'lost' ? 1 : 0)
  }
})

/** What a macro is to each handler that runs. */
function macroWatcher(name: string): { seen: (string | undefined)[]; filter: Filter } {
  const seen: (string | undefined)[] = []
  const look = (message: Message<undefined>) => {
    seen.push(message.macro(name))
    return CONTINUE
  }
  const filter: Filter = {
    connect: (_client, connection) => {
      seen.push(connection.macro(name))
      return CONTINUE
    },
    mail: (_sender, message) => look(message),
    rcpt: (_recipient, message) => look(message),
    endOfMessage: look,
  }
  return { seen, filter }
}

test('72. the macros of one recipient are not seen by the next', () => {
  const { seen, filter } = macroWatcher('{rcpt_addr}')
  const conversation = started(filter)
  conversation.say(mail(), macros('R', { '{rcpt_addr}': 'one' }), rcpt('<1@x>'), rcpt('<2@x>'))
  expect(seen.slice(-2)).toEqual(['one', undefined])
})

test('73. macros of a recipient that the MTA then refused are replaced, not mixed', () => {
  const conversation = started({
    rcpt: (_recipient, message) => {
      expect([message.macro('a'), message.macro('b')]).toEqual([undefined, 'second'])
      return CONTINUE
    },
  })
  expect(
    conversation.say(mail(), macros('R', { a: 'orphan' }), macros('R', { b: 'second' }), rcpt('<1@x>')),
  ).toEqual(['c', 'c'])
  expect(conversation.reports).toEqual([])
})

test('73. an orphan does not wait for the next message', () => {
  for (const between of [[abort, mail()], [mail()], [endOfMessage(), mail()]]) {
    const { seen, filter } = macroWatcher('a')
    const conversation = started(filter)
    conversation.say(mail(), rcpt('<1@x>'), macros('R', { a: 'orphan' }), ...between, rcpt('<2@x>'))
    expect(seen.at(-1)).toBeUndefined()
  }
})

test('74. macros of MAIL are seen at the end of message, those of CONNECT in the second message, neither after QUIT_NC', () => {
  const ofMail = macroWatcher('i')
  const ofConnect = macroWatcher('j')
  for (const { filter } of [ofMail, ofConnect]) {
    const conversation = new Conversation(filter)
    conversation.say(offer(), macros('C', { j: 'mx' }), connect())
    conversation.say(macros('M', { i: 'q1' }), mail(), rcpt('<1@x>'), endOfMessage())
    conversation.say(mail(), rcpt('<1@x>'), endOfMessage(), quitNewConnection, connect(), mail())
  }
  expect(ofMail.seen).toEqual([
    undefined,
    'q1',
    'q1',
    'q1',
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(ofConnect.seen).toEqual(['mx', 'mx', 'mx', 'mx', 'mx', 'mx', 'mx', undefined, undefined])
})

test('74. between messages the macros of the last one are gone', () => {
  const seen: (string | undefined)[] = []
  const conversation = started({
    connect: () => CONTINUE,
    rcpt: () => CONTINUE,
    unknown: (_command, connection) => {
      seen.push(connection.macro('i'), connection.macro('j'))
      return CONTINUE
    },
  })
  const message = [macros('M', { i: 'q1' }), mail(), rcpt('<1@x>')]
  conversation.say(quitNewConnection, macros('C', { j: 'mx' }), connect())
  conversation.say(...message, unknown('x'), endOfMessage(), unknown('x'), ...message, abort, unknown('x'))
  expect(seen).toEqual(['q1', 'mx', undefined, 'mx', undefined, 'mx'])
})

test('74. after QUIT_NC nothing is left of the macros of an SMTP session whose CONNECT was negotiated away', () => {
  const seen: (string | undefined)[] = []
  const conversation = new Conversation({
    mail: (_sender, message) => {
      seen.push(message.macro('j'))
      return CONTINUE
    },
  })
  conversation.say(offer(), macros('C', { j: 'mx' }), mail(), abort, quitNewConnection, mail())
  expect(seen).toEqual(['mx', undefined])
})

test('75. a macro is found with and without braces', () => {
  const { seen, filter } = macroWatcher('{i}')
  const bare = macroWatcher('rcpt_addr')
  started(filter).say(macros('M', { i: 'q1' }), mail())
  started(bare.filter).say(mail(), macros('R', { '{rcpt_addr}': 'a' }), rcpt('<1@x>'))
  expect([seen.at(-1), bare.seen.at(-1)]).toEqual(['q1', 'a'])
})

test('macros of commands that were negotiated away are seen by the handlers that are left', () => {
  const seen: (string | undefined)[] = []
  const conversation = new Conversation({
    rcpt: (_recipient, message) => {
      seen.push(message.macro('j'), message.macro('{tls_version}'))
      return CONTINUE
    },
  })
  conversation.say(offer(), macros('C', { j: 'mx' }), macros('H', { '{tls_version}': 'TLSv1.3' }))
  conversation.say(mail(), rcpt('<1@x>'), endOfMessage(), mail(), rcpt('<2@x>'))
  expect(seen).toEqual(['mx', 'TLSv1.3', 'mx', 'TLSv1.3'])
})

test('a handler that is late sees nothing of the message after its own', () => {
  let late: Message<undefined> | undefined
  const conversation = started({
    mail: (_sender, message) => {
      late ??= message
      return CONTINUE
    },
  })
  conversation.say(macros('M', { i: 'q1' }), mail(), abort, macros('M', { i: 'q2' }), mail())
  expect(late?.macro('i')).toBeUndefined()
  expect(late?.signal.aborted).toBe(true)
})

test('ACCEPT at CONNECT or HELO leaves the whole SMTP session alone, until QUIT_NC', () => {
  for (const stage of ['connect', 'helo'] as const) {
    let released = true
    const witness = new Witness({ [stage]: () => (released ? ACCEPT : CONTINUE) })
    const conversation = started(witness.filter)
    witness.seen.length = 0
    expect(conversation.say(helo(), ...wholeMessage('<a@x>'), abort, unknown('x')).join('')).toBe(
      'c'.repeat(9),
    )
    expect(witness).toMatchObject({ seen: [], ended: [] })
    released = false
    expect(conversation.say(quitNewConnection, connect(), mail()).join('')).toBe('cc')
    expect(witness.seen.at(-1)).toBe('mail <s@x.example>')
  }
})

test('REJECT at CONNECT or HELO is remembered by the MTA; what it still asks is answered as ever', () => {
  const witness = new Witness({ helo: (name) => (name === 'bad.example' ? REJECT : CONTINUE) })
  const conversation = new Conversation(witness.filter)
  expect(
    conversation.say(offer(), connect(), helo('bad.example'), helo('good.example'), mail()).slice(1),
  ).toEqual(['c', 'r', 'c', 'c'])
})

test('recipients beyond the bound are put off with 452, the others go through', () => {
  const witness = new Witness()
  const conversation = started(witness.filter, { maxRecipients: 2 })
  const answers = conversation.say(mail(), rcpt('<1@x>'), rcpt('<2@x>'), rcpt('<3@x>'), endOfMessage())
  expect(answers).toEqual(['c', 'c', 'c', 'y452 4.5.3 Too many recipients.|', 'c'])
  expect(witness.seen.at(-1)).toBe('endOfMessage <1@x> <2@x>')
  expect(conversation.say(mail(), rcpt('<4@x>'))).toEqual(['c', 'c'])
})

test('an envelope beyond its bytes is put off likewise', () => {
  const conversation = started(new Witness().filter, { maxEnvelopeBytes: 100 })
  expect(
    conversation.say(mail(), rcpt('<1@x>'), rcpt(`<${'l'.repeat(90)}@x>`)).map((answer) => answer[0]),
  ).toEqual(['c', 'c', 'y'])
})

test('each message of a connection has all of the bytes', () => {
  const conversation = started(new Witness().filter, { maxEnvelopeBytes: 100 })
  const recipient = rcpt(`<${'l'.repeat(60)}@x>`)
  for (let message = 0; message < 3; message += 1)
    expect(conversation.say(mail(), recipient, endOfMessage())).toEqual(['c', 'c', 'c'])
})

test('newMessage that fails puts the message off, and no end is told of a message that never was', () => {
  let broken = true
  const witness = new Witness({
    newMessage: () => {
      if (broken) throw new Error('no memory for this')
      return []
    },
  })
  const conversation = started(witness.filter)
  expect(conversation.say(mail())).toEqual(['t'])
  expect(conversation.say(rcpt('<a@x>'), abort)).toEqual(['c'])
  expect(witness).toMatchObject({ ended: [], aborts: 0 })
  broken = false
  expect(conversation.say(...wholeMessage('<a@x>')).join('')).toBe('c'.repeat(7))
  expect(witness.ended).toEqual(['accepted'])
})

test('a hook that fails is reported and changes nothing', () => {
  const fail = (): never => {
    throw new Error('hook')
  }
  const conversation = started({ abort: fail, messageEnded: fail, close: fail, rcpt: () => CONTINUE })
  expect(conversation.say(mail(), rcpt('<a@x>'), abort, mail(), quit)).toEqual(['c', 'c', 'c'])
  expect(conversation.reports.map(({ text }) => text)).toEqual([
    'the abort handler failed',
    'the messageEnded handler failed',
    'the abort handler failed',
    'the messageEnded handler failed',
    'the close handler failed',
  ])
})
