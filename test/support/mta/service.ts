// Our own service as an operator runs it: the compiled program, in a process of its own, on a database that was made with
// the command line. And a mail server in front of it.

import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { eventually } from './eventually.ts'
import { listening } from './listening.ts'
import { type Mta, type MtaOptions, POSTFIX_OWNER, TD } from './mta.ts'
import { ProcessGroup, run } from './process-group.ts'

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** Where the console is, for those tests that need one. */
export interface ConsolePlace {
  /** On loopback. */
  readonly port: number
  /** More options of `serve`, such as --base-path. */
  readonly options?: readonly string[]
}

/** A timedelay with a database, a socket and the two owners of every test: djb is dredd, joe is anderson. */
export class Service {
  /** The files of the database, as they lie there when no program has it open. */
  static #made: readonly (readonly [name: string, bytes: Buffer])[] | undefined
  readonly folder: string
  readonly #console: ConsolePlace | undefined
  #process: ProcessGroup | undefined
  #earlierOutput = ''

  private constructor(folder: string, place: ConsolePlace | undefined) {
    this.folder = folder
    this.#console = place
  }

  /** A folder for it, where nothing lies yet. Without a place it runs no console. */
  static async inNewFolder(place?: ConsolePlace): Promise<Service> {
    if (!existsSync(PROGRAM))
      throw new Error("the service is not compiled: 'npm test' or 'npm run build' does it")
    const folder = await mkdtemp(join(tmpdir(), 'timedelay-service-'))
    await chmod(folder, 0o755)
    return new Service(folder, place)
  }

  /** One with its database; `start` runs it. */
  static async prepare(): Promise<Service> {
    const service = await Service.inNewFolder()
    await service.makeDatabase()
    return service
  }

  /** With the command line, which takes a second: so once a test file, and its others get a copy. */
  async makeDatabase(): Promise<void> {
    if (Service.#made !== undefined) {
      for (const [name, bytes] of Service.#made)
        await writeFile(join(this.folder, name), bytes, { mode: 0o600 })
      return
    }
    await this.cli('domain', 'add', TD, '--time-zone', 'UTC', '--postmaster', 'postmaster@example.com')
    await this.importPrefixes('djb dredd@example.com\njoe anderson@example.com\n')
    const names = (await readdir(this.folder)).filter((name) => name.startsWith('timedelay.db'))
    Service.#made = await Promise.all(
      names.map(async (name) => [name, await readFile(join(this.folder, name))] as const),
    )
  }

  get database(): string {
    return join(this.folder, 'timedelay.db')
  }

  /** Where the filter listens, in libmilter's words. */
  get spec(): string {
    return `local:${join(this.folder, 'td.sock')}`
  }

  /** The process that serves mail, while it runs. */
  get id(): number {
    if (this.#process === undefined) throw new Error('the service does not run')
    return this.#process.id
  }

  /** Everything the service printed, over all its starts. */
  get output(): string {
    return this.#earlierOutput + (this.#process?.output ?? '')
  }

  /** Runs a command that must succeed; what it printed. */
  async cli(...args: readonly string[]): Promise<string> {
    const { status, output } = await run(process.execPath, [PROGRAM, ...args], this.#surroundings())
    if (status !== 0) throw new Error(`timedelay ${args.join(' ')} ended with ${status}: ${output}`)
    return output.trim()
  }

  /** `prefix import`: lines of a prefix and its mailboxes. */
  async importPrefixes(list: string): Promise<void> {
    const file = join(this.folder, 'prefixes')
    await writeFile(file, list)
    await this.cli('prefix', 'import', file)
  }

  /** Starts it unless it runs, and waits until it listens. `drain`: seconds that SIGTERM waits. */
  async start(drain = 1): Promise<void> {
    if (this.#process?.alive) return
    await this.kill()
    // Only root may give the socket to Postfix's group, and only root runs a Postfix.
    const group = process.getuid?.() === 0 ? ['--milter-socket-group', POSTFIX_OWNER] : []
    const settings = [...group, '--drain-seconds', String(drain), ...this.#consoleOptions()]
    const args = [PROGRAM, 'serve', '--milter', this.spec, ...settings]
    const started = await ProcessGroup.start(process.execPath, args, this.#surroundings())
    this.#process = started
    await listening(join(this.folder, 'td.sock'), started)
    if (this.#console !== undefined) await eventually('the console', () => consoleOf(started))
  }

  /** What it printed since the last time, which is forgotten. */
  takeOutput(): string {
    return this.#process?.takeOutput() ?? ''
  }

  /** Waits until it has printed a text. */
  said(text: string): Promise<true> {
    return eventually(`"${text}" in the service's log`, () => this.output.includes(text) || undefined)
  }

  /** Ends it as an operator does, and waits. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Asks it to end, and does not wait. */
  terminate(): void {
    this.#process?.signal('SIGTERM')
  }

  /** Ends it as the kernel does when memory runs out. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  get alive(): boolean {
    return this.#process?.alive === true
  }

  /** Its log goes nowhere from now on, until it is started again. */
  deafen(): void {
    this.#process?.deafen()
  }

  /** It goes on listening and holding its connections, but does nothing. */
  freeze(): void {
    this.#process?.signal('SIGSTOP')
  }

  thaw(): void {
    this.#process?.signal('SIGCONT')
  }

  /** Ends it and forgets its files. */
  async remove(): Promise<void> {
    this.thaw()
    await this.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await this.#process?.stop(signal)
    this.#earlierOutput = this.output
    this.#process = undefined
  }

  #consoleOptions(): readonly string[] {
    const place = this.#console
    return place === undefined
      ? ['--no-http']
      : ['--http', `127.0.0.1:${place.port}`, ...(place.options ?? [])]
  }

  /** Nothing of the developer's own settings may decide a test. */
  #surroundings() {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TIMEDELAY_'))
    return { cwd: this.folder, env: { ...Object.fromEntries(own), TIMEDELAY_DATABASE: this.database } }
  }
}

/** What `serve` prints once it is ready. */
function consoleOf(started: ProcessGroup): true | undefined {
  if (!started.alive) throw new Error(`the service ended at once: ${started.output}`)
  return started.output.includes('console on http') || undefined
}

/** A mail server with our service as its filter. */
export interface Site {
  readonly mta: Mta
  readonly service: Service
  /** Runs before each test: nothing under way, nothing in the mailboxes, the service up. */
  clear(): Promise<void>
  stop(): Promise<void>
}

export async function startSite(
  startMta: (options: MtaOptions) => Promise<Mta>,
  options: Omit<MtaOptions, 'milter'> = {},
): Promise<Site> {
  const service = await Service.inNewFolder()
  const ready = async (): Promise<void> => {
    await service.makeDatabase()
    await service.start()
  }
  const [mta] = await Promise.all([startMta({ ...options, milter: service.spec }), ready()])
  return {
    mta,
    service,
    clear: async () => {
      service.thaw()
      await service.start()
      await mta.clear()
    },
    stop: async () => {
      await mta.stop()
      await service.remove()
    },
  }
}

/** A day as addresses write it, so many days from today in the domain's zone (UTC). */
export function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
}

/** A local part that began today, or so many days from today. */
export function localPart(prefix: string, days = 45, offset = 0): string {
  return `${prefix}${day(offset)}${String(days).padStart(2, '0')}`
}

/** The same at the td domain. */
export function address(prefix: string, days?: number, offset?: number): string {
  return `${localPart(prefix, days, offset)}@${TD}`
}
