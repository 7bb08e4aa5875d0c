// Listens, keeps count of its connections, looks after their deadlines with one timer for all, and stops gracefully.

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type ConnectionHost, DEFAULT_TIMEOUTS, MilterConnection, type Timeouts } from './connection.ts'
import { ListenError } from './errors.ts'
import type { Filter } from './filter.ts'
import { type BoundSocket, listenOn, type SocketAccess } from './listener.ts'
import type { Log } from './log-event.ts'
import { checkMacros } from './negotiation.ts'
import { DEFAULT_SESSION_OPTIONS, type SessionOptions } from './session-host.ts'
import { formatSocketSpec, parseSocketSpec, type SocketSpec } from './socket-spec.ts'
import { Turn } from './turn.ts'
import { CONTINUE, TEMPFAIL } from './verdict.ts'

export interface Listener extends SocketAccess {
  /** `inet:8895@127.0.0.1`, `unix:/run/timedelay/milter.sock`, or Postfix's spelling. */
  readonly spec: string
}

export interface Limits {
  /** Connections at a time; more are hung up on, so that files can still be opened. By default what the system allows, less a reserve. */
  readonly connections?: number
  /** Recipients of one message, 10,000 unless told; more are put off with 452. */
  readonly recipients?: number
  /** Bytes of one message's envelope, 4 MiB unless told; recipients beyond it are put off with 452. */
  readonly envelopeBytes?: number
}

export interface MilterServerOptions<State> {
  readonly filter: Filter<State>
  readonly listeners: readonly Listener[]
  readonly log?: Log
  /** Milliseconds; see `DEFAULT_TIMEOUTS`. */
  readonly timeouts?: Partial<Timeouts>
  readonly limits?: Limits
  /** What a message is answered whose handler threw or took too long; 'tempfail' unless told. */
  readonly onHandlerFault?: 'tempfail' | 'continue'
  /** Milliseconds from any origin, never going back. For tests. */
  readonly now?: () => number
}

/** Descriptors that stay free for files, logs and databases. */
const RESERVE = 64
/** Milliseconds between two log lines about the same thing, which a flood would otherwise repeat. */
const QUIET = 1_000

export class MilterServer<State = undefined> {
  readonly #filter: Filter<unknown>
  readonly #specs: readonly { readonly spec: SocketSpec; readonly access: SocketAccess }[]
  readonly #log: Log
  readonly #now: () => number
  readonly #host: ConnectionHost
  readonly #maxConnections: number
  readonly #connections = new Set<MilterConnection>()
  #listeners: BoundSocket[] = []
  #addresses: readonly string[] = []
  #sweeper: NodeJS.Timeout | undefined
  #lastId = 0
  #quietUntil = Number.NEGATIVE_INFINITY
  #stopped: Promise<void> | undefined
  #drained: (() => void) | undefined

  /**
   * @throws SpecError for a listener that cannot be understood, TypeError for a filter with a macro that is none.
   */
  constructor(options: MilterServerOptions<State>) {
    checkMacros(options.filter)
    // Each message's state is made and used by the same filter; the server only carries it.
    this.#filter = options.filter as Filter<unknown>
    this.#specs = options.listeners.map(({ spec, ...access }) => ({ spec: parseSocketSpec(spec), access }))
    this.#log = options.log ?? (() => undefined)
    this.#now = options.now ?? (() => performance.now())
    this.#maxConnections = options.limits?.connections ?? descriptorLimit() - RESERVE
    this.#host = {
      timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
      sessionOptions: sessionOptions(options),
      turn: new Turn(),
      log: this.#log,
      nextConnectionId: () => ++this.#lastId,
      closed: (connection) => this.#forget(connection),
    }
  }

  /**
   * Takes all sockets, or none.
   * @throws ListenError with one sentence for the operator.
   */
  async listen(): Promise<void> {
    if (this.#listeners.length > 0 || this.#stopped !== undefined)
      throw new ListenError('This server has been started before.')
    try {
      for (const { spec, access } of this.#specs) {
        const accept = (socket: Socket): void => this.#accept(socket)
        this.#listeners.push(await listenOn(spec, access, accept, (error) => this.#acceptFailed(error)))
      }
    } catch (error) {
      const bound = this.#listeners
      this.#listeners = []
      await Promise.all(bound.map((listener) => listener.close()))
      throw error
    }
    this.#sweeper = setInterval(() => this.sweep(), this.#host.timeouts.sweep).unref()
    this.#addresses = this.#listeners.map(({ spec }) => formatSocketSpec(spec))
    for (const address of this.#addresses) {
      this.#log({ kind: 'listening', level: 'info', text: `listening on ${address}` })
    }
  }

  /** What is listened on, as specs; port 0 has become a real one. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size
  }

  /**
   * Accepts no more, hangs up between messages, lets open messages be finished, and after `deadline` milliseconds hangs
   * up on the rest. Resolves when all is closed and the socket files are gone. Called again, it can only be quicker.
   */
  async stop(deadline: number): Promise<void> {
    this.#stopped ??= this.#stop()
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy()
    }, deadline)
    await this.#stopped
    clearTimeout(timer)
  }

  /** Looks at all deadlines. It happens by itself; tests with their own clock call it. */
  sweep(): void {
    const now = this.#now()
    for (const connection of this.#connections) connection.check(now)
  }

  async #stop(): Promise<void> {
    const closed = this.#listeners.map((listener) => listener.close())
    for (const connection of this.#connections) connection.stop()
    await Promise.all(closed)
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    clearInterval(this.#sweeper)
    this.#log({ kind: 'stopped', level: 'info', text: 'stopped' })
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.#maxConnections) {
      socket.destroy()
      this.#complain(`turned a connection away: there are ${this.#connections.size} already`)
      return
    }
    this.#connections.add(new MilterConnection(socket, this.#filter, this.#host))
  }

  /** EMFILE, ECONNABORTED and the like pass; the listener stays. */
  #acceptFailed(error: Error): void {
    this.#complain(`could not accept a connection: ${error.message}`, error)
  }

  #complain(text: string, error?: Error): void {
    const now = this.#now()
    if (now < this.#quietUntil) return
    this.#quietUntil = now + QUIET
    this.#log({ kind: 'accept-failed', level: 'error', text, error })
  }

  #forget(connection: MilterConnection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#drained?.()
  }
}

function sessionOptions<State>({ limits, onHandlerFault }: MilterServerOptions<State>): SessionOptions {
  return {
    maxRecipients: limits?.recipients ?? DEFAULT_SESSION_OPTIONS.maxRecipients,
    maxEnvelopeBytes: limits?.envelopeBytes ?? DEFAULT_SESSION_OPTIONS.maxEnvelopeBytes,
    onHandlerFault: onHandlerFault === 'continue' ? CONTINUE : TEMPFAIL,
  }
}

/** Linux tells; elsewhere the system's own error has to do. */
function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
