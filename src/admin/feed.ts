// Verdicts as they happen, sent to every browser that looks (server-sent events). The database is all that the filter
// and the console share, so it is asked: once a second for all who look, and for more only when something is new.

import { PassThrough, type Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { FaultLog } from '../fault-log.ts'
import type { RefusalCode } from '../filter/replies.ts'
import type { Log } from '../log.ts'
import type { Desk, Services, Visitor } from '../service/index.ts'
import { visitOf } from './access.ts'
import { readCookie } from './cookie.ts'
import { Refused, refuse } from './problems.ts'
import { eventView, mailboxesOf } from './views.ts'

export interface FeedParts {
  readonly services: Services
  readonly refusalCode: RefusalCode
  readonly log: Log
  readonly clock: Clock
  readonly pollEvery?: number
}

/** Milliseconds between two looks, and between two signs of life. */
const POLL = 1000
const HEARTBEAT = 15_000
/** Browsers that may look at one time: each holds a socket. */
const MOST_STREAMS = 200
/** Verdicts sent at once; the rest follows with the next look. */
const BATCH = 200
/** Bytes that a browser may be behind before it is let go; it comes back and goes on where it was. */
const MOST_BEHIND = 256 * 1024

interface Stream {
  readonly out: PassThrough
  readonly request: FastifyRequest
  readonly cookie: string
  /** Whose it is. */
  readonly person: number
  desk: Desk
  /** Number of the last verdict that was sent, or that was none of theirs. */
  last: number
}

export class Feed {
  readonly #parts: FeedParts
  readonly #faults: FaultLog
  readonly #streams = new Set<Stream>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #sinceHeartbeat = 0

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#faults = new FaultLog(parts.log, parts.clock)
  }

  get streams(): number {
    return this.#streams.size
  }

  start(): void {
    const { pollEvery = POLL } = this.#parts
    this.#timer = setInterval(() => void this.#look(pollEvery), pollEvery).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const { out } of this.#streams) out.end()
    this.#streams.clear()
  }

  /** @throws Refused when too many look already. */
  async open(request: FastifyRequest): Promise<Readable> {
    const cookie = readCookie(request)
    const visitor = cookie === undefined ? undefined : await this.#visitor(cookie, request)
    if (cookie === undefined || visitor === undefined) throw refuse(401, 'Sign in first.')
    const last = lastEventId(request) ?? (await this.#parts.services.activity.newest())
    const person = visitor.person.id
    // From here on without a pause: who asks for thousands at once has them all begun before the first is open.
    this.#makeRoom(person)
    const out = new PassThrough()
    const stream = { out, request, cookie, person, desk: this.#parts.services.as(visitor.actor), last }
    this.#streams.add(stream)
    out.on('close', () => this.#streams.delete(stream))
    out.on('error', () => this.#streams.delete(stream))
    // The first bytes make the browser believe in the connection; then how long it waits before it comes back.
    out.write(': here\nretry: 3000\n\n')
    return out
  }

  /**
   * When all is taken, whoever has most gives one up to somebody who would still have less.
   * @throws Refused when nobody has more.
   */
  #makeRoom(person: number): void {
    if (this.#streams.size < MOST_STREAMS) return
    const held = new Map<number, number>()
    for (const stream of this.#streams) held.set(stream.person, (held.get(stream.person) ?? 0) + 1)
    const most = Math.max(...held.values())
    const oldest = [...this.#streams].find((stream) => held.get(stream.person) === most)
    if (oldest !== undefined && (held.get(person) ?? 0) + 1 < most) {
      this.#end(oldest)
      return
    }
    const message = 'Too many browsers look at once. Close one.'
    // The socket is wanted for others.
    throw new Refused(503, { message, retryAfter: 30 }, { connection: 'close' })
  }

  /** Ends the streams whose session has ended. */
  async recheck(): Promise<void> {
    for (const stream of [...this.#streams]) {
      const visitor = await this.#visitor(stream.cookie, stream.request)
      if (visitor === undefined) this.#end(stream)
      else stream.desk = this.#parts.services.as(visitor.actor)
    }
  }

  async #look(passed: number): Promise<void> {
    // A slow database: the next look waits for this one.
    if (this.#looking !== undefined) return
    this.#sinceHeartbeat += passed
    const beat = this.#sinceHeartbeat >= HEARTBEAT
    if (beat) this.#sinceHeartbeat = 0
    this.#looking = (beat ? this.#beat() : Promise.resolve())
      .then(() => this.#sendNew())
      .catch((error: unknown) => this.#faults.report(error, 'looking for new verdicts'))
      .finally(() => {
        this.#looking = undefined
      })
    await this.#looking
  }

  async #beat(): Promise<void> {
    await this.recheck()
    for (const { out } of this.#streams) out.write(': still here\n\n')
  }

  async #sendNew(): Promise<void> {
    if (this.#streams.size === 0) return
    const newest = await this.#parts.services.activity.newest()
    for (const stream of [...this.#streams]) if (stream.last < newest) await this.#send(stream, newest)
  }

  async #send(stream: Stream, newest: number): Promise<void> {
    const { desk, out } = stream
    const events = await desk.activity.since(stream.last, { limit: BATCH })
    stream.last = events.length < BATCH ? Math.max(newest, stream.last) : stream.last
    const prefixes = events.length === 0 ? undefined : await desk.prefixes.list()
    const mailboxes = mailboxesOf(prefixes?.ok === true ? prefixes.value : [])
    for (const event of events) {
      stream.last = Math.max(stream.last, event.id)
      // JSON has no line breaks, which would end the field.
      const data = JSON.stringify(eventView(event, mailboxes, this.#parts.refusalCode))
      out.write(`id: ${event.id}\ndata: ${data}\n\n`)
    }
    if (out.writableLength > MOST_BEHIND) this.#end(stream)
  }

  #visitor(cookie: string, request: FastifyRequest): Promise<Visitor | undefined> {
    return this.#parts.services.identity.visitor(cookie, visitOf(request))
  }

  #end(stream: Stream): void {
    this.#streams.delete(stream)
    stream.out.end()
  }
}

/** Where a browser that comes back was. */
function lastEventId(request: FastifyRequest): number | undefined {
  const text = request.headers['last-event-id']
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
