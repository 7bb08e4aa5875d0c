import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ACCEPT,
  CONTINUE,
  DISCARD,
  type Filter,
  MilterServer,
  REJECT,
  reply,
  SpecError,
  TEMPFAIL,
  type Verdict,
} from '../../src/milter/index.ts'
import {
  formatSmtpReply,
  type MessageInput,
  MilterClient,
  type MtaKind,
  type SimulateOptions,
  type Simulation,
  SimulatorError,
  simulate,
} from '../../src/milter/simulator/index.ts'
import { agreement, frame, type ScriptedMilter, scriptedMilter } from './simulator/scripted-milter.ts'

const BOTH: readonly MtaKind[] = ['sendmail', 'postfix']
const cleanups: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp()
})

async function serve<State>(filter: Filter<State>): Promise<string> {
  const server = new MilterServer({ filter, listeners: [{ spec: 'inet:0@127.0.0.1' }] })
  cleanups.push(() => server.stop(0))
  await server.listen()
  return server.addresses[0] ?? ''
}

async function send<State>(
  filter: Filter<State>,
  messages: Partial<MessageInput>[],
  options: Partial<SimulateOptions> = {},
): Promise<Simulation> {
  const defaults = { from: 's@remote.example', to: ['r@example.com'] }
  return simulate({
    milter: await serve(filter),
    messages: messages.map((message) => ({ ...defaults, ...message })),
    ...options,
  })
}

const lastReply = ({ messages }: Simulation): string => {
  const end = messages.at(-1)?.end
  return end ? formatSmtpReply(end.reply) : 'no end'
}

describe('a message through the simulator', () => {
  it.each(BOTH)('comes out as it went in when the filter says CONTINUE, like %s', async (like) => {
    const headers = [
      ['From', '<s@remote.example>'],
      ['X-Folded', 'one\n two'],
    ] as const
    const { messages, closed } = await send({ rcpt: () => CONTINUE }, [{ headers, body: 'Hello\nWorld\n' }], {
      like,
    })
    expect(messages[0]?.recipients).toMatchObject([{ argument: '<r@example.com>', accepted: true }])
    expect(messages[0]?.end).toMatchObject({
      outcome: 'accepted',
      filtered: true,
      envelope: { sender: 's@remote.example', recipients: ['r@example.com'] },
      headers,
      warnings: [],
    })
    expect(messages[0]?.end?.body.toString()).toBe('Hello\r\nWorld\r\n')
    expect(closed).toBe(true)
  })

  it.each(BOTH)('comes out as the filter changed it, like %s', async (like) => {
    const filter: Filter = {
      actions: [
        'addRecipient',
        'deleteRecipient',
        'addHeader',
        'changeHeader',
        'replaceBody',
        'changeSender',
        'quarantine',
      ],
      endOfMessage(_, changes) {
        changes.replaceBody('new\r\n')
        changes.addRecipient('dredd@example.org')
        changes.deleteRecipient('<djb@td.example.com>')
        changes.changeSender('<>')
        changes.addHeader('X-New', 'n')
        changes.changeHeader(1, 'Subject', 'changed')
        changes.quarantine('look at it')
        return CONTINUE
      },
    }
    const message = {
      to: ['djb@td.example.com', '<plain@example.com>'],
      headers: [['Subject', 's']] as const,
    }
    const { messages } = await send(filter, [message], { like })
    expect(messages[0]?.end).toMatchObject({
      envelope: { sender: '', recipients: ['plain@example.com', 'dredd@example.org'] },
      headers: [
        ['Subject', 'changed'],
        ['X-New', 'n'],
      ],
      quarantined: 'look at it',
    })
    expect(messages[0]?.end?.body.toString()).toBe('new\r\n')
    expect(messages[0]?.end?.changes[0]).toEqual({ kind: 'deleteRecipient', address: '<djb@td.example.com>' })
  })

  it('keeps the changes from sight when the message is refused after them', async () => {
    const filter: Filter = {
      actions: ['deleteRecipient'],
      endOfMessage(_, changes) {
        changes.deleteRecipient('<r@example.com>')
        return TEMPFAIL
      },
    }
    const result = await send(filter, [{}])
    expect(lastReply(result)).toBe('451 4.3.2 Please try again later')
    expect(result.messages[0]?.end).toMatchObject({ outcome: 'tempfailed', envelope: { recipients: [] } })
  })

  it.each(BOTH)('warns when a 250 is all that is left of it, like %s', async (like) => {
    const filter: Filter = {
      actions: ['deleteRecipient'],
      endOfMessage(_, changes) {
        changes.deleteRecipient('<r@example.com>')
        return CONTINUE
      },
    }
    const { messages } = await send(filter, [{}], { like })
    expect(messages[0]?.end).toMatchObject({ outcome: 'accepted', envelope: { recipients: [] } })
    expect(messages[0]?.end?.warnings.join()).toContain('gone without a trace')
  })

  it('is seen by the filter with the macros of its MTA', async () => {
    const ids: (string | undefined)[] = []
    const filter: Filter = {
      mail: (_, { connection }) => {
        ids.push(connection.macro('i'))
        return CONTINUE
      },
      rcpt: (_, { connection }) => {
        ids.push(connection.macro('i'), connection.macro('{rcpt_addr}'))
        return CONTINUE
      },
    }
    const message = { to: ['One@Dest.Example', 'Two@Dest.Example'] }
    const { messages: sendmail } = await send(filter, [message])
    const sendmailId = sendmail[0]?.end?.queueId
    expect(ids.splice(0)).toEqual([
      sendmailId,
      sendmailId,
      'One@Dest.Example',
      sendmailId,
      'Two@Dest.Example',
    ])
    const { messages: postfix } = await send(filter, [message], { like: 'postfix' })
    expect(ids).toEqual([
      undefined,
      undefined,
      'one@dest.example',
      postfix[0]?.end?.queueId,
      'two@dest.example',
    ])
  })

  it('is resolved through a catch-all by sendmail, and its macros show where to', async () => {
    const seen: (string | undefined)[] = []
    const filter: Filter = {
      rcpt: (_, { connection }) => {
        seen.push(connection.macro('{rcpt_addr}'), connection.macro('{rcpt_mailer}'))
        return CONTINUE
      },
    }
    await send(filter, [{ to: ['a@td.example', 'b@x.example'] }], { catchAll: { 'td.example': 'dev-null' } })
    expect(seen).toEqual(['dev-null', 'local', 'b@x.example', 'esmtp'])
  })
})

describe('a verdict for one recipient', () => {
  it.each<[MtaKind, Verdict, string]>([
    ['sendmail', REJECT, '550 5.7.1 Command rejected'],
    ['postfix', REJECT, '550 5.7.1 Command rejected'],
    ['sendmail', TEMPFAIL, '451 4.3.2 Please try again later'],
    ['postfix', TEMPFAIL, '451 4.7.1 Service unavailable - try again later'],
    ['sendmail', reply(551, '5.7.1', '100% expired'), '551 5.7.1 100% expired'],
    ['postfix', reply(551, '5.7.1', '100% expired'), '551 5.7.1 100% expired'],
  ])('like %s: %j', async (like, verdict, text) => {
    const filter: Filter = { rcpt: ({ argument }) => (argument === '<bad@x>' ? verdict : CONTINUE) }
    const { messages } = await send(filter, [{ to: ['bad@x', 'good@x'] }], { like })
    const [bad, good] = messages[0]?.recipients ?? []
    expect(bad && formatSmtpReply(bad.reply)).toBe(text)
    expect([bad?.accepted, good?.accepted]).toEqual([false, true])
    expect(messages[0]?.end?.envelope.recipients).toEqual(['good@x'])
  })

  it('that is ACCEPT leaves the rest of the message unfiltered, and the next message is seen again', async () => {
    const asked: string[] = []
    const filter: Filter = {
      rcpt: ({ argument }) => {
        asked.push(argument)
        return ACCEPT
      },
    }
    for (const like of BOTH) {
      const { messages } = await send(filter, [{ to: ['a@x', 'b@x'] }, { to: ['c@x'] }], { like })
      expect(asked.splice(0)).toEqual(['<a@x>', '<c@x>'])
      expect(messages[0]?.end).toMatchObject({ filtered: false, envelope: { recipients: ['a@x', 'b@x'] } })
    }
  })

  it('that is DISCARD drops the whole message with a 250', async () => {
    for (const like of BOTH) {
      const { messages } = await send({ rcpt: () => DISCARD }, [{ to: ['a@x', 'b@x'] }], { like })
      expect(messages[0]?.recipients.map(({ accepted }) => accepted)).toEqual([true, true])
      expect(messages[0]?.end).toMatchObject({ outcome: 'discarded', envelope: { recipients: [] } })
    }
  })

  it('that refuses all of them leaves nothing to send', async () => {
    expect(lastReply(await send({ rcpt: () => REJECT }, [{}]))).toBe('503 5.0.0 Need RCPT (recipient)')
    const postfix = await send({ rcpt: () => REJECT }, [{}], { like: 'postfix' })
    expect(lastReply(postfix)).toBe('554 5.5.1 Error: no valid recipients')
  })

  it('that takes one of two twins back loses the other in sendmail only', async () => {
    const filter: Filter = { rcpt: ({ argument }) => (argument === '<b@td.example>' ? REJECT : CONTINUE) }
    const message = { to: ['a@td.example', 'b@td.example'] }
    const catchAll = { 'td.example': 'dev-null' }
    const sendmail = await send(filter, [message], { catchAll })
    expect(sendmail.messages[0]?.end?.envelope.recipients).toEqual([])
    const postfix = await send(filter, [message], { like: 'postfix' })
    expect(postfix.messages[0]?.end?.envelope.recipients).toEqual(['a@td.example'])
  })
})

describe('a verdict elsewhere', () => {
  it('at MAIL answers the recipients, too', async () => {
    const { messages } = await send({ mail: () => reply(550, '5.7.1', 'Not you') }, [{}, {}])
    expect(messages).toHaveLength(2)
    expect(messages[0]?.recipients[0]).toMatchObject({ accepted: false, reply: { text: 'Not you' } })
    expect(messages[0]?.end).toBeUndefined()
  })

  it.each<[MtaKind, Verdict, string, string]>([
    ['sendmail', REJECT, '554 mail.example.com ESMTP not accepting messages', '550 5.0.0 Command rejected'],
    ['postfix', REJECT, '554 mail.example.com ESMTP not accepting messages', '550 5.7.1 Command rejected'],
    ['sendmail', TEMPFAIL, '220 mail.example.com ESMTP', '451 4.3.2 Please try again later'],
    ['postfix', reply(451, '4.7.0', 'Busy'), '220 mail.example.com ESMTP', '451 4.7.0 Busy'],
    [
      'sendmail',
      reply(451, '4.7.0', 'Busy'),
      '220 mail.example.com ESMTP',
      '451 4.3.2 Please try again later',
    ],
  ])('at CONNECT, like %s: %j', async (like, verdict, greeting, mail) => {
    const result = await send({ connect: () => verdict as typeof REJECT, rcpt: () => CONTINUE }, [{}], {
      like,
    })
    expect(formatSmtpReply(result.greeting)).toBe(greeting)
    expect(result.messages.map(({ senderReply }) => formatSmtpReply(senderReply))).toEqual([mail])
  })

  it('at CONNECT: ACCEPT lets the session pass unseen', async () => {
    const filter: Filter = { connect: () => ACCEPT, rcpt: () => REJECT }
    for (const like of BOTH) {
      const { messages, closed } = await send(filter, [{}, {}], { like })
      expect(messages.map(({ end }) => [end?.outcome, end?.filtered])).toEqual([
        ['accepted', false],
        ['accepted', false],
      ])
      expect(closed).toBe(true)
    }
  })

  it('at HELO refuses every MAIL', async () => {
    const { heloReply, messages } = await send({ helo: () => reply(550, '5.7.1', 'Bad name') }, [{}])
    expect(heloReply.code).toBe(250)
    expect(messages[0]?.senderReply).toMatchObject({ code: 550, text: 'Bad name' })
  })

  it('of 421 ends the SMTP session at once', async () => {
    for (const like of BOTH) {
      const filter: Filter = { rcpt: () => reply(421, '4.3.2', 'Going down') }
      const { messages, closed } = await send(filter, [{ to: ['a@x', 'b@x'] }, {}], { like })
      expect(messages).toHaveLength(1)
      expect(messages[0]?.recipients.map(({ reply: { code } }) => code)).toEqual([421, 421])
      expect(closed).toBe(true)
    }
  })

  it('at DATA leaves the transaction open, and the client starts again', async () => {
    const outcomes: string[] = []
    const filter: Filter = { data: () => TEMPFAIL, messageEnded: (_, outcome) => outcomes.push(outcome) }
    for (const like of BOTH) {
      const result = await send(filter, [{}, {}], { like })
      expect(result.messages.map(({ end }) => end?.outcome)).toEqual(['tempfailed', 'tempfailed'])
      expect(outcomes.splice(0)).toEqual(['aborted', 'aborted'])
    }
  })

  it.each(['header', 'endOfHeaders', 'body', 'endOfMessage'] as const)(
    'at %s is for the whole message',
    async (stage) => {
      for (const [verdict, outcome] of [
        [REJECT, 'rejected'],
        [DISCARD, 'discarded'],
        [ACCEPT, 'accepted'],
      ] as const) {
        const { messages } = await send({ [stage]: () => verdict }, [{}])
        expect(messages[0]?.end?.outcome).toBe(outcome)
      }
    },
  )

  it('for an unknown command goes to the client, and the message is not disturbed', async () => {
    const commands: string[] = []
    const filter: Filter = {
      unknown: (command) => {
        commands.push(command)
        return command.startsWith('BAD') ? REJECT : CONTINUE
      },
    }
    const sendmail = await send(filter, [{ unknown: ['BAD one', 'ODD two'] }])
    expect(sendmail.messages[0]?.unknownReplies.map(({ enhanced }) => enhanced)).toEqual(['5.7.1', '5.5.1'])
    expect(sendmail.messages[0]?.end?.outcome).toBe('accepted')
    await send(filter, [{ unknown: ['BAD one'] }], { like: 'postfix' })
    expect(commands).toEqual(['BAD one', 'ODD two', 'BAD'])
  })
})

describe('a message that is given up', () => {
  it.each(BOTH)('ends once, and leaves nothing to the next, like %s', async (like) => {
    const outcomes: string[] = []
    const filter: Filter<string[]> = {
      newMessage: () => [],
      rcpt: ({ argument }, { state }) => {
        state.push(argument)
        return CONTINUE
      },
      messageEnded: ({ state }, outcome) => outcomes.push(`${outcome} ${state.join()}`),
    }
    const given = [{ to: ['a@x'], giveUp: 'rset' }, { to: ['b@x'], giveUp: 'helo' }, { to: ['c@x'] }] as const
    await send(filter, [...given, { to: ['d@x'], giveUp: 'quit' }], { like })
    expect(outcomes).toEqual([
      'aborted <a@x>',
      'aborted <b@x>',
      'accepted <c@x>',
      like === 'sendmail' ? 'lost <d@x>' : 'aborted <d@x>',
    ])
  })

  it.each(BOTH)('in the middle of its data is lost or aborted, like %s', async (like) => {
    let end: (outcome: string) => void = () => undefined
    const ended = new Promise<string>((resolve) => {
      end = resolve
    })
    const filter: Filter = { data: () => CONTINUE, messageEnded: (_, outcome) => end(outcome) }
    const { messages } = await send(filter, [{ giveUp: 'dropInData' }, {}], { like })
    expect(messages).toHaveLength(1)
    expect(await ended).toBe(like === 'sendmail' ? 'lost' : 'aborted')
  })
})

describe('negotiation', () => {
  it('gives what was agreed on', async () => {
    const { agreement: agreed } = await send({ rcpt: () => CONTINUE, optionalActions: ['addRecipient'] }, [
      {},
    ])
    expect(agreed).toMatchObject({ version: 6, actions: 0x004 })
  })

  it('can offer what an old MTA offers', async () => {
    const offer = { version: 2, actions: 0x3f, steps: 0x7f }
    const { agreement: agreed } = await send({ rcpt: () => CONTINUE, data: () => REJECT }, [{}], { offer })
    expect(agreed.version).toBe(2)
    expect(agreed.steps & ~0x7f).toBe(0)
  })

  it('honours macro lists, with the fault of sendmail', async () => {
    const seen: Record<string, string | undefined>[] = []
    const filter: Filter = {
      macros: { connect: [], rcpt: ['{client_addr}'], endOfMessage: ['{mail_addr}', 'i'] },
      connect: (_, connection) => {
        seen.push({ j: connection.macro('j') })
        return CONTINUE
      },
      rcpt: (_, message) => {
        seen.push({ client: message.macro('{client_addr}'), rcpt: message.macro('{rcpt_addr}') })
        return CONTINUE
      },
      endOfMessage: (message) => {
        seen.push({ id: message.macro('{msg_id}') })
        return CONTINUE
      },
    }
    await send(filter, [{}])
    expect(seen).toEqual([{ j: undefined }, { client: '192.0.2.7', rcpt: undefined }, { id: undefined }])
  })

  it('lets the caller set macros, which the MTA then sends where its lists name them', async () => {
    const logins: (string | undefined)[] = []
    const filter: Filter = {
      mail: (_, message) => {
        logins.push(message.macro('{auth_authen}'))
        return CONTINUE
      },
    }
    await send(filter, [{}], { macros: { '{auth_authen}': 'dredd' } })
    expect(logins).toEqual(['dredd'])
  })

  it('with no-reply steps waits for no reply', async () => {
    const filter: Filter = {
      noReply: ['connect', 'helo', 'mail', 'rcpt', 'data', 'header', 'endOfHeaders', 'body', 'unknown'],
      connect: () => CONTINUE,
      helo: () => CONTINUE,
      rcpt: () => CONTINUE,
      data: () => CONTINUE,
      header: () => CONTINUE,
      endOfHeaders: () => CONTINUE,
      body: () => CONTINUE,
      unknown: () => CONTINUE,
    }
    for (const like of BOTH) {
      const { messages } = await send(filter, [{ unknown: ['ODD'] }], { like })
      expect(messages[0]?.end).toMatchObject({ outcome: 'accepted', filtered: true })
    }
  })

  it('of leading blanks sends them, and takes them back as they are', async () => {
    const values: string[] = []
    const filter: Filter = {
      leadingSpace: true,
      actions: ['addHeader'],
      header: (_, value) => {
        values.push(value)
        return CONTINUE
      },
      endOfMessage(_, changes) {
        changes.addHeader('X-New', ' n')
        return CONTINUE
      },
    }
    const { messages } = await send(filter, [{ headers: [['Subject', 's']] }])
    expect(values).toEqual([' s'])
    expect(messages[0]?.end?.headers).toEqual([
      ['Subject', 's'],
      ['X-New', 'n'],
    ])
  })
})

/** The fault and the sentence of what `promise` throws. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SimulatorError)) throw error
  expect(error.message).toMatch(/^[A-Z].*\.$/)
  return `${error.fault}: ${error.message}`
}

async function listening(server: Server): Promise<string> {
  cleanups.push(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `inet:${typeof address === 'object' && address ? address.port : 0}@127.0.0.1`
}

const ask = (milter: string | ScriptedMilter, options: Partial<SimulateOptions> = {}): Promise<unknown> =>
  simulate({
    milter: typeof milter === 'string' ? milter : milter.stream,
    messages: [{ from: 's@x', to: ['r@x'] }],
    ...options,
  })

describe('a milter that cannot be reached', () => {
  it('is told by its socket and the reason', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'td-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'file'), '')
    expect(await faultOf(ask(`unix:${folder}/none.sock`))).toBe(
      `unreachable: Cannot connect to the milter at unix:${folder}/none.sock: there is no such socket, so the milter may not be running.`,
    )
    expect(await faultOf(ask(`unix:${folder}/file`))).toContain('unreachable: Cannot connect')
    const server = createServer()
    const spec = await listening(server)
    server.close()
    await once(server, 'close')
    expect(await faultOf(ask(spec))).toContain('nothing listens there')
  })

  it('is a SpecError if the spec is wrong', async () => {
    await expect(ask('tcp:8895')).rejects.toThrow(SpecError)
    await expect(ask('inet:0@127.0.0.1')).rejects.toThrow(SpecError)
  })
})

describe('a milter that does wrong', () => {
  it('by not answering is given up after the time limit', async () => {
    const server = createServer((socket) => cleanups.push(() => void socket.destroy()))
    const options = { timeouts: { negotiation: 20 } }
    expect(await faultOf(ask(await listening(server), options))).toMatch(
      /^timeout: The milter at inet:\d+@127\.0\.0\.1 did not answer within 0\.02 s, at negotiation\.$/,
    )
  })

  it('by closing at once', async () => {
    const server = createServer((socket) => socket.destroy())
    expect(await faultOf(ask(await listening(server)))).toContain('closed: The milter at')
  })

  it('by being another program', async () => {
    const greets = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('220 mail.example.com ESMTP\r\n')
    })
    expect(await faultOf(ask(await listening(greets)))).toContain('which is no milter packet, at negotiation')
  })

  const wrong = async (
    answers: Readonly<Record<string, Buffer | 'close' | undefined>>,
    options: Partial<SimulateOptions> = {},
  ): Promise<string> => {
    const milter = scriptedMilter(({ code }) => {
      if (code in answers) return answers[code]
      if (code === 'O') return agreement(0x1ff, 0)
      return code === 'D' || code === 'A' ? undefined : frame('c')
    })
    return faultOf(ask(milter, options))
  }

  it.each<[string, Readonly<Record<string, Buffer | 'close' | undefined>>, string]>([
    [
      'answers the offer with a verdict',
      { O: frame('c') },
      "negotiation: The milter answered the offer with packet 'c'",
    ],
    [
      'cuts its answer to the offer short',
      { O: frame('O', '\0\0\0\x06') },
      'negotiation: The milter sent a broken packet',
    ],
    [
      'asks for actions beyond the offer',
      { O: agreement(0x200, 0) },
      'actions that were not offered (0x200)',
    ],
    [
      'asks for steps beyond the offer',
      { O: agreement(0, 0x200000) },
      'steps that were not offered (0x200000)',
    ],
    ['claims a later version', { O: agreement(0, 0, 7) }, 'protocol version 7 to an offer of 6'],
    ['claims version 1', { O: agreement(0, 0, 1) }, 'protocol version 1'],
    [
      'answers RCPT twice',
      { R: Buffer.concat([frame('c'), frame('c')]) },
      "protocol: The milter sent packet 'c' that nothing had asked for, at data",
    ],
    ['answers RCPT with SKIP', { R: frame('s') }, 'answered SKIP, which only a body chunk'],
    [
      'sends PROGRESS at RCPT',
      { R: frame('p') },
      'sent progress, which belongs to end of message only, at rcpt',
    ],
    [
      'changes the message at DATA',
      { T: frame('+', '<a@x>\0') },
      'sent addRecipient, which belongs to end of message only, at data',
    ],
    ['hangs up in its own way', { R: frame('4') }, 'answered shutdown'],
    ['sends a packet that is none', { R: frame('?') }, 'sent a broken packet (response byte 0x3f), at rcpt'],
    ['forgets the final NUL', { R: frame('y', '550 5.1.1 no') }, 'sent a broken packet'],
    ['closes at RCPT', { R: 'close' }, 'closed: The milter closed the connection, at rcpt'],
    ['says nothing at RCPT', { R: undefined }, 'timeout: The milter did not answer within 0.05 s, at rcpt'],
    [
      'says nothing at end of message',
      { E: undefined },
      'timeout: The milter did not answer within 0.05 s, at endOfMessage',
    ],
    ['says nothing after its changes', { E: frame('-', '<r@x>\0') }, 'timeout: '],
    [
      'makes changes that it did not negotiate',
      { O: agreement(0x04, 0), E: frame('-', '<r@x>\0') },
      'asked for deleteRecipient without having negotiated it',
    ],
  ])('%s', async (_, answers, sentence) => {
    // A short patience only where it is to run out, so that a busy machine decides nothing.
    const patience = sentence.startsWith('timeout') ? 50 : 60_000
    const timeouts = { command: patience, content: patience }
    expect(await wrong(answers, { timeouts })).toContain(sentence)
  })

  it('by replacing the body in two runs, which only Postfix minds', async () => {
    const runs = Buffer.concat([frame('b', '1'), frame('h', 'X\0y\0'), frame('b', '2'), frame('c')])
    expect(await wrong({ E: runs }, { like: 'postfix' })).toContain('replaced the body in two runs')
    const milter = scriptedMilter(({ code }) =>
      code === 'O' ? agreement(0x1ff, 0) : code === 'E' ? runs : code === 'D' ? undefined : frame('c'),
    )
    const { messages } = await simulate({ milter: milter.stream, messages: [{ to: ['r@x'] }] })
    expect(messages[0]?.end?.body.toString()).toBe('12')
  })

  it('by sending PROGRESS for ever, which sendmail does not let count', async () => {
    const many = Buffer.concat(Array.from({ length: 50 }, () => frame('p')))
    const sentence = await wrong({ E: many }, { timeouts: { content: 60_000, endOfMessage: 50 } })
    expect(sentence).toContain('timeout: ')
  })
})

describe('ABORT', () => {
  /** The commands that a scripted milter gets, macros left out. */
  async function commands(
    like: MtaKind,
    answers: Record<string, Buffer>,
    ...given: Partial<MessageInput>[]
  ): Promise<string> {
    const milter = scriptedMilter(({ code }) => {
      if (code === 'O') return answers[code] ?? agreement(0, 0x70)
      return code === 'D' || code === 'A' ? undefined : (answers[code] ?? frame('c'))
    })
    await simulate({
      milter: milter.stream,
      like,
      messages: given.map((message) => ({ to: ['r@x'], ...message })),
    })
    const codes = milter.received.map(({ code }) => code).filter((code) => code !== 'D')
    return codes.join('')
  }

  it.each<[string, MtaKind, Record<string, Buffer>, Partial<MessageInput>[], string]>([
    ['sendmail: not after a finished message', 'sendmail', {}, [{}, {}], 'OCHMRTEMRTEQ'],
    ['Postfix: always, and twice before QUIT', 'postfix', {}, [{}, {}], 'OCHMRTEAMRTEAAQ'],
    ['sendmail: after RSET', 'sendmail', {}, [{ giveUp: 'rset' }], 'OCHMRAQ'],
    [
      'sendmail: not when MAIL is not sent',
      'sendmail',
      { O: agreement(0, 0x74) },
      [{ giveUp: 'rset' }],
      'OCHRQ',
    ],
    [
      'sendmail: not when MAIL is not answered',
      'sendmail',
      { O: agreement(0, 0x4070), M: Buffer.alloc(0) },
      [{ giveUp: 'rset' }],
      'OCHMRQ',
    ],
    ['sendmail: not after ACCEPT', 'sendmail', { R: frame('a') }, [{ giveUp: 'rset' }, {}], 'OCHMRMRQ'],
    ['Postfix: after ACCEPT, too', 'postfix', { R: frame('a') }, [{}, {}], 'OCHMRAMRAAQ'],
    ['sendmail: after the final dot of a discarded message', 'sendmail', { R: frame('d') }, [{}], 'OCHMRAQ'],
    ['Postfix: the same', 'postfix', { R: frame('d') }, [{}], 'OCHMRAAQ'],
    ['sendmail: not after a refused MAIL', 'sendmail', { M: frame('r') }, [{}, {}], 'OCHMMQ'],
    ['Postfix: after a refused MAIL', 'postfix', { M: frame('r') }, [{}, {}], 'OCHMAMAAQ'],
    ['sendmail: not at QUIT', 'sendmail', {}, [{ giveUp: 'quit' }], 'OCHMRQ'],
    ['sendmail: before the new HELO', 'sendmail', {}, [{ giveUp: 'helo' }], 'OCHMRAHQ'],
    ['Postfix: after the new HELO', 'postfix', {}, [{ giveUp: 'helo' }], 'OCHMRHAAAQ'],
  ])('%s', async (_, like, answers, given, expected) => {
    expect(await commands(like, answers, ...given)).toBe(expected)
  })
})

describe('PROGRESS at end of message', () => {
  it('begins the wait anew', async () => {
    const answer = Buffer.concat([frame('p'), frame('p'), frame('c')])
    const milter = scriptedMilter(({ code }) =>
      code === 'O' ? agreement(0, 0) : code === 'E' ? answer : code === 'D' ? undefined : frame('c'),
    )
    const { messages } = await simulate({ milter: milter.stream, messages: [{ to: ['r@x'] }] })
    expect(messages[0]?.end?.outcome).toBe('accepted')
  })
})

describe('the client by itself', () => {
  it('sends raw bytes, and sees the milter close', async () => {
    const client = await MilterClient.open(await serve({ rcpt: () => CONTINUE }))
    await client.sendBytes(Buffer.from([0, 0, 0, 0, 0x41]))
    expect(await client.waitForClose(5000)).toBe(true)
    expect(client.isClosed).toBe(true)
  })

  it('reads any packet', async () => {
    const client = await MilterClient.open(await serve({ rcpt: () => CONTINUE }))
    await client.sendBytes(Buffer.concat([frame('O', agreement(0x1ff, 0x1fffff).subarray(5))]))
    expect(await client.readFrame()).toMatchObject({ code: 0x4f })
    client.drop()
  })

  it('uses one connection for two SMTP sessions with QUIT_NC', async () => {
    const closed: (string | undefined)[] = []
    const filter: Filter = {
      connect: () => CONTINUE,
      rcpt: () => CONTINUE,
      close: ({ client }) => closed.push(client?.host),
    }
    const client = await MilterClient.open(await serve(filter))
    await client.negotiate()
    for (const host of ['one.example', 'two.example']) {
      await client.connect({ host, family: 'ipv6', address: '2001:db8::1', port: 1 })
      await client.mail('<s@x>')
      expect((await client.rcpt('<r@x>')).kind).toBe('continue')
      if (host === 'one.example') await client.quitNewConnection()
    }
    expect(await client.quit()).toBe(true)
    expect(closed).toEqual(['one.example', 'two.example'])
  })
})
