// A real mailbox: where mail for a prefix goes.

import { type DomainName, parseHostName } from './domain-name.ts'

declare const brand: unique symbol

/** `local@domain` without brackets, fit for ADDRCPT as `<local@domain>`; the domain in lower case. */
export type Mailbox = string & { readonly [brand]: 'Mailbox' }

export type ParsedMailbox =
  | { readonly ok: true; readonly mailbox: Mailbox }
  /** `fault` completes the sentence "«text» is no mailbox: ...". */
  | { readonly ok: false; readonly fault: string }

/** RFC 5321 §4.1.2 Dot-string, less `%` and `!`. */
const DOT_STRING = /^[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*$/
/** RFC 5321 §4.1.2 Quoted-string. */
const QUOTED_STRING = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/

function faultOfLocalPart(localPart: string): string | undefined {
  if (localPart === '') return 'the part before the @ is missing'
  if (localPart.length > 64) return 'the part before the @ is longer than 64 characters'
  // Both servers read a%b@c and c!b!a as routes: such a target could lead back to us, or anywhere.
  if (/[%!]/.test(localPart)) return 'the part before the @ has a % or !, which mail servers take for a route'
  // sendmail takes these for a program or a file.
  if (/^"?[|/:]/.test(localPart)) return 'the part before the @ begins like a program or a file'
  if (DOT_STRING.test(localPart)) return undefined
  if (QUOTED_STRING.test(localPart) && !localPart.includes('@')) return undefined
  return 'the part before the @ has characters that need quotes, or none at all allow'
}

/**
 * The mailbox that `text` names, with or without angle brackets. Stricter than SMTP: an address that a server would
 * read as a route, a program or a local alias is refused, because ADDRCPT of a bad address answers 250 and then
 * bounces or vanishes (measured on both servers).
 */
export function parseMailbox(text: string): ParsedMailbox {
  const bare = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1) : text
  const at = bare.lastIndexOf('@')
  if (at < 0) return { ok: false, fault: 'write the whole address, like dredd@example.com' }
  if (/[^ -~]/.test(bare)) return { ok: false, fault: 'only printable ASCII characters are possible' }
  const localPart = bare.slice(0, at)
  const fault = faultOfLocalPart(localPart)
  if (fault !== undefined) return { ok: false, fault }
  const domain = parseHostName(bare.slice(at + 1))
  if (domain === undefined) return { ok: false, fault: `${bare.slice(at + 1) || 'nothing'} is no domain` }
  return { ok: true, mailbox: `${localPart}@${domain}` as Mailbox }
}

export function mailboxDomain(mailbox: Mailbox): DomainName {
  // Safe: `parseMailbox` put a canonical domain there.
  return mailbox.slice(mailbox.lastIndexOf('@') + 1) as DomainName
}
