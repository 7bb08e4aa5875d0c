// The conformance tests of the password managers' contracts, by their numbers in the reference, over a real port.

import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aliasId } from '../../../src/admin/api/alias-id.ts'
import { Judge } from '../../../src/filter/judge.ts'
import { RecipientFilter } from '../../../src/filter/recipient-filter.ts'
import { MilterServer } from '../../../src/milter/index.ts'
import { formatSmtpReply, simulate } from '../../../src/milter/simulator/index.ts'
import { granted, sharedConsole, TD } from '../console.ts'

const shared = sharedConsole({}, async (console) => {
  await console.furnish()
  granted(await console.services.prefixes.change('djb', { maxDays: 95, defaultDays: 30 }, TD))
  await console.listen()
})
let base = ''
beforeAll(() => {
  const { port } = shared().app.server.address() as { port: number }
  base = `http://127.0.0.1:${port}`
})

/** The filter beside the console, on the same database, as a mail server meets it. */
let milter: MilterServer<unknown>
const faults: string[] = []
beforeAll(async () => {
  const { store } = shared()
  const clock = (): number => shared().now
  const filter = new RecipientFilter({
    judge: new Judge(store, clock),
    clock,
    recorder: { record: () => undefined },
    refusalCode: 551,
    onVerdict: () => undefined,
    onFault: (fault, doing) => faults.push(`${doing}: ${String(fault)}`),
  })
  milter = new MilterServer({ filter, listeners: [{ spec: 'inet:0@127.0.0.1' }] })
  await milter.listen()
})
afterAll(async () => {
  await milter.stop(1000)
  expect(faults).toEqual([])
})

/** Where the mail server would deliver a message, or what it tells the sender. */
async function mailTo(address: string): Promise<string> {
  const spec = milter.addresses[0] ?? ''
  const { messages } = await simulate({ milter: spec, messages: [{ to: [address] }] })
  const [{ recipients, end } = { recipients: [], end: undefined }] = messages
  if (end?.outcome === 'accepted') return end.envelope.recipients.join(' ').replace(/[<>]/g, '')
  return recipients.map(({ reply }) => formatSmtpReply(reply)).join(' ')
}

/** Each test has a token of its own: limits count by token. */
const aToken = (prefix = 'djb', person = 'dan'): Promise<string> => shared().token(person, prefix, 45)

interface Resource {
  readonly id: string
  readonly local_part: string
  readonly domain: string
  readonly email: string
  readonly description: string | null
  readonly expires_at: string
  readonly active: boolean
}

async function call(
  method: string,
  path: string,
  token: string | undefined,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const answer = await fetch(`${base}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  // 22: no page, no redirect, no cookie, and the other origins may read it, whatever the answer is.
  expect(await answer.clone().text()).not.toContain('<')
  expect(answer.headers.get('location')).toBeNull()
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  return answer
}

const create = (token: string | undefined, body: unknown, headers?: Readonly<Record<string, string>>) =>
  call('POST', '/api/v1/aliases', token, body, headers)

async function created(token: string, body: unknown): Promise<Resource> {
  const answer = await create(token, body)
  expect(answer.status, await answer.clone().text()).toBe(201)
  return ((await answer.json()) as { data: Resource }).data
}

const daysOf = ({ local_part: part }: Pick<Resource, 'local_part'>): number => Number(part.slice(11, 13))
const records = () => granted0(shared().services.book.page({ limit: 1 }))
async function granted0<T>(answer: Promise<Parameters<typeof granted<T>>[0]>): Promise<T> {
  return granted(await answer)
}

describe('1. a preflight', () => {
  test.each(['/api/v1/aliases', '/api/alias/random/new', '/api/v1/active-aliases/x', '/api/nothing'])(
    'for %s is answered without a token',
    async (path) => {
      const answer = await call('OPTIONS', path, undefined, undefined, {
        origin: 'moz-extension://1',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      })
      expect(answer.status).toBe(204)
      expect(answer.headers.get('access-control-allow-methods')).toBe(
        'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      )
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
    },
  )

  test('for the console is not: it is nobody else’s', async () => {
    const answer = await fetch(`${base}/console/state`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('2. an address', () => {
  test('is made, has the members of addy.io, and its site is recorded', async () => {
    const token = await aToken()
    const data = await created(token, {
      domain: TD,
      description: 'Website: example.com. Generated by Bitwarden.',
    })
    expect(data).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      aliasable_id: null,
      aliasable_type: null,
      local_part: expect.stringMatching(/^djb2026112245[a-z0-9]{9}$/),
      extension: null,
      domain: TD,
      email: `${data.local_part}@${TD}`,
      active: true,
      pinned: false,
      description: 'Website: example.com. Generated by Bitwarden.',
      from_name: null,
      attached_recipients_only: false,
      emails_forwarded: 0,
      emails_blocked: 0,
      emails_replied: 0,
      emails_sent: 0,
      recipients: [],
      labels: [],
      last_forwarded: null,
      last_blocked: null,
      last_replied: null,
      last_sent: null,
      created_at: '2026-11-22 11:15:00',
      updated_at: '2026-11-22 11:15:00',
      deleted_at: null,
      // Midnight in Berlin after its 45 days.
      expires_at: '2027-01-05 23:00:00',
    })
    expect(granted(await shared().services.book.show(data.email)).site).toBe('example.com')
  })
})

describe('3. the path', () => {
  test.each(['//api/v1/aliases', '/api//v1///aliases', '/api/v1/aliases/', '//api/v1/aliases/'])(
    'may be %s',
    async (path) => {
      expect((await call('POST', path, await aToken(), { domain: TD })).status).toBe(201)
    },
  )
})

test('4. no header is needed but the token and the type', async () => {
  const { port } = new URL(base)
  const request = httpRequest({
    port,
    method: 'POST',
    path: '/api/v1/aliases',
    headers: { authorization: `Bearer ${await aToken()}`, 'content-type': 'application/json; charset=utf-8' },
  })
  request.end(JSON.stringify({ domain: TD }))
  const [response] = await once(request, 'response')
  response.resume()
  expect(response.statusCode).toBe(201)
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.headers['cache-control']).toBe('no-store')
})

describe('5. a token', () => {
  test.each([
    undefined,
    '',
    'x'.repeat(48),
    'td1',
    'A'.repeat(5000),
    '%00',
    'ö'.codePointAt(0)?.toString() ?? '',
  ])('%j is none', async (token) => {
    const answer = await create(token, { domain: 'gmail.com' })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toEqual({ message: 'Unauthenticated.' })
  })

  test('that was revoked is none', async () => {
    const secret = await aToken()
    const [token] = await shared().services.tokens.list()
    granted(await shared().services.tokens.revoke(token?.id ?? 0))
    expect((await create(secret, { domain: TD })).status).toBe(401)
  })

  test('of a disabled owner is known, and may do nothing', async () => {
    await shared().addPerson('kim', 'owner')
    granted(await shared().services.prefixes.add('kim', { mailboxes: ['kim@example.com'], owner: 'kim' }, TD))
    const token = await aToken('kim', 'kim')
    expect((await create(token, { domain: TD })).status).toBe(201)
    granted(await shared().services.people.change('kim', { enabled: false }))
    const answer = await create(token, { domain: TD })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toEqual({ message: 'This token may not create addresses.' })
  })

  test('of a disabled prefix may make nothing', async () => {
    granted(await shared().services.prefixes.add('off', { mailboxes: ['off@example.com'], owner: 'dan' }, TD))
    const token = await aToken('off')
    granted(await shared().services.prefixes.change('off', { enabled: false }, TD))
    expect((await create(token, { domain: TD })).status).toBe(403)
  })
})

describe('6. the token', () => {
  test('may have blanks around it, and stand in either header', async () => {
    const token = await aToken()
    for (const headers of [
      { authorization: `Bearer  ${token} ` },
      { authorization: `bearer ${token}` },
      { authorization: token },
      { authentication: token },
      { authentication: `Bearer ${token}` },
    ]) {
      expect((await create(undefined, { domain: TD }, headers)).status, JSON.stringify(headers)).toBe(201)
    }
    const both = await create(undefined, { domain: TD }, { authorization: 'Bearer x', authentication: token })
    expect(both.status).toBe(401)
  })
})

describe('7. the domain', () => {
  test.each(['TD.Example.COM', ' td.example.com ', '@td.example.com', 'td.example.com.', '', 'random', null])(
    'may be %j',
    async (domain) => {
      expect((await created(await aToken(), { domain })).domain).toBe(TD)
    },
  )
  test('may be absent', async () => {
    expect((await created(await aToken(), {})).domain).toBe(TD)
  })
  test.each([
    'gmail.com',
    'evil.td.example.com',
    'td.example.com.evil.example',
    'td.example.com/',
    '0x7f',
    '\u0000',
  ])('cannot be %j', async (domain) => {
    const answer = await create(await aToken(), { domain })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toEqual({
      message: 'The selected domain is invalid.',
      errors: { domain: ['The selected domain is invalid.'] },
    })
  })
})

describe('8. a lifetime in front of the domain', () => {
  test.each([
    ['90.td.example.com', 90],
    ['90d.td.example.com', 90],
    ['@1.TD.example.com.', 1],
  ])('%s counts', async (domain, days) => {
    const data = await created(await aToken(), { domain })
    expect([daysOf(data), data.domain]).toEqual([days, TD])
  })
  test.each([
    '0.td.example.com',
    '99999.td.example.com',
    '100.td.example.com',
    '96.td.example.com',
    '-1.td.example.com',
  ])('%s is refused', async (domain) => {
    const answer = await create(await aToken(), { domain })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toHaveProperty('errors.domain.0')
  })
})

test('8. a maximum that was lowered since caps what the token makes by itself, and only that', async () => {
  const { prefixes } = shared().services
  granted(await prefixes.add('cap', { mailboxes: ['c@example.com'], owner: 'dan', maxDays: 60 }, TD))
  const token = await aToken('cap')
  granted(await prefixes.change('cap', { maxDays: 20, defaultDays: 10 }, TD))
  expect(daysOf(await created(token, { domain: TD }))).toBe(20)
  expect((await call('POST', '/api/alias/random/new', token)).status).toBe(201)
  expect(daysOf(await created(token, { domain: `20.${TD}` }))).toBe(20)
  const beyond = await create(token, { domain: `21.${TD}` })
  expect(beyond.status).toBe(422)
  expect(await beyond.json()).toHaveProperty('errors.domain.0')
})

describe('9. a description', () => {
  test('is cut at 200 characters', async () => {
    const { description, email } = await created(await aToken(), { domain: TD, description: 'ä'.repeat(300) })
    expect(description).toBe('ä'.repeat(200))
    expect(granted(await shared().services.book.show(email)).note).toBe('ä'.repeat(200))
  })
  test.each([null, '', undefined])('may be %j', async (description) => {
    expect((await created(await aToken(), { domain: TD, description })).description).toBeNull()
  })
  test('is one line without control characters', async () => {
    const { description } = await created(await aToken(), { domain: TD, description: 'a\r\nb\u0000\u001bc' })
    expect(description).toBe('a bc')
  })
  test('leaves no record when there is none', async () => {
    const before = (await records()).total
    await created(await aToken(), { domain: TD })
    expect((await records()).total).toBe(before)
  })
})

describe('10. other members', () => {
  test('are ignored when they are unknown, or mean nothing here', async () => {
    const body = {
      domain: TD,
      format: 'random_words',
      local_part: '',
      recipient_ids: [],
      more: { x: 1 },
      y: null,
    }
    await created(await aToken(), body)
  })
  test('give a lifetime', async () => {
    const data = await created(await aToken(), { domain: TD, format: 'custom', local_part: '14' })
    expect(daysOf(data)).toBe(14)
  })
  test('give an address that was made elsewhere, to be remembered', async () => {
    const description = 'told at the counter'
    const body = { domain: TD, format: 'custom', local_part: 'DJB2026112020', description }
    const data = await created(await aToken(), body)
    expect(data.email).toBe(`djb2026112020@${TD}`)
    expect(granted(await shared().services.book.show(data.email)).note).toBe(description)
  })
  test.each([
    ['local_part', { format: 'custom', local_part: 'bob' }],
    ['local_part', { format: 'custom', local_part: '' }],
    ['local_part', { format: 'custom' }],
    ['local_part', { format: 'custom', local_part: '100' }],
    ['local_part', { format: 'custom', local_part: 'joe2026112020' }],
    ['local_part', { format: 'custom', local_part: 'djb2026112020zzzzzz' }],
    ['local_part', { format: 'custom', local_part: 'djb2020010110' }],
    ['local_part', { format: 'custom', local_part: 'djb2026112020@evil.example' }],
    ['local_part', { format: 'custom', local_part: 14 }],
    ['format', { format: 'nonsense' }],
    ['format', { format: 1 }],
    ['recipient_ids', { recipient_ids: ['6c0b4f0e-6a0c-5d3b-9b1e-0f6f0c1a2b3c'] }],
    ['recipient_ids', { recipient_ids: 'x' }],
    ['recipient_ids', { recipient_ids: [1] }],
    ['recipient_ids', { recipient_ids: {} }],
    ['description', { description: 1 }],
    ['description', { description: ['x'] }],
    ['domain', { domain: 7 }],
    ['domain', { domain: [TD] }],
    ['domain', { domain: {} }],
    ['domain', { domain: true }],
  ])('are named when they are wrong: %s in %j', async (field, body) => {
    const before = (await records()).total
    const answer = await create(await aToken(), { domain: TD, ...body })
    expect(answer.status).toBe(422)
    const { message, errors } = (await answer.json()) as { message: string; errors: Record<string, string[]> }
    expect(errors).toEqual({ [field]: [message] })
    expect((await records()).total).toBe(before)
  })
})

describe('11. on one day', () => {
  test('two sites get two addresses, and one site the same again', async () => {
    const token = await aToken()
    const of = async (site: string) => (await created(token, { domain: TD, description: site })).email
    const [shop, other, again] = [
      await of('shop.example'),
      await of('other.example'),
      await of('shop.example'),
    ]
    expect(shop).not.toBe(other)
    expect(again).toBe(shop)
  })
  test('no site gets a new one each time', async () => {
    const token = await aToken()
    const of = async () => (await created(token, { domain: TD })).email
    expect(await of()).not.toBe(await of())
  })
  test('a site whose address was revoked gets another one', async () => {
    const token = await aToken()
    const first = await created(token, { domain: TD, description: 'revoked.example' })
    expect((await call('DELETE', `/api/v1/aliases/${first.id}`, token)).status).toBe(204)
    const second = await created(token, { domain: TD, description: 'revoked.example' })
    expect(second.email).not.toBe(first.email)
    expect(second.active).toBe(true)
    expect(granted(await shared().services.book.show(second.email)).site).toBe('revoked.example')
  })
})

describe('12. the address is accepted by the filter', () => {
  test('at once, with no record of it', async () => {
    const { email } = await created(await aToken(), { domain: TD })
    expect(await mailTo(email)).toBe('dredd@example.com')
    const guessed = `${email.slice(0, 13)}zzzzzzzzz@${TD}`
    expect(await mailTo(guessed)).toMatch(/^551 5\.7\.1 /)
  })

  test('until it has ended', async () => {
    const { email } = await created(await aToken(), { domain: `1.${TD}` })
    expect(await mailTo(email)).toBe('dredd@example.com')
    const { now } = shared()
    shared().now += 86_400_000
    const answer = await mailTo(email)
    shared().now = now
    expect(answer).toBe('551 5.7.1 Expiration Reached.')
  })
})

describe('13. SimpleLogin', () => {
  const random = (
    token: string | undefined,
    query = '',
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    call('POST', `/api/alias/random/new${query}`, undefined, body, {
      ...(token === undefined ? {} : { authentication: token }),
      ...headers,
    })

  test.each([
    ['', { note: 'Website: note.example. Generated by Bitwarden.' }, 'note.example'],
    ['?hostname=host.example', undefined, 'host.example'],
    ['?hostname=https://www.url.example:8443/x?y=1', { note: 'mine' }, 'www.url.example'],
    ['?hostname=Port.Example:8443&mode=word', { note: null }, 'port.example'],
    ['?hostname=', { note: 'note2.example' }, 'note2.example'],
    ['?hostname=a.example&hostname=b.example', {}, 'a.example'],
  ])('makes an address for %s %j', async (query, body, site) => {
    const answer = await random(await aToken(), query, body)
    expect(answer.status).toBe(201)
    const { alias, email, ...rest } = (await answer.json()) as { alias: string; email: string }
    expect(alias).toBe(email)
    expect(granted(await shared().services.book.show(alias)).site).toBe(site)
    expect(rest).toEqual({
      id: expect.any(Number),
      name: null,
      enabled: true,
      note: (body as { note?: string | null } | undefined)?.note ?? null,
      pinned: false,
      creation_date: '2026-11-22 11:15:00+00:00',
      creation_timestamp: 1795346100,
      nb_forward: 0,
      nb_block: 0,
      nb_reply: 0,
      mailbox: { id: 1, email: '' },
      mailboxes: [{ id: 1, email: '' }],
      support_pgp: false,
      disable_pgp: false,
      latest_activity: null,
    })
  })

  test('needs neither body nor type', async () => {
    const { port } = new URL(base)
    const headers = { authentication: await aToken(), 'content-length': '0' }
    const request = httpRequest({ port, method: 'POST', path: '/api/alias/random/new', headers })
    request.end()
    const [response] = await once(request, 'response')
    response.resume()
    expect(response.statusCode).toBe(201)
  })

  test.each([
    'a'.repeat(5000),
    `${'a.'.repeat(2500)}example`,
    'two%20words.example',
    'javascript:alert(1)',
    '%00',
    '%00.example.com',
    'exa%0d%0ample.com',
    '%ff%fe',
    '%',
    '[::1]',
    'http://[',
  ])('14. takes no site from %s, and no harm', async (hostname) => {
    const answer = await random(await aToken(), `?hostname=${hostname}`)
    expect([201, 400, 414]).toContain(answer.status)
    if (answer.status !== 201) return
    const { email } = (await answer.json()) as { email: string }
    expect(granted(await shared().services.book.page({ search: email, limit: 5 })).rows).toEqual([])
  })

  test('15. says what is wrong in one member', async () => {
    for (const token of [undefined, 'x'.repeat(48)]) {
      const answer = await random(token)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ error: 'Wrong api key' })
    }
  })

  test.each([['{'], ['[]'], ['null'], ['"text"'], ['{"note":1}'], ['{"note":"a","note":"b"}']])(
    'refuses the body %s with 400',
    async (body) => {
      const answer = await random(await aToken(), '', body)
      expect(answer.status).toBe(400)
      expect(Object.keys((await answer.json()) as object)).toEqual(['error'])
    },
  )

  test('has the same limit', async () => {
    const token = await aToken()
    for (let count = 0; count < 10; count += 1) expect((await random(token)).status).toBe(201)
    const answer = await random(token)
    expect(answer.status).toBe(429)
    expect(await answer.json()).toEqual({ error: 'Rate limit exceeded' })
    expect((await create(token, {})).status).toBe(429)
  })
})

test('16. the 11th address of a minute has to wait', async () => {
  const token = await aToken()
  for (let count = 0; count < 10; count += 1) await created(token, { domain: TD })
  const answer = await create(token, { domain: TD })
  expect(answer.status).toBe(429)
  expect(await answer.json()).toEqual({
    message: 'You have reached your hourly limit for creating new addresses.',
  })
  expect(answer.headers.get('retry-after')).toBe('60')
  const { now } = shared()
  shared().now += 60_000
  await created(token, { domain: TD })
  shared().now = now
})

describe('17. an address', () => {
  test('is switched off, and on again', async () => {
    const token = await aToken()
    const { id, email } = await created(token, { domain: TD })
    expect(await mailTo(email)).toBe('dredd@example.com')
    expect((await call('DELETE', `/api/v1/active-aliases/${id}`, token)).status).toBe(204)
    expect(await mailTo(email)).toMatch(/^551 5\.7\.1 /)
    const on = await call('POST', '/api/v1/active-aliases', token, { id })
    expect(on.status).toBe(200)
    expect(await on.json()).toMatchObject({ data: { email, active: true } })
    expect(await mailTo(email)).toBe('dredd@example.com')
  })

  test('that has ended is not switched on', async () => {
    const token = await aToken()
    const { id } = await created(token, { domain: '1.td.example.com' })
    const { now } = shared()
    shared().now += 2 * 86_400_000
    const answer = await call('POST', '/api/v1/active-aliases', token, { id })
    shared().now = now
    expect(answer.status).toBe(422)
  })

  test('is described, prolonged and looked at', async () => {
    const token = await aToken()
    const { id } = await created(token, { domain: TD })
    const change = { description: 'lamps', until: '2027-03-31' }
    const changed = await call('PATCH', `/api/v1/aliases/${id}`, token, change)
    const data = { id, description: 'lamps', expires_at: '2027-03-31 22:00:00' }
    expect(await changed.json()).toMatchObject({ data })
    expect(await (await call('GET', `/api/v1/aliases/${id}`, token)).json()).toMatchObject({ data })
    const cleared = await call('PATCH', `/api/v1/aliases/${id}`, token, { description: null })
    expect(await cleared.json()).toMatchObject({ data: { description: null } })
    for (const until of ['yesterday', '2026-01-01', 5]) {
      expect((await call('PATCH', `/api/v1/aliases/${id}`, token, { until })).status).toBe(422)
    }
  })
})

describe('18. another owner’s address', () => {
  test('is not found, whatever is asked of it', async () => {
    const { id, email } = await created(await aToken('joe', 'joe'), {
      domain: TD,
      description: 'joes.example',
    })
    const token = await aToken()
    const ids = [id, '6c0b4f0e-6a0c-5d3b-9b1e-0f6f0c1a2b3c', '..%2f', '%00', 'x'.repeat(900), '1']
    for (const one of ids) {
      for (const [method, path, body] of [
        ['GET', `/api/v1/aliases/${one}`, undefined],
        ['PATCH', `/api/v1/aliases/${one}`, { description: 'x' }],
        ['DELETE', `/api/v1/aliases/${one}`, undefined],
        ['PATCH', `/api/v1/aliases/${one}/restore`, undefined],
        ['DELETE', `/api/v1/active-aliases/${one}`, undefined],
        ['POST', '/api/v1/active-aliases', { id: decodeURIComponent(one) }],
      ] as const) {
        const answer = await call(method, path, token, body)
        expect(answer.status, `${method} ${path}`).toBe(404)
        expect(await answer.json()).toEqual({ message: 'Not found.' })
      }
    }
    expect(granted(await shared().services.addresses.explain(email)).verdict).toBe('forward')
  })

  test('nor is one that was guessed, although its number is well made', async () => {
    const id = aliasId({ prefix: 'djb', domain: TD }, 'djb2026112245hj6zzzzzz')
    const token = await aToken()
    for (const method of ['GET', 'DELETE']) {
      expect((await call(method, `/api/v1/aliases/${id}`, token)).status).toBe(404)
    }
  })

  test('is in nobody else’s list', async () => {
    const list = await call('GET', '/api/v1/aliases?page[size]=100', await aToken())
    expect(await list.text()).not.toContain('joe2026')
  })
})

describe('19. the list', () => {
  interface List {
    readonly data: readonly Resource[]
    readonly links: { readonly next: string | null; readonly prev: string | null }
    readonly meta: {
      readonly total: number
      readonly last_page: number
      readonly from: number
      readonly to: number
    }
  }
  const list = async (token: string, query = ''): Promise<List> => {
    const answer = await call('GET', `/api/v1/aliases${query}`, token)
    expect(answer.status).toBe(200)
    return (await answer.json()) as List
  }

  test('comes in pages, whose links lead to each other', async () => {
    granted(await shared().services.prefixes.add('lst', { mailboxes: ['l@example.com'], owner: 'dan' }, TD))
    const token = await aToken('lst')
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await created(token, { domain: TD, description: `${name}.example` })
    const empty =
      '?filter[deleted]=&filter[active]=&filter[search]=&sort=&page[number]=&page[size]=2&recipient='
    const first = await list(token, empty)
    expect(first.meta).toMatchObject({ total: 5, last_page: 3, from: 1, to: 2 })
    expect([first.data.length, first.links.prev]).toEqual([2, null])
    const seen = first.data.map(({ email }) => email)
    let next = first.links.next
    while (next !== null) {
      const page = await list(token, new URL(next).search)
      seen.push(...page.data.map(({ email }) => email))
      next = page.links.next
    }
    expect(new Set(seen).size).toBe(5)
  })

  test('is searched and filtered', async () => {
    granted(await shared().services.prefixes.add('fil', { mailboxes: ['f@example.com'], owner: 'dan' }, TD))
    const token = await aToken('fil')
    const shop = await created(token, { domain: TD, description: 'shop.example' })
    await created(token, { domain: TD, description: 'other.example' })
    expect((await call('DELETE', `/api/v1/active-aliases/${shop.id}`, token)).status).toBe(204)
    const emails = async (query: string) =>
      (await list(token, query)).data.map(({ description }) => description)
    expect(await emails('?filter%5Bsearch%5D=shop')).toEqual(['shop.example'])
    expect(await emails('?filter[active]=true')).toEqual(['other.example'])
    expect(await emails('?filter[active]=false&page[size]=10')).toEqual(['shop.example'])
    expect(await emails('?filter[deleted]=only')).toEqual([])
    expect(await emails('?sort=-email')).toHaveLength(2)
  })

  test('says of an address what the address says of itself, whatever became of its prefix', async () => {
    const { prefixes, addresses } = shared().services
    granted(await prefixes.add('one', { mailboxes: ['o@example.com'], owner: 'dan' }, TD))
    const token = await aToken('one')
    const plain = `one2026112045@${TD}`
    granted(await addresses.annotate(plain, { note: 'told at the counter' }))
    const sealed = (await created(token, { domain: TD, description: 'shop.example' })).email
    const verdicts = async (): Promise<object> => {
      const { data } = await list(token)
      for (const { id, ...row } of data) {
        const single = await call('GET', `/api/v1/aliases/${id}`, token)
        expect(await single.json(), row.email).toMatchObject({ data: { id, ...row } })
      }
      for (const active of [true, false]) {
        const chosen = await list(token, `?filter[active]=${active}`)
        const expected = data.filter((row) => row.active === active).map(({ email }) => email)
        expect(chosen.data.map(({ email }) => email)).toEqual(expected)
        expect(chosen.meta.total).toBe(expected.length)
      }
      return Object.fromEntries(data.map(({ email, active }) => [email, active]))
    }
    expect(await verdicts()).toEqual({ [plain]: true, [sealed]: true })
    granted(await prefixes.change('one', { signed: true }, TD))
    expect(await verdicts()).toEqual({ [plain]: false, [sealed]: true })
    granted(await prefixes.change('one', { enabled: false }, TD))
    expect(await verdicts()).toEqual({ [plain]: false, [sealed]: false })
    for (const { id } of (await list(token)).data) {
      expect((await call('DELETE', `/api/v1/aliases/${id}`, token)).status).toBe(204)
    }
    expect(granted(await addresses.list({ prefix: 'one' })).rows).toMatchObject([
      { revokedAt: expect.any(Number) },
      { revokedAt: expect.any(Number) },
    ])
    for (const { id } of (await list(token)).data) {
      expect((await call('POST', '/api/v1/active-aliases', token, { id })).status).toBe(200)
    }
    granted(await prefixes.change('one', { enabled: true, signed: false }, TD))
    expect(await verdicts()).toEqual({ [plain]: true, [sealed]: true })
  })

  test('begins with the newest, and keeps the order that is asked for', async () => {
    granted(await shared().services.prefixes.add('ord', { mailboxes: ['o@example.com'], owner: 'dan' }, TD))
    const token = await aToken('ord')
    const { now } = shared()
    for (const [name, days] of [
      ['a', 9],
      ['b', 30],
      ['c', 20],
    ] as const) {
      await created(token, { domain: `${days}.${TD}`, description: `${name}.example` })
      shared().now += 1000
    }
    shared().now = now
    const order = async (query: string) =>
      (await list(token, query)).data.map(({ description }) => description?.charAt(0)).join('')
    expect(await order('')).toBe('cba')
    for (const sort of ['created_at', 'updated_at']) {
      expect(await order(`?sort=${sort}`)).toBe('abc')
      expect(await order(`?sort=-${sort}`)).toBe('cba')
      expect(await order(`?filter[active]=true&sort=${sort}`)).toBe('abc')
    }
    const [newest] = (await list(token)).data
    expect((await call('DELETE', `/api/v1/aliases/${newest?.id}`, token)).status).toBe(204)
    expect(await order('?sort=active')).toBe('cba')
    expect(await order('?sort=-active')).toBe('abc')
    expect(await order('?filter[active]=false')).toBe('c')
    expect(await order('?filter[active]=true&page[size]=1&page[number]=2')).toBe('a')
  })

  test.each(['toString', '-valueOf', 'constructor', '__proto__', '-hasOwnProperty', 'nothing', '-'])(
    'comes in its usual order when it is to be sorted by %s',
    async (sort) => {
      const token = await aToken()
      expect(await list(token, `?sort=${sort}`)).toMatchObject({ data: (await list(token)).data })
    },
  )

  test.each(['?page[size]=0', '?page[size]=101', '?page[size]=x', '?page[number]=0', '?page[number]=-1'])(
    'cannot be asked for with %s',
    async (query) => {
      expect((await call('GET', `/api/v1/aliases${query}`, await aToken())).status).toBe(422)
    },
  )
})

describe('20. the sign-in of the browser extension', () => {
  test('is answered with the domain', async () => {
    const token = await aToken()
    expect(token).toMatch(/^[a-zA-Z0-9]{40,60}$/)
    expect(await (await call('GET', '/api/v1/domain-options', token)).json()).toEqual({
      data: [TD],
      sharedDomains: [],
      defaultAliasDomain: TD,
      defaultAliasFormat: 'random_characters',
    })
    const details = await call('GET', '/api/v1/api-token-details', token)
    expect(await details.json()).toMatchObject({ name: 'vault', expires_at: null })
  })
})

describe('21. a body', () => {
  test.each([
    ['{', 400],
    ['[]', 400],
    ['"text"', 400],
    ['5', 400],
    ['null', 400],
    ['', 400],
    ['{"domain":"td.example.com","domain":"gmail.com"}', 400],
    ['{"__proto__":{"domain":"td.example.com"}}', 400],
    ['{"description":"\\ud800"}', 400],
    [JSON.stringify({ domain: TD, description: 'x'.repeat(17 * 1024) }), 413],
    [JSON.stringify({ domain: TD, description: 'x'.repeat(1024 * 1024) }), 413],
    [`${'['.repeat(7000)}${']'.repeat(7000)}`, 400],
  ])('%.40s is refused with %i, and nothing is stored', async (body, status) => {
    const before = (await records()).total
    const answer = await create(await aToken(), body)
    expect(answer.status).toBe(status)
    expect(Object.keys((await answer.json()) as object)).toEqual(['message'])
    expect((await records()).total).toBe(before)
  })

  test('that is no UTF-8 is refused', async () => {
    const answer = await fetch(`${base}/api/v1/aliases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await aToken()}`, 'content-type': 'application/json' },
      body: Buffer.from('{"description":"\xff"}', 'latin1'),
    })
    expect(answer.status).toBe(400)
  })

  test('of another type is refused', async () => {
    const answer = await create(await aToken(), 'domain=td.example.com', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(answer.status).toBe(415)
  })
})

// 22 is checked by every `call`; 23 by access.test.ts.

test('24. what Bitwarden’s own test sends is answered in the way it reads', async () => {
  const answer = await fetch(`${base}/api/v1/aliases`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await aToken()}`,
      'x-requested-with': 'XMLHttpRequest',
    },
    body: JSON.stringify({
      domain: 'td.example.com',
      description: 'Website: example.com. Generated by Bitwarden.',
    }),
  })
  expect(answer.status).toBe(201)
  expect(((await answer.json()) as { data: { email: string } }).data.email).toMatch(
    /^djb\S+@td\.example\.com$/,
  )
})

describe('the description', () => {
  interface Operation {
    readonly responses: Readonly<Record<string, unknown>>
    readonly parameters?: readonly { readonly name: string }[]
  }
  let operations: readonly (readonly [name: string, operation: Operation])[] = []
  beforeAll(async () => {
    const { paths } = (await (await fetch(`${base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>
    }
    operations = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/'))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
      )
  })

  test('names every status that a request can be answered with', () => {
    const statuses = operations.map(([name, { responses }]) => [name, Object.keys(responses).join(' ')])
    expect(Object.fromEntries(statuses.filter(([name]) => !name?.startsWith('head ')))).toEqual({
      'post /api/v1/aliases': '201 400 401 403 413 415 422 429',
      'get /api/v1/aliases': '200 401 403 422 429',
      'get /api/v1/aliases/{id}': '200 401 403 404 429',
      'patch /api/v1/aliases/{id}': '200 400 401 403 404 413 415 422 429',
      'delete /api/v1/aliases/{id}': '204 401 403 404 429',
      'patch /api/v1/aliases/{id}/restore': '200 401 403 404 422 429',
      'post /api/v1/active-aliases': '200 400 401 403 404 413 415 422 429',
      'delete /api/v1/active-aliases/{id}': '204 401 403 404 429',
      'get /api/v1/domain-options': '200 401 403 429',
      'get /api/v1/recipients': '200 401 403 429',
      'get /api/v1/api-token-details': '200 401 403 429',
      'post /api/alias/random/new': '201 400 401 403 413 415 429',
    })
  })

  test('names every filter of the list', () => {
    const list = operations.find(([name]) => name === 'get /api/v1/aliases')?.[1]
    expect(list?.parameters?.map(({ name }) => name)).toEqual([
      'filter[search]',
      'filter[active]',
      'filter[deleted]',
      'filter[pinned]',
      'sort',
      'page[number]',
      'page[size]',
    ])
  })
})
