// timedelay address list, revoke, restore, extend, note: addresses that something is known about.

import type { Command } from 'commander'
import { formatDay } from '../address/index.ts'
import type { OpenServices } from '../app.ts'
import type { AddressRecord } from '../service/index.ts'
import { type Answer, explainInWords, type Kept, type ListedAddress } from '../service/index.ts'
import { ensure } from './errors.ts'
import { examples, wholeNumber, withDomain, withJson } from './options.ts'
import { isoTime, plain, table } from './output.ts'
import type { Session } from './session.ts'

const ANY_SPELLING =
  'An address may be given in any case, with or without brackets, or by its local part alone.'

interface ListOptions {
  readonly domain?: string
  readonly prefix?: string
  readonly search?: string
  readonly limit?: number
  readonly offset?: number
}

export function addRecordCommands(address: Command, session: Session): void {
  listCommand(address, session)
  revokeCommand(address, session)
  restoreCommand(address, session)
  extendCommand(address, session)
  noteCommand(address, session)
}

function listCommand(address: Command, session: Session): void {
  const command = address
    .command('list')
    .description(
      'List addresses that were named, revoked or extended, or that mail came for; the newest first.',
    )
    .option('--domain <DOMAIN>', 'only those of this domain')
    .option('--prefix <NAME>', 'only those of this prefix')
    .option('--search <TEXT>', 'only those with this text in the address, the note or the site')
    .option('--limit <N>', 'how many, 1 to 1000 (default: 100)', wholeNumber)
    .option('--offset <N>', 'how many to leave out first', wholeNumber)
  examples(withJson(command), 'address list --search shop')
  command.action((options: ListOptions) =>
    session.withServices(command, async ({ addresses }) => {
      const { total, rows } = ensure(await addresses.list(options))
      const columns = ['ADDRESS', 'STATE', 'ACCEPTED', 'REFUSED', 'SITE', 'NOTE']
      const text = rows.length === 0 ? '' : table(columns, rows.map(row))
      session.print(command, { total, addresses: rows.map(listedView) }, text)
      if (total === 0) session.remark('There is nothing on record.')
      else if (rows.length < total)
        session.remark(`${rows.length} of ${total} shown; see --limit and --offset.`)
    }),
  )
}

function row(listed: ListedAddress): readonly string[] {
  const { localPart, domain, accepted, refused, site, note } = listed
  return [`${localPart}@${domain}`, state(listed), String(accepted), String(refused), site, note]
}

function state({ decision, firstDay, lastDay, extendedThrough }: ListedAddress): string {
  if (decision === undefined || firstDay === undefined || lastDay === undefined) return 'not understood'
  if (decision.kind === 'forward') return `works through ${formatDay((decision.end - 1) as typeof lastDay)}`
  if (decision.because === 'expired') {
    const last = extendedThrough !== undefined && extendedThrough > lastDay ? extendedThrough : lastDay
    return `ended with ${formatDay(last)}`
  }
  if (decision.because === 'not-yet-valid') return `begins on ${formatDay(firstDay)}`
  return decision.because === 'revoked' ? 'revoked' : `refused: ${decision.because}`
}

function revokeCommand(address: Command, session: Session): void {
  const command = address
    .command('revoke <ADDRESS>')
    .description(`Refuse an address from now on, whatever its dates say. ${ANY_SPELLING}`)
  examples(withJson(withDomain(command)), 'address revoke djb2026112045')
  command.action((text: string, { domain }: ListOptions) =>
    keep(command, session, text, domain, (services) => services.addresses.revoke(text, domain), {
      done: 'Revoked.',
      before: 'It was revoked before.',
    }),
  )
}

function restoreCommand(address: Command, session: Session): void {
  const command = address.command('restore <ADDRESS>').description(`Take a revocation back. ${ANY_SPELLING}`)
  examples(withJson(withDomain(command)), 'address restore djb2026112045')
  command.action((text: string, { domain }: ListOptions) =>
    keep(command, session, text, domain, (services) => services.addresses.restore(text, domain), {
      done: 'Restored.',
      before: 'It was not revoked.',
    }),
  )
}

function extendCommand(address: Command, session: Session): void {
  const command = address
    .command('extend <ADDRESS>')
    .description(`Let an address work longer than it says. ${ANY_SPELLING}`)
    .requiredOption('--until <DATE>', 'last day on which it works, that day included, such as 2027-03-31')
  examples(withJson(withDomain(command)), 'address extend djb2026112045 --until 2027-03-31')
  command.action((text: string, { domain, until }: ListOptions & { readonly until: string }) =>
    keep(command, session, text, domain, (services) => services.addresses.extend(text, until, domain), {
      done: 'Extended.',
      before: 'Nothing changed.',
    }),
  )
}

function noteCommand(address: Command, session: Session): void {
  const command = address
    .command('note <ADDRESS> <TEXT>')
    .description(`Write a note to an address; an empty text takes it away. ${ANY_SPELLING}`)
  examples(withJson(withDomain(command)), 'address note djb2026112045 "lamp, order 4711"')
  command.action((text: string, note: string, { domain }: ListOptions) =>
    keep(command, session, text, domain, (services) => services.addresses.note(text, note, domain), {
      done: note.trim() === '' ? 'The note is gone.' : 'Noted.',
      before: 'Nothing changed.',
    }),
  )
}

/** Does something to an address and says how it stands then. */
function keep(
  command: Command,
  session: Session,
  text: string,
  domain: string | undefined,
  change: (services: OpenServices) => Promise<Answer<Kept>>,
  says: { readonly done: string; readonly before: string },
): Promise<void> {
  return session.withServices(command, async (services) => {
    const { record, changed } = ensure(await change(services))
    const { headline } = explainInWords(ensure(await services.addresses.explain(text, { domain })))
    session.print(command, recordView(record), `${changed ? says.done : says.before} ${plain(headline)}\n`)
  })
}

function recordView({
  localPart,
  domain,
  revokedAt,
  extendedThrough,
  createdAt,
  lastSeenAt,
  ...record
}: AddressRecord) {
  return {
    address: `${localPart}@${domain}`,
    ...record,
    createdAt: isoTime(createdAt),
    revokedAt: isoTime(revokedAt),
    extendedThrough: extendedThrough === undefined ? null : formatDay(extendedThrough),
    lastSeenAt: isoTime(lastSeenAt),
  }
}

function listedView({ decision, firstDay, lastDay, ...record }: ListedAddress) {
  return {
    ...recordView(record),
    firstDay: firstDay === undefined ? null : formatDay(firstDay),
    lastDay: lastDay === undefined ? null : formatDay(lastDay),
    works: decision?.kind === 'forward',
    because: decision?.kind === 'refuse' ? decision.because : null,
  }
}
