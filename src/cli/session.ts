// One run of the program: its streams, its configuration, the services it opened and its exit code.

import type { Command } from 'commander'
import type { Opening, OpenServices, RunningService } from '../app.ts'
import type { Config, ConfigAnswer, GivenOptions } from '../config.ts'
import type { Log } from '../log.ts'
import { UsageError } from './errors.ts'
import { json } from './output.ts'
import type { Terminal } from './terminal.ts'

/** What the program stands on; `main.ts` has the real ones. */
export interface Foundation {
  readonly terminal: Terminal
  readConfig(options: GivenOptions): ConfigAnswer
  openServices(config: Config, opening: Opening): Promise<OpenServices>
  startService(config: Config, log: Log): Promise<RunningService>
}

export class Session {
  readonly terminal: Terminal
  readonly foundation: Foundation
  /** 0: yes, done; 1: no. */
  exitCode: 0 | 1 = 0
  /** Show the stack of an unexpected error. */
  debug = false

  constructor(foundation: Foundation) {
    this.terminal = foundation.terminal
    this.foundation = foundation
  }

  /** The configuration for the options of a command and of those above it; `given` leaves some of them out. */
  config(command: Command, given: GivenOptions = command.optsWithGlobals()): Config {
    const answer = this.foundation.readConfig(given)
    if (!answer.ok) throw new UsageError(...answer.faults)
    this.debug = answer.config.logLevel === 'debug' || answer.config.logLevel === 'trace'
    return answer.config
  }

  /** Runs `work` on the services of this installation and closes them. */
  async withServices(
    command: Command,
    work: (services: OpenServices, config: Config) => Promise<void>,
    { create = false } = {},
  ): Promise<void> {
    const config = this.config(command)
    const services = await this.foundation.openServices(config, { create })
    try {
      await work(services, config)
    } finally {
      await services.close()
    }
  }

  /** Prints the answer: as JSON where `--json` was given, else as text for people. */
  print(command: Command, data: unknown, text: string): void {
    this.terminal.out(command.opts<{ json?: true }>().json === true ? json(data) : text)
  }

  /** A new password: asked for twice, or the first line of standard input where nobody sits at a terminal. */
  async newPassword(prompt: string): Promise<string> {
    if (!this.terminal.interactive) {
      const [line = ''] = (await this.terminal.readInput()).split(/\r?\n/, 1)
      if (line !== '') return line
      throw new UsageError('There is no password: type it in a terminal, or write it to standard input.')
    }
    const first = await this.terminal.readSecret(prompt)
    const again = first === undefined ? undefined : await this.terminal.readSecret('The same again')
    if (first === undefined || again === undefined) throw new UsageError('No password was given.')
    if (first !== again) throw new UsageError('The two passwords differ. Nothing was changed.')
    return first
  }

  /** A remark that is no part of the answer. */
  remark(sentence: string): void {
    this.terminal.err(`${sentence}\n`)
  }
}
