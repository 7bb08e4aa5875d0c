// The console under a flood, while mail flows beside it: mail keeps its reply times.

import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, onTestFinished, test } from 'vitest'
import { eventually } from '../support/mta/eventually.ts'
import { freePorts } from '../support/mta/free-ports.ts'
import { Service } from '../support/mta/service.ts'
import { Witness } from './witness.ts'

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
  const [free = 0] = await freePorts(1)
  port = free
  service = await Service.inNewFolder({ port })
  await service.makeDatabase()
  await service.start()
  witness = await Witness.beside(service)
})

afterAll(async () => {
  await witness?.stop()
  await service?.remove()
})

const BODY = JSON.stringify({ name: 'ada', password: 'not the right one' })
const HEAD = 'HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n'

test.each([
  ['the page', `GET / ${HEAD}\r\n`, 50],
  ['figures', `GET /metrics ${HEAD}\r\n`, 20],
  ['health, which asks the database', `GET /readyz ${HEAD}\r\n`, 50],
  [
    'passwords, which take 60 ms each to try',
    `POST /console/session ${HEAD}Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    50,
  ],
  ['more connections than there is room for', `GET /console/activity/stream ${HEAD}\r\n`, 1500],
])('asked for %s without end, mail is answered as promptly as before', async (_, request, connections) => {
  let answers = 0
  const worker = new Worker(FLOOD, { eval: true, workerData: { port, request, connections } })
  worker.on('message', (count: number) => {
    answers = count
  })
  onTestFinished(async () => {
    await worker.terminate()
  })
  await eventually('the flood', () => (answers > 0 ? true : undefined))
  await witness.expectsPromptness(0.8)
  await eventually('more of the flood', () => (answers > 10 ? true : undefined))
})
