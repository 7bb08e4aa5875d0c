// Requests that two readers could cut differently, slow ones, and thousands at once, on a real socket. Behind every first
// request lies a second one, and nobody may ever answer that.

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Console, sharedConsole } from '../admin/console.ts'
import { exchangeWith, statuses } from '../admin/raw-http.ts'

const shared = sharedConsole({}, async (console) => {
  await console.furnish()
  // Ten seconds and thirty in earnest: test/admin/wire.test.ts.
  Object.assign(console.app.server, { headersTimeout: 400, requestTimeout: 800 })
  await console.listen()
})

const port = (console: Console): number => (console.app.server.address() as { port: number }).port
const exchange = (text: string): Promise<string> => exchangeWith(port(shared()), text)

const SECOND = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const POST =
  'POST /console/session HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n'

const SMUGGLED: readonly (readonly [what: string, text: string])[] = [
  ['chunks and a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SECOND}`],
  [
    'a length and chunks',
    `${POST}Content-Length: ${SECOND.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
  ],
  ['two lengths', `${POST}Content-Length: 0\r\nContent-Length: ${SECOND.length}\r\n\r\n${SECOND}`],
  ['two equal lengths in one field', `${POST}Content-Length: 0, 0\r\n\r\n${SECOND}`],
  ['a length with a sign', `${POST}Content-Length: +0\r\n\r\n${SECOND}`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n${SECOND}`],
  ['a hexadecimal length', `${POST}Content-Length: 0x0\r\n\r\n${SECOND}`],
  ['a length beyond all bounds', `${POST}Content-Length: 18446744073709551616\r\n\r\n${SECOND}`],
  ['chunks twice', `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${SECOND}`],
  ['chunks and something else', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SECOND}`],
  ['chunks in quotes', `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${SECOND}`],
  ['chunks after a tab', `${POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${SECOND}`],
  ['a blank before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SECOND}`],
  ['a folded field', `${POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n${SECOND}`],
  ['a field that begins with a blank', `GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n${SECOND}`],
  ['lines without CR', POST.replaceAll('\r\n', '\n').concat(`Content-Length: 0\n\n${SECOND}`)],
  ['lines without LF', POST.replaceAll('\r\n', '\r').concat(`Content-Length: 0\r\r${SECOND}`)],
  ['a NUL in a name', `${POST}Content-\0Length: 0\r\n\r\n${SECOND}`],
  ['a chunk longer than it says', `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${SECOND}`],
  ['a chunk with a negative size', `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n${SECOND}`],
  [
    'a chunk with a size of many digits',
    `${POST}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(20)}1${'f'.repeat(16)}\r\na\r\n0\r\n\r\n${SECOND}`,
  ],
  ['chunks that end in LF alone', `${POST}Transfer-Encoding: chunked\r\n\r\n0\n\n${SECOND}`],
  ['a protocol that is none', `GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n${SECOND}`],
  ['two hosts', `GET /healthz HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n${SECOND}`],
  ['no host', `GET /healthz HTTP/1.1\r\n\r\n${SECOND}`],
]

test.each(SMUGGLED)('%s: refused, and what lies behind is not looked at', async (_, text) => {
  const heard = statuses(await exchange(text))
  expect(heard.length).toBeLessThanOrEqual(1)
  for (const status of heard) expect(status).toBe(400)
})

test.each([
  ['a field of 100 KB', `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(100_000)}\r\n\r\n`, [431]],
  ['a path of 100 KB', `GET /${'b'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, [431]],
  ['ten thousand fields', `GET /healthz HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(10_000)}\r\n`, [431]],
  [
    'a chunk extension of 100 KB',
    `${POST}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(100_000)}\r\na\r\n0\r\n\r\n`,
    [400, 413],
  ],
])('%s: refused', async (_, text, expected) => {
  const heard = statuses(await exchange(text))
  expect(heard).toHaveLength(1)
  // Which of them depends on the version of Node.
  expect(expected).toContain(heard[0])
})

test('a head or a body that never comes is waited for as long as the deadline, and no longer', async () => {
  const began = performance.now()
  const heard = await Promise.all([
    exchange('POST /console/session HTTP/1.1\r\nHost: x\r\nA: '),
    exchange(`${POST}Content-Length: 50\r\n\r\n{"name":`),
    exchange(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n{"nam`),
  ])
  expect(heard.map(statuses)).toEqual([[408], [408], [408]])
  // The server looks at its deadlines every 5 s.
  expect(performance.now() - began).toBeLessThan(20_000)
})

test('of 400 event streams asked for at once 200 are open, the others are told to come back', async () => {
  const console = await Console.open()
  await console.furnish()
  await console.listen()
  const { cookie = '' } = await console.signIn('dan')
  const head = `GET /console/activity/stream HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`
  const counts = { open: 0, refused: 0 }
  await Promise.all(
    Array.from({ length: 400 }, async () => {
      const socket = connect(port(console), '127.0.0.1').on('error', () => undefined)
      onTestFinished(() => void socket.destroy())
      socket.write(head)
      const [first] = (await once(socket.setEncoding('latin1'), 'data')) as [string]
      if (first.startsWith('HTTP/1.1 200 ')) counts.open++
      else if (/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 30\r\n/i.test(first)) {
        counts.refused++
        // The refused ones give their sockets back, so that others get in.
        if (!socket.closed) await once(socket, 'close')
      }
    }),
  )
  expect(counts).toEqual({ open: 200, refused: 200 })
  const answer = await fetch(`http://127.0.0.1:${port(console)}/healthz`)
  expect(answer.status).toBe(200)
})
