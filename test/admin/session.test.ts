import { TOTP } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { Browser, Console, granted, PASSWORD, sharedConsole, TD } from './console.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the first visit', () => {
  test('makes an administrator with the one-time code, and lets them in', async () => {
    const console = await Console.open()
    const offer = await console.services.identity.offerSetUp()
    const browser = new Browser(console)
    expect((await browser.get('/console/state')).json()).toMatchObject({
      stage: 'set-up',
      domains: [],
      version: '',
    })
    const wishes = { code: offer?.code, name: 'ada', password: PASSWORD }
    const answer = await browser.post('/console/set-up', wishes)
    expect(answer.json()).toMatchObject({
      stage: 'ready',
      me: { name: 'ada', role: 'postmaster', totp: false },
    })
    expect((await browser.get('/console/state')).json()).toMatchObject({ stage: 'ready', version: '1.2.3' })
    const again = await new Browser(console).post('/console/set-up', { ...wishes, name: 'eve' })
    expect(again.statusCode).toBe(400)
  })

  test('says at each empty field what to type, the code first', async () => {
    const console = await Console.open()
    const offer = await console.services.identity.offerSetUp()
    const answer = async (wishes: object) =>
      (await new Browser(console).post('/console/set-up', wishes)).json<{ message: string; field: string }>()
    const { code = '' } = offer ?? {}
    expect(await answer({ code: '', name: '', password: '' })).toMatchObject({
      field: 'code',
      message: expect.stringContaining('The one-time code is missing.'),
    })
    expect(await answer({ code, name: '', password: '' })).toMatchObject({
      field: 'name',
      message: "The name is missing. Give one of 2 to 64 letters, digits, blanks or . _ @ + ' -.",
    })
    expect(await answer({ code, name: 'ada', password: '' })).toMatchObject({ field: 'password' })
    expect(await answer({ code, name: 'x'.repeat(65), password: PASSWORD })).toMatchObject({
      field: 'name',
      message: 'A name is missing or too long. Give one of 1 to 64 characters.',
    })
  })

  test('refuses a wrong code, names the field, and is slowed', async () => {
    const console = await Console.open()
    await console.services.identity.offerSetUp()
    const attempt = () =>
      new Browser(console).post('/console/set-up', { code: 'aaaa-bbbb', name: 'eve', password: PASSWORD })
    const first = await attempt()
    expect(first.statusCode).toBe(400)
    expect(first.json()).toMatchObject({ field: 'code' })
    let last = first
    for (let tries = 0; tries < 30 && last.statusCode !== 429; tries += 1) last = await attempt()
    expect(last.statusCode).toBe(429)
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('signing in', () => {
  test('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const console = await Console.open()
    await console.furnish()
    const answer = await new Browser(console).post('/console/session', { name: 'dan', password: PASSWORD })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']).toMatch(
      /^timedelay=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.json()).toMatchObject({
      stage: 'ready',
      me: { name: 'dan', role: 'owner' },
      domains: [{ name: TD, timeZone: 'Europe/Berlin', today: '2026-11-22' }],
      prefixes: [{ name: 'djb', mailboxes: ['dredd@example.com'] }],
    })
  })

  test('behind TLS marks the cookie so that it never travels in the clear', async () => {
    const trusting = await Console.open({ trustedProxies: ['127.0.0.1'], basePath: '/td' })
    await trusting.furnish()
    const signIn = (console: Console, headers: object) =>
      console.ask({
        method: 'POST',
        url: '/td/console/session',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
        body: { name: 'dan', password: PASSWORD },
      })
    const cookie = async (headers: object) => (await signIn(trusting, headers)).headers['set-cookie']
    expect(await cookie({ 'x-forwarded-proto': 'https' })).toMatch(
      /^__Secure-timedelay=[\w-]{43}; Path=\/td\/; .*; Secure; /,
    )
    expect(await cookie({})).toMatch(/^timedelay=(?!.*Secure)/)
  })

  test('behind TLS takes no cookie that another host could have planted', async () => {
    const console = await Console.open({ trustedProxies: ['127.0.0.1'] })
    await console.furnish()
    const https = { 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': 'https' }
    const body = { name: 'dan', password: PASSWORD }
    const answer = await console.ask({ method: 'POST', url: '/console/session', headers: https, body })
    const [cookie = ''] = String(answer.headers['set-cookie']).split(';')
    expect(answer.headers['set-cookie']).toMatch(/^__Host-timedelay=[\w-]{43}; Path=\/; .*; Secure; /)
    expect(answer.headers['set-cookie']).not.toContain('Domain')
    const stage = async (headers: object) =>
      (await console.ask({ url: '/console/state', headers: { ...https, ...headers } })).json().stage
    expect(await stage({ cookie })).toBe('ready')
    const value = cookie.split('=')[1]
    for (const name of ['timedelay', '__Secure-timedelay', 'timedelay=x; timedelay'])
      expect(await stage({ cookie: `${name}=${value}` }), name).toBe('sign-in')
    expect(await stage({ cookie: `timedelay=planted; ${cookie}` })).toBe('ready')
    // Nor is that of https one in the clear.
    expect(await stage({ cookie, 'x-forwarded-proto': 'http' })).toBe('sign-in')
    const out = await console.ask({
      method: 'DELETE',
      url: '/console/session',
      headers: { ...https, cookie },
    })
    expect(out.headers['set-cookie']).toMatch(/^__Host-timedelay=; .*Secure/)
    expect(await stage({ cookie })).toBe('sign-in')
  })

  test("ends the browser's earlier session, and no other", async () => {
    const console = await Console.open()
    await console.furnish()
    const [browser, elsewhere] = [await console.signIn('dan'), await console.signIn('dan')]
    const earlier = browser.cookie
    const wrong = await browser.post('/console/session', { name: 'ada', password: 'not it at all' })
    expect(wrong.statusCode).toBe(401)
    expect((await browser.get('/console/sessions')).statusCode).toBe(200)
    expect((await browser.post('/console/session', { name: 'ada', password: PASSWORD })).statusCode).toBe(200)
    expect((await browser.get('/console/state')).json()).toMatchObject({ me: { name: 'ada' } })
    browser.cookie = earlier
    expect((await browser.get('/console/sessions')).statusCode).toBe(401)
    expect((await elsewhere.get('/console/sessions')).json().sessions).toHaveLength(1)
  })

  test('believes X-Forwarded-* from nobody unless told', async () => {
    const console = await Console.open()
    await console.furnish()
    const answer = await console.ask({
      method: 'POST',
      url: '/console/session',
      headers: {
        'sec-fetch-site': 'same-origin',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '203.0.113.9',
      },
      body: { name: 'dan', password: PASSWORD },
    })
    expect(answer.headers['set-cookie']).not.toContain('Secure')
    const [session] = await granted({ ok: true, value: await sessionsOf(console) })
    expect(session?.client).toBe('127.0.0.1')
  })

  test('says the same to a wrong name and to a wrong password', async () => {
    const console = await Console.open()
    await console.furnish()
    const wrong = async (name: string) => {
      const answer = await new Browser(console).post('/console/session', { name, password: 'not it at all' })
      expect(answer.headers['set-cookie']).toBeUndefined()
      return [answer.statusCode, answer.json()]
    }
    const [status, body] = await wrong('dan')
    expect(status).toBe(401)
    expect(await wrong('nobody-here')).toEqual([status, body])
  })

  test('is slowed after some failures, and tells how long', async () => {
    const console = await Console.open()
    await console.furnish()
    const attempt = (password: string) =>
      new Browser(console).post('/console/session', { name: 'dan', password })
    let answer = await attempt('wrong wrong wrong')
    for (let tries = 0; tries < 30 && answer.statusCode !== 429; tries += 1)
      answer = await attempt('wrong again')
    expect(answer.statusCode).toBe(429)
    const { retryAfter } = answer.json<{ retryAfter: number }>()
    expect(answer.headers['retry-after']).toBe(String(retryAfter))
    // Even the right one has to wait.
    expect((await attempt(PASSWORD)).statusCode).toBe(429)
    console.now += HOUR
    expect((await attempt(PASSWORD)).statusCode).toBe(200)
  })

  test.each([
    { name: 'dan' },
    { name: 'dan', password: 1 },
    { name: ['dan'], password: PASSWORD },
    { name: 'dan', password: PASSWORD, more: 1 },
    { name: 'x'.repeat(65), password: PASSWORD },
    [],
    'text',
  ])('refuses %j', async (body) => {
    const console = shared()
    const answer = await console.ask({
      method: 'POST',
      url: '/console/session',
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toHaveProperty('message')
  })
})

const shared = sharedConsole({}, (console) => console.furnish())

describe('a session', () => {
  test('ends everywhere at once', async () => {
    const console = await Console.open()
    await console.furnish()
    const [here, there] = [await console.signIn('dan'), await console.signIn('dan')]
    const { sessions } = (await here.get('/console/sessions')).json<{ sessions: { current: boolean }[] }>()
    expect(sessions.map(({ current }) => current).sort()).toEqual([false, true])
    const cookie = here.cookie
    expect((await here.delete('/console/sessions')).statusCode).toBe(204)
    expect(here.cookie).toBeUndefined()
    expect((await there.get('/console/sessions')).statusCode).toBe(401)
    here.cookie = cookie
    expect((await here.get('/console/sessions')).statusCode).toBe(401)
  })

  test('is refused when it is stale, and its cookie is taken back', async () => {
    const console = await Console.open()
    await console.furnish()
    const browser = await console.signIn('dan')
    console.now += 8 * DAY
    const answer = await browser.get('/console/addresses')
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['set-cookie']).toMatch(/^timedelay=; .*Path=\//)
    expect((await browser.get('/console/state')).json()).toMatchObject({ stage: 'sign-in' })
  })

  test('ends when its person is switched off or gets another password from the postmaster', async () => {
    const console = await Console.open()
    await console.furnish()
    const ada = await console.signIn('ada')
    const dan = await console.signIn('dan')
    expect((await ada.patch('/console/people/dan', { password: 'another good one' })).statusCode).toBe(200)
    expect((await dan.get('/console/addresses')).statusCode).toBe(401)
    const again = await console.signIn('dan', 'another good one')
    expect((await ada.patch('/console/people/dan', { enabled: false })).statusCode).toBe(200)
    expect((await again.get('/console/addresses')).statusCode).toBe(401)
  })

  test('loses the postmaster’s rights at once with the role', async () => {
    const console = await Console.open()
    await console.furnish()
    await console.addPerson('eve', 'postmaster')
    const [ada, eve] = [await console.signIn('ada'), await console.signIn('eve')]
    expect((await eve.get('/console/people')).statusCode).toBe(200)
    expect((await ada.patch('/console/people/eve', { role: 'owner' })).statusCode).toBe(200)
    expect((await eve.get('/console/people')).statusCode).toBe(403)
  })

  test('goes on where the password is changed, and ends elsewhere', async () => {
    const console = await Console.open()
    await console.furnish()
    const [here, there] = [await console.signIn('dan'), await console.signIn('dan')]
    const wrong = await here.put('/console/me/password', {
      current: 'not it at all',
      password: 'a new good one',
    })
    expect(wrong.statusCode).toBe(400)
    expect(wrong.json()).toMatchObject({ field: 'current' })
    const right = await here.put('/console/me/password', { current: PASSWORD, password: 'a new good one' })
    expect(right.statusCode).toBe(204)
    expect((await here.get('/console/sessions')).statusCode).toBe(200)
    expect((await there.get('/console/sessions')).statusCode).toBe(401)
    await console.signIn('dan', 'a new good one')
  })
})

describe('the second factor', () => {
  test('is offered, confirmed, asked for, used once, and taken off', async () => {
    const console = await Console.open()
    await console.furnish()
    const browser = await console.signIn('dan')
    const { secret, uri } = (await browser.post('/console/me/totp')).json<{ secret: string; uri: string }>()
    expect(uri).toMatch(/^otpauth:\/\/totp\//)
    const totp = new TOTP({ secret })
    const code = () => totp.generate({ timestamp: console.now })
    expect((await browser.put('/console/me/totp', { code: '000000' })).statusCode).toBe(400)
    expect((await browser.put('/console/me/totp', { code: code() })).statusCode).toBe(204)
    expect((await browser.get('/console/state')).json()).toMatchObject({ me: { totp: true } })

    console.now += 60_000
    const signIn = (wishes: object) =>
      new Browser(console).post('/console/session', { name: 'dan', password: PASSWORD, ...wishes })
    const asked = await signIn({})
    expect(asked.statusCode).toBe(401)
    expect(asked.json()).toMatchObject({ needsCode: true })
    expect((await signIn({ code: code() })).statusCode).toBe(200)
    expect((await signIn({ code: code() })).statusCode).toBe(401)

    console.now += 60_000
    expect((await browser.delete('/console/me/totp', { code: code() })).statusCode).toBe(204)
    expect((await signIn({})).statusCode).toBe(200)
  })
})

describe('where browsers see the console', () => {
  test('may be below a path, whether or not the web server takes it off', async () => {
    const console = await Console.open({ basePath: '/td' })
    for (const url of ['/td/console/state', '/console/state', '/td//console/state/']) {
      expect((await console.ask({ url })).statusCode, url).toBe(200)
    }
    expect((await console.ask({ url: '/td/' })).body).toContain('<title>')
    const bare = await console.ask({ url: '/td' })
    expect([bare.statusCode, bare.headers.location]).toEqual([308, '/td/'])
    expect((await console.ask({ url: '/tda/console/state' })).statusCode).toBe(404)
  })

  test('may be named, and then other names are turned away', async () => {
    const console = await Console.open({ publicUrl: 'https://td.example.com' })
    const asked = async (host: string) =>
      (await console.ask({ url: '/console/state', headers: { host } })).statusCode
    expect(await asked('td.example.com')).toBe(200)
    expect(await asked('127.0.0.1:8896')).toBe(200)
    expect(await asked('[::1]:8896')).toBe(200)
    expect(await asked('localhost:8896')).toBe(200)
    expect(await asked('evil.example')).toBe(421)
    expect(await asked('td.example.com.evil.example')).toBe(421)
  })

  test('decides which origin is our own, for browsers that do not say more', async () => {
    const plain = await Console.open()
    const named = await Console.open({ publicUrl: 'https://td.example.com' })
    const from = async (console: Console, origin: string, host: string) => {
      const headers = { origin, host }
      return (await console.ask({ method: 'DELETE', url: '/console/session', headers })).statusCode
    }
    expect(await from(plain, 'http://192.0.2.1:8896', '192.0.2.1:8896')).toBe(204)
    expect(await from(plain, 'http://evil.example', '192.0.2.1:8896')).toBe(403)
    expect(await from(plain, 'null', '192.0.2.1:8896')).toBe(403)
    expect(await from(named, 'https://td.example.com', '127.0.0.1:8896')).toBe(204)
    expect(await from(named, 'http://127.0.0.1:8896', '127.0.0.1:8896')).toBe(204)
  })
})

async function sessionsOf(console: Console) {
  const browser = await console.signIn('dan')
  return (await browser.get('/console/sessions')).json<{ sessions: { client: string }[] }>().sessions
}
