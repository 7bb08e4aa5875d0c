// The service's log: one JSON object a line, on standard error, so that standard output carries only what people
// asked for.

import { write } from 'node:fs'
import { type Logger, pino, stdSerializers } from 'pino'
import type { LogLevel } from './settings.ts'

/** What the floors may do with the log: `log.info({ queueId }, 'refused')`. */
export interface Log
  extends Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'> {
  /**
   * A line at level info whose fields are known to hold no secret and nothing deep, and do not change any more. Mail makes
   * one for each recipient, and this way it costs a quarter, none of which the mail server waits for.
   */
  event(fields: object, message: string): void
}

export interface OpenLog {
  readonly log: Log
  /** Resolves when everything logged so far is written or lost, and after `deadline` milliseconds at the latest. */
  flush(deadline: number): Promise<void>
}

/** `fd`: standard error unless a test says otherwise. */
export function openLog(level: LogLevel, fd = 2): OpenLog {
  const lines = new LineWriter(fd)
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => timeField(Date.now()),
      formatters: { level: (label) => ({ level: label }), log: (logged) => withoutSecrets(logged) },
      // What had a secret in it is taken apart already, and has no class any more.
      serializers: { err: (error) => (error instanceof Error ? stdSerializers.err(error) : error) },
    },
    lines,
  )
  const event = (fields: object, message: string): void => {
    if (logger.isLevelEnabled('info')) lines.event({ at: Date.now(), fields, message })
  }
  return { log: Object.assign(logger, { event }), flush: (deadline) => lines.flush(deadline) }
}

interface LogEvent {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly fields: object
  readonly message: string
}

const lineOf = ({ at, fields, message }: LogEvent): string =>
  `{"level":"info"${timeField(at)},${inner(fields)}"msg":${JSON.stringify(message)}}\n`

/** The fields as JSON without the braces, with a comma after the last. */
function inner(fields: object): string {
  const text = JSON.stringify(fields)
  return text === '{}' ? '' : `${text.slice(1, -1)},`
}

/** Values under these names are never written, at the depths at which we log. */
const SECRETS: ReadonlySet<string> = new Set([
  'secret',
  'secrets',
  'password',
  'token',
  'keys',
  'authorization',
  'cookie',
])
const CENSOR = '(secret)'
const DEEPEST = 3

/**
 * The same object when nothing in it is secret, else a copy. One pass over what is there: pino's own redaction takes
 * each possible path in turn, which cost more than the rest of a line.
 */
function withoutSecrets(logged: Record<string, unknown>, depth = 1): Record<string, unknown> {
  let clean = logged
  for (const name of Object.keys(logged)) {
    const value = logged[name]
    const told = SECRETS.has(name) ? CENSOR : withoutSecretsInside(value, depth)
    if (told === value) continue
    if (clean === logged) clean = copyOf(logged)
    clean[name] = told
  }
  return clean
}

/** An array is an object whose names are numbers, and stays an array. */
function copyOf(logged: Record<string, unknown>): Record<string, unknown> {
  return Array.isArray(logged) ? Object.assign([], logged) : { ...logged }
}

function withoutSecretsInside(value: unknown, depth: number): unknown {
  if (depth >= DEEPEST || typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return value
  // An error's own words are not enumerable, and a copy would lose them.
  const told = value instanceof Error && Object.keys(value).length > 0 ? stdSerializers.err(value) : value
  const clean = withoutSecrets(told as Record<string, unknown>, depth + 1)
  return clean === told ? value : clean
}

let second = 0
let secondText = ''

/** RFC 3339 in UTC, to the millisecond. Only the milliseconds differ from one line to the next, as a rule. */
function timeField(now: number): string {
  const milliseconds = now % 1000
  if (now - milliseconds !== second || secondText === '') {
    second = now - milliseconds
    secondText = new Date(second).toISOString().slice(0, -4)
  }
  return `,"time":"${secondText}${String(milliseconds).padStart(3, '0')}Z"`
}

/** Characters that wait for a slow reader. What comes on top is lost. */
const LONGEST_BACKLOG = 4 * 1024 * 1024
/** Milliseconds until a full pipe that does not block is tried again. */
const PATIENCE = 10
/** Milliseconds between two writes: lines that come closer leave together. One write a line cost as much as the mail. */
const GATHER = 50
/** Events that wait to be made into lines at once. It takes a millisecond. */
const MOST_EVENTS = 500

/**
 * Writes lines without waiting: a reader that has stopped must not hold up a reply to the MTA, a reader that has gone
 * must not end the service, and a disk that was full for a while must not silence it. What was lost is counted, and
 * told by the next line that gets through. (pino's own destination gives up on errors other than EPIPE, and counts
 * lost bytes against its bound for ever.)
 */
class LineWriter {
  readonly #fd: number
  /** What came last, not made into lines yet: nobody waits for them, and somebody may wait for a reply. */
  #events: LogEvent[] = []
  #waiting: string[] = []
  #backlog = 0
  #lost = 0
  #writing = false
  #writtenAt = Number.NEGATIVE_INFINITY
  #gathering: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  constructor(fd: number) {
    this.#fd = fd
  }

  write(line: string): void {
    this.#makeLines()
    this.#add(line)
    this.#begin()
  }

  event(event: LogEvent): void {
    this.#events.push(event)
    if (this.#events.length >= MOST_EVENTS) this.#makeLines()
    this.#begin()
  }

  #makeLines(): void {
    if (this.#events.length === 0) return
    const events = this.#events
    this.#events = []
    for (const event of events) this.#add(lineOf(event))
  }

  #add(line: string): void {
    if (this.#backlog + line.length > LONGEST_BACKLOG) {
      this.#lost += 1
      return
    }
    this.#backlog += line.length
    this.#waiting.push(line)
  }

  #begin(): void {
    if (!this.#writing && this.#gathering === undefined) this.#gather()
  }

  async flush(deadline: number): Promise<void> {
    if (this.#gathering !== undefined) this.#next()
    if (!this.#writing) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve)
      timer = setTimeout(resolve, deadline)
    })
    clearTimeout(timer)
  }

  /** A line that comes alone leaves as soon as what is being done is done. */
  #gather(): void {
    const pause = this.#writtenAt + GATHER - performance.now()
    this.#gathering = setTimeout(() => this.#next(), Math.max(0, pause))
  }

  #next(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    this.#makeLines()
    const lines = this.#waiting
    this.#writing = lines.length > 0
    if (!this.#writing) {
      for (const resolve of this.#idle.splice(0)) resolve()
      return
    }
    this.#waiting = []
    this.#backlog = 0
    this.#put(Buffer.from(this.#confession() + lines.join('')), lines.length)
  }

  #put(bytes: Buffer, lines: number): void {
    write(this.#fd, bytes, (error, written) => {
      if (error === null && written < bytes.length) this.#put(bytes.subarray(written), lines)
      else if (error?.code === 'EAGAIN') setTimeout(() => this.#put(bytes, lines), PATIENCE)
      else this.#settle(error, lines)
    })
  }

  #settle(error: NodeJS.ErrnoException | null, lines: number): void {
    if (error !== null) this.#lost += lines
    this.#writtenAt = performance.now()
    this.#writing = false
    // Somebody who waits for the last line wants no pause.
    const more = this.#waiting.length > 0 || this.#events.length > 0
    if (more && this.#idle.length === 0) this.#gather()
    else this.#next()
  }

  #confession(): string {
    if (this.#lost === 0) return ''
    const told = {
      level: 'warn',
      time: new Date().toISOString(),
      lines: this.#lost,
      msg: 'log lines were lost',
    }
    this.#lost = 0
    return `${JSON.stringify(told)}\n`
  }
}
