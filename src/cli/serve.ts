// timedelay serve: the daemon.

import type { Command } from 'commander'
import type { OpenServices, RunningService } from '../app.ts'
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
    .summary('run the filter and the console')
    .description(
      'Run the filter and the console until SIGTERM or SIGINT, then let conversations in progress finish; a second signal ends it at once. ' +
        'It prints one line when it is ready. Its log goes to standard error, one JSON object a line.',
    )
  withSettings(command, 'milter', 'sendmailCf', 'name', 'milterSocketMode', 'milterSocketGroup')
  withSettings(command, 'http', 'publicUrl', 'basePath', 'trustedProxy')
  withSettings(command, 'trustedRelay', 'refusalCode', 'logLevel', 'drainSeconds', 'keepDecisions')
  examples(
    command,
    'serve',
    'serve --database /var/lib/timedelay/timedelay.db --milter unix:/run/timedelay/td.sock',
  )
  command.action(async () => {
    const config = session.config(command)
    if (config.milter.length === 0 && config.sendmailCf === undefined && config.http === undefined) {
      throw new UsageError('There is nothing to run: the filter and the console are switched off.')
    }
    await serve(config, session)
  })
}

async function serve(config: Config, session: Session): Promise<void> {
  const { log, flush } = openLog(config.logLevel)
  const ending = new Ending()
  try {
    const service = await session.foundation.startService(config, log)
    session.terminal.out(readyLine(service))
    await adviseBeginner(config, session, service.console).catch((error: unknown) => {
      // Advice is no reason to end: mail is being served.
      log.warn({ err: error }, 'no advice for beginners could be given')
    })
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

/** What a script waits for. */
function readyLine({ listening, console }: RunningService): string {
  const filter = listening.length === 0 ? [] : [`listening on ${listening.join(', ')}`]
  return `${[...filter, ...(console === undefined ? [] : [`console on ${console}`])].join(', ') || 'started'}\n`
}

/** What to do next, for who has just begun. */
async function adviseBeginner(config: Config, session: Session, console: string | undefined): Promise<void> {
  let services: OpenServices
  try {
    services = await session.foundation.openServices(config, { create: false })
  } catch {
    // The filter has started without its database, and has said so. There is nothing to advise.
    return
  }
  try {
    const offer = console === undefined ? undefined : await services.identity.offerSetUp()
    if (offer !== undefined) {
      const url = `${config.publicUrl ?? console}${config.basePath}/`
      session.remark(`Nobody has an account yet. Make the first one at ${url} with the code ${offer.code}`)
    } else if ((await services.domains.list()).length === 0) {
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
