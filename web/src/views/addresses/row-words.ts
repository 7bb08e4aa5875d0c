// What a row says about an address in words.

import type { AddressView } from '../../../../src/admin/schemas.ts'
import { cityOf, type Day, dateNear, dayIn, dayOf, fullDate, whenShort } from '../../days.ts'
import { lastDayOf, shortSender } from '../../words.ts'

/** What people remember first: the site, else their note. Empty when they said neither. */
export function nameOf({ site, note }: Pick<AddressView, 'site' | 'note'>): string {
  return site === '' ? note : site
}

/** The quieter line below; empty when there is nothing else. */
export function asideOf({ site, note }: Pick<AddressView, 'site' | 'note'>): string {
  return site === '' ? '' : note
}

/** "service@tickets.example, 18 Nov". A bounce has no sender (RFC 5321 section 4.5.5). */
export function lastMail(
  { lastSender, lastSeenAt }: Pick<AddressView, 'lastSender' | 'lastSeenAt'>,
  zone: string,
  today: Day,
): string {
  if (lastSeenAt === undefined) return 'no mail yet'
  return `${shortSender(lastSender) || 'no sender'}, ${whenShort(lastSeenAt, zone, today)}`
}

/** "Works through Tuesday, 5 January 2027." or what is true instead, with the zone its midnights are in. */
export function lifeInWords(view: AddressView, today: Day, zone: string): string {
  const [first, last] = [dayOf(view.firstDay), lastDayOf(view)]
  const extended = last > dayOf(view.lastDay) ? ', because you extended it' : ''
  if (view.barred !== undefined && view.state !== 'revoked')
    return `Refused, whatever its dates say. ${view.barred}`
  const place = `Its days begin at midnight in ${cityOf(zone)}.`
  switch (view.state) {
    case 'revoked': {
      const on = view.revokedAt === undefined ? '' : ` on ${fullDate(dayIn(zone, view.revokedAt))}`
      return `Revoked${on}. Without that it ${last < today ? 'would have ended' : 'would work through'} ${fullDate(last < today ? last + 1 : last)}.`
    }
    case 'ended':
      return `Ended. ${fullDate(last)} was its last day${extended}. ${place}`
    case 'waiting':
      return `Begins ${fullDate(first)} and works through ${fullDate(last)}. ${place}`
    default:
      return `Works through ${fullDate(last)}${extended}. ${place}`
  }
}

/** "Made for printshop.example, used by mailblast.example since 9 November." Undefined when it has not leaked. */
export function leakInWords({ leak, site }: AddressView, today: Day, zone: string): string | undefined {
  if (leak === undefined) return undefined
  const since = dateNear(dayIn(zone, leak.since), today)
  const made = site === '' ? 'Sealed for another site' : `Made for ${site}`
  const by = leak.sender === '' || leak.sender === leak.to ? leak.to : `${leak.to} (${leak.sender})`
  return `${made}, used by ${by} since ${since}.`
}
