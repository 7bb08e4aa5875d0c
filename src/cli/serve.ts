// timedelay serve: the daemon.

import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { openLog } from '../log.ts'
import { UsageError } from './errors.ts'
import { examples, withSettings } from './options.ts'
import type { Session } from './session.ts'

/** How long the last log lines may take, in milliseconds. */
const FLUSH_DEADLINE = 2000

export function addServeCommand(program: Command, session: Session): void {
  const command = program
    .command('serve')
    .summary('run the filter')
    .description(
      'Run the filter until SIGTERM or SIGINT, then let conversations in progress finish; a second signal ends it at once. ' +
        'It prints one line when it is ready. Its log goes to standard error, one JSON object a line.',
    )
  withSettings(command, 'milter', 'sendmailCf', 'name', 'milterSocketMode', 'milterSocketGroup', 'http')
  withSettings(command, 'refusalCode', 'logLevel', 'drainSeconds', 'keepDecisions')
  examples(
    command,
    'serve',
    'serve --database /var/lib/timedelay/timedelay.db --milter unix:/run/timedelay/td.sock',
  )
  command.action(async () => {
    const config = session.config(command)
    if (config.http !== undefined && config.origins.has('http')) {
      session.remark(
        `${config.origins.get('http')}: this version has no console yet, so nothing listens there.`,
      )
    }
    if (config.milter.length === 0 && config.sendmailCf === undefined) {
      throw new UsageError(
        'There is nothing to run: the filter is switched off, and this version has no console yet.',
      )
    }
    await serve(config, session)
  })
}

async function serve(config: Config, session: Session): Promise<void> {
  const { log, flush } = openLog(config.logLevel)
  const ending = new Ending()
  try {
    const service = await session.foundation.startService(config, log)
    session.terminal.out(`listening on ${service.listening.join(', ')}\n`)
    await adviseBeginner(config, session)
    const cause = await ending.told
    if (cause instanceof Error) {
      // What else may be wrong nobody knows: no new mail, and whoever supervises us starts us anew.
      log.fatal({ err: cause }, 'an unexpected error; stopping')
      session.exitCode = 1
    } else {
      log.info({ signal: cause, seconds: config.drainSeconds }, 'stopping')
    }
    await service.stop()
  } finally {
    ending.forget()
    await flush(FLUSH_DEADLINE)
  }
}

async function adviseBeginner(config: Config, session: Session): Promise<void> {
  const services = await session.foundation.openServices(config, { create: false })
  try {
    if ((await services.domains.list()).length === 0) {
      session.remark('There is no domain yet, so all mail passes. Add one: timedelay domain add NAME')
    }
  } finally {
    await services.close()
  }
}

/** What makes the daemon end: the first signal, or an error that nobody caught. */
class Ending {
  readonly told: Promise<NodeJS.Signals | Error>
  #tell: (cause: NodeJS.Signals | Error) => void = () => {}
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#end(signal)
  readonly #onError = (error: unknown): void =>
    this.#end(error instanceof Error ? error : new Error(String(error)))

  constructor() {
    this.told = new Promise((resolve) => {
      this.#tell = resolve
    })
    process.on('SIGTERM', this.#onSignal)
    process.on('SIGINT', this.#onSignal)
    process.on('uncaughtException', this.#onError)
    process.on('unhandledRejection', this.#onError)
  }

  /** From then on signals and errors do what they do without us: they end the process at once. */
  forget(): void {
    process.off('SIGTERM', this.#onSignal)
    process.off('SIGINT', this.#onSignal)
    process.off('uncaughtException', this.#onError)
    process.off('unhandledRejection', this.#onError)
  }

  #end(cause: NodeJS.Signals | Error): void {
    this.forget()
    this.#tell(cause)
  }
}
