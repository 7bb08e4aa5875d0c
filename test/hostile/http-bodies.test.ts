// Every route that the description names, with bodies, parameters and queries that are wrong in all the ways a generator
// finds, from everybody who may ask. Whether a body is wrong is decided by the description, not by the routes.

import { Check } from 'typebox/schema'
import { beforeAll, expect, test } from 'vitest'
import { granted, sharedConsole } from '../admin/console.ts'
import { Dice } from './dice.ts'

type Schema = { readonly [name: string]: unknown }
type Headers = Readonly<Record<string, string>>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface Operation {
  readonly method: Method
  readonly path: string
  readonly body: Schema | undefined
  readonly queries: readonly string[]
}

const shared = sharedConsole({}, (console) => console.furnish())
const SEED = 20_261_122
/** Requests for each route and each who asks. */
const TRIES = Number(process.env['HTTP_RUNS'] ?? 12)

const roles: { name: string; headers: Headers }[] = []
let operations: Operation[] = []

beforeAll(async () => {
  const console = shared()
  const cookie = async (name: string): Promise<Headers> => {
    const browser = await console.signIn(name)
    return { cookie: browser.cookie ?? '', 'sec-fetch-site': 'same-origin' }
  }
  roles.push({ name: 'nobody', headers: {} })
  roles.push({ name: 'an owner', headers: await cookie('dan') })
  roles.push({ name: 'a postmaster', headers: await cookie('ada') })
  roles.push({
    name: 'a token',
    headers: { authorization: `Bearer ${await console.token('dan', 'djb')}` },
  })
  const { paths } = (await console.ask({ method: 'GET', url: '/openapi.json' })).json() as {
    paths: Record<string, Record<string, Schema>>
  }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => described(method, path, operation)),
  )
})

function described(method: string, path: string, operation: Schema): Operation {
  const { requestBody, parameters = [] } = operation as {
    requestBody?: { content: Record<string, { schema: Schema }> }
    parameters?: { in: string; name: string }[]
  }
  return {
    method: method.toUpperCase() as Method,
    path,
    body: requestBody?.content['application/json']?.schema,
    queries: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
  }
}

// ---- what is wrong ----

const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  ' ',
  'x'.repeat(2000),
  'a\0b',
  '9999-99-99',
  '\u202e',
  '\ud800',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  [],
  {},
  [null],
  deep(200),
  { toString: 1, valueOf: null },
  { length: 1e9 },
]
const RAW: readonly string[] = [
  '{',
  '[',
  '"x"',
  'null',
  '',
  ' '.repeat(5000),
  '{"name":1,"name":"x"}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '['.repeat(6000),
  '{"a":1e400}',
  '\ufeff{}',
  '{"a":"\\ud800"}',
  '{"name":"x"} trailing',
  'name=x&password=y',
  '\x80\xff',
]
const TYPES = [
  'application/json',
  'application/json',
  'text/plain',
  'text/csv',
  'multipart/form-data',
  'application/json; charset=utf-16',
  'x',
]
const PLACES = [
  '1',
  '0',
  '-1',
  '%00',
  '%2e%2e%2f',
  '%zz',
  '%F0%9F%99%82',
  'x'.repeat(2000),
  "'",
  '..;',
  '1e9',
  '%0d%0aX: y',
]

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** A body as the schema wants it; only as good as needed to reach the member that is spoiled. */
function example(schema: Schema, dice: Dice): unknown {
  const { type, properties, items, anyOf, pattern, minimum } = schema as {
    type?: string
    properties?: Record<string, Schema>
    items?: Schema
    anyOf?: Schema[]
    enum?: unknown[]
    pattern?: string
    minimum?: number
  }
  if (Array.isArray(schema['enum'])) return dice.pick(schema['enum'])
  if (anyOf !== undefined) return example(dice.pick(anyOf), dice)
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, one]) => [name, example(one, dice)]),
    )
  if (type === 'array') return items === undefined ? [] : [example(items, dice)]
  if (type === 'integer' || type === 'number') return minimum ?? 1
  if (type === 'boolean') return false
  if (type === 'null') return null
  return pattern === undefined ? dice.pick(['djb', 'td.example.com', 'dan', 'x@example.com']) : '2026-12-01'
}

/** A body that the description does not admit, or nothing when chance made a good one. */
function wrongBody(schema: Schema, dice: Dice): string | undefined {
  const body = example(schema, dice) as Record<string, unknown>
  const names = Object.keys(body)
  const roll = dice.below(8)
  if (roll === 0) return JSON.stringify(dice.pick(WRONG.filter((wrong) => !Check(schema, wrong))))
  if (roll === 1)
    Object.assign(body, { [dice.pick(['x', 'toString', 'role', 'owner', 'id'])]: dice.pick(WRONG) })
  else if (roll === 2 && names.length > 0) delete body[dice.pick(names)]
  else if (names.length > 0) body[dice.pick(names)] = dice.pick(WRONG)
  const text = JSON.stringify(body)
  return Check(schema, JSON.parse(text)) ? undefined : text
}

// ---- what comes back ----

const LEAK = /node_modules|\.ts:\d|\.js:\d|SQLITE|TypeError|Error:|at Object\.|typebox|\/src\//i

async function tried(operation: Operation, headers: Headers, dice: Dice): Promise<number> {
  const url = new URL(
    operation.path.replace(/\{\w+\}/g, () => dice.pick(PLACES)),
    'http://x',
  )
  for (const name of operation.queries) {
    if (dice.below(2) === 0) url.searchParams.append(name, wordOf(dice.pick(WRONG)))
    if (dice.below(8) === 0) url.searchParams.append(name, 'again')
  }
  const hasBody = operation.method !== 'GET'
  const body = operation.body === undefined ? undefined : wrongBody(operation.body, dice)
  const isWrong = body !== undefined && dice.below(3) !== 0
  const payload = isWrong ? body : dice.pick(RAW)
  const type = isWrong ? 'application/json' : dice.pick(TYPES)
  // Slowly: who asks too often is told to wait, and that is tried elsewhere.
  shared().now += 60_000
  const answer = await shared().ask({
    method: operation.method,
    url: url.pathname + url.search,
    headers: { ...headers, ...(hasBody ? { 'content-type': type } : {}) },
    ...(hasBody ? { payload: Buffer.from(payload, 'latin1') } : {}),
  })
  const { statusCode, body: text } = answer
  const told = `${operation.method} ${url.href.slice(0, 300)} ${type} ${payload.slice(0, 300)}: ${statusCode} ${text.slice(0, 300)}`
  expect(statusCode, told).toBeLessThan(500)
  if (statusCode >= 400) {
    const problem = JSON.parse(text) as { message?: unknown; error?: unknown }
    expect(String(problem.message ?? problem.error ?? '').length, told).toBeGreaterThan(3)
    expect(LEAK.test(text), told).toBe(false)
  }
  if (isWrong) expect(statusCode, told).toBeGreaterThanOrEqual(400)
  return statusCode
}

/** What would end the test rather than be refused: these take no body and no parameter. */
const ENDING = new Set([
  'DELETE /console/sessions',
  'DELETE /console/session',
  'GET /console/activity/stream',
])

test('no route falls over a wrong request, takes a wrong body, or tells how it is made', {
  timeout: 120_000,
}, async () => {
  const dice = new Dice(SEED)
  const statuses = new Map<number, number>()
  for (const operation of operations) {
    if (ENDING.has(`${operation.method} ${operation.path}`)) continue
    for (const { headers } of roles) {
      for (let time = 0; time < TRIES; time++) {
        const status = await tried(operation, headers, dice)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
  }
  // It was a fuzz of bodies, not of the door: most of what was let in was looked at and found wrong.
  expect(statuses.get(400) ?? 0).toBeGreaterThan(operations.length * TRIES * 0.5)
  for (const status of [401, 403, 404, 415])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0)
  const health = await shared().ask({ method: 'GET', url: '/readyz' })
  expect(health.json()).toMatchObject({ database: 'ok' })
})

test('whoever was signed in before is so afterwards, and nothing was changed', async () => {
  const [, owner, postmaster] = roles
  for (const role of [owner, postmaster]) {
    const answer = await shared().ask({
      method: 'GET',
      url: '/console/addresses',
      headers: role?.headers ?? {},
    })
    expect(answer.statusCode).toBe(200)
  }
  const people = granted(await shared().services.people.list()).map(({ name }) => name)
  expect([...people].sort()).toEqual(['ada', 'dan', 'joe'])
  const domains = (await shared().services.domains.list()).map(({ name }) => name)
  expect(domains).toEqual(['td.example.com'])
})
