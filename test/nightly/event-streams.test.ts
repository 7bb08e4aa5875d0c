// Ten thousand browsers that want to look at the same time, unless STREAMS says otherwise, on the compiled service, while
// mail flows. What holds exactly: 200 look, and whoever else gets a connection is told when to come back. Only beyond the
// 1,000 connections that the console serves at one time is anybody hung up on without a word.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWitnessed, type Witness } from '../hostile/witness.ts'
import { eventually } from '../support/mta/eventually.ts'
import type { Service } from '../support/mta/service.ts'

const STREAMS = Number(process.env['STREAMS'] ?? 10_000)
const OPEN = 200
const CONNECTIONS = 1000
/** How many ask at one time: with those that look, and some that are just being closed, fewer than there is room for. */
const AT_ONCE = 700
/** Connections of other requests of this test that the console may still hold open. */
const OTHERS = 8
const PASSWORD = 'correct horse battery'

let port: number
let service: Service
let witness: Witness
const sockets: Socket[] = []

beforeAll(async () => {
  ;({ port, service, witness } = await startWitnessed())
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await witness?.stop()
  await service?.remove()
})

/** The cookie of somebody who has signed in. */
async function signedIn(): Promise<string> {
  await service.said('with the code ')
  const [, code = ''] = /with the code (\S+)/.exec(service.output) ?? []
  const answer = await fetch(`http://127.0.0.1:${port}/console/set-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify({ code, name: 'ada', password: PASSWORD }),
  })
  expect(answer.status, await answer.clone().text()).toBe(200)
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

function reach(): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket.setEncoding('latin1'))
  return socket
}

/** How the console answered, in words. A refused one has given its connection back when this resolves. */
async function look(cookie: string): Promise<string> {
  const socket = reach()
  socket.write(`GET /console/activity/stream HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`)
  const closed = once(socket, 'close')
  const first = await Promise.race([once(socket, 'data'), closed.then(() => [''])])
  const head = String(first[0])
  if (head.startsWith('HTTP/1.1 200 ')) return 'open'
  await closed
  if (/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 30\r\n/i.test(head)) return 'told to come back'
  return head === '' ? 'hung up on' : head.slice(0, 12)
}

function counted(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

test(`${STREAMS} event streams, ${AT_ONCE} at once: ${OPEN} are open, all others get 503 with Retry-After, and mail flows`, async () => {
  const cookie = await signedIn()
  const answers: string[] = []
  const flood = Promise.all(
    Array.from({ length: AT_ONCE }, async (_, first) => {
      for (let count = first; count < STREAMS; count += AT_ONCE) answers.push(await look(cookie))
    }),
  )
  await witness.expectsPromptness(2)
  await flood
  process.stdout.write(`${JSON.stringify(counted(answers))}\n`)
  expect(counted(answers)).toEqual({ open: OPEN, 'told to come back': STREAMS - OPEN })
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
})

test(`beside them, more connections than ${CONNECTIONS} in all: those beyond are closed at once, the others kept`, async () => {
  const beyond = 300
  let hungUpOn = 0
  const idle = Array.from({ length: CONNECTIONS - OPEN + beyond }, () =>
    reach().once('close', () => hungUpOn++),
  )
  await eventually('those that are hung up on', () => (hungUpOn >= beyond ? true : undefined))
  await witness.expectsPromptness(0.5)
  process.stdout.write(`${hungUpOn} of ${idle.length} hung up on\n`)
  expect(hungUpOn).toBeLessThanOrEqual(beyond + OTHERS)
  for (const socket of idle) socket.destroy()
  const served = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ status }) => status === 200 || undefined,
      () => undefined,
    )
  await eventually('an answer to somebody new', served)
})
