// The whole program with its console, on a real database file: furnished from here, then used through its doors.

import { type MessageInput, type RecipientResult, simulate } from '../../../src/milter/simulator/index.ts'
import { type Answer, createServices, type Role, type Services } from '../../../src/service/index.ts'
import { openSqliteStore, type SqliteStore } from '../../../src/store/sqlite/index.ts'
import type { Store } from '../../../src/store/store.ts'
import { freePorts } from '../mta/free-ports.ts'
import { TD } from '../mta/mta.ts'
import { Service } from '../mta/service.ts'
import type { VisitorCookie } from './browser.ts'

export const PASSWORD = 'correct horse battery staple'

/** As the tests' browser says it: sessions opened past the page look like its own. */
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** Cheap hashes: what scrypt costs is no subject here. */
const PASSWORD_COST = 4

export interface SiteOptions {
  /** Path below which the console is: '/td'. */
  readonly basePath?: string
  /** More options of `serve`. */
  readonly options?: readonly string[]
}

/** Fills a database; `file` is for those who cannot wait for the store to do it. */
export type Furnish = (services: Services, store: SqliteStore, file: string) => Promise<void>

export class ConsoleSite {
  readonly service: Service
  /** Root of the console as the service itself shows it, with a slash at its end. */
  readonly base: string
  readonly #port: number

  private constructor(service: Service, port: number, basePath: string) {
    this.service = service
    this.#port = port
    this.base = `http://127.0.0.1:${port}${basePath}/`
  }

  /** Not started yet, and without a database. */
  static async prepare({ basePath = '', options = [] }: SiteOptions = {}): Promise<ConsoleSite> {
    const [port = 0] = await freePorts(1)
    const below = basePath === '' ? [] : ['--base-path', basePath]
    const service = await Service.inNewFolder({ port, options: [...below, ...options] })
    return new ConsoleSite(service, port, basePath)
  }

  get port(): number {
    return this.#port
  }

  /** Works on the database from this process, as the command line does. */
  async furnish(work: Furnish): Promise<void> {
    const store = openSqliteStore(this.service.database)
    try {
      await work(servicesOn(store), store, this.service.database)
    } finally {
      await store.close()
    }
  }

  /** What the mail server would hear: the replies to its recipients. */
  async mail(from: string, to: readonly string[], body = 'Thank you.'): Promise<readonly RecipientResult[]> {
    const message: MessageInput = { from, to, headers: [['Subject', 'an order']], body }
    const { messages } = await simulate({ milter: this.service.spec, messages: [message] })
    return messages.flatMap(({ recipients }) => recipients)
  }

  /** Signs somebody in as a browser does; the cookie. */
  async signIn(name: string, password = PASSWORD): Promise<VisitorCookie> {
    const response = await fetch(new URL('console/session', this.base), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: new URL(this.base).origin,
        'user-agent': AGENT,
      },
      body: JSON.stringify({ name, password }),
    })
    const [cookie] = response.headers.getSetCookie()
    if (cookie === undefined) throw new Error(`${name} is not let in: ${await response.text()}`)
    const [, cookieName = '', value = '', path = '/'] = /^([^=]+)=([^;]*);.*?Path=([^;]*)/i.exec(cookie) ?? []
    return { name: cookieName, value, path }
  }

  /** A request with that cookie, past the page. */
  ask(
    cookie: VisitorCookie | undefined,
    path: string,
    {
      method = 'GET',
      json,
      csv,
    }: { readonly method?: string; readonly json?: unknown; readonly csv?: string } = {},
  ): Promise<Response> {
    return fetch(new URL(path, this.base), {
      method,
      headers: {
        origin: new URL(this.base).origin,
        ...(cookie === undefined ? {} : { cookie: `${cookie.name}=${cookie.value}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(csv === undefined ? {} : { 'content-type': 'text/csv' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(csv === undefined ? {} : { body: csv }),
    })
  }

  async remove(): Promise<void> {
    await this.service.remove()
  }
}

/** What people can do with a database, at the time that the clock tells. */
export function servicesOn(store: Store, clock: () => number = Date.now): Services {
  return createServices({ store, clock, refusalCode: 551, passwordCost: PASSWORD_COST })
}

/** td.example.com; ada the postmaster; dan with djb and shp, joe with joe. */
export async function theUsual({ domains, prefixes, people }: Services): Promise<void> {
  granted(await domains.add(TD, { timeZone: DAYTIME_ZONE, postmaster: 'postmaster@example.com' }))
  await addPeople(people, { ada: 'postmaster', dan: 'owner', joe: 'owner' })
  granted(await prefixes.add('djb', { mailboxes: ['dredd@example.com'], owner: 'dan', defaultDays: 45 }))
  granted(
    await prefixes.add('shp', {
      mailboxes: ['foo@example.com'],
      owner: 'dan',
      signed: true,
      maxDays: 60,
      defaultDays: 30,
    }),
  )
  granted(await prefixes.add('joe', { mailboxes: ['anderson@example.com'], owner: 'joe' }))
}

export async function addPeople(people: Services['people'], roles: Record<string, Role>): Promise<void> {
  for (const [name, role] of Object.entries(roles))
    granted(await people.add(name, { password: PASSWORD, role }))
}

export function granted<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`declined: ${answer.objection.message}`)
}

/** One city for each hour of the day. */
const ZONES = [
  'Pacific/Honolulu',
  'America/Los_Angeles',
  'America/Chicago',
  'America/New_York',
  'America/Sao_Paulo',
  'Europe/London',
  'Europe/Berlin',
  'Europe/Helsinki',
  'Asia/Dubai',
  'Asia/Dhaka',
  'Asia/Bangkok',
  'Asia/Tokyo',
  'Pacific/Noumea',
]

/** A zone where it is the middle of the day, so that no test meets a midnight. */
export const DAYTIME_ZONE = ZONES.reduce((best, zone) =>
  awayFromNoon(zone) < awayFromNoon(best) ? zone : best,
)

function awayFromNoon(timeZone: string): number {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric' }).format(new Date()))
  return Math.abs(hour - 12)
}

const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: DAYTIME_ZONE })

/** Today there, so many days on; days since 1970-01-01. */
export function dayNumber(offset = 0): number {
  return Date.parse(`${calendar.format(new Date())}T00:00:00Z`) / 86_400_000 + offset
}

/** That day as addresses write it: 20261122. */
export function digits(offset = 0): string {
  return isoDay(offset).replaceAll('-', '')
}

/** That day as forms write it: 2026-11-22. */
export function isoDay(offset = 0): string {
  return new Date(dayNumber(offset) * 86_400_000).toISOString().slice(0, 10)
}

/** That day as the page writes it: "Tuesday, 5 January 2027". */
export function spokenDay(offset: number): string {
  return inWords(offset, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

function inWords(offset: number, how: Intl.DateTimeFormatOptions): string {
  const parts = new Intl.DateTimeFormat('en-GB', { ...how, timeZone: 'UTC' }).formatToParts(
    new Date(dayNumber(offset) * 86_400_000),
  )
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`
}
