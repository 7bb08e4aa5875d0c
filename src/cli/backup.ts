// timedelay backup FILE

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { examples } from './options.ts'
import type { Session } from './session.ts'

export function addBackupCommand(program: Command, session: Session): void {
  const command = program
    .command('backup <FILE>')
    .summary('write a consistent copy of the database')
    .description(
      'Write a consistent copy of the database, while the service runs. FILE must not exist yet. ' +
        'It holds the signing keys: keep it as safe as the database.',
    )
  examples(command, 'backup /var/backups/timedelay-2026-11-22.db')
  command.action((file: string) =>
    session.withServices(command, async ({ store }) => {
      const copy = resolve(file)
      await store.backup(copy)
      session.terminal.out(`Wrote ${copy}.\n`)
    }),
  )
}
