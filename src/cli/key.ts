// timedelay key ...

import type { Command } from 'commander'
import { ensure } from './errors.ts'
import { examples, withJson } from './options.ts'
import { isoTime, table } from './output.ts'
import type { Session } from './session.ts'

export function addKeyCommands(program: Command, session: Session): void {
  const key = program
    .command('key')
    .summary('the keys that sign addresses; their secrets are never shown')
    .description('The keys that sign addresses; their secrets are never shown.')
  listCommand(key, session)
  rotateCommand(key, session)
}

function listCommand(key: Command, session: Session): void {
  const command = key.command('list').description('List the keys, without their secrets.')
  examples(withJson(command), 'key list')
  command.action(() =>
    session.withServices(command, async ({ keys }) => {
      const all = ensure(await keys.list()).map(({ createdAt, ...view }) => ({
        ...view,
        createdAt: isoTime(createdAt),
      }))
      const rows = all.map(({ id, createdAt, signs }) => [
        id,
        createdAt ?? '',
        signs ? 'signs new addresses' : 'its addresses still work',
      ])
      session.print(command, all, table(['KEY', 'MADE', 'USE'], rows))
    }),
  )
}

function rotateCommand(key: Command, session: Session): void {
  const command = key
    .command('rotate')
    .description(
      'Make a new key and sign with it. Addresses signed with the key before it go on working; ' +
        'those signed with the one before that are refused from then on.',
    )
  examples(withJson(command), 'key rotate')
  command.action(() =>
    session.withServices(command, async ({ keys }) => {
      const { added, kept, dropped } = ensure(await keys.rotate())
      const sentences = [`Key ${added.id} signs new addresses.`]
      if (kept !== undefined)
        sentences.push(`Addresses signed with key ${kept.id} go on working until the next rotation.`)
      if (dropped !== undefined)
        sentences.push(`Key ${dropped.id} is gone: addresses signed with it are refused as unknown.`)
      sentences.push('Unsigned addresses are as they were.')
      const data = { signs: added.id, verifies: kept?.id ?? null, dropped: dropped?.id ?? null }
      session.print(command, data, `${sentences.join('\n')}\n`)
    }),
  )
}
