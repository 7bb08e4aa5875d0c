// Addresses in the shapes of addy.io (contracts A and C) and SimpleLogin (contract B). Members and their order are
// theirs: apps read them as not null.

import { addDays, Calendar, type Day, type TimeZone } from '../../address/index.ts'
import type { BookAddress, Explanation } from '../../service/index.ts'
import type { TokenRecord } from '../../store/store.ts'
import { aliasId, aliasNumber, uuidOf } from './alias-id.ts'

/** What both shapes are made of. */
export interface Alias {
  readonly localPart: string
  readonly note: string
  /** It works now, or will once it has begun. */
  readonly active: boolean
  /** Last day on which it works. */
  readonly lastDay: Day
  readonly timeZone: TimeZone
  readonly accepted: number
  readonly refused: number
  readonly lastSeenAt: number | undefined
  readonly createdAt: number
}

/** Nothing when it is no address of the domain. */
export function aliasFrom(
  { meaning, domain, because, recipient }: Explanation,
  now: number,
): Alias | undefined {
  if (meaning === undefined || domain === undefined) return undefined
  const { record, lastDay, extendedThrough = lastDay } = meaning
  return {
    localPart: recipient.slice(0, recipient.lastIndexOf('@')),
    note: record?.note ?? '',
    active: because === undefined || because === 'not-yet-valid',
    lastDay: extendedThrough,
    timeZone: domain.timeZone,
    accepted: record?.accepted ?? 0,
    refused: record?.refused ?? 0,
    lastSeenAt: record?.lastSeenAt,
    createdAt: record?.createdAt ?? now,
  }
}

export function aliasFromRow(row: BookAddress, timeZone: TimeZone): Alias {
  const { lastDay, extendedThrough = lastDay } = row
  return {
    ...row,
    // As an explanation says it, which is the filter's own word.
    active: row.state !== 'ended' && row.state !== 'revoked' && row.barred === undefined,
    lastDay: Math.max(lastDay, extendedThrough) as Day,
    timeZone,
  }
}

/** `YYYY-MM-DD HH:MM:SS` in UTC. */
function utc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** Contract 3.2. */
export function addyResource(alias: Alias, token: TokenRecord): object {
  const { localPart, active, note, accepted, refused, lastSeenAt, createdAt, lastDay, timeZone } = alias
  const email = `${localPart}@${token.domain}`
  // One time is known, the last one: which kind it was is known where there was only one kind.
  const last = (count: number, other: number): string | null =>
    lastSeenAt !== undefined && count > 0 && other === 0 ? utc(lastSeenAt) : null
  return {
    id: aliasId(token, localPart),
    user_id: uuidOf(`person ${token.personId}`),
    aliasable_id: null,
    aliasable_type: null,
    local_part: localPart,
    extension: null,
    domain: token.domain,
    email,
    active,
    pinned: false,
    description: note === '' ? null : note,
    from_name: null,
    attached_recipients_only: false,
    emails_forwarded: accepted,
    emails_blocked: refused,
    emails_replied: 0,
    emails_sent: 0,
    recipients: [],
    labels: [],
    last_forwarded: last(accepted, refused),
    last_blocked: last(refused, accepted),
    last_replied: null,
    last_sent: null,
    created_at: utc(createdAt),
    updated_at: utc(createdAt),
    deleted_at: null,
    expires_at: utc(new Calendar(timeZone).startOf(addDays(lastDay, 1))),
  }
}

/** Contract 5. The mailbox stays unnamed: whoever holds a token need not learn it. */
export function simpleLoginResource(alias: Alias, token: TokenRecord): object {
  const { localPart, active, note, accepted, refused, createdAt } = alias
  const email = `${localPart}@${token.domain}`
  const mailbox = { id: 1, email: '' }
  return {
    alias: email,
    email,
    id: aliasNumber(email),
    name: null,
    enabled: active,
    note: note === '' ? null : note,
    pinned: false,
    creation_date: `${utc(createdAt)}+00:00`,
    creation_timestamp: Math.floor(createdAt / 1000),
    nb_forward: accepted,
    nb_block: refused,
    nb_reply: 0,
    mailbox,
    mailboxes: [mailbox],
    support_pgp: false,
    disable_pgp: false,
    latest_activity: null,
  }
}
