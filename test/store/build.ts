// Records with good defaults; a test names only what it is about.

import {
  type Day,
  type DomainName,
  type Mailbox,
  type PrefixName,
  parseDay,
  parseDomainName,
  parseMailbox,
  parsePrefixName,
  parseTimeZone,
} from '../../src/address/index.ts'
import type { MailEvent, NewDomain, NewPrefix } from '../../src/store/store.ts'

function made<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`bad test value ${text}`)
  return value
}

export const domainName = (text: string): DomainName => made(parseDomainName(text), text)
export const prefixName = (text: string): PrefixName => made(parsePrefixName(text), text)
export const day = (text: string): Day => made(parseDay(text), text)
export function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  return made(parsed.ok ? parsed.mailbox : undefined, text)
}

export const TD = domainName('td.example.com')
export const DJB = prefixName('djb')
/** 2026-11-20T12:00Z. */
export const NOON = Date.UTC(2026, 10, 20, 12)

export const aDomain = (with_: Partial<NewDomain> = {}): NewDomain => ({
  name: TD,
  timeZone: made(parseTimeZone('Europe/Berlin'), 'Europe/Berlin'),
  postmaster: undefined,
  maxPrefixLength: 3,
  ...with_,
})

export const aPrefix = (with_: Partial<NewPrefix> = {}): NewPrefix => ({
  domain: TD,
  name: DJB,
  mailboxes: [mailbox('dredd@example.com')],
  maxDays: 99,
  defaultDays: 45,
  signed: false,
  enabled: true,
  note: '',
  ...with_,
})

export const anEvent = (with_: Partial<MailEvent> = {}): MailEvent => ({
  at: NOON,
  day: day('2026-11-20'),
  queueId: '5AKC0001',
  client: 'mail.shop.example [192.0.2.25]',
  sender: 'news@shop.example',
  recipient: 'djb2026112045@td.example.com',
  domain: TD,
  prefix: DJB,
  localPart: 'djb2026112045',
  verdict: 'forward',
  ...with_,
})
