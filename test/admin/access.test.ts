// Every route there is, asked by everybody who could ask. A new route is asked too, without a word here: what it must
// answer follows from who it says may use it, which the table below repeats on purpose.

import { beforeAll, describe, expect, test } from 'vitest'
import { type Browser, sharedConsole } from './console.ts'

const PUBLIC = [
  'GET /console/state',
  'POST /console/set-up',
  'POST /console/session',
  'DELETE /console/session',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs.css',
  'GET /',
  'GET /addresses',
  'GET /still-trying',
  'GET /explain',
  'GET /activity',
  'GET /mappings',
  'GET /tokens',
  'GET /settings',
  'GET /make',
  'GET /assets/:name',
  'GET /:name',
]
const PERSON = [
  'GET /console/sessions',
  'DELETE /console/sessions',
  'PUT /console/me/password',
  'POST /console/me/totp',
  'PUT /console/me/totp',
  'DELETE /console/me/totp',
  'POST /console/addresses/preview',
  'POST /console/addresses',
  'GET /console/addresses',
  'GET /console/addresses.csv',
  'POST /console/addresses/import',
  'PATCH /console/addresses/:address',
  'POST /console/addresses/:address/extend',
  'POST /console/addresses/:address/revoke',
  'POST /console/addresses/:address/restore',
  'GET /console/still-trying',
  'POST /console/explain',
  'GET /console/activity',
  'GET /console/activity/days',
  'GET /console/activity/stream',
  'GET /console/tokens',
  'POST /console/tokens',
  'DELETE /console/tokens/:id',
]
const POSTMASTER = [
  'GET /console/domains',
  'POST /console/domains',
  'PATCH /console/domains/:name',
  'DELETE /console/domains/:name',
  'GET /console/prefixes',
  'POST /console/prefixes',
  'POST /console/prefixes/import',
  'PATCH /console/prefixes/:domain/:name',
  'DELETE /console/prefixes/:domain/:name',
  'GET /console/people',
  'POST /console/people',
  'PATCH /console/people/:name',
  'DELETE /console/people/:name',
  'GET /console/keys',
  'POST /console/keys/rotate',
  'GET /console/server/findings',
  'GET /console/server/mta/:mta',
  'GET /console/audit',
]
const TOKEN = [
  'POST /api/v1/aliases',
  'GET /api/v1/aliases',
  'GET /api/v1/aliases/:id',
  'PATCH /api/v1/aliases/:id',
  'DELETE /api/v1/aliases/:id',
  'PATCH /api/v1/aliases/:id/restore',
  'POST /api/v1/active-aliases',
  'DELETE /api/v1/active-aliases/:id',
  'GET /api/v1/domain-options',
  'GET /api/v1/recipients',
  'GET /api/v1/api-token-details',
  'POST /api/alias/random/new',
]

/** Those that do not end what the test needs: session.test.ts and feed.test.ts try them. */
const harmless = (route: string): boolean =>
  route !== 'DELETE /console/sessions' && route !== 'GET /console/activity/stream'

const shared = sharedConsole({}, (console) => console.furnish())

function split(route: string): { readonly method: 'GET'; readonly url: string } {
  const [method, pattern = ''] = route.split(' ')
  return { method: method as 'GET', url: pattern.replace(/:\w+/g, '1') }
}

/** What the route says before it looks at anything but who asks: 200 stands for everything that is let in. */
async function outcome(
  route: string,
  headers: { readonly cookie?: string; readonly [name: string]: string },
): Promise<'let in' | 401 | 403> {
  const { method, url } = split(route)
  // Slowly: who tries many wrong tokens is told to wait, and so is who asks much with a good one.
  shared().now += 10_000
  const answer = await shared().ask({ method, url, headers: { 'sec-fetch-site': 'same-origin', ...headers } })
  expect(answer.statusCode, `${route}: ${answer.body}`).not.toBe(500)
  return answer.statusCode === 401 || answer.statusCode === 403 ? answer.statusCode : 'let in'
}

test('the tables name every route, and no other', () => {
  const all = shared().routes.routes.flatMap(({ url, methods }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${url}`),
  )
  expect([...all].sort()).toEqual([...PUBLIC, ...PERSON, ...POSTMASTER, ...TOKEN].sort())
})

describe('with nothing to show for oneself', () => {
  test.each([...PERSON, ...POSTMASTER, ...TOKEN])('%s asks who it is', async (route) => {
    expect(await outcome(route, {})).toBe(401)
  })
  test.each(PUBLIC)('%s does not', async (route) => {
    expect(await outcome(route, {})).toBe('let in')
  })
})

describe('with a cookie that was never anybody’s', () => {
  test.each([...PERSON, ...POSTMASTER, ...TOKEN])('%s lets nobody in', async (route) => {
    expect(await outcome(route, { cookie: `timedelay=${'A'.repeat(43)}` })).toBe(401)
  })
})

describe('a session that has ended', () => {
  const cookies: string[] = []
  beforeAll(async () => {
    const browser = await shared().signIn('ada')
    cookies.push(browser.cookie ?? '')
    await browser.delete('/console/session')
  })

  test.each([...PERSON, ...POSTMASTER, ...TOKEN])('opens %s to nobody', async (route) => {
    expect(await outcome(route, { cookie: cookies[0] ?? '' })).toBe(401)
  })
})

describe('an owner', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await shared().signIn('dan')
  })
  const cookie = () => ({ cookie: browser.cookie ?? '' })

  test.each(PERSON.filter(harmless))('may use %s', async (route) => {
    expect(await outcome(route, cookie())).toBe('let in')
  })
  test.each(POSTMASTER)('may not use %s', async (route) => {
    expect(await outcome(route, cookie())).toBe(403)
  })
  test.each(TOKEN)('cannot use %s with a session', async (route) => {
    expect(await outcome(route, cookie())).toBe(401)
  })
  test.each([...PERSON, ...POSTMASTER].filter((route) => !route.startsWith('GET ')))(
    'is not made to send %s by another page',
    async (route) => {
      const elsewhere = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none' },
        { 'sec-fetch-site': '', origin: 'https://evil.example' },
      ]
      for (const headers of elsewhere) expect(await outcome(route, { ...cookie(), ...headers })).toBe(403)
      const { method, url } = split(route)
      const silent = await shared().ask({ method, url, headers: cookie() })
      expect(silent.statusCode).toBe(403)
    },
  )
})

describe('a postmaster', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await shared().signIn('ada')
  })

  test.each([...PERSON, ...POSTMASTER].filter(harmless))('may use %s', async (route) => {
    expect(await outcome(route, { cookie: browser.cookie ?? '' })).toBe('let in')
  })
  test.each(TOKEN)('cannot use %s with a session', async (route) => {
    expect(await outcome(route, { cookie: browser.cookie ?? '' })).toBe(401)
  })
})

describe('a token', () => {
  let bearer = { authorization: '' }
  beforeAll(async () => {
    bearer = { authorization: `Bearer ${await shared().token('dan', 'djb')}` }
  })

  test.each(TOKEN)('may use %s', async (route) => {
    expect(await outcome(route, bearer)).toBe('let in')
  })
  test.each([...PERSON, ...POSTMASTER])('opens %s to nobody', async (route) => {
    expect(await outcome(route, bearer)).toBe(401)
    const [, token = ''] = bearer.authorization.split(' ')
    expect(await outcome(route, { cookie: `timedelay=${token}` })).toBe(401)
  })
})
