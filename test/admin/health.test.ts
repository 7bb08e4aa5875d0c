import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DurationTally, type MilterFigures, NameTally } from '../../src/figures.ts'
import { Console, type Options } from './console.ts'

function someFigures(change: Partial<MilterFigures> = {}): MilterFigures {
  const replies = new DurationTally()
  for (const milliseconds of [0.04, 0.2, 30, 60_000]) replies.add(milliseconds)
  const verdicts = new NameTally(['forward', 'revoked'])
  for (const verdict of ['forward', 'forward', 'expired']) verdicts.add(verdict)
  return {
    listening: 1,
    connections: 3,
    verdicts: verdicts.counts,
    replies: replies.histogram,
    database: new DurationTally().histogram,
    waiting: 7,
    dropped: 2,
    ...change,
  }
}

describe('readiness', () => {
  const cases: readonly [string, Options, number, object][] = [
    ['the filter listens', { figures: async () => someFigures() }, 200, { ready: true, milter: 'listening' }],
    ['no filter runs here', { figures: async () => undefined }, 200, { ready: true, milter: 'off' }],
    [
      'the filter has no socket',
      { figures: async () => someFigures({ listening: 0 }) },
      503,
      { ready: false, milter: 'closed' },
    ],
    [
      'the filter does not answer',
      { figures: () => Promise.reject(new Error('late')) },
      503,
      { ready: false, milter: 'silent' },
    ],
    [
      'nothing can be written',
      { checkWritable: () => Promise.reject(new Error('read-only')) },
      503,
      { ready: false, database: 'fault' },
    ],
  ]
  test.each(cases)('when %s', async (_case, options, status, body) => {
    const console = await Console.open(options)
    const answer = await console.ask({ url: '/readyz' })
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject(body)
    expect((await console.ask({ url: '/healthz' })).json()).toEqual({ status: 'ok' })
  })

  test('is looked at once a second, however often it is asked for', async () => {
    let asked = 0
    const console = await Console.open({
      figures: async () => {
        asked += 1
        return someFigures()
      },
      checkWritable: async () => {
        asked += 1
      },
    })
    await Promise.all(Array.from({ length: 50 }, () => console.ask({ url: '/readyz' })))
    expect(asked).toBe(2)
  })
})

describe('the figures', () => {
  test('are those of the filter', async () => {
    const console = await Console.open({ figures: async () => someFigures() })
    const { body, headers } = await console.ask({ url: '/metrics' })
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    const lines = body.split('\n')
    for (const line of [
      'timedelay_verdicts_total{verdict="forward"} 2',
      'timedelay_verdicts_total{verdict="expired"} 1',
      'timedelay_verdicts_total{verdict="revoked"} 0',
      'timedelay_milter_up 1',
      'timedelay_milter_connections 3',
      'timedelay_events_waiting 7',
      'timedelay_events_dropped_total 2',
      'timedelay_database_writable 1',
      'timedelay_milter_reply_seconds_bucket{le="0.00005"} 1',
      'timedelay_milter_reply_seconds_bucket{le="0.00025"} 2',
      'timedelay_milter_reply_seconds_bucket{le="5"} 3',
      'timedelay_milter_reply_seconds_bucket{le="+Inf"} 4',
      'timedelay_milter_reply_seconds_count 4',
      'timedelay_milter_database_seconds_count 0',
    ]) {
      expect(lines).toContain(line)
    }
  })

  test('tell of a filter that is silent, and count anew when it does', async () => {
    let silent = false
    const console = await Console.open({
      figures: () => (silent ? Promise.reject(new Error('late')) : Promise.resolve(someFigures())),
    })
    await console.ask({ url: '/metrics' })
    silent = true
    await new Promise((resume) => setTimeout(resume, 1100))
    const { body } = await console.ask({ url: '/metrics' })
    expect(body).toContain('timedelay_milter_up 0\n')
    expect(body).not.toContain('timedelay_verdicts_total{')
    expect(body).not.toContain('timedelay_events_dropped_total')
  })

  test('time requests by their pattern, and never name an address', async () => {
    const console = await Console.open()
    await console.furnish()
    const dan = await console.signIn('dan')
    await dan.patch('/console/addresses/djb2026112045%40td.example.com', { note: 'x' })
    await console.ask({ url: '/secret-looking/path' })
    const { body } = await console.ask({ url: '/metrics' })
    expect(body).toMatch(
      /^timedelay_http_request_seconds_count\{method="PATCH",route="\/console\/addresses\/:address",status="200"\} 1$/m,
    )
    expect(body).not.toMatch(/djb|secret-looking|example\.com/)
  })
})

describe('the description of the API', () => {
  test('is OpenAPI 3.1 of every route, and says what each needs', async () => {
    const console = await Console.open({ basePath: '/td' })
    const document = (await console.ask({ url: '/openapi.json' })).json()
    expect(document.openapi).toBe('3.1.0')
    expect(document.servers).toEqual([{ url: '/td' }])
    expect(document.paths['/api/v1/aliases'].post.security).toEqual([{ token: [] }, { apiKey: [] }])
    expect(document.paths['/console/prefixes'].get.security).toEqual([{ session: [] }])
    expect(document.paths['/healthz'].get.security).toEqual([])
    expect(document.paths['/api/alias/random/new'].post.requestBody.required).toBe(false)
    expect(document.paths['/api/v1/aliases'].post.requestBody.required).toBe(true)
    const described = console.routes.routes.filter(({ url }) => /^\/(api|console)\//.test(url))
    for (const { url, methods } of described) {
      const path = document.paths[url.replace(/:(\w+)/g, '{$1}')]
      for (const method of methods) {
        if (method !== 'HEAD') expect(path?.[method.toLowerCase()]?.summary, `${method} ${url}`).toBeTruthy()
      }
    }
  })

  test('is a page without a script, with a line of curl for each action', async () => {
    const console = await Console.open({ publicUrl: 'https://td.example.com', basePath: '/td' })
    const { body, headers } = await console.ask({ url: '/docs' })
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).not.toMatch(/<script|\s(?:style|on\w+)=/)
    expect(body).toContain('https://td.example.com/td/api/v1/aliases')
    for (const { url, methods } of console.routes.routes) {
      if (!url.startsWith('/api/')) continue
      for (const method of methods) {
        if (method === 'HEAD') continue
        const path = url.replace(/:(\w+)/g, '{$1}')
        const [, article = ''] = body.split(`<code>${method} ${path}</code>`)
        expect(article.split('</article>')[0], `${method} ${path}`).toContain('curl ')
      }
    }
    expect((await console.ask({ url: '/docs.css' })).headers['content-type']).toBe('text/css; charset=utf-8')
  })
})

describe('what a web server keeps to itself', () => {
  const spellings = (path: string): readonly string[] => [
    `/${path}/`,
    `//${path}`,
    `//${path}/`,
    `/${path}//`,
    `/${path.replace('r', '%72')}`,
    `/td//${path}`,
    `/td/${path}/`,
  ]

  test.each(['metrics', 'readyz'])('%s has one spelling', async (path) => {
    const console = await Console.open({ basePath: '/td' })
    for (const url of [`/${path}`, `/td/${path}`, `/${path}?x=/`, `http://a.example/${path}`]) {
      expect((await console.ask({ url })).statusCode, url).toBe(200)
    }
    for (const url of spellings(path)) expect((await console.ask({ url })).statusCode, url).toBe(404)
  })

  test.each([
    ['scripts/packaging/nginx/host.conf', ''],
    ['scripts/packaging/nginx/path.conf', '/td'],
    ['README.md', ''],
  ])('is kept by %s in any spelling, and a client does not say which host it asked', (file, base) => {
    const text = readFileSync(file, 'utf8')
    const [, pattern = ''] = /location ~ (\S*metrics\S*) \{/.exec(text) ?? []
    const kept = new RegExp(pattern)
    for (const path of ['metrics', 'readyz']) {
      for (const url of ['', '/', '//'].flatMap((end) => [
        `${base}/${path}${end}`,
        `/${base}//${path}${end}`,
      ])) {
        expect(url).toMatch(kept)
      }
      expect(`${base}/${path}x`).not.toMatch(kept)
    }
    const [passes, hosts] = [/proxy_set_header Host/g, /proxy_set_header X-Forwarded-Host \$host;/g]
    expect(text.match(hosts)?.length).toBe(text.match(passes)?.length)
  })
})
