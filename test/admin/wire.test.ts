// What only a real socket shows: requests that are slow, broken, or mean different things to different readers.

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PASSWORD, sharedConsole } from './console.ts'
import { exchangeWith, statuses } from './raw-http.ts'

const shared = sharedConsole({}, async (console) => {
  await console.furnish()
  await console.listen()
})

const port = (): number => (shared().app.server.address() as { port: number }).port
const exchange = (text: string, to = port()): Promise<string> => exchangeWith(to, text)

describe('a request that two readers could cut differently', () => {
  test.each([
    [
      'two lengths',
      'POST /console/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    ],
    [
      'a length and chunks',
      'POST /console/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    [
      'chunks under another name',
      'POST /console/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    ],
    ['a blank before the colon', 'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n'],
    [
      'a folded field',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c: d\r\nContent-Length : 5\r\n\r\nhello',
    ],
    [
      'a length that is no number',
      'POST /console/session HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello',
    ],
    ['a NUL in a field', 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n'],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
  ])('for %s is answered once at most, and never well', async (_case, text) => {
    const heard = statuses(await exchange(text))
    expect(heard.length).toBeLessThanOrEqual(1)
    if (_case !== 'two hosts') for (const status of heard) expect(status).toBe(400)
  })
})

describe('a request', () => {
  test('with too long a head is refused', async () => {
    const text = `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(40_000)}\r\n\r\n`
    expect(statuses(await exchange(text))).toEqual([431])
  })

  test('with an unknown method is refused', async () => {
    const [status = 0] = statuses(
      await exchange('PURGE /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    )
    expect([400, 404, 405]).toContain(status)
  })

  test('may name the whole address, as to a proxy', async () => {
    const heard = await exchange('GET http://x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(statuses(heard)).toEqual([200])
  })

  test('whose path cannot be read is refused with a sentence, and other origins may read it', async () => {
    const heard = await exchange('GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(statuses(heard)).toEqual([400])
    expect(heard).toMatch(/\r\naccess-control-allow-origin: \*\r\n/i)
    expect(heard).toContain('{"message":"The path cannot be read."}')
  })

  test('with a body of 1 MB is refused before it is read', async () => {
    const head =
      'POST /console/session HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n'
    const text = `${head}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`
    expect(statuses(await exchange(text))).toEqual([413])
  })

  test('of a stranger is refused without waiting for its body', async () => {
    const head =
      'POST /console/addresses HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n'
    const text = `${head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n`
    expect(statuses(await exchange(text))).toEqual([401])
  })

  test('that drips in does not keep others waiting', async () => {
    const sockets = Array.from({ length: 50 }, () =>
      connect(port(), '127.0.0.1').on('error', () => undefined),
    )
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    for (const socket of sockets) socket.write('POST /console/session HTTP/1.1\r\nHost: x\r\nContent-Le')
    const answer = await fetch(`http://127.0.0.1:${port()}/healthz`)
    expect(answer.status).toBe(200)
  })

  test('is given ten seconds for its head and thirty for all of it', () => {
    const { headersTimeout, requestTimeout, maxConnections } = shared().app.server
    expect([headersTimeout, requestTimeout, maxConnections]).toEqual([10_000, 30_000, 1000])
  })
})

describe('header fields over a real port', () => {
  const behind = sharedConsole(
    { publicUrl: 'https://td.example.com', trustedProxies: ['127.0.0.1'] },
    async (console) => {
      await console.furnish()
      await console.listen()
    },
  )
  /** As nginx passes it on. */
  const FORWARDED = {
    Host: 'td.example.com',
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'td.example.com',
  }
  async function ask(line: string, fields: Readonly<Record<string, string>>, body = ''): Promise<string> {
    const { port: to } = behind().app.server.address() as { port: number }
    const all = { Connection: 'close', ...fields, ...(body === '' ? {} : JSON_FIELDS(body)) }
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return exchange(`${line} HTTP/1.1\r\n${head.join('')}\r\n${body}`, to)
  }
  const JSON_FIELDS = (body: string) => ({
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
  })
  const signIn = (fields: Readonly<Record<string, string>>): Promise<string> =>
    ask('POST /console/session', fields, JSON.stringify({ name: 'dan', password: PASSWORD }))

  test.each([
    ['td.example.com', 200],
    ['TD.example.com:443', 200],
    ['localhost:8896', 200],
    ['127.0.0.1:8896', 200],
    ['[::1]:8896', 200],
    ['evil.example', 421],
    ['td.example.com.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ])('a request under the name %s is answered with %i', async (Host, status) => {
    expect(statuses(await ask('GET /console/state', { Host }))).toEqual([status])
    // What the web server says that the browser asked for counts.
    expect(statuses(await ask('GET /console/state', { ...FORWARDED, 'X-Forwarded-Host': Host }))).toEqual([
      status,
    ])
  })

  test.each([
    [{ Origin: 'https://td.example.com' }, 200],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{}, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'https://www.td.example.com' }, 403],
    [{ Origin: 'http://td.example.com' }, 403],
    [{ Origin: 'https://td.example.com', 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
  ])('a change from a page of %j is answered with %i', async (fields, status) => {
    expect(statuses(await signIn({ ...FORWARDED, ...fields }))).toEqual([status])
  })

  test('the cookie is for https and this host alone, and the session is that of the browser behind', async () => {
    const heard = await signIn({ ...FORWARDED, 'Sec-Fetch-Site': 'same-origin' })
    const [, cookie = ''] =
      /\r\nset-cookie: (__Host-timedelay=[\w-]{43}); Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict\r\n/i.exec(
        heard,
      ) ?? []
    const sessions = await ask('GET /console/sessions', { ...FORWARDED, Cookie: cookie })
    expect(statuses(sessions)).toEqual([200])
    expect(sessions).toContain('"client":"203.0.113.9"')
  })

  test('X-Forwarded-* of nobody who is trusted change nothing', async () => {
    const body = JSON.stringify({ name: 'dan', password: PASSWORD })
    const fields = Object.entries({
      ...FORWARDED,
      Host: 'x',
      'Sec-Fetch-Site': 'same-origin',
      ...JSON_FIELDS(body),
    })
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const heard = await exchange(`POST /console/session HTTP/1.1\r\nConnection: close\r\n${head}\r\n${body}`)
    expect(heard).toMatch(/\r\nset-cookie: timedelay=(?!.*Secure)/i)
    const [, cookie = ''] = /set-cookie: ([^;]+)/i.exec(heard) ?? []
    const sessions = await exchange(
      `GET /console/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`,
    )
    expect(sessions).toContain('"client":"127.0.0.1"')
    expect(sessions).not.toContain('203.0.113.9')
  })
})
