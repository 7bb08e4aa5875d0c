import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CONTINUE,
  type Filter,
  ListenError,
  type MilterLogEvent,
  MilterServer,
  type MilterServerOptions,
  REJECT,
  SpecError,
  type Verdict,
} from '../../src/milter/index.ts'
import {
  connect,
  endOfMessage,
  helo,
  mail,
  offer,
  quit,
  rawFrame,
  rcpt,
  Witness,
  wholeMessage,
  wire,
} from './conversation.ts'
import { Peer, turns } from './peer.ts'

let directory: string
let events: MilterLogEvent[]
let servers: MilterServer<never>[]
let clock: number

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'milter-'))
  events = []
  servers = []
  clock = 1_000_000
})

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop(0)))
  rmSync(directory, { recursive: true })
})

const path = (name = 'milter.sock'): string => join(directory, name)

function serverFor<State>(
  filter: Filter<State>,
  options: Partial<MilterServerOptions<State>> = {},
): MilterServer<State> {
  const server = new MilterServer({
    filter,
    listeners: [{ spec: `unix:${path()}` }],
    log: (event) => void events.push(event),
    ...options,
  })
  servers.push(server as unknown as MilterServer<never>)
  return server
}

async function listening<State>(filter: Filter<State>, options: Partial<MilterServerOptions<State>> = {}) {
  const server = serverFor(filter, options)
  await server.listen()
  return server
}

/** With a clock that only the test moves; a sweep has seen the present state before time passes. */
const manual = { now: () => clock, timeouts: { sweep: 3_600_000 } }

function pass(
  server: MilterServer<never> | MilterServer<string[]> | MilterServer,
  milliseconds: number,
): void {
  server.sweep()
  clock += milliseconds
  server.sweep()
}

async function begun<State>(server: MilterServer<State>): Promise<Peer> {
  const peer = await Peer.reach(server.addresses[0])
  await peer.say(1, offer())
  return peer
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length
const kinds = (): string[] => events.map(({ kind }) => kind)

test('12. a peer that sends a byte at a time and never finishes a packet is closed by the packet deadline', async () => {
  const server = await listening(new Witness().filter, manual)
  const peer = await begun(server)
  const packet = rawFrame('H', 'slow.example\0')
  for (let second = 0; second < 29; second++) {
    await peer.bytes(
      packet.subarray(second % packet.length, (second % packet.length) + (second < 10 ? 1 : 0)),
    )
    server.sweep()
    clock += 1000
  }
  server.sweep()
  expect(server.connections).toBe(1)
  clock += 1000
  server.sweep()
  expect(await peer.closed).toEqual([])
  expect(events.at(-1)).toMatchObject({ kind: 'timeout', level: 'warn' })
})

test('13. an idle peer survives 60 seconds and is closed at the idle deadline', async () => {
  const witness = new Witness()
  const server = await listening(witness.filter, {
    ...manual,
    timeouts: { ...manual.timeouts, idle: 120_000 },
  })
  const peer = await begun(server)
  pass(server, 60_000)
  expect(await peer.say(1, connect())).toEqual(['c'])
  pass(server, 119_999)
  expect(server.connections).toBe(1)
  clock += 1
  server.sweep()
  expect(await peer.closed).toEqual([])
  expect(witness.closes).toBe(1)
})

test('14. a peer that sends nothing is closed at the negotiation deadline, without alarm', async () => {
  const server = await listening(new Witness().filter, manual)
  const peer = await Peer.reach(server.addresses[0])
  await turns()
  pass(server, 30_000)
  await peer.closed
  expect(events.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
})

test('16. an HTTP request and a TLS hello are closed without an answer and without alarm', async () => {
  const server = await listening(new Witness().filter)
  const greetings = [
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from('16030100c8010000c40303', 'hex'),
  ]
  for (const greeting of greetings) {
    const peer = await Peer.reach(server.addresses[0])
    peer.socket.write(greeting)
    expect(await peer.closed).toEqual([])
  }
  expect(events.slice(1).map(({ kind, level }) => `${kind} ${level}`)).toEqual([
    'protocol-error info',
    'protocol-error info',
  ])
})

test('17. a thousand connections that say nothing leave no descriptor and no alarm behind', async () => {
  const server = await listening(new Witness().filter)
  const before = openDescriptors()
  for (let round = 0; round < 1000; round++) {
    const peer = await Peer.reach(server.addresses[0])
    peer.socket.destroy()
    await peer.closed
  }
  while (server.connections > 0) await turns()
  expect(openDescriptors()).toBeLessThanOrEqual(before)
  expect(kinds()).toEqual(['listening'])
})

test('78. a handler that never settles is answered for at its deadline', async () => {
  const server = await listening({ rcpt: () => new Promise<Verdict>(() => undefined) }, manual)
  const peer = await begun(server)
  await peer.say(1, mail(), rcpt('<a@x>'))
  await turns()
  pass(server, 7999)
  clock += 1
  server.sweep()
  expect(await peer.read(1)).toEqual(['t'])
  expect(events.at(-1)).toMatchObject({ kind: 'handler-timeout', level: 'error', connection: 1 })
})

test('79. when the peer is gone while a handler runs, the signal fires and nothing is written', async () => {
  let signal: AbortSignal | undefined
  let answer: (verdict: Verdict) => void = () => undefined
  const witness = new Witness({
    endOfMessage: (message) => {
      signal = message.signal
      return new Promise((resolve) => {
        answer = resolve
      })
    },
  })
  const server = await listening(witness.filter)
  const peer = await begun(server)
  await peer.say(2, mail(), rcpt('<a@x>'), endOfMessage())
  await turns()
  expect(signal?.aborted).toBe(false)
  peer.socket.destroy()
  while (server.connections > 0) await turns()
  expect(signal?.aborted).toBe(true)
  answer(CONTINUE)
  await turns()
  expect(witness).toMatchObject({ ended: ['lost'], closes: 1 })
  expect(events.filter(({ level }) => level === 'error')).toEqual([])
})

test('79. a peer that gives up while a handler runs, and says so, makes the signal fire at once', async () => {
  let signal: AbortSignal | undefined
  const server = await listening({
    rcpt: (_recipient, message) => {
      signal = message.signal
      return new Promise<Verdict>(() => undefined)
    },
  })
  const peer = await begun(server)
  await peer.say(1, mail(), rcpt('<a@x>'))
  await turns()
  await peer.bytes(wire(quit))
  expect(signal?.aborted).toBe(true)
})

test('84. a slow end of message is bridged by PROGRESS; a slow RCPT is not', async () => {
  const answers: ((verdict: Verdict) => void)[] = []
  const slow = () => new Promise<Verdict>((resolve) => answers.push(resolve))
  const server = await listening({ rcpt: slow, endOfMessage: slow }, manual)
  const peer = await begun(server)
  await peer.say(1, mail(), rcpt('<a@x>'))
  await turns()
  pass(server, 5000)
  answers[0]?.(CONTINUE)
  expect(await peer.read(1)).toEqual(['c'])
  await peer.bytes(wire(endOfMessage()))
  pass(server, 3000)
  clock += 3000
  server.sweep()
  expect(await peer.read(2)).toEqual(['p', 'p'])
  answers[1]?.(CONTINUE)
  expect(await peer.read(1)).toEqual(['c'])
  pass(server, 6000)
  await turns()
  peer.socket.write(wire(quit))
  expect(await peer.closed).toEqual([])
})

test('95. a peer that does not read during a body of 10 MB stops the flow, and memory stays bounded', async () => {
  const content = Buffer.alloc(10_000_000, 'x')
  let messages = 0
  const server = await listening({
    actions: ['replaceBody'],
    endOfMessage: (_message, changes) => {
      messages++
      changes.replaceBody(content)
      return CONTINUE
    },
  })
  const peer = await begun(server)
  peer.socket.pause()
  const before = process.memoryUsage().arrayBuffers
  // Twenty messages wait: 200 MB to answer, if anybody answered ahead.
  for (let message = 0; message < 20; message++) await peer.bytes(wire(mail(), endOfMessage()))
  expect(messages).toBeLessThan(3)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000)
  peer.socket.resume()
  for (let message = 0; message < 20; message++) {
    const answers = await peer.read(1 + Math.ceil(content.length / 65_535) + 1)
    expect(answers.filter((answer) => answer === 'c')).toHaveLength(2)
  }
  expect(messages).toBe(20)
})

test('95. a peer that never reads is closed at the write deadline', async () => {
  const content = Buffer.alloc(10_000_000, 'x')
  const server = await listening(
    {
      actions: ['replaceBody'],
      endOfMessage: (_message, changes) => {
        changes.replaceBody(content)
        return CONTINUE
      },
    },
    manual,
  )
  const peer = await begun(server)
  peer.socket.pause()
  await peer.bytes(wire(mail(), endOfMessage()))
  await turns()
  pass(server, 59_999)
  expect(server.connections).toBe(1)
  clock += 1
  server.sweep()
  while (server.connections > 0) await turns()
  expect(events.at(-1)).toMatchObject({ kind: 'timeout', text: expect.stringContaining('does not read') })
})

test('96. a spec that cannot be understood is refused before anything is bound', () => {
  for (const spec of ['', 'tcp:1234', 'inet:99999', 'inet:host', `unix:/${'x'.repeat(108)}`]) {
    expect(() => serverFor({}, { listeners: [{ spec }] }), spec).toThrow(SpecError)
  }
})

/** A socket file that nobody listens behind, as after kill -9. */
async function leaveStaleSocket(at: string): Promise<void> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', code]), 'exit')
  expect(lstatSync(at).isSocket()).toBe(true)
}

test('97. a stale socket is replaced', async () => {
  await leaveStaleSocket(path())
  const server = await listening(new Witness().filter)
  expect(await (await begun(server)).say(1, connect())).toEqual(['c'])
})

test('97. a live socket is refused and goes on working', async () => {
  const first = await listening(new Witness().filter)
  const second = serverFor(new Witness().filter)
  await expect(second.listen()).rejects.toThrow(`Another program already listens on ${path()}`)
  expect(await (await begun(first)).say(1, connect())).toEqual(['c'])
})

test('97. a regular file is never removed', async () => {
  writeFileSync(path(), 'letters')
  await expect(serverFor({}).listen()).rejects.toThrow('is not a socket')
  expect(statSync(path()).size).toBe(7)
})

test('97. of several that start on one stale socket at once, exactly one wins, and its socket stays', async () => {
  await leaveStaleSocket(path())
  const rivals = Array.from({ length: 5 }, () => serverFor(new Witness().filter))
  const outcomes = await Promise.allSettled(rivals.map((rival) => rival.listen()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const winner = rivals[outcomes.findIndex(({ status }) => status === 'fulfilled')]
  const peer = await Peer.reach(`unix:${path()}`)
  expect(await peer.say(1, offer())).toHaveLength(1)
  expect(winner?.connections).toBe(1)
  expect(readdirSync(directory)).toEqual(['milter.sock'])
})

test('97. one that stops leaves the socket alone that a newer one has bound meanwhile', async () => {
  const old = await listening(new Witness().filter)
  rmSync(path())
  const young = await listening(new Witness().filter)
  await old.stop(0)
  expect(await (await begun(young)).say(1, connect())).toEqual(['c'])
  expect(readdirSync(directory)).toEqual(['milter.sock'])
})

test('98. the socket has its mode as soon as it is there', async () => {
  const modes: string[] = []
  for (const socketMode of [undefined, 0o600, 0o666]) {
    const server = serverFor({}, { listeners: [{ spec: path(), socketMode }] })
    const started = server.listen()
    // The file is made before `listen` gives the turn away; nobody can have connected before this look at it.
    modes.push((statSync(path()).mode & 0o777).toString(8))
    await started
    modes.push((statSync(path()).mode & 0o777).toString(8))
    await server.stop(0)
  }
  expect(modes).toEqual(['660', '660', '600', '600', '666', '666'])
})

test('98. the umask of the program is as before', async () => {
  const before = process.umask()
  await listening({})
  expect(process.umask()).toBe(before)
})

test('98. the socket gets its group, by name or number; one that is none is refused and nothing stays bound', async () => {
  const gid = process.getgid?.() ?? 0
  await listening({}, { listeners: [{ spec: path('by-number'), socketGroup: gid }] })
  expect(statSync(path('by-number')).gid).toBe(gid)
  const nobody = serverFor({}, { listeners: [{ spec: path('none'), socketGroup: 'no-such-group' }] })
  await expect(nobody.listen()).rejects.toThrow('there is no such group')
  expect(existsSync(path('none'))).toBe(false)
})

test('99. stop lets an open message be finished and hangs up between messages at once', async () => {
  const witness = new Witness()
  const server = await listening(witness.filter)
  const idle = await begun(server)
  await idle.say(2, connect(), helo())
  const busy = await begun(server)
  await busy.say(2, mail(), rcpt('<a@x>'))
  const stopped = server.stop(60_000)
  expect(await idle.closed).toEqual([])
  await expect(Peer.reach(`unix:${path()}`)).rejects.toThrow()
  expect(await busy.say(1, endOfMessage())).toEqual(['c'])
  expect(await busy.closed).toEqual([])
  await stopped
  expect(witness).toMatchObject({ ended: ['accepted'], closes: 2 })
  expect(kinds().at(-1)).toBe('stopped')
})

test('99. stop waits for a handler that runs', async () => {
  let answer: (verdict: Verdict) => void = () => undefined
  const server = await listening({
    helo: () =>
      new Promise((resolve) => {
        answer = resolve as (verdict: Verdict) => void
      }),
  })
  const peer = await begun(server)
  await peer.bytes(wire(helo()))
  const stopped = server.stop(60_000)
  await turns()
  answer(REJECT)
  expect(await peer.closed).toEqual(['r'])
  await stopped
})

test('99. a stuck peer is hung up on at the deadline; its message ends as lost', async () => {
  const witness = new Witness()
  const server = await listening(witness.filter)
  const peer = await begun(server)
  await peer.say(2, mail(), rcpt('<a@x>'))
  await server.stop(20)
  expect(await peer.closed).toEqual([])
  expect(server.connections).toBe(0)
  expect(witness).toMatchObject({ ended: ['lost'], closes: 1 })
})

test('99. a second stop can only be quicker, and both resolve', async () => {
  const server = await listening(new Witness().filter)
  const peer = await begun(server)
  await peer.say(1, mail())
  const patient = server.stop(3_600_000)
  await server.stop(0)
  await patient
  expect(await peer.closed).toEqual([])
})

test('100. the socket file is gone after stop', async () => {
  const server = await listening({})
  expect(existsSync(path())).toBe(true)
  await server.stop(0)
  expect(readdirSync(directory)).toEqual([])
})

test('101. when descriptors run out at accept, the server survives and serves again afterwards', async () => {
  const server = await listening(new Witness().filter)
  // Another process is the crowd, and takes away and gives back our descriptors: we could not start one by then.
  const crowd = `
    const { execFileSync } = require('node:child_process'), net = require('node:net'), fs = require('node:fs')
    const [path, pid] = process.argv.slice(1)
    const [, soft] = /Max open files +([0-9]+)/.exec(fs.readFileSync('/proc/' + pid + '/limits', 'latin1'))
    const limit = (count) => execFileSync('prlimit', ['--pid', pid, '--nofile=' + count + ':'])
    limit(fs.readdirSync('/proc/' + pid + '/fd').length + 10)
    const sockets = Array.from({ length: 60 }, () => net.connect(path))
    let refused = 0
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.on('close', () => {
        if (++refused !== 20) return
        limit(soft)
        for (const other of sockets) other.destroy()
        console.log('refused')
      })
    }`
  const child = spawn(process.execPath, ['-e', crowd, path(), String(process.pid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString()).toBe('refused\n')
  await once(child, 'exit')
  while (server.connections > 0) await turns()
  expect(await (await begun(server)).say(2, connect(), helo())).toEqual(['c', 'c'])
})

test('101. connections beyond the bound are hung up on, and the log says so once', async () => {
  const server = await listening(new Witness().filter, { ...manual, limits: { connections: 2 } })
  const peers = [await begun(server), await begun(server)]
  for (let more = 0; more < 5; more++)
    expect(await (await Peer.reach(server.addresses[0])).closed).toEqual([])
  expect(kinds().filter((kind) => kind === 'accept-failed')).toHaveLength(1)
  expect(await peers[0]?.say(1, connect())).toEqual(['c'])
  peers[1]?.socket.destroy()
  while (server.connections > 1) await turns()
  expect(await (await begun(server)).say(1, connect())).toEqual(['c'])
})

test('103. a thousand connections with interleaved packets keep their messages apart', async () => {
  const failures: string[] = []
  const filter: Filter<string[]> = {
    newMessage: () => [],
    rcpt: async (recipient, message) => {
      message.state.push(recipient.argument)
      await turns()
      return CONTINUE
    },
    endOfMessage: (message) => {
      const sender = message.sender.argument
      const expected = [0, 1, 2].map((at) => sender.replace('>', `.${at}>`))
      if (message.state.join() !== expected.join()) failures.push(`${sender}: ${message.state.join()}`)
      return CONTINUE
    },
  }
  const server = await listening(filter)
  const peers = await Promise.all(Array.from({ length: 1000 }, () => begun(server)))
  for (const step of [0, 1]) {
    await Promise.all(peers.map((peer, at) => peer.say(1, mail(`<${at}-${step}>`))))
    for (const n of [0, 1, 2])
      await Promise.all(peers.map((peer, at) => peer.say(1, rcpt(`<${at}-${step}.${n}>`))))
    const ends = await Promise.all(peers.map((peer) => peer.say(1, endOfMessage())))
    expect(ends.every((answers) => answers.join() === 'c')).toBe(true)
  }
  expect(failures).toEqual([])
  expect(server.connections).toBe(1000)
})

test('104. after very many messages on one connection memory is what it was (the full million runs nightly)', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const server = await listening(new Witness({ rcpt: () => CONTINUE, endOfMessage: () => CONTINUE }).filter)
  const peer = await begun(server)
  const batch = Array.from({ length: 100 }, () => [mail(), rcpt('<a@x>'), endOfMessage()]).flat()
  const heap = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) await peer.say(300, ...batch)
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await heap(50)
  expect((await heap(200)) - before).toBeLessThan(3_000_000)
})

test('several listeners are taken all or none', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as { port: number }
  const listeners = [{ spec: path() }, { spec: `inet:${port}@127.0.0.1` }]
  const server = serverFor({}, { listeners })
  await expect(server.listen()).rejects.toThrow(
    `Cannot listen on inet:${port}@127.0.0.1: another program already listens there; stop it, or choose another port.`,
  )
  expect(existsSync(path())).toBe(false)
  blocker.close()
  await once(blocker, 'close')
  await serverFor({}, { listeners }).listen()
})

test('a port of 0 becomes a real one, and every address is served', async () => {
  const listeners = [{ spec: 'inet:0@127.0.0.1' }, { spec: 'inet:127.0.0.1:0' }, { spec: path() }]
  const server = await listening(new Witness().filter, { listeners })
  expect(server.addresses).toHaveLength(3)
  for (const address of server.addresses) {
    const peer = await Peer.reach(address)
    expect(await peer.say(2, offer(), connect())).toHaveLength(2)
  }
  expect(server.addresses[0]).toMatch(/^inet:[1-9]\d*@127\.0\.0\.1$/)
})

test('each way of not being able to listen is one sentence that says what to do', async () => {
  writeFileSync(path('file'), '')
  const cases: [string, string][] = [
    [path('no/such/dir.sock'), `there is no directory ${path('no/such')}; create it first.`],
    [path('file/x.sock'), 'create it first.'],
    ['inet:0@192.0.2.1', 'this machine does not have that address.'],
    ['inet:0@no-such-host.invalid', 'no-such-host.invalid has no IPv4 address here.'],
  ]
  for (const [spec, sentence] of cases) {
    const failure = serverFor({}, { listeners: [{ spec }] }).listen()
    await expect(failure, spec).rejects.toThrow(ListenError)
    await expect(failure, spec).rejects.toThrow(sentence)
  }
})

test('a failure of the library itself closes that connection and is logged as ours', async () => {
  const server = await listening({
    actions: ['replaceBody'],
    endOfMessage: (_message, changes) => {
      changes.replaceBody({ length: 5 } as Buffer)
      return CONTINUE
    },
  })
  const peer = await begun(server)
  await peer.say(1, mail(), endOfMessage())
  await peer.closed
  expect(events.at(-1)).toMatchObject({ kind: 'internal', level: 'error' })
  expect(await (await begun(server)).say(1, mail())).toEqual(['c'])
})

test('answers of one chunk arrive in one piece, all changes and the verdict of a message too', async () => {
  const server = await listening({
    actions: ['addRecipient', 'deleteRecipient', 'addHeader'],
    rcpt: () => CONTINUE,
    endOfMessage: (_message, changes) => {
      changes.deleteRecipient('<a@td.example>')
      changes.addRecipient('<b@x.example>')
      changes.addHeader('X-A', 'v')
      return CONTINUE
    },
  })
  const sizes: number[] = []
  const socket = connectSocket(path())
  socket.on('data', (chunk) => sizes.push(chunk.length))
  await once(socket, 'connect')
  socket.write(wire(offer()))
  while (sizes.length < 1) await turns()
  socket.write(wire(connect(), ...wholeMessage('<a@td.example>', '<c@x.example>')))
  while (sizes.length < 2) await turns()
  socket.destroy()
  expect(sizes[1]).toBe(9 * 5 + 20 + 19 + 11)
  expect(server.addresses).toHaveLength(1)
})
