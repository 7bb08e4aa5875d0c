// Which mail servers are here, and by which sockets they will come to us.

import { formatSocketSpec, type SocketSpec } from '../../milter/index.ts'
import { reaches, readSpec } from './endpoints.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Machine, Reading } from './machine.ts'
import type { Question } from './milter.ts'
import { clientSpec, ourEntry, smtpdInChroot } from './postfix-client.ts'
import { type PostfixFacts, readPostfix } from './postfix-facts.ts'
import { type OurSide, ourFilter } from './sendmail.ts'
import { readSendmail, type SendmailFacts } from './sendmail-facts.ts'

export interface MailServers {
  readonly sendmail: SendmailFacts | undefined
  readonly postfix: PostfixFacts | undefined
  /** Who will connect to our socket. */
  readonly users: readonly { readonly server: 'sendmail' | 'Postfix'; readonly name: string }[]
  /** Where each server will connect to, as far as it names us. */
  readonly clients: readonly { readonly server: 'sendmail' | 'Postfix'; readonly spec: SocketSpec }[]
  asks(server: 'sendmail' | 'Postfix', listener: SocketSpec): boolean
  readonly findings: readonly Finding[]
}

interface Given {
  readonly sendmailCf?: string
  readonly postfixConfig?: string
}

const SENDMAIL_CF = '/etc/mail/sendmail.cf'
const POSTFIX_CONFIG = '/etc/postfix'

/** Naming one of the two leaves the other out: it may be the leftover of a package that was removed. */
export async function readMailServers(machine: Machine, given: Given, ours: OurSide): Promise<MailServers> {
  const both = given.sendmailCf === undefined && given.postfixConfig === undefined
  const cf = given.sendmailCf ?? (both ? SENDMAIL_CF : undefined)
  const directory = given.postfixConfig ?? (both ? POSTFIX_CONFIG : undefined)
  const sendmail = cf === undefined ? undefined : await readSendmail(machine, cf, ours.domains)
  const postfix = directory === undefined ? undefined : await readPostfix(machine, directory, ours.domains)
  const facts = { sendmail: readOf(sendmail), postfix: readOf(postfix) }
  const clients = clientsOf(facts.sendmail, facts.postfix, ours)
  return {
    ...facts,
    clients,
    users: [
      ...(facts.sendmail
        ? [{ server: 'sendmail' as const, name: facts.sendmail.cf.runAsUser ?? 'root' }]
        : []),
      ...(facts.postfix
        ? [{ server: 'Postfix' as const, name: facts.postfix.parameters.get('mail_owner') || 'postfix' }]
        : []),
    ],
    asks: (server, listener) =>
      clients.some((client) => client.server === server && reaches(client.spec, listener)),
    findings: [
      ...describe('sendmail', cf, sendmail, given.sendmailCf !== undefined, '--sendmail-cf FILE'),
      ...describe('postfix', directory, postfix, given.postfixConfig !== undefined, '--postfix-config DIR'),
      ...neither(sendmail, postfix),
    ],
  }
}

function readOf<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.ok ? reading.value : undefined
}

function describe(
  server: 'sendmail' | 'postfix',
  where: string | undefined,
  reading: Reading<unknown> | undefined,
  named: boolean,
  option: string,
): Finding[] {
  if (reading === undefined || where === undefined) return []
  const check = `${server}-configuration`
  if (reading.ok) return [ok(check, `The configuration in ${where} was read.`)]
  if (reading.why === 'missing' && !named) return []
  const todo =
    reading.why === 'denied'
      ? 'Run "timedelay doctor" as root.'
      : `Name the right place: timedelay doctor ${option}`
  return [(named ? fault : warn)(check, `The configuration could not be read: ${reading.says}.`, todo)]
}

function neither(sendmail: Reading<unknown> | undefined, postfix: Reading<unknown> | undefined): Finding[] {
  const missing = (reading: Reading<unknown> | undefined): boolean =>
    reading?.ok === false && reading.why === 'missing'
  if (!missing(sendmail) || !missing(postfix)) return []
  return [
    warn(
      'mail-server',
      `Neither ${SENDMAIL_CF} nor ${POSTFIX_CONFIG}/main.cf is here, so no mail server's configuration was checked.`,
      'Run this on the mail server, or name its files: timedelay doctor --sendmail-cf FILE, or --postfix-config DIR',
    ),
  ]
}

function clientsOf(
  sendmail: SendmailFacts | undefined,
  postfix: PostfixFacts | undefined,
  ours: OurSide,
): MailServers['clients'] {
  const clients: { server: 'sendmail' | 'Postfix'; spec: SocketSpec }[] = []
  const line = sendmail && readSpec(ourFilter(sendmail, ours)?.spec ?? '')
  if (line?.ok) clients.push({ server: 'sendmail', spec: line.spec })
  const entry = postfix && ourEntry(postfix, ours)
  const spec = postfix && entry && clientSpec(entry, postfix, smtpdInChroot(postfix))
  if (spec !== undefined) clients.push({ server: 'Postfix', spec })
  return clients
}

/** Each socket once for each server that uses it; a listener that no server names is asked in sendmail's manner. */
export function questionsFor(ours: OurSide, servers: MailServers | undefined): readonly Question[] {
  const clients = servers?.clients ?? []
  const unnamed = ours.listeners.filter(
    (listener) =>
      !clients.some(({ spec }) => reaches(spec, listener)) && (listener.kind === 'unix' || listener.port > 0),
  )
  return [
    ...clients.map(
      ({ server, spec }): Question => ({
        spec: formatSocketSpec(spec),
        as: server === 'Postfix' ? 'postfix' : 'sendmail',
      }),
    ),
    ...unnamed.map((listener): Question => ({ spec: formatSocketSpec(listener), as: 'sendmail' })),
  ]
}
