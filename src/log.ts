// The service's log: one JSON object a line, on standard error, so that standard output carries only what people
// asked for.

import { write } from 'node:fs'
import { type Logger, pino } from 'pino'
import type { LogLevel } from './settings.ts'

/** What the floors may do with the log: `log.info({ queueId }, 'refused')`. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'>

export interface OpenLog {
  readonly log: Log
  /** Resolves when everything logged so far is written or lost, and after `deadline` milliseconds at the latest. */
  flush(deadline: number): Promise<void>
}

/** Values under these names are never written, at the depths at which we log. */
const SECRETS = ['secret', 'secrets', 'password', 'token', 'keys', 'authorization', 'cookie']
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** `fd`: standard error unless a test says otherwise. */
export function openLog(level: LogLevel, fd = 2): OpenLog {
  const lines = new LineWriter(fd)
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '(secret)' },
    },
    lines,
  )
  return { log, flush: (deadline) => lines.flush(deadline) }
}

/** Characters that wait for a slow reader. What comes on top is lost. */
const LONGEST_BACKLOG = 4 * 1024 * 1024
/** Milliseconds until a full pipe that does not block is tried again. */
const PATIENCE = 10

/**
 * Writes lines without waiting: a reader that has stopped must not hold up a reply to the MTA, a reader that has gone
 * must not end the service, and a disk that was full for a while must not silence it. What was lost is counted, and
 * told by the next line that gets through. (pino's own destination gives up on errors other than EPIPE, and counts
 * lost bytes against its bound for ever.)
 */
class LineWriter {
  readonly #fd: number
  #waiting: string[] = []
  #backlog = 0
  #lost = 0
  #writing = false
  #idle: (() => void)[] = []

  constructor(fd: number) {
    this.#fd = fd
  }

  write(line: string): void {
    if (this.#backlog + line.length > LONGEST_BACKLOG) {
      this.#lost += 1
      return
    }
    this.#backlog += line.length
    this.#waiting.push(line)
    if (!this.#writing) this.#next()
  }

  async flush(deadline: number): Promise<void> {
    if (!this.#writing) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve)
      timer = setTimeout(resolve, deadline)
    })
    clearTimeout(timer)
  }

  #next(): void {
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
    this.#next()
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
