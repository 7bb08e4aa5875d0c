// timedelay doctor: prints what `service/doctor` finds.

import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import type { GivenOptions } from '../config.ts'
import type { Finding } from '../service/doctor/index.ts'
import { listenersOf } from './listeners.ts'
import { examples, withJson, withListeners } from './options.ts'
import { plain } from './output.ts'
import type { Session } from './session.ts'

interface DoctorFlags extends Omit<GivenOptions, 'sendmailCf'> {
  readonly sendmailCf?: string
  readonly postfixConfig?: string
}

const MARKS: Readonly<Record<Finding['level'], string>> = { ok: 'ok   ', warn: 'WARN ', fault: 'FAULT' }

export function addDoctorCommand(program: Command, session: Session): void {
  const command = program
    .command('doctor')
    .summary('check this installation and say what to do')
    .description(
      'Check everything a postmaster would check: the database, the clock, the running filter and the configuration of ' +
        'sendmail and Postfix. Each finding says what to do. The exit code is 1 when something is at fault.',
    )
    .option('--sendmail-cf <FILE>', "sendmail's configuration (default: /etc/mail/sendmail.cf)")
    .option('--postfix-config <DIRECTORY>', "Postfix's configuration (default: /etc/postfix)")
  withListeners(command)
  examples(withJson(command), 'doctor', 'doctor --milter unix:/run/timedelay/td.sock')
  command.action(async () => {
    // Here --sendmail-cf names a file to look at; to `serve` it says where to listen, together with --name.
    const { sendmailCf, postfixConfig, ...given } = command.optsWithGlobals<DoctorFlags>()
    const config = session.config(command, given)
    const cf = sendmailCf ?? config.sendmailCf?.file
    const { examine, localMachine } = await import('../service/doctor/index.ts')
    const { HANDLER_DEADLINE } = await import('../app.ts')
    const options = {
      listeners: await listenersOf(config),
      database: config.database,
      handlerDeadline: HANDLER_DEADLINE,
      ...(cf === undefined ? {} : { sendmailCf: cf }),
      ...(postfixConfig === undefined ? {} : { postfixConfig }),
    }
    // Looking changes nothing: a database from before an upgrade is a finding.
    const openStore = async () => (await session.foundation.openServices(config, { upgrade: false })).store
    const findings = await examine(options, { machine: localMachine(systemClock), openStore })
    session.print(command, findings, findings.map(inLines).join('') + summary(findings))
    session.exitCode = findings.some(({ level }) => level === 'fault') ? 1 : 0
  })
}

function inLines({ level, says, todo }: Finding): string {
  const advice =
    todo === undefined
      ? ''
      : todo
          .split('\n')
          .map((line) => `       ${plain(line)}\n`)
          .join('')
  return `${MARKS[level]}  ${plain(says)}\n${advice}`
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length
  return `${count('fault')} at fault, ${count('warn')} to look at, ${count('ok')} in order.\n`
}
