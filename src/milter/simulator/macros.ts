// The macro packet that goes before a command: which names, and their values in the form of each MTA.

import type { Client, MacroStage } from '../filter.ts'
import type { MacroList } from '../negotiation.ts'
import { bareAddress, type ResolvedRecipient, splitAddress, unquoted } from './envelope.ts'
import type { MtaKind } from './mta.ts'

/** Commands that may have a macro packet before them. */
export type MacroCommand = MacroStage | 'header' | 'body' | 'unknown'

/** The values at hand, `j` and `{mail_addr}` as they are written on the wire. A name that is not set is not sent. */
export type Macros = Readonly<Record<string, string>>

const TLS = '{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}'

/** confMILTER_MACROS_*, and milter_*_macros. */
const DEFAULT_NAMES: Readonly<Record<MtaKind, Readonly<Record<MacroStage, string>>>> = {
  sendmail: {
    connect: 'j _ {daemon_name} {if_name} {if_addr}',
    helo: TLS,
    mail: 'i {auth_type} {auth_authen} {auth_ssf} {auth_author} {mail_mailer} {mail_host} {mail_addr}',
    rcpt: '{rcpt_mailer} {rcpt_host} {rcpt_addr}',
    data: '',
    endOfHeaders: '',
    endOfMessage: '{msg_id}',
  },
  postfix: {
    connect: 'j {daemon_name} {daemon_addr} v _',
    helo: TLS,
    mail: 'i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}',
    rcpt: 'i {rcpt_addr} {rcpt_host} {rcpt_mailer}',
    data: 'i',
    endOfHeaders: 'i',
    endOfMessage: 'i',
  },
}

/** The numbers of SMFIR_SETSYMLIST. */
const STAGE_NUMBERS: Readonly<Record<MacroStage, number>> = {
  connect: 0,
  helo: 1,
  mail: 2,
  rcpt: 3,
  data: 4,
  endOfMessage: 5,
  endOfHeaders: 6,
}

/** Postfix's cleanup, which runs the message phase, knows no others. */
const KNOWN_TO_CLEANUP = /^(?:i|j|v|_|\{(?:daemon|client|auth)_\w+\})$/

/** The pairs for the packet, name NUL value NUL; undefined when the MTA sends none. */
export function macroPairs(
  like: MtaKind,
  command: MacroCommand,
  lists: readonly MacroList[],
  macros: ReadonlyMap<string, string>,
): string | undefined {
  const stage = listStage(command)
  if (stage === undefined) return like === 'postfix' ? '' : undefined
  const asked = askedNames(like, stage, lists)
  const names = (asked ?? DEFAULT_NAMES[like][stage]).split(/[ ,]+/).filter((name) => name !== '')
  if (names.length === 0) return undefined
  const inCleanup = like === 'postfix' && (stage === 'endOfHeaders' || stage === 'endOfMessage')
  let pairs = ''
  for (const name of names) {
    const value = macros.get(name)
    if (value === undefined || (inCleanup && !KNOWN_TO_CLEANUP.test(name))) continue
    pairs += `${name}\0${value}\0`
  }
  return pairs
}

/** Postfix goes by the list of end of headers at each header, too, and by that of end of message at each chunk. */
function listStage(command: MacroCommand): MacroStage | undefined {
  if (command === 'header') return 'endOfHeaders'
  if (command === 'body') return 'endOfMessage'
  return command === 'unknown' ? undefined : command
}

function askedNames(like: MtaKind, stage: MacroStage, lists: readonly MacroList[]): string | undefined {
  const listOf = (wanted: MacroStage): string | undefined =>
    lists.find((list) => list.stage === STAGE_NUMBERS[wanted])?.names
  // sendmail 8.17.1: the list for end of message counts only when end of headers has one, and a list for end of
  // headers alone takes the macros of end of message away.
  if (like === 'sendmail' && stage === 'endOfMessage') {
    return listOf('endOfHeaders') === undefined ? undefined : (listOf('endOfMessage') ?? '')
  }
  return listOf(stage)
}

/** What MAIL sets. */
export function senderMacros(like: MtaKind, argument: string): Macros {
  const address = bareAddress(argument)
  const [, domain] = splitAddress(address)
  return like === 'sendmail'
    ? {
        '{mail_mailer}': address === '' ? 'local' : 'esmtp',
        '{mail_host}': address === '' ? '' : `${domain}.`,
        '{mail_addr}': address,
      }
    : { '{mail_addr}': unquoted(address), '{mail_host}': domain, '{mail_mailer}': 'smtp' }
}

/** What RCPT sets: the recipient after the MTA's rewriting, which is why no filter may go by it. */
export function recipientMacros(like: MtaKind, argument: string, resolved: ResolvedRecipient): Macros {
  const address = bareAddress(argument)
  if (like === 'sendmail') {
    return {
      '{rcpt_mailer}': resolved.local ? 'local' : 'esmtp',
      '{rcpt_host}': resolved.host,
      '{rcpt_addr}': resolved.address,
    }
  }
  return {
    '{rcpt_addr}': unquoted(address).toLowerCase(),
    '{rcpt_host}': splitAddress(address)[1],
    '{rcpt_mailer}': resolved.local ? 'local' : 'smtp',
  }
}

/** What CONNECT sets, for the MTA of that name. */
export function connectMacros(like: MtaKind, hostname: string, client: Client): Macros {
  const name = like === 'postfix' && client.host.startsWith('[') ? 'unknown' : client.host
  const common = {
    j: hostname,
    _: client.address === '' ? 'root@localhost' : `${name} [${client.address}]`,
    '{client_name}': name,
    '{client_addr}': client.address,
    '{client_port}': String(client.port),
    '{client_ptr}': name,
  }
  // `sendmail -bs` has no listener to name.
  if (like === 'sendmail' && client.family === 'unknown') return common
  return like === 'sendmail'
    ? { ...common, v: '8.17.1.9', '{daemon_name}': 'MTA', '{if_name}': hostname }
    : { ...common, v: 'Postfix 3.7.11', '{daemon_name}': hostname, '{daemon_addr}': '127.0.0.1' }
}
