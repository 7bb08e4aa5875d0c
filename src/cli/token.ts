// timedelay token ...

import type { Command } from 'commander'
import { counted, type TokenRecord } from '../service/index.ts'
import { ensure } from './errors.ts'
import { examples, wholeNumber, withDomain, withJson } from './options.ts'
import { isoTime, table } from './output.ts'
import type { Session } from './session.ts'

export function addTokenCommands(program: Command, session: Session): void {
  const token = program
    .command('token')
    .summary('what password managers and scripts show instead of a password')
    .description('What password managers and scripts show instead of a password.')
  addCommand(token, session)
  listCommand(token, session)
  revokeCommand(token, session)
}

interface AddOptions {
  readonly user: string
  readonly prefix: string
  readonly domain?: string
  readonly days?: number
}

function addCommand(token: Command, session: Session): void {
  const command = token
    .command('add <NAME>')
    .description(
      'Make a token that makes addresses of one prefix. NAME says what it is for. It is printed once and kept nowhere.',
    )
    .requiredOption('--user <PERSON>', 'whose it is: their addresses, and void while they are disabled')
    .requiredOption('--prefix <PREFIX>', 'prefix of its addresses')
    .option('--days <N>', "lifetime when a request does not say (default: the prefix's)", wholeNumber)
  examples(withJson(withDomain(command)), 'token add "Bitwarden, laptop" --user dan --prefix djb --days 30')
  command.action((name: string, { user, prefix, domain, days }: AddOptions) =>
    session.withServices(command, async ({ tokens }) => {
      const { secret, token: made } = ensure(await tokens.add({ name, person: user, prefix, domain, days }))
      session.print(command, { token: secret, ...view(made) }, `${secret}\n`)
      session.remark('This is the only time that it is shown.')
    }),
  )
}

function listCommand(token: Command, session: Session): void {
  const command = token.command('list').description('List the tokens, without their secrets.')
  examples(withJson(command), 'token list')
  command.action(() =>
    session.withServices(command, async ({ tokens }) => {
      const all = await tokens.list()
      if (all.length === 0) {
        session.remark(
          'There is no token yet. Add one: timedelay token add NAME --user PERSON --prefix PREFIX',
        )
      }
      const rows = all.map(({ id, name, person, domain, prefix, days, lastUsedAt, revokedAt }) => [
        String(id),
        name,
        person,
        `${prefix}@${domain}`,
        counted(days, 'day'),
        isoTime(lastUsedAt) ?? '',
        revokedAt === undefined ? '' : 'revoked',
      ])
      const columns = ['ID', 'NAME', 'OF', 'PREFIX', 'LIFETIME', 'LAST USED', 'STATE']
      session.print(command, all.map(view), all.length === 0 ? '' : table(columns, rows))
    }),
  )
}

function revokeCommand(token: Command, session: Session): void {
  const command = token
    .command('revoke')
    .description('Make a token void. The addresses that it made go on working.')
    .argument('<ID>', 'its number, as token list shows it', wholeNumber)
  examples(withJson(command), 'token revoke 3')
  command.action((id: number) =>
    session.withServices(command, async ({ tokens }) => {
      const revoked = ensure(await tokens.revoke(id))
      session.print(command, view(revoked), `Revoked ${revoked.name} of ${revoked.person}.\n`)
    }),
  )
}

function view({ id, name, person, domain, prefix, days, createdAt, lastUsedAt, revokedAt }: TokenRecord) {
  return {
    id,
    name,
    person,
    domain,
    prefix,
    days,
    createdAt: isoTime(createdAt),
    lastUsedAt: isoTime(lastUsedAt),
    revokedAt: isoTime(revokedAt),
  }
}
