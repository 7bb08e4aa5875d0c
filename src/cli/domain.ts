// timedelay domain ...

import type { Command } from 'commander'
import type { Domain } from '../service/index.ts'
import { ensure, UsageError } from './errors.ts'
import { examples, wholeNumber, withJson } from './options.ts'
import { facts, isoTime, table } from './output.ts'
import type { Session } from './session.ts'

interface WishOptions {
  readonly timeZone?: string
  /** False for `--no-postmaster`. */
  readonly postmaster?: string | false
  readonly maxPrefixLength?: number
}

export function addDomainCommands(program: Command, session: Session): void {
  const domain = program
    .command('domain')
    .summary('the domains whose recipients are judged')
    .description('The domains whose recipients are judged.')
  addCommand(domain, session)
  listCommand(domain, session)
  showCommand(domain, session)
  setCommand(domain, session)
  removeCommand(domain, session)
}

function addCommand(domain: Command, session: Session): void {
  const command = domain
    .command('add <NAME>')
    .description('Start judging the recipients of a domain.')
    .option('--time-zone <ZONE>', "zone whose midnights bound its addresses (default: this machine's)")
    .option('--postmaster <MAILBOX>', 'where postmaster@ and abuse@ go; without it they pass untouched')
    .option('--max-prefix-length <LETTERS>', 'longest prefix, 2 to 16 letters (default: 3)', wholeNumber)
  examples(
    withJson(command),
    'domain add td.example.com --time-zone Europe/Berlin --postmaster pm@example.com',
  )
  command.action((name: string, options: WishOptions) =>
    session.withServices(
      command,
      async ({ domains }) => {
        const added = ensure(await domains.add(name, wishes(options)))
        session.print(command, view(added), `Added ${added.name}.\n${described(added)}`)
        if (added.postmaster === undefined) session.remark(withoutPostmaster(added.name))
      },
      { create: true },
    ),
  )
}

function listCommand(domain: Command, session: Session): void {
  const command = domain.command('list').description('List the domains.')
  examples(withJson(command), 'domain list')
  command.action(() =>
    session.withServices(command, async ({ domains }) => {
      const all = await domains.list()
      if (all.length === 0) session.remark('There is no domain yet. Add one: timedelay domain add NAME')
      const rows = all.map(({ name, timeZone, postmaster, maxPrefixLength }) => [
        name,
        timeZone,
        postmaster ?? '',
        letters(maxPrefixLength),
      ])
      const text = all.length === 0 ? '' : table(['DOMAIN', 'TIME ZONE', 'POSTMASTER', 'PREFIXES'], rows)
      session.print(command, all.map(view), text)
    }),
  )
}

function showCommand(domain: Command, session: Session): void {
  const command = domain
    .command('show [NAME]')
    .description('Show one domain; the name may be left out when there is one.')
  examples(withJson(command), 'domain show td.example.com')
  command.action((name: string | undefined) =>
    session.withServices(command, async ({ domains }) => {
      const found = ensure(await domains.find(name))
      session.print(command, view(found), described(found))
    }),
  )
}

function setCommand(domain: Command, session: Session): void {
  const command = domain
    .command('set <NAME>')
    .description('Change a domain. What is not named stays as it is.')
    .option('--time-zone <ZONE>', 'zone whose midnights bound its addresses, those in use too')
    .option('--postmaster <MAILBOX>', 'where postmaster@ and abuse@ go')
    .option('--no-postmaster', 'let postmaster@ and abuse@ pass untouched')
    .option('--max-prefix-length <LETTERS>', 'longest prefix, 2 to 16 letters', wholeNumber)
  // commander takes true for the default of what can be negated.
  command.setOptionValue('postmaster', undefined)
  examples(withJson(command), 'domain set td.example.com --postmaster pm@example.com')
  command.action((name: string, options: WishOptions) =>
    session.withServices(command, async ({ domains }) => {
      if (Object.values(wishes(options)).every((wish) => wish === undefined)) {
        throw new UsageError(
          'Say what to change: --time-zone, --postmaster, --no-postmaster or --max-prefix-length.',
        )
      }
      const changed = ensure(await domains.change(name, wishes(options)))
      session.print(command, view(changed), `Changed ${changed.name}.\n${described(changed)}`)
    }),
  )
}

function removeCommand(domain: Command, session: Session): void {
  const command = domain
    .command('remove <NAME>')
    .description(
      'Stop judging a domain. It must have no prefixes. What is known about its addresses is forgotten.',
    )
  examples(command, 'domain remove td.example.com')
  command.action((name: string) =>
    session.withServices(command, async ({ domains }) => {
      const removed = ensure(await domains.remove(name))
      session.terminal.out(
        `Removed ${removed.name}. Its recipients now pass untouched: where their mail goes is up to the mail server.\n` +
          'Its revocations, extensions and notes are forgotten.\n',
      )
    }),
  )
}

function wishes({ timeZone, postmaster, maxPrefixLength }: WishOptions) {
  return { timeZone, postmaster: postmaster === false ? '' : postmaster, maxPrefixLength }
}

function letters(maxPrefixLength: number): string {
  return maxPrefixLength === 2 ? '2 letters' : `2 to ${maxPrefixLength} letters`
}

/** What the lack of a mailbox means: RFC 5321 section 4.5.1 wants postmaster@ to be read. */
function withoutPostmaster(name: string): string {
  return (
    `Mail to postmaster@${name} and abuse@${name} passes untouched: it bounces unless the mail server delivers it. ` +
    `Give it a mailbox: timedelay domain set ${name} --postmaster MAILBOX`
  )
}

function described({ timeZone, postmaster, maxPrefixLength }: Domain): string {
  return facts([
    ['days of', timeZone],
    ['prefixes', letters(maxPrefixLength)],
    ['postmaster@, abuse@', postmaster ?? 'pass untouched'],
  ])
}

function view({ name, timeZone, postmaster = null, maxPrefixLength, createdAt }: OrNull<Domain>) {
  return { name, timeZone, postmaster, maxPrefixLength, createdAt: isoTime(createdAt) }
}

/** JSON has no undefined. */
type OrNull<T extends Domain> = Omit<T, 'postmaster'> & { readonly postmaster?: Domain['postmaster'] | null }
