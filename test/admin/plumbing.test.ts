import { describe, expect, test } from 'vitest'
import { Console, sharedConsole } from './console.ts'

const shared = sharedConsole()

describe('every answer', () => {
  test.each(['/', '/healthz', '/console/state', '/nothing/here', '/api/v1/aliases'])(
    '%s carries the strict policy and the other fields of protection',
    async (url) => {
      const console = shared()
      const { headers } = await console.ask({ url })
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';" +
          "form-action 'self';frame-ancestors 'none';base-uri 'none';require-trusted-types-for 'script'",
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers['strict-transport-security']).toBeUndefined()
      expect(headers['x-powered-by']).toBeUndefined()
    },
  )

  test.each(['/healthz', '/nothing/here', '/metrics', '/docs'])('%s is kept by no cache', async (url) => {
    const console = shared()
    expect((await console.ask({ url })).headers['cache-control']).toBe('no-store')
  })
})

describe('the page', () => {
  test.each([
    '/',
    '/addresses',
    '/still-trying',
    '/explain',
    '/activity',
    '/mappings',
    '/tokens',
    '/settings',
  ])('stands at %s and is asked for anew each time', async (url) => {
    const console = shared()
    const { statusCode, headers, body } = await console.ask({ url })
    expect(statusCode).toBe(200)
    expect(body).toContain('<title>timedelay</title>')
    expect(headers['cache-control']).toBe('no-cache')
  })

  test.each([
    ['/addresses/', '../addresses'],
    ['/addresses/?search=a/b', '../addresses?search=a/b'],
    ['/explain//', '../../explain'],
  ])('leads from %s to the view, whose relative addresses mean nothing there', async (url, to) => {
    const { statusCode, headers } = await shared().ask({ url })
    expect(statusCode).toBe(308)
    expect(headers.location).toBe(to)
  })

  test('leads there below a base path, too', async () => {
    const console = await Console.open({ basePath: '/td' })
    const { statusCode, headers } = await console.ask({ url: '/td/addresses/' })
    expect(statusCode).toBe(308)
    const to = new URL(headers.location as string, 'http://x/td/addresses/').pathname
    expect(to).toBe('/td/addresses')
    expect((await console.ask({ url: to })).statusCode).toBe(200)
  })

  test.each([
    ['/nosuch', './'],
    ['/no/such/page?x=/', '../../'],
    ['/nosuch/', '../'],
    ['/assets/none', '../'],
  ])('says to a browser that there is nothing at %s, and leads on', async (url, root) => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
    const { statusCode, headers, body } = await shared().ask({ url, headers: { accept } })
    expect(statusCode).toBe(404)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).toContain('There is nothing here.')
    expect(body).toContain(`<a href="${root}">Make an address</a>`)
  })

  test.each(['/api/v1/nothing', '/console/nothing'])('is no answer at %s, whoever asks', async (url) => {
    const { statusCode, headers } = await shared().ask({ url, headers: { accept: 'text/html' } })
    expect(statusCode).toBe(404)
    expect(headers['content-type']).toContain('application/json')
  })

  test('loads files whose names change with their content, kept for a year', async () => {
    const console = shared()
    const { statusCode, headers } = await console.ask({ url: '/assets/index-abc123.js' })
    expect(statusCode).toBe(200)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await console.ask({ url: '/icon.svg' })).headers['content-type']).toContain('image/svg+xml')
  })

  test.each([
    '/assets/none.js',
    '/none.txt',
    '/..%2fpackage.json',
    '/assets/..%2findex.html',
    '/.env',
    '/nothing',
  ])('has no %s', async (url) => {
    const console = shared()
    expect((await console.ask({ url })).statusCode).toBe(404)
  })
})

describe('a request for no route', () => {
  test('is 404 with a sentence', async () => {
    const console = shared()
    const answer = await console.ask({ url: '/console/nothing' })
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({ message: 'Not found.' })
  })

  test.each([
    ['PUT', '/console/explain', 'POST'],
    ['POST', '/console/people/dan', 'DELETE, PATCH'],
    ['PUT', '/api/v1/aliases', 'GET, HEAD, POST'],
    ['GET', '/api/alias/random/new', 'POST'],
    ['PATCH', '/api/v1/active-aliases/x', 'DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
  ] as const)('with the wrong method, %s %s, is 405 and names the right ones', async (method, url, allow) => {
    const console = shared()
    const answer = await console.ask({
      method,
      url,
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(answer.statusCode).toBe(405)
    expect(answer.headers.allow).toBe(allow)
  })
})

describe('a failure of ours', () => {
  test('is told without a word of its own', async () => {
    const console = await Console.open({ findings: () => Promise.reject(new Error('secret path /var/lib')) })
    console.services.identity.stage = () => Promise.reject(new Error('secret path /var/lib'))
    const answer = await console.ask({ url: '/console/state' })
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toEqual({ message: 'Something of ours failed. It is in the log; try again.' })
  })

  test('of the database is 503 and may be tried again', async () => {
    const console = await Console.open()
    await console.store.close()
    const answer = await console.ask({ url: '/console/state' })
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('5')
    expect(answer.json()).toEqual({
      message: 'The database does not answer. Try again in a moment.',
      retryAfter: 5,
    })
  })
})

describe('a route', () => {
  test('that does not say who may use it cannot be registered', async () => {
    const console = await Console.open()
    expect(() => console.app.get('/anything', async () => 'open')).toThrow(
      'GET /anything does not say who may use it',
    )
  })
})
