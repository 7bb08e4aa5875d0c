// One event of the list in words: what became of the mail, and why.

import type { AddressState, VerdictEvent } from '../../../../src/admin/schemas.ts'
import { clockTime, type Day, dateNear, dayIn, dayOf, shortDate } from '../../days.ts'
import { type Kind, kindOf } from './verdicts.ts'

/** The mark and the colour; a mail that is refused has lost its colour, as an ended address has. */
export function markOf(verdict: string): AddressState {
  const marks: Record<Kind, AddressState> = {
    delivered: 'works',
    ended: 'ended',
    revoked: 'revoked',
    other: 'ended',
    'put-off': 'waiting',
  }
  return marks[kindOf(verdict)]
}

export function verdictWord(verdict: string): string {
  const kind = kindOf(verdict)
  if (kind === 'delivered') return 'delivered'
  return kind === 'put-off' ? 'put off' : 'refused'
}

/** "551 ended on 20 November", "to dan@mailbox.example". */
export function followed(event: VerdictEvent, today: Day): string {
  if (event.leaked === true) return 'leaked: not the site it was made for'
  if (kindOf(event.verdict) === 'delivered') return delivered(event)
  const code = event.code === undefined ? '' : `${event.code} `
  return `${code}${reason(event, event.on === undefined ? undefined : dateNear(dayOf(event.on), today))}`
}

function delivered({ to = [], verdict, prefix }: VerdictEvent): string {
  if (to.length > 0) return `to ${to.join(', ')}`
  return verdict === 'postmaster' ? 'to the postmaster' : `to the mailboxes of ${prefix}`
}

function reason({ verdict, prefix }: VerdictEvent, on: string | undefined): string {
  switch (verdict) {
    case 'expired':
      return on === undefined ? 'ended' : `ended on ${on}`
    case 'revoked':
      return on === undefined ? 'revoked' : `revoked on ${on}`
    case 'not-yet-valid':
      return on === undefined ? 'has not begun' : `begins on ${on}`
    case 'unknown':
      // The sender hears one text for all of these; the owner may know that the prefix is there.
      return prefix === '' ? 'no such prefix' : `${prefix} is off, or the seal is not right`
    case 'not-understood':
      return 'cannot be read'
    case 'defer':
      return 'put off, the sender tries again'
    default:
      return verdict
  }
}

/** "11:08:41", with the day before it when that is not today. */
export function momentOf(at: string, zone: string, today: Day): string {
  const day = dayIn(zone, at)
  return day === today ? clockTime(at, zone, true) : `${shortDate(day, today)} ${clockTime(at, zone)}`
}

/** "days and times in Europe/Berlin". One list has one clock, the first domain's; its days are counted in each domain's. */
export function zoneWords(domains: readonly { readonly timeZone: string }[]): string {
  const zone = domains[0]?.timeZone ?? 'UTC'
  if (domains.every(({ timeZone }) => timeZone === zone)) return `days and times in ${zone}`
  return `days in the zone of each domain, all times in ${zone}`
}
