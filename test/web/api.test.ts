// The routes, against a real HTTP server on a port of its own.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { State } from '../../src/admin/schemas.ts'
import { api, queryText } from '../../web/src/api.ts'
import { awaySeconds, sessionEnded, state } from '../../web/src/state.ts'

type Reply = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let replies: Reply[]
let heard: string[]

const json =
  (status: number, body: unknown): Reply =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
const hangUp: Reply = (request) => request.socket.destroy()

const ready: State = {
  stage: 'ready',
  me: { name: 'dan', role: 'owner', totp: false },
  now: '2026-11-22T10:00:00Z',
  domains: [],
  prefixes: [],
  stillTrying: 0,
  version: '0',
}

beforeEach(async () => {
  replies = []
  heard = []
  server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`)
    ;(replies.shift() ?? json(500, {}))(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  vi.stubGlobal('document', { baseURI: `http://127.0.0.1:${port}/td/addresses?search=x` })
})

afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  state.value = undefined
  sessionEnded.value = false
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

describe('asking the service', () => {
  test('goes below the path prefix of the page, and writes an address so that it stays one segment', async () => {
    replies = [json(200, {})]
    await api.revokeAddress('djb2026112245@td.example.com')
    expect(heard).toEqual(['POST /td/console/addresses/djb2026112245%40td.example.com/revoke'])
  })

  test('leaves empty wishes out of a query', () => {
    expect(queryText({ search: '', state: undefined, limit: 12, prefix: 'a&b' })).toBe(
      '?limit=12&prefix=a%26b',
    )
    expect(queryText()).toBe('')
  })

  test('gives a refusal with its sentence and its field', async () => {
    replies = [json(422, { message: 'Give a mailbox on another domain.', field: 'mailboxes' })]
    expect(await api.changeDomain('td.example.com', {})).toMatchObject({
      ok: false,
      status: 422,
      problem: { message: 'Give a mailbox on another domain.', field: 'mailboxes' },
    })
  })

  test('gives a sentence of its own where the server says nothing that can be read', async () => {
    replies = [(_, response) => response.writeHead(500).end('<html>')]
    const answer = await api.rotateKeys()
    expect(answer.ok ? '' : answer.problem.message).toContain('The server answered 500')
  })

  test('takes an answer that was cut off for no answer to a change, and reports it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    replies = [
      (_, response) =>
        response.writeHead(200, { 'content-length': '90' }).write('{"addr', () => response.destroy()),
    ]
    expect(await api.makeAddresses({ prefix: 'djb' })).toMatchObject({ ok: false, status: 0 })
    await vi.waitFor(() => expect(awaySeconds.value).toBeDefined())
    replies = [json(200, ready)]
    await vi.advanceTimersByTimeAsync(4000)
    await vi.waitFor(() => expect(awaySeconds.value).toBeUndefined())
  })

  test('asks for what is only read until the server answers, and counts the seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    replies = [hangUp, json(200, ready), json(200, { keys: [] })]
    const answer = api.keys()
    await vi.waitFor(() => expect(awaySeconds.value).toBe(4))
    await vi.advanceTimersByTimeAsync(4000)
    await vi.waitFor(() => expect(awaySeconds.value).toBeUndefined())
    expect(await answer).toEqual({ ok: true, value: { keys: [] } })
    expect(heard).toEqual(['GET /td/console/keys', 'GET /td/console/state', 'GET /td/console/keys'])
  })

  test('keeps a request that came after the end of the session, and sends it again after the sign-in', async () => {
    state.value = ready
    replies = [json(401, { message: 'Sign in first.' }), json(200, { keys: [] })]
    const answer = api.keys()
    await vi.waitFor(() => expect(sessionEnded.value).toBe(true))
    expect(heard).toHaveLength(1)
    sessionEnded.value = false
    expect(await answer).toEqual({ ok: true, value: { keys: [] } })
  })

  test('a wrong password is an answer, not the end of a session', async () => {
    state.value = ready
    replies = [json(401, { message: 'No.', needsCode: true })]
    expect(await api.signIn({ name: 'dan', password: 'x' })).toMatchObject({
      status: 401,
      problem: { needsCode: true },
    })
    expect(sessionEnded.value).toBe(false)
  })

  test('a request that is given up answers at once, whatever became of it', async () => {
    const giveUp = new AbortController()
    replies = [() => giveUp.abort()]
    expect(await api.explain({ text: 'x' }, giveUp.signal)).toMatchObject({ ok: false, status: -1 })
    expect(awaySeconds.value).toBeUndefined()
  })
})
