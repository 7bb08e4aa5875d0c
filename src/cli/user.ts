// timedelay user ...

import type { Command } from 'commander'
import type { ListedPerson, Role } from '../service/index.ts'
import { ensure, UsageError } from './errors.ts'
import { examples, withJson } from './options.ts'
import { isoTime, table } from './output.ts'
import type { Session } from './session.ts'

export function addUserCommands(program: Command, session: Session): void {
  const user = program
    .command('user')
    .summary('people who may use the console')
    .description('People who may use the console.')
  addCommand(user, session)
  listCommand(user, session)
  passwdCommand(user, session)
  removeCommand(user, session)
}

const PASSWORD =
  'The password is asked for; where there is no terminal it is the first line of standard input.'

function addCommand(user: Command, session: Session): void {
  const command = user
    .command('add <NAME>')
    .description(`Add a person. ${PASSWORD}`)
    .option(
      '--role <ROLE>',
      'postmaster (everything) or owner (own prefixes and addresses); the first person is a postmaster, others are owners unless told',
    )
  examples(withJson(command), 'user add dan', 'user add eve --role owner')
  command.action((name: string, { role }: { readonly role?: string }) =>
    session.withServices(
      command,
      async ({ people }) => {
        const first = ensure(await people.list()).length === 0
        const wanted = readRole(role) ?? (first ? 'postmaster' : 'owner')
        const password = await session.newPassword(`Password of ${name}`)
        const added = ensure(await people.add(name, { password, role: wanted }))
        session.print(command, view(added), `Added ${added.name} as ${added.role}.\n`)
        if (added.role === 'owner')
          session.remark(
            `Give ${added.name} a prefix: timedelay prefix set NAME --owner ${quotedName(added.name)}`,
          )
      },
      { create: true },
    ),
  )
}

function listCommand(user: Command, session: Session): void {
  const command = user.command('list').description('List the people.')
  examples(withJson(command), 'user list')
  command.action(() =>
    session.withServices(command, async ({ people }) => {
      const all = ensure(await people.list())
      if (all.length === 0) session.remark('There is nobody yet. Add somebody: timedelay user add NAME')
      const rows = all.map(({ name, role, totp, enabled, prefixes }) => [
        name,
        role,
        enabled ? '' : 'disabled',
        totp ? 'on' : '',
        prefixes.join(', '),
      ])
      const columns = ['NAME', 'ROLE', 'STATE', 'SECOND FACTOR', 'PREFIXES']
      session.print(command, all.map(view), all.length === 0 ? '' : table(columns, rows))
    }),
  )
}

function passwdCommand(user: Command, session: Session): void {
  const command = user
    .command('passwd <NAME>')
    .description(`Give a person a new password, which ends all of their sessions. ${PASSWORD}`)
    .option('--no-totp', 'switch a lost second factor off as well')
  // commander takes true for the default of what can be negated.
  command.setOptionValue('totp', undefined)
  examples(withJson(command), 'user passwd dan')
  command.action((name: string, { totp }: { readonly totp?: false }) =>
    session.withServices(command, async ({ people }) => {
      // Before anybody types a password for nothing.
      ensure(await people.find(name))
      const password = await session.newPassword(`New password of ${name}`)
      const changed = ensure(await people.change(name, { password, totp }))
      session.print(
        command,
        view(changed),
        `${changed.name} has a new password, and is signed out everywhere.\n`,
      )
    }),
  )
}

function removeCommand(user: Command, session: Session): void {
  const command = user
    .command('remove <NAME>')
    .description('Remove a person, with sessions and tokens. Their prefixes stay, and belong to nobody then.')
  examples(command, 'user remove eve')
  command.action((name: string) =>
    session.withServices(command, async ({ people }) => {
      const { name: was, prefixes } = ensure(await people.remove(name))
      const left =
        prefixes.length === 0
          ? ''
          : ` ${prefixes.join(', ')} ${prefixes.length === 1 ? 'belongs' : 'belong'} to nobody now.`
      session.terminal.out(`Removed ${was}, with all sessions and tokens.${left}\n`)
    }),
  )
}

function readRole(text: string | undefined): Role | undefined {
  if (text === undefined || text === 'postmaster' || text === 'owner') return text
  throw new UsageError('The role is postmaster or owner.')
}

function quotedName(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name
}

function view({ name, role, enabled, totp, prefixes, createdAt, lastSeenAt }: ListedPerson) {
  return {
    name,
    role,
    enabled,
    totp,
    prefixes,
    createdAt: isoTime(createdAt),
    lastSeenAt: isoTime(lastSeenAt),
  }
}
