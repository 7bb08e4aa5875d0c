// The console under a flood, while mail flows beside it: mail keeps its reply times.

import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { Load } from '../e2e/load.ts'
import { eventually } from '../support/mta/eventually.ts'
import type { Mta } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { startPostfix } from '../support/mta/postfix.ts'
import type { Service } from '../support/mta/service.ts'
import { figures, percentile, startWitnessed, type Witness } from './witness.ts'

vi.setConfig({ testTimeout: 60_000 })
const missing = await mailServersMissing('postfix')
/** What Postfix brings, once without a flood and once with it. */
const MESSAGES = 60

/** Runs in a thread of its own: the same request again and again, on so many connections; counts the answers. */
const FLOOD = `
const { connect } = require('node:net')
const { parentPort, workerData: { port, request, connections } } = require('node:worker_threads')
let answers = 0
const begin = () => {
  const socket = connect(port, '127.0.0.1', () => socket.write(request))
  socket.on('error', () => {})
  socket.on('data', () => {
    answers++
    if (!request.includes('stream')) socket.write(request)
  })
  socket.on('close', () => setTimeout(begin, 5))
}
for (let at = 0; at < connections; at++) begin()
setInterval(() => parentPort.postMessage(answers), 50)
`

let port: number
let service: Service
let witness: Witness

beforeAll(async () => {
  ;({ port, service, witness } = await startWitnessed())
})

afterAll(async () => {
  await witness?.stop()
  await service?.remove()
})

/** Asks the same without end, on so many connections, until the test is over; waits for so many more answers. */
function flood(request: string, connections: number): (count: number) => Promise<true> {
  let answers = 0
  const worker = new Worker(FLOOD, { eval: true, workerData: { port, request, connections } })
  worker.on('message', (count: number) => {
    answers = count
  })
  onTestFinished(async () => {
    await worker.terminate()
  })
  return (count) => {
    const enough = answers + count
    return eventually('the flood', () => (answers >= enough ? true : undefined))
  }
}

/** Brings mail, counts it when it is delivered, and tells how long each reply took. */
async function delivered(mta: Mta): Promise<readonly number[]> {
  await mta.clear()
  const load = new Load(mta, { messages: MESSAGES })
  await load.run()
  expect(load.putOff).toBe(0)
  await load.expectAllDelivered()
  return load.times
}

const BODY = JSON.stringify({ name: 'ada', password: 'not the right one' })
const HEAD = 'HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n'
const PAGE = `GET / ${HEAD}\r\n`
const READINESS = `GET /readyz ${HEAD}\r\n`
const PASSWORDS = `POST /console/session ${HEAD}Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`

test.each([
  ['the page', PAGE, 50],
  ['figures', `GET /metrics ${HEAD}\r\n`, 20],
  ['health, which asks the database', READINESS, 50],
  ['passwords, which take 60 ms each to try', PASSWORDS, 50],
  ['more connections than there is room for', `GET /console/activity/stream ${HEAD}\r\n`, 1500],
])(
  'asked for %s without end, mail is answered within 10 ms of an echo (p50; p90: of twice an echo)',
  async (_, request, connections) => {
    const answered = flood(request, connections)
    await answered(1)
    await witness.expectsPromptness(0.8)
    await answered(10)
  },
)

test.skipIf(missing)(
  'asked for everything at once, the mail that Postfix brings is delivered as before: none lost, misdirected or put off, foreign mail untouched',
  async () => {
    const mta = await startPostfix({ milter: service.spec })
    onTestFinished(() => mta.stop())
    const quiet = await delivered(mta)
    const answered = [flood(PAGE, 50), flood(READINESS, 50), flood(PASSWORDS, 50)]
    await Promise.all(answered.map((some) => some(1)))
    const flooded = await delivered(mta)
    await Promise.all(answered.map((some) => some(10)))
    process.stdout.write(
      `SMTP replies through Postfix: without the flood ${figures(quiet)}, with it ${figures(flooded)}\n`,
    )
    // Lax, for the flood and Postfix share the processors: a filter that waited for the console would wait for seconds.
    expect(percentile(flooded, 0.5)).toBeLessThan(10 * percentile(quiet, 0.5) + 100)
    expect(percentile(flooded, 0.99)).toBeLessThan(5000)
  },
)
