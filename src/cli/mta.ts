// timedelay mta: prints the configuration that `service/mta` makes.

import type { Command } from 'commander'
import { Declined } from './errors.ts'
import { listenersOf } from './listeners.ts'
import { examples, portNumber, withJson, withListeners } from './options.ts'
import type { Session } from './session.ts'

interface MtaFlags {
  readonly directory?: string
  readonly loopPort?: number
  readonly queueDirectory?: string
}

export function addMtaCommands(program: Command, session: Session): void {
  const mta = program
    .command('mta')
    .summary('print the mail server configuration for this installation')
    .description('Print the mail server configuration for this installation.')
  const sendmail = mta
    .command('sendmail')
    .description('Print what to write into the configuration of sendmail.')
    .option('--directory <DIRECTORY>', "sendmail's configuration (default: /etc/mail)")
    .option('--loop-port <PORT>', 'where sendmail takes its own mail back (default: 25)', portNumber)
  const postfix = mta
    .command('postfix')
    .description('Print what to write into the configuration of Postfix.')
    .option('--directory <DIRECTORY>', "Postfix's configuration (default: /etc/postfix)")
    .option('--loop-port <PORT>', 'where Postfix takes its own mail back (default: 10026)', portNumber)
    .option('--queue-directory <DIRECTORY>', "Postfix's queue_directory (default: /var/spool/postfix)")
  act(sendmail, 'sendmail', session)
  act(postfix, 'postfix', session)
}

function act(command: Command, mta: 'sendmail' | 'postfix', session: Session): void {
  withListeners(command, 'sendmailCf', 'name')
  examples(withJson(command), `mta ${mta}`, `mta ${mta} --milter unix:/run/timedelay/td.sock`)
  command.action(({ directory, loopPort, queueDirectory }: MtaFlags) =>
    session.withServices(command, async ({ domains }, config) => {
      const { formatMtaConfiguration, mtaConfiguration } = await import('../service/mta/index.ts')
      const { HANDLER_DEADLINE } = await import('../app.ts')
      const configuration = mtaConfiguration(mta, {
        domains: (await domains.list()).map(({ name }) => name),
        listeners: await listenersOf(config),
        handlerDeadline: HANDLER_DEADLINE,
        ...(directory === undefined ? {} : { directory }),
        ...(loopPort === undefined ? {} : { loopPort }),
        ...(queueDirectory === undefined ? {} : { queueDirectory }),
      })
      if (configuration.kind === 'refused')
        throw new Declined({ kind: 'conflict', message: configuration.says })
      session.print(command, configuration, formatMtaConfiguration(configuration))
    }),
  )
}
