// One socket and its session: reads, writes each chunk's answers in one go, watches the peer's pace, and ends. There is
// no timer here: the server calls `check` for all its connections every so often.

import type { Socket } from 'node:net'
import type { Filter } from './filter.ts'
import type { Log } from './log-event.ts'
import { Session } from './session.ts'
import type { SessionHost, SessionOptions, SessionReport } from './session-host.ts'
import type { Turn } from './turn.ts'

/** Milliseconds. What is exceeded is noticed up to one `sweep` later, never too early. */
export interface Timeouts {
  /** From accept to the offer. */
  readonly negotiation: number
  /** From the first byte of a packet to its last. */
  readonly packet: number
  /** Between packets. Just above the longest wait of sendmail. */
  readonly idle: number
  /** For one answer; less than sendmail's `R` of 10 s. */
  readonly handler: number
  /** For the answer at end of message, where PROGRESS keeps the MTA waiting; less than sendmail's `E`. */
  readonly endOfMessage: number
  /** Between two PROGRESS; at most half of sendmail's `R`. */
  readonly progress: number
  /** For a peer that does not read what we write. */
  readonly write: number
  /** How often all of this is looked at. */
  readonly sweep: number
}

export const DEFAULT_TIMEOUTS: Timeouts = Object.freeze({
  negotiation: 30_000,
  packet: 30_000,
  idle: 7_210_000,
  handler: 8_000,
  endOfMessage: 60_000,
  progress: 3_000,
  write: 60_000,
  sweep: 1_000,
})

export interface ConnectionHost {
  readonly timeouts: Timeouts
  /** Shared by all connections of the server. */
  readonly turn: Turn
  readonly sessionOptions: SessionOptions
  readonly log: Log
  nextConnectionId(): number
  closed(connection: MilterConnection): void
}

/** Commands that one connection may bring at once before it is asked whether others wait. */
const BURST = 8

type Watch = 'negotiation' | 'packet' | 'idle' | 'handler' | 'endOfMessage' | 'write'

/** Below this, copying the answers together is cheaper than a vector of them. */
const COPY_BOUND = 65_536

/** ABORT, QUIT and QUIT_NC: whoever sends one no longer waits for an answer. */
const GIVES_UP = new Set(['A'.charCodeAt(0), 'Q'.charCodeAt(0), 'K'.charCodeAt(0)])

export class MilterConnection implements SessionHost {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #session: Session<unknown>
  /** Came while a handler was being waited for. Reading stops then, so that it stays one chunk or two. */
  #queued: Buffer | undefined
  /** The kernel does not take our output. */
  #blocked = false
  #stopping = false
  /** Commands since the event loop came to us. */
  #burst = 0
  /** Others have their turn; what is left of our input waits. */
  #resting = false

  /** What is being waited for, and since when, as the last `check` saw it. */
  #watch: Watch = 'negotiation'
  #since = 0
  #progressedAt = 0
  /** Something has happened since then, so the time runs anew. Spares a look at the clock for each packet. */
  #fresh = true

  constructor(socket: Socket, filter: Filter<unknown>, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#session = new Session(filter, this, host.sessionOptions)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('drain', () => this.#onDrain())
    socket.on('end', () => this.destroy())
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error))
    socket.on('close', () => this.#onClose())
  }

  // ---- what the session asks of us ----

  answered(): void {
    this.#fresh = true
    this.#go(() => this.#session.run())
  }

  nextConnectionId(): number {
    return this.#host.nextConnectionId()
  }

  report(report: SessionReport): void {
    this.#host.log({ ...report, level: levelOf(report) })
  }

  mayGoOn(): boolean {
    this.#burst++
    if (this.#burst <= BURST) return true
    if (!this.#host.turn.isUsedUp()) {
      this.#burst = 1
      return true
    }
    this.#rest()
    return false
  }

  // ---- what the server asks of us ----

  /** Ends between messages; a message in hand is finished first. */
  stop(): void {
    this.#stopping = true
    this.#go(() => undefined)
  }

  /** Ends now. */
  destroy(): void {
    this.#session.end()
    this.#socket.destroy()
  }

  /** Looks whether the peer, or a handler, has exceeded its time. `now` is in milliseconds, from any origin. */
  check(now: number): void {
    const watch = this.#watching()
    if (this.#fresh || watch !== this.#watch) {
      this.#fresh = false
      this.#watch = watch
      this.#since = now
      this.#progressedAt = now
    } else if (now - this.#since >= this.#host.timeouts[watch]) {
      this.#expire(watch)
    } else if (watch === 'endOfMessage' && now - this.#progressedAt >= this.#host.timeouts.progress) {
      this.#progressedAt = now
      this.#session.progress()
      this.#flush()
    }
  }

  #watching(): Watch {
    const session = this.#session
    if (this.#blocked || session.phase === 'closed') return 'write'
    if (session.waitingAtEnd) return 'endOfMessage'
    if (session.waiting) return 'handler'
    if (session.phase === 'opened') return 'negotiation'
    return session.midFrame ? 'packet' : 'idle'
  }

  #expire(watch: Watch): void {
    this.#fresh = true
    if (watch === 'handler' || watch === 'endOfMessage') {
      this.#go(() => {
        this.#session.expire()
        this.#session.run()
      })
      return
    }
    // A health check that connects and waits is nobody's fault.
    const level = watch === 'negotiation' ? 'info' : 'warn'
    this.#host.log({ kind: 'timeout', level, text: `closed a connection: ${TOO_SLOW[watch]}` })
    this.destroy()
  }

  // ---- the socket ----

  #onData(chunk: Buffer): void {
    this.#burst = 0
    if (this.#session.waiting || this.#blocked || this.#resting) {
      this.#queue(chunk)
      return
    }
    const { commands, midFrame } = this.#session
    this.#go(() => this.#session.receive(chunk))
    // Bytes of a packet that has begun before do not buy it more time.
    if (!midFrame || this.#session.commands !== commands) this.#fresh = true
  }

  #queue(chunk: Buffer): void {
    this.#socket.pause()
    const code = chunk[4]
    if (this.#queued === undefined && code !== undefined && GIVES_UP.has(code)) this.#session.interrupt()
    this.#queued = this.#queued === undefined ? chunk : Buffer.concat([this.#queued, chunk])
  }

  /** A peer may send thousands of commands at once, and Node would read on and on from it. */
  #rest(): void {
    this.#resting = true
    this.#socket.pause()
    setImmediate(() => {
      this.#resting = false
      this.#burst = 0
      this.#fresh = true
      if (!this.#blocked) this.#go(() => this.#session.run())
    })
  }

  #onDrain(): void {
    this.#blocked = false
    this.#fresh = true
    if (this.#resting) return
    this.#go(() => this.#session.run())
  }

  #onError(error: NodeJS.ErrnoException): void {
    // The peer is gone; `close` follows and tells the filter.
    const expected = error.code === 'EPIPE' || error.code === 'ECONNRESET'
    const level = expected ? 'debug' : 'warn'
    this.#host.log({ kind: 'socket-failed', level, text: `a connection broke: ${error.message}`, error })
  }

  #onClose(): void {
    this.#session.end()
    this.#queued = undefined
    this.#host.closed(this)
  }

  /** Lets the session work, writes what it has to say, and feeds it what had to wait. */
  #go(step: () => void): void {
    try {
      step()
      this.#settle()
    } catch (error) {
      const text = 'closed a connection after a fault of the milter library'
      this.#host.log({ kind: 'internal', level: 'error', text, error })
      this.destroy()
    }
  }

  #settle(): void {
    for (;;) {
      const full = this.#session.full
      this.#flush()
      if (this.#blocked || this.#resting || this.#socket.destroyed || this.#session.phase === 'closed') return
      if (full) this.#session.run()
      else if (!this.#takeQueued()) return
    }
  }

  /** True when the session got something to do. */
  #takeQueued(): boolean {
    if (this.#session.waiting || !this.#socket.isPaused()) return false
    const chunk = this.#queued
    this.#queued = undefined
    this.#socket.resume()
    if (chunk === undefined) return false
    this.#session.receive(chunk)
    return true
  }

  #flush(): void {
    const output = this.#session.takeOutput()
    if (output.length > 0 && !this.#socket.destroyed) this.#blocked = !this.#write(output)
    if (this.#session.phase === 'closed' || (this.#stopping && !this.#session.busy)) this.#finish()
  }

  /** All in one write. False when the kernel has not taken it all: then nothing more is read. */
  #write(output: readonly Buffer[]): boolean {
    const [first] = output
    if (output.length === 1 && first !== undefined) return this.#socket.write(first)
    let bytes = 0
    for (const part of output) bytes += part.length
    if (bytes <= COPY_BOUND) return this.#socket.write(Buffer.concat(output, bytes))
    // A large body is not copied: its parts leave as one vector.
    this.#socket.cork()
    let taken = true
    for (const part of output) taken = this.#socket.write(part)
    this.#socket.uncork()
    return taken
  }

  /** Hangs up once everything is written: at once, as a rule, since QUIT has no answer. */
  #finish(): void {
    this.#session.end()
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.destroySoon()
  }
}

const TOO_SLOW = {
  negotiation: 'no offer came',
  packet: 'a packet was begun and not finished',
  idle: 'nothing came for too long',
  write: 'the peer does not read',
} as const

/** Garbage before an agreement comes from scanners and health checks. */
function levelOf({ kind, connection }: SessionReport): 'info' | 'warn' | 'error' {
  if (kind === 'protocol-error') return connection === undefined ? 'info' : 'warn'
  return kind === 'verdict-delayed' ? 'warn' : 'error'
}
