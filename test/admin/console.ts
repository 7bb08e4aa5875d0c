// One console to try requests on: a real database in memory, a clock that stands still, a page of two files.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { buildAdmin } from '../../src/admin/app.ts'
import type { AdminParts, App } from '../../src/admin/parts.ts'
import type { RouteTable } from '../../src/admin/routing.ts'
import { openLog } from '../../src/log.ts'
import { type Answer, createServices, type Role, type Services } from '../../src/service/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts'

/** 2026-11-22, a quarter past noon in Berlin. */
export const NOON = Date.parse('2026-11-22T12:15:00+01:00')
export const TD = 'td.example.com'
export const PASSWORD = 'correct horse battery'

export type Options = Partial<
  Pick<
    AdminParts,
    | 'basePath'
    | 'publicUrl'
    | 'trustedProxies'
    | 'figures'
    | 'checkWritable'
    | 'findings'
    | 'log'
    | 'pollEvery'
  >
>

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export class Console {
  now = NOON
  readonly store: SqliteStore
  readonly services: Services
  readonly app: App
  readonly routes: RouteTable
  readonly #clean: () => Promise<void>

  private constructor(
    parts: Pick<Console, 'store' | 'services' | 'app' | 'routes'>,
    clean: () => Promise<void>,
  ) {
    this.store = parts.store
    this.services = parts.services
    this.app = parts.app
    this.routes = parts.routes
    this.#clean = clean
  }

  /** For one test, which need not close it. */
  static async open(options: Options = {}): Promise<Console> {
    const console = await Console.make(options)
    onTestFinished(() => console.close())
    return console
  }

  static async make(options: Options = {}): Promise<Console> {
    const clock = (): number => console.now
    const store = openSqliteStore(':memory:', { now: () => NOON })
    const services = createServices({ store, clock, refusalCode: 551, passwordCost: 4 })
    const web = aPage()
    const { app, routes } = await buildAdmin({
      services,
      clock,
      log: openLog('silent').log,
      version: '1.2.3',
      refusalCode: 551,
      web,
      basePath: '',
      publicUrl: undefined,
      trustedProxies: [],
      figures: async () => undefined,
      checkWritable: () => store.checkWritable(),
      findings: async () => [{ check: 'database', level: 'ok', says: 'The database is in order.' }],
      mtaText: async (mta) => ({ ok: true, value: `configuration of ${mta}\n` }),
      ...options,
    })
    const console = new Console({ store, services, app, routes }, async () => {
      await app.close()
      await store.close()
      rmSync(web, { recursive: true, force: true })
    })
    return console
  }

  close(): Promise<void> {
    return this.#clean()
  }

  /** A request of nobody's. */
  ask(options: InjectOptions): Promise<LightMyRequestResponse> {
    return this.app.inject(options)
  }

  /** On a real port; the base URL. */
  listen(): Promise<string> {
    return this.app.listen({ host: '127.0.0.1', port: 0 })
  }

  /** td.example.com in Berlin's days; ada the postmaster; dan with djb, joe with joe. */
  async furnish(): Promise<void> {
    const { domains, prefixes } = this.services
    granted(await domains.add(TD, { timeZone: 'Europe/Berlin' }))
    await this.addPerson('ada', 'postmaster')
    await this.addPerson('dan', 'owner')
    await this.addPerson('joe', 'owner')
    granted(await prefixes.add('djb', { mailboxes: ['dredd@example.com'], owner: 'dan' }))
    granted(await prefixes.add('joe', { mailboxes: ['anderson@example.com'], owner: 'joe' }))
  }

  async addPerson(name: string, role: Role): Promise<void> {
    granted(await this.services.people.add(name, { password: PASSWORD, role }))
  }

  async signIn(name: string, password = PASSWORD): Promise<Browser> {
    const browser = new Browser(this)
    const answer = await browser.post('/console/session', { name, password })
    if (answer.statusCode !== 200) throw new Error(`${name} is not let in: ${answer.body}`)
    return browser
  }

  /** A token of that person's for that prefix. */
  async token(person: string, prefix: string, days?: number): Promise<string> {
    const wishes = { name: 'vault', prefix, domain: TD, person, ...(days === undefined ? {} : { days }) }
    return granted(await this.services.tokens.add(wishes)).secret
  }
}

/** What a person's browser sends: its cookie, and which page asks. */
export class Browser {
  readonly #console: Console
  cookie: string | undefined

  constructor(console: Console) {
    this.#console = console
  }

  async send(method: Method, url: string, body?: object | string): Promise<LightMyRequestResponse> {
    const answer = await this.#console.ask({
      method,
      url,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(typeof body === 'string' ? { 'content-type': 'text/csv' } : {}),
      },
      ...(body === undefined ? {} : { body }),
    })
    const set = answer.headers['set-cookie']
    const first = Array.isArray(set) ? set[0] : set
    if (first !== undefined) this.cookie = /=;/.test(first) ? undefined : first.split(';')[0]
    return answer
  }

  get(url: string): Promise<LightMyRequestResponse> {
    return this.send('GET', url)
  }
  post(url: string, body?: object | string): Promise<LightMyRequestResponse> {
    return this.send('POST', url, body)
  }
  put(url: string, body?: object): Promise<LightMyRequestResponse> {
    return this.send('PUT', url, body)
  }
  patch(url: string, body?: object): Promise<LightMyRequestResponse> {
    return this.send('PATCH', url, body)
  }
  delete(url: string, body?: object): Promise<LightMyRequestResponse> {
    return this.send('DELETE', url, body)
  }
}

/** One console for all tests of a `describe`, where they only read or do not meet. */
export function sharedConsole(
  options: Options = {},
  prepare: (console: Console) => Promise<void> = async () => undefined,
): () => Console {
  let console: Console | undefined
  beforeAll(async () => {
    console = await Console.make(options)
    await prepare(console)
  }, 30_000)
  afterAll(() => console?.close())
  return () => {
    if (console === undefined) throw new Error('there is a console only while tests run')
    return console
  }
}

export function granted<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`declined: ${answer.objection.message}`)
}

function aPage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'timedelay-page-'))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>timedelay</title>')
  writeFileSync(join(directory, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(directory, 'assets/index-abc123.js'), 'export {}')
  return directory
}
