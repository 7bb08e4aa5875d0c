// The members of contract A's request (alias-api-contracts 3.1), read by hand: clients send them with and without values,
// and want the name of a bad one back in a shape of their own.

import { parseDomainName } from '../../address/index.ts'
import type { TokenRecord } from '../../store/store.ts'
import { Refused, refuse } from '../problems.ts'
import { cleanDescription, siteInDescription } from './site.ts'

const FORMATS = new Set([
  'random_characters',
  'uuid',
  'random_words',
  'random_male_name',
  'random_female_name',
  'random_noun',
  'custom',
])
const MOST_RECIPIENTS = 10
/** A lifetime in front of the domain: `90.td.example.com`, `90d.td.example.com`. */
const LABELLED = /^(\d{1,5})d?\.(.+)$/

export interface AliasRequest {
  readonly days: number | undefined
  readonly daysField: string
  readonly site: string | undefined
  readonly note: string
  /** An address that was made elsewhere and is to be remembered. */
  readonly localPart: string | undefined
}

type Members = Readonly<Record<string, unknown>>

/** A JSON object. @throws Refused */
export function membersOf(body: unknown): Members {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Members
  throw refuse(400, 'The body must be a JSON object.')
}

/** @throws Refused with status 422 and the member at fault. */
export function readAliasRequest(body: unknown, token: TokenRecord): AliasRequest {
  const members = membersOf(body)
  const labelled = readDomain(members, token)
  const description = readText(members, 'description') ?? ''
  checkRecipients(members)
  const custom = readFormat(members) === 'custom' ? (readText(members, 'local_part') ?? '').trim() : undefined
  const days = custom === undefined ? undefined : customDays(custom)
  if (custom === '') throw bad('local_part', 'Write a lifetime in days, or an address of yours.')
  return {
    days: days ?? labelled,
    daysField: days === undefined ? 'domain' : 'local_part',
    site: siteInDescription(description),
    note: cleanDescription(description),
    localPart: days === undefined ? custom?.toLowerCase() : undefined,
  }
}

/** The lifetime that the domain carries, if any; the domain itself must be the token's. */
function readDomain(members: Members, { domain }: TokenRecord): number | undefined {
  const text = (readText(members, 'domain') ?? '').trim().replace(/^@/, '')
  if (text === '' || text.toLowerCase() === 'random' || parseDomainName(text) === domain) return undefined
  const [, label, rest = ''] = LABELLED.exec(text) ?? []
  if (label === undefined || parseDomainName(rest) !== domain)
    throw bad('domain', 'The selected domain is invalid.')
  return inRange(Number(label), 'domain')
}

function customDays(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? inRange(Number(text), 'local_part') : undefined
}

function inRange(days: number, field: string): number {
  if (days >= 1 && days <= 99) return days
  throw bad(field, 'An address works for 1 to 99 days.')
}

function readFormat(members: Members): string | undefined {
  const format = readText(members, 'format')
  if (format === undefined || format === '' || FORMATS.has(format)) return format
  throw bad('format', 'The selected format is invalid.')
}

function checkRecipients({ recipient_ids: ids }: Members): void {
  if (ids === undefined || ids === null) return
  const list: readonly unknown[] = Array.isArray(ids) ? ids : [undefined]
  if (list.length > MOST_RECIPIENTS || list.some((id) => typeof id !== 'string')) {
    throw bad('recipient_ids', `The recipients must be at most ${MOST_RECIPIENTS} texts.`)
  }
  // Where mail goes is the prefix's business; we name no recipient, so none can be meant.
  if (list.length > 0) throw bad('recipient_ids', 'The selected recipients are invalid.')
}

/** Absent and null are the same. */
export function readText(members: Members, name: string): string | undefined {
  const value = members[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw bad(name, `The ${name} must be a text.`)
}

export function bad(field: string, message: string): Refused {
  return new Refused(422, { message, field })
}
