// timedelay address ...: making addresses and asking about them. What is done to one stands in `address-record.ts`.

import { type Command, Option } from 'commander'
import { formatDay } from '../address/index.ts'
import { type Explanation, explainInWords, type IssuedAddress, type IssueWishes } from '../service/index.ts'
import { addRecordCommands } from './address-record.ts'
import { ensure } from './errors.ts'
import { examples, wholeNumber, withDomain, withJson } from './options.ts'
import { isoTime, plain } from './output.ts'
import type { Session } from './session.ts'

interface NewOptions extends Omit<IssueWishes, 'prefix' | 'signed'> {
  readonly signed?: true
  readonly unsigned?: true
}

interface ExplainOptions {
  readonly domain?: string
  readonly at?: string
  readonly site?: string
}

export function addAddressCommands(program: Command, session: Session): void {
  const address = program
    .command('address')
    .summary('make addresses, ask about them, withdraw or prolong them')
    .description('Make addresses, ask about them, withdraw or prolong them.')
  newCommand(address, session)
  explainCommand(address, session)
  addRecordCommands(address, session)
}

function newCommand(address: Command, session: Session): void {
  const command = address
    .command('new <PREFIX>')
    .description('Make an address and print it. Nothing is stored unless you name a site or a note.')
    .addOption(
      new Option('--days <N>', "lifetime in days (default: the prefix's)")
        .argParser(wholeNumber)
        .conflicts('until'),
    )
    .option('--until <DATE>', 'last day on which it works, that day included, such as 2027-01-03')
    .option('--from <DATE>', "first day on which it works (default: today in the domain's zone)")
    .option('--site <HOST>', 'who it is for, such as shop.example; that can be checked later')
    .option('--unique', 'make it differ from every other address of that day')
    .option('--note <TEXT>', 'for people')
    .addOption(new Option('--signed', 'add a tag that nobody else can make').conflicts('unsigned'))
    .addOption(
      new Option('--unsigned', 'add no tag (default, unless the prefix, --site or --unique demands one)'),
    )
  examples(
    withJson(withDomain(command)),
    'address new djb',
    'address new djb --site shop.example --until 2027-01-03',
  )
  command.action((prefix: string, { signed, unsigned, ...wishes }: NewOptions) =>
    session.withServices(command, async ({ addresses }) => {
      const form = signed ?? (unsigned === true ? false : undefined)
      const issued = ensure(await addresses.issue({ ...wishes, prefix, signed: form }))
      session.print(command, issuedView(issued), `${issued.address}\n`)
    }),
  )
}

function explainCommand(address: Command, session: Session): void {
  const command = address
    .command('explain <ADDRESS>')
    .description(
      'Say what an address means and what would become of mail to it. ' +
        'The exit code is 1 when it would be refused, and 0 when it would not, as with addresses elsewhere.',
    )
    .option(
      '--at <TIME>',
      "ask about another time: RFC 3339, or a date or date and time in the domain's zone",
    )
    .option('--site <HOST>', 'ask whether it was made for this site')
  examples(
    withJson(withDomain(command)),
    'address explain djb2026112045@td.example.com',
    'address explain djb2026112045 --at 2027-01-04',
  )
  command.action((text: string, options: ExplainOptions) =>
    session.withServices(command, async ({ addresses }) => {
      const explanation = ensure(await addresses.explain(text, options))
      session.print(command, explanationView(explanation), inLines(explanation))
      session.exitCode = explanation.accepted ? 0 : 1
    }),
  )
}

function inLines(explanation: Explanation): string {
  const { headline, sentences } = explainInWords(explanation)
  return `${[headline, ...sentences].map(plain).join('\n')}\n`
}

function issuedView({ prefix, firstDay, lastDay, ...issued }: IssuedAddress) {
  return { ...issued, prefix: prefix.name, firstDay: formatDay(firstDay), lastDay: formatDay(lastDay) }
}

function explanationView(explanation: Explanation) {
  const {
    recipient,
    accepted,
    verdict,
    because = null,
    reply = null,
    mailboxes,
    at,
    domain,
    meaning,
  } = explanation
  return {
    recipient,
    accepted,
    verdict,
    because,
    reply,
    mailboxes,
    at: isoTime(at),
    domain: domain?.name ?? null,
    timeZone: domain?.timeZone ?? null,
    address: meaning === undefined ? null : meaningView(meaning),
    ...explainInWords(explanation),
  }
}

function meaningView(meaning: NonNullable<Explanation['meaning']>) {
  const { address, prefix, seal, today, firstDay, lastDay, extendedThrough, record, site = null } = meaning
  return {
    prefix: address.prefix,
    prefixKnown: prefix !== undefined,
    days: address.days,
    firstDay: formatDay(firstDay),
    lastDay: formatDay(lastDay),
    today: formatDay(today),
    tag: seal,
    salt: address.salt ?? null,
    site,
    note: record?.note ?? '',
    revokedAt: isoTime(record?.revokedAt),
    extendedThrough: extendedThrough === undefined ? null : formatDay(extendedThrough),
  }
}
