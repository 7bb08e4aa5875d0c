// timedelay prefix ...

import type { Command } from 'commander'
import { counted, type Prefix, type PrefixWishes, type Services } from '../service/index.ts'
import { ensure, UsageError } from './errors.ts'
import { readNamedFile } from './named-file.ts'
import { collect, examples, wholeNumber, withDomain, withJson } from './options.ts'
import { facts, isoTime, table } from './output.ts'
import type { Session } from './session.ts'

interface WishOptions {
  readonly domain?: string
  readonly mailbox?: readonly string[]
  readonly maxDays?: number
  readonly defaultDays?: number
  /** False for `--no-signed`. */
  readonly signed?: boolean
  readonly note?: string
  readonly owner?: string
}

export function addPrefixCommands(program: Command, session: Session): void {
  const prefix = program
    .command('prefix')
    .summary('whose addresses they are, and where their mail goes')
    .description('Whose addresses they are, and where their mail goes.')
  addCommand(prefix, session)
  listCommand(prefix, session)
  showCommand(prefix, session)
  setCommand(prefix, session)
  switchCommand(prefix, session, true)
  switchCommand(prefix, session, false)
  removeCommand(prefix, session)
  importCommand(prefix, session)
  exportCommand(prefix, session)
}

function addCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('add <NAME> <MAILBOX...>')
    .description('Add a prefix. Its mail goes to every mailbox named.')
    .option('--max-days <N>', 'longest lifetime of an address, 1 to 99 days (default: 99)', wholeNumber)
    .option('--default-days <N>', 'lifetime of a new address when nobody says (default: 45)', wholeNumber)
    .option('--signed', 'refuse addresses without a tag, so that nobody can make one up')
    .option('--note <TEXT>', 'for people')
    .option('--owner <PERSON>', 'who makes its addresses in the console')
  examples(
    withJson(withDomain(command)),
    'prefix add djb dredd@example.com',
    'prefix add ops a@x.example b@x.example',
  )
  command.action((name: string, mailboxes: readonly string[], { domain, ...wishes }: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const added = ensure(await prefixes.add(name, { ...wishes, mailboxes }, domain))
      session.print(command, view(added), `Added ${added.name} in ${added.domain}.\n${described(added)}`)
    }),
  )
}

function listCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('list')
    .description('List the prefixes.')
    .option('--domain <DOMAIN>', 'only those of this domain')
  examples(withJson(command), 'prefix list --domain td.example.com')
  command.action(({ domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes, people }) => {
      const all = ensure(await prefixes.list(domain))
      const owners = await namesOf(people)
      if (all.length === 0)
        session.remark('There is no prefix yet. Add one: timedelay prefix add NAME MAILBOX')
      const several = new Set(all.map((one) => one.domain)).size > 1
      const columns = ['PREFIX', 'DOMAIN', 'MAILBOXES', 'DAYS', 'FORM', 'STATE', 'OWNER', 'NOTE']
      const rows = all.map((one) => [
        one.name,
        several ? one.domain : '',
        one.mailboxes.join(', '),
        `${one.defaultDays}, at most ${one.maxDays}`,
        one.signed ? 'signed' : 'any',
        one.enabled ? 'enabled' : 'disabled',
        owners(one),
        one.note,
      ])
      const views = all.map((one) => ({ ...view(one), owner: owners(one) }))
      session.print(command, views, all.length === 0 ? '' : table(columns, rows))
    }),
  )
}

function showCommand(prefix: Command, session: Session): void {
  const command = prefix.command('show <NAME>').description('Show one prefix.')
  examples(withJson(withDomain(command)), 'prefix show djb')
  command.action((name: string, { domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes, people }) => {
      const found = ensure(await prefixes.find(name, domain))
      const owner = (await namesOf(people))(found)
      session.print(command, { ...view(found), owner }, described(found, owner))
    }),
  )
}

function setCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('set <NAME>')
    .description('Change a prefix, and with it all its addresses. What is not named stays as it is.')
    .option('--mailbox <MAILBOX>', 'where its mail goes from now on; may be given several times', collect)
    .option(
      '--max-days <N>',
      'longest lifetime, 1 to 99 days; older addresses that claim more end sooner',
      wholeNumber,
    )
    .option('--default-days <N>', 'lifetime of a new address when nobody says', wholeNumber)
    .option('--signed', 'refuse addresses without a tag, those in use too')
    .option('--no-signed', 'accept addresses without a tag as well')
    .option('--note <TEXT>', 'for people')
    .option('--owner <PERSON>', "who makes its addresses in the console; '' for nobody")
  // commander takes true for the default of what can be negated.
  command.setOptionValue('signed', undefined)
  examples(withJson(withDomain(command)), 'prefix set djb --mailbox dredd@example.com --max-days 60')
  command.action((name: string, options: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const { domain, mailbox: mailboxes, maxDays, defaultDays, signed, note, owner } = options
      const wishes: PrefixWishes = { mailboxes, maxDays, defaultDays, signed, note, owner }
      if (Object.values(wishes).every((wish) => wish === undefined)) {
        throw new UsageError(
          'Say what to change: --mailbox, --max-days, --default-days, --[no-]signed, --note or --owner.',
        )
      }
      const changed = ensure(await prefixes.change(name, wishes, domain))
      session.print(
        command,
        view(changed),
        `Changed ${changed.name} in ${changed.domain}.\n${described(changed)}`,
      )
    }),
  )
}

function switchCommand(prefix: Command, session: Session, enabled: boolean): void {
  const command = enabled
    ? prefix.command('enable <NAME>').description('Accept the addresses of a disabled prefix again.')
    : prefix
        .command('disable <NAME>')
        .description('Refuse all addresses of a prefix until it is enabled again.')
  examples(withJson(withDomain(command)), `prefix ${enabled ? 'enable' : 'disable'} djb`)
  command.action((name: string, { domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const { name: changed, ...rest } = ensure(await prefixes.setEnabled(name, enabled, domain))
      const text = enabled
        ? `Enabled ${changed}: its addresses are accepted as their dates say.\n`
        : `Disabled ${changed}: all its addresses are refused as unknown.\n`
      session.print(command, view({ name: changed, ...rest }), text)
    }),
  )
}

function removeCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('remove <NAME>')
    .description(
      'Remove a prefix. Its addresses are refused from then on; to stop them for a while, disable it.',
    )
  examples(withDomain(command), 'prefix remove djb')
  command.action((name: string, { domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const removed = ensure(await prefixes.remove(name, domain))
      const again = `timedelay prefix add ${removed.name} ${removed.mailboxes.join(' ')} --domain ${removed.domain}`
      session.terminal.out(
        `Removed ${removed.name}: all its addresses in ${removed.domain} are refused as unknown.\n` +
          'What was revoked, extended or noted stays on record, in case the prefix comes back:\n' +
          `  ${again}\n`,
      )
    }),
  )
}

function importCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('import <FILE>')
    .description(
      "Take over a list of prefixes; '-' reads it from standard input. " +
        'A line is PREFIX MAILBOX[,MAILBOX...] with blanks or tabs between; # begins a comment. ' +
        'New prefixes are added, known ones get the mailboxes of the list: all of them, or with one fault none.',
    )
  examples(
    withJson(withDomain(command)),
    'prefix import /etc/timedelay/prefixes',
    'prefix export | timedelay prefix import -',
  )
  command.action((file: string, { domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const text =
        file === '-' ? await session.terminal.readInput() : (await readNamedFile(file)).toString('utf8')
      const imported = ensure(await prefixes.import(text, domain))
      const { added, changed, unchanged } = imported
      const words = [`Added ${counted(added, 'prefix', 'prefixes')}`, `changed ${changed}`]
      if (unchanged > 0) words.push(`left ${unchanged} as before`)
      session.print(command, imported, `${words.join(', ')}.\n`)
    }),
  )
}

function exportCommand(prefix: Command, session: Session): void {
  const command = prefix
    .command('export')
    .description('Print the prefixes of a domain as a list that import reads.')
  examples(withJson(withDomain(command)), 'prefix export > prefixes')
  command.action(({ domain }: WishOptions) =>
    session.withServices(command, async ({ prefixes }) => {
      const { text, prefixes: rows, simplified } = ensure(await prefixes.export(domain))
      session.print(command, rows.map(view), text)
      if (simplified > 0) {
        const which = counted(simplified, 'prefix', 'prefixes')
        session.remark(
          `${which} signed, limited or disabled: the list says so in comments, which import does not read.`,
        )
      }
    }),
  )
}

/** Who owns a prefix, by name; '' for nobody. */
async function namesOf(people: Services['people']): Promise<(prefix: Prefix) => string> {
  const names = new Map(ensure(await people.list()).map(({ id, name }) => [id, name]))
  return ({ owner }) => (owner === undefined ? '' : (names.get(owner) ?? ''))
}

function described({ mailboxes, maxDays, defaultDays, signed, enabled, note }: Prefix, owner = ''): string {
  return facts([
    ['mail goes to', mailboxes.join(', ')],
    ['lifetime', `${counted(defaultDays, 'day')} unless told, ${maxDays} at most`],
    ['form', signed ? 'signed addresses only' : 'signed and unsigned addresses'],
    ['state', enabled ? 'enabled' : 'disabled: its addresses are refused'],
    ['owner', owner],
    ['note', note],
  ])
}

function view({ domain, name, mailboxes, maxDays, defaultDays, signed, enabled, note, createdAt }: Prefix) {
  return {
    domain,
    name,
    mailboxes,
    maxDays,
    defaultDays,
    signed,
    enabled,
    note,
    createdAt: isoTime(createdAt),
  }
}
