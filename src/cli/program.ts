// The tree of commands, and one run through it.

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAddressCommands } from './address.ts'
import { addBackupCommand } from './backup.ts'
import { addDoctorCommand } from './doctor.ts'
import { addDomainCommands } from './domain.ts'
import { report, UsageError } from './errors.ts'
import { addKeyCommands } from './key.ts'
import { addMtaCommands } from './mta.ts'
import { examples, withSettings } from './options.ts'
import { addPrefixCommands } from './prefix.ts'
import { addServeCommand } from './serve.ts'
import { type Foundation, Session } from './session.ts'
import { addSimulateCommand } from './simulate.ts'
import { addTokenCommands } from './token.ts'
import { addUserCommands } from './user.ts'

/** Runs one command line, `argv` without the program's own name, and returns the exit code. Never throws. */
export async function run(argv: readonly string[], foundation: Foundation): Promise<number> {
  const session = new Session(foundation)
  try {
    const program = buildProgram(session)
    refuseHelpOfNothing(program, argv)
    await program.parseAsync(argv, { from: 'user' })
    return session.exitCode
  } catch (error) {
    return report(error, foundation.terminal, session.debug)
  }
}

/** Commander answers `nosuch --help` with the help of what stands above it, and with 0. */
function refuseHelpOfNothing(program: Command, argv: readonly string[]): void {
  if (!argv.includes('--help') && !argv.includes('-h')) return
  let command = program
  let rest = [...argv]
  while (command.commands.length > 0) {
    const { operands, unknown } = command.parseOptions(rest)
    const [name] = operands
    if (name === undefined || name === 'help') return
    const next = command.commands.find((one) => one.name() === name)
    if (next === undefined) {
      const path = [command.name(), ...(command.parent === null ? [] : [command.parent.name()])].reverse()
      throw new UsageError(`There is no command "${name}". See: ${path.join(' ')} --help`)
    }
    command = next
    rest = [...operands.slice(1), ...unknown]
  }
}

/** The tree of commands, for a run of it and for what is made from it: completions, and the manual's test. */
export function buildProgram(session: Session): Command {
  const program = new Command('timedelay')
  program
    .description('Throwaway mail addresses that carry their own expiry date.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .option('--config <FILE>', 'TOML file (default: ./timedelay.toml, else /etc/timedelay/timedelay.toml)')
    .configureHelp({
      showGlobalOptions: true,
      // Every help names the options that all commands have; the version is not worth repeating.
      visibleGlobalOptions: ({ parent }) =>
        parent === null ? [] : program.options.filter(({ long }) => long !== '--version'),
    })
    .configureOutput({
      writeOut: session.terminal.out,
      writeErr: session.terminal.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'timedelay: ')),
    })
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
  withSettings(program, 'database')
  examples(program, 'domain add td.example.com', 'prefix add djb dredd@example.com', 'serve')
  addServeCommand(program, session)
  addDomainCommands(program, session)
  addPrefixCommands(program, session)
  addAddressCommands(program, session)
  addSimulateCommand(program, session)
  addMtaCommands(program, session)
  addDoctorCommand(program, session)
  addUserCommands(program, session)
  addTokenCommands(program, session)
  addKeyCommands(program, session)
  addBackupCommand(program, session)
  return program
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}
