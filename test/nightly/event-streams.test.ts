// Ten thousand browsers that want to look at the same time, on the compiled service, while mail flows.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Witness } from '../hostile/witness.ts'
import { freePorts } from '../support/mta/free-ports.ts'
import { Service } from '../support/mta/service.ts'

const STREAMS = 10_000
const PASSWORD = 'correct horse battery'

/** How the console answered: the status, or nothing where it hung up without one. */
async function open(port: number, cookie: string, sockets: Socket[]): Promise<number | undefined> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  socket.write(`GET /console/activity/stream HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`)
  socket.setEncoding('latin1')
  const first = once(socket, 'data').then(([text]) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(String(text))?.[1]))
  return Promise.race([first, once(socket, 'close').then(() => undefined)])
}

test(`${STREAMS} event streams: 200 are open, the others are told to come back or hung up on, and mail flows`, async () => {
  const [port = 0] = await freePorts(1)
  const service = await Service.inNewFolder({ port })
  const sockets: Socket[] = []
  let witness: Witness | undefined
  try {
    await service.makeDatabase()
    await service.start()
    await service.said('with the code ')
    const [, code = ''] = /with the code (\S+)/.exec(service.output) ?? []
    const answer = await fetch(`http://127.0.0.1:${port}/console/set-up`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
      body: JSON.stringify({ code, name: 'ada', password: PASSWORD }),
    })
    expect(answer.status, await answer.clone().text()).toBe(200)
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
    witness = await Witness.beside(service)
    const statuses: (number | undefined)[] = []
    const flood = (async () => {
      // As fast as one process can; so many at once that there is never a pause.
      await Promise.all(
        Array.from({ length: 800 }, async (_, first) => {
          for (let count = first; count < STREAMS; count += 800)
            statuses.push(await open(port, cookie, sockets))
        }),
      )
    })()
    await witness.expectsPromptness(2)
    await flood
    const count = (status: number | undefined) => statuses.filter((one) => one === status).length
    process.stdout.write(
      `${count(200)} open, ${count(503)} told to come back, ${count(undefined)} hung up on\n`,
    )
    expect(statuses).toHaveLength(STREAMS)
    expect(count(200)).toBe(200)
    // 408: on a busy machine a request may wait for longer than its head is given.
    expect(new Set([200, 503, 408, undefined, ...statuses]).size).toBe(4)
    expect(count(503)).toBeGreaterThan(STREAMS / 2)
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
  } finally {
    await witness?.stop()
    for (const socket of sockets) socket.destroy()
    await service.remove()
  }
})
