// The console's process, seen from the filter's: started, watched, started again when it ends, stopped. Nothing here
// waits on the path of mail: messages go over a pipe, and only when the other side asked.

import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Config } from './config.ts'
import type { MilterFigures } from './figures.ts'
import type { Log } from './log.ts'
import { ListenError } from './milter/index.ts'

/** What the filter's process tells the console's. */
export type ToConsole =
  | { readonly kind: 'start'; readonly config: Config }
  /** Nothing: no filter runs in this service. */
  | { readonly kind: 'figures'; readonly id: number; readonly figures: MilterFigures | undefined }
  | { readonly kind: 'stop' }

/** What the console's process tells the filter's. */
export type FromConsole =
  | { readonly kind: 'listening'; readonly url: string }
  /** It cannot start, for a reason that is a sentence for people: it cannot listen, or has no database. */
  | { readonly kind: 'failed'; readonly listening: boolean; readonly message: string }
  | { readonly kind: 'figures?'; readonly id: number }

export interface ConsoleProcessParts {
  readonly config: Config
  readonly log: Log
  readonly figures: () => MilterFigures | undefined
}

/** Milliseconds in which a console must listen; mail is served without it afterwards. */
const START_DEADLINE = 30_000
/** Milliseconds in which it must end when it is told to. */
const STOP_DEADLINE = 5000
/** Milliseconds before the first and before any later restart at most. */
const RESTART_AFTER = 1000
const RESTART_AT_MOST = 60_000
/** Mail goes first where the processor is short. */
const NICENESS = 5

export class ConsoleProcess {
  readonly #parts: ConsoleProcessParts
  #child: ChildProcess | undefined
  #restart: NodeJS.Timeout | undefined
  #pause = RESTART_AFTER
  #startedAt = 0
  #stopping = false

  constructor(parts: ConsoleProcessParts) {
    this.#parts = parts
  }

  /**
   * Resolves to its URL once it listens; to nothing when it does not come up, in which case it is tried again: the filter
   * outlives the loss of its database, and so must the start.
   * @throws ListenError when it cannot listen, which is for people to put right.
   */
  async start(): Promise<string | undefined> {
    const outcome = await this.#launch()
    if (outcome instanceof ListenError) {
      this.#stopping = true
      throw outcome
    }
    return outcome
  }

  /** Lets requests in progress finish for a moment. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (child === undefined) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#tell(child, { kind: 'stop' })
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE)
    await ended
    clearTimeout(late)
  }

  #launch(): Promise<string | ListenError | undefined> {
    // `advanced` carries a Map and undefined as they are. No flags of ours: a test runner's would be repeated.
    const child = fork(consoleFile(), [], {
      execArgv: ['--enable-source-maps'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = child
    this.#startedAt = performance.now()
    yieldToMail(child)
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#parts.log.error('the console does not come up')
        resolve(undefined)
      }, START_DEADLINE)
      const settle = (outcome: string | ListenError | undefined): void => {
        clearTimeout(late)
        resolve(outcome)
      }
      child.on('message', (message) => this.#heard(child, message as FromConsole, settle))
      child.on('error', (error) => this.#parts.log.error({ err: error }, "the console's process failed"))
      child.once('exit', (code, signal) => {
        settle(undefined)
        this.#ended(child, signal ?? code)
      })
      this.#tell(child, { kind: 'start', config: this.#parts.config })
    })
  }

  #heard(
    child: ChildProcess,
    message: FromConsole,
    settle: (outcome: string | ListenError | undefined) => void,
  ): void {
    const { log, figures } = this.#parts
    if (message.kind === 'figures?') {
      this.#tell(child, { kind: 'figures', id: message.id, figures: figures() })
    } else if (message.kind === 'listening') {
      log.info({ url: message.url }, 'the console listens')
      settle(message.url)
    } else {
      log.error({ reason: message.message }, 'the console cannot start')
      settle(message.listening ? new ListenError(message.message) : undefined)
    }
  }

  #ended(child: ChildProcess, cause: number | string | null): void {
    if (this.#child === child) this.#child = undefined
    if (this.#stopping) return
    if (performance.now() - this.#startedAt > RESTART_AT_MOST) this.#pause = RESTART_AFTER
    this.#parts.log.error({ cause, seconds: this.#pause / 1000 }, 'the console ended; it is started again')
    this.#restart = setTimeout(() => void this.#launch(), this.#pause)
    this.#pause = Math.min(2 * this.#pause, RESTART_AT_MOST)
  }

  #tell(child: ChildProcess, message: ToConsole): void {
    // A pipe that broke: the process is ending, and 'exit' says so.
    if (child.connected) child.send(message, () => undefined)
  }
}

/** Threads and processes of Node 20 load no TypeScript, so even tests, which run from `src/`, use the compiled file. */
function consoleFile(): string {
  return fileURLToPath(new URL('../dist/console.js', import.meta.url))
}

function yieldToMail({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS)
  } catch {
    // Not every system allows it, and nothing depends on it.
  }
}
