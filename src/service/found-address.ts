// One address that somebody wants to change, found and judged; and the sentence for those that cannot be.

import { addDays, type Day, lifetimeOf } from '../address/index.ts'
import { isGenuine, type Judge, type Judged } from '../filter/judge.ts'
import type { AddressRecord } from '../store/store.ts'
import { type Answer, declined, granted } from './answer.ts'
import type { DeskParts } from './desk.ts'
import type { DomainService } from './domains.ts'
import { ownAddress, recipientArgument } from './recipients.ts'

export interface Found {
  readonly judged: Judged
  readonly record: AddressRecord | undefined
}

export interface FindParts extends Pick<DeskParts, 'permission'> {
  readonly store: Pick<DeskParts['store'], 'findAddress'>
  readonly judge: Judge
  readonly domains: DomainService
}

/**
 * A genuine address, or one that was genuine when its record was made: guesses are not to fill the store. What belongs
 * to somebody else is answered like an address of a prefix that does not exist.
 */
export async function findAddress(
  { domains, judge, store, permission }: FindParts,
  text: string,
  domainName?: string,
): Promise<Answer<Found>> {
  const argument = await recipientArgument(text, domainName, domains)
  if (!argument.ok) return argument
  const own = ownAddress(argument.value, await judge.judge(argument.value))
  if (!own.ok) return own
  const judged = own.value
  const { prefix } = judged.facts
  if (prefix === undefined || !permission.sees(prefix)) return noSuchPrefix(judged)
  const record = await store.findAddress(judged.domain.name, judged.localPart)
  if (record !== undefined || isGenuine(judged)) return granted({ judged, record })
  return declined('not-found', strangeness(judged, prefix.name), 'address')
}

export function nameOf({ localPart, domain }: Pick<Judged, 'localPart' | 'domain'>): string {
  return `${localPart}@${domain.name}`
}

/** By its own date and days, capped as the prefix says. */
export function lastDayOf({ address, facts }: Judged): Day {
  return addDays(lifetimeOf(address, facts.prefix?.maxDays ?? address.days).end, -1)
}

function noSuchPrefix({ address, domain }: Judged): Answer<never> {
  return declined('not-found', `There is no prefix "${address.prefix}" in ${domain.name}.`, 'address')
}

function strangeness(judged: Judged, prefix: string): string {
  if (judged.seal === 'wrong')
    return `The tag of ${nameOf(judged)} is wrong: it is refused as unknown anyway.`
  return `The prefix ${prefix} takes signed addresses only: ${nameOf(judged)} is refused as unknown anyway.`
}
