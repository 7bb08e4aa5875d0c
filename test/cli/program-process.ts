// The built program as a process of its own, in a directory of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'timedelay-run-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export class ProgramProcess {
  readonly child: ChildProcess
  out = ''
  err = ''
  readonly #ended: Promise<void>

  constructor(
    directory: string,
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    program = MAIN,
  ) {
    this.child = spawn(process.execPath, [program, ...argv], {
      cwd: directory,
      env: { TZ: 'UTC', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.err += text
    })
    this.#ended = once(this.child, 'close').then(() => undefined)
    onTestFinished(async () => {
      if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
      await this.#ended
    })
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#ended
    return this.child.exitCode ?? this.child.signalCode
  }

  /** Resolves once it has printed a match, on either stream. */
  async said(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = pattern.exec(this.out) ?? pattern.exec(this.err)
      if (match !== null) return match
      const more = Promise.race([
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
        this.#ended.then(() => 'ended'),
      ])
      if ((await more) === 'ended') {
        throw new Error(`it ended without saying ${pattern}: ${this.out}${this.err}`)
      }
    }
  }
}

/** Runs a command to its end. */
export async function runProcess(
  directory: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | NodeJS.Signals | null; readonly out: string; readonly err: string }> {
  const program = new ProgramProcess(directory, argv, environment)
  const code = await program.ended()
  return { code, out: program.out, err: program.err }
}

/** `timedelay serve` on a free port without a console, once it listens; with the spec that it can be reached at. */
export async function aService(
  directory: string,
  ...argv: readonly string[]
): Promise<{ readonly service: ProgramProcess; readonly spec: string }> {
  const service = new ProgramProcess(directory, [
    'serve',
    '--milter',
    'inet:0@127.0.0.1',
    '--no-http',
    ...argv,
  ])
  const [, spec = ''] = await service.said(/^listening on (\S+)\n/m)
  return { service, spec }
}
