// One installation to try commands on: a database of its own, a clock that stands still, output that is kept.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { run } from '../../src/cli/program.ts'
import type { Foundation } from '../../src/cli/session.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { readConfig } from '../../src/config.ts'
import { createServices } from '../../src/service/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'

export interface Ran {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

/** 2026-11-22, a quarter past noon in Berlin. */
const NOON = Date.parse('2026-11-22T12:15:00+01:00')

export class CommandLine {
  now = NOON
  readonly directory: string
  environment: Readonly<Record<string, string>> = {}
  /** What the next command reads from standard input. */
  input = ''
  /** What somebody types when a secret is asked for; nobody sits there while it is empty. */
  typed: string[] = []

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'timedelay-cli-'))
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }))
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  async run(...argv: readonly string[]): Promise<Ran> {
    const output = { out: '', err: '' }
    const terminal: Terminal = {
      out: (text) => {
        output.out += text
      },
      err: (text) => {
        output.err += text
      },
      readInput: async () => this.input,
      interactive: this.typed.length > 0,
      readSecret: async () => this.typed.shift(),
    }
    const exitCode = await run(argv, this.foundation(terminal))
    return { exitCode, ...output }
  }

  foundation(
    terminal: Terminal,
    environment: Readonly<Record<string, string>> = this.environment,
  ): Foundation {
    const { directory } = this
    return {
      terminal,
      readConfig: (options) =>
        readConfig(options, { environment, directory, systemFile: this.path('etc.toml') }),
      openServices: async (config, { create = false, upgrade = true }) => {
        const store = openSqliteStore(config.database, { create, upgrade, now: () => this.now })
        const services = createServices({
          store,
          clock: () => this.now,
          refusalCode: config.refusalCode,
          // Passwords of tests need not be hard to guess.
          passwordCost: 4,
        })
        return { ...services, store, close: () => store.close() }
      },
      startService: () => Promise.reject(new Error('the daemon is tried as a process of its own')),
    }
  }

  /** Runs a command that must succeed, and returns what it printed. */
  async says(...argv: readonly string[]): Promise<string> {
    const { exitCode, out, err } = await this.run(...argv)
    if (exitCode !== 0) throw new Error(`timedelay ${argv.join(' ')}: exit code ${exitCode}: ${err}`)
    return out
  }

  async json(...argv: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.says(...argv, '--json'))
  }
}

/** td.example.com in Berlin's days with the article's prefix djb. */
export async function anInstallation(): Promise<CommandLine> {
  const cli = new CommandLine()
  await cli.says('domain', 'add', 'td.example.com', '--time-zone', 'Europe/Berlin')
  await cli.says('prefix', 'add', 'djb', 'dredd@example.com')
  return cli
}
