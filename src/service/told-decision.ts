// What the owner may know of a decision besides its verdict: the day that its reason names, and whether the address has
// leaked. Taken from what is stored now, so it is told only where it still explains what happened then.

import {
  addDays,
  type Day,
  type DelayAddress,
  lifetimeOf,
  organisationOf,
  organisationOfSender,
  parseLocalPart,
} from '../address/index.ts'
import type { Judge } from '../filter/judge.ts'
import type { AddressRecord, Decision, Domain, Prefix, Store } from '../store/store.ts'

export interface ToldDecision extends Decision {
  /** Revoked on, begins on, or the first day on which it no longer worked. */
  readonly on?: Day
  /** Made for a site of another organisation than the sender's. */
  readonly leaked?: boolean
}

interface Parts {
  readonly store: Store
  readonly judge: Judge
}

export async function tellMore(
  { store, judge }: Parts,
  decisions: readonly Decision[],
): Promise<readonly ToldDecision[]> {
  if (decisions.length === 0) return []
  const domains = new Map((await store.domains()).map((domain) => [domain.name, domain]))
  const prefixes = new Map(
    (await store.prefixes()).map((prefix) => [`${prefix.name}@${prefix.domain}`, prefix]),
  )
  const told: ToldDecision[] = []
  for (const decision of decisions) {
    const { localPart } = decision
    const domain = domains.get(decision.domain)
    const prefix = prefixes.get(`${decision.prefix}@${decision.domain}`)
    if (localPart === undefined || domain === undefined || prefix === undefined) {
      told.push(decision)
      continue
    }
    const record = await store.findAddress(domain.name, localPart)
    const on = dayOf(decision, localPart, { domain, prefix, record, judge })
    told.push({
      ...decision,
      ...(on === undefined ? {} : { on }),
      ...(leaked(decision, record) ? { leaked: true } : {}),
    })
  }
  return told
}

interface Known {
  readonly domain: Domain
  readonly prefix: Prefix
  readonly record: AddressRecord | undefined
  readonly judge: Judge
}

function dayOf(decision: Decision, localPart: string, known: Known): Day | undefined {
  const { domain, record, judge } = known
  if (decision.verdict === 'revoked') {
    const { revokedAt } = record ?? {}
    // Restored since, or revoked anew.
    if (revokedAt === undefined || revokedAt > decision.at) return undefined
    return judge.calendarOf(domain).today(revokedAt)
  }
  const parsed = parseLocalPart(localPart, domain.maxPrefixLength)
  if (!parsed.ok) return undefined
  if (decision.verdict === 'not-yet-valid') return parsed.address.issued
  return decision.verdict === 'expired' ? endBefore(decision.day, parsed.address, known) : undefined
}

/** Nothing when it ends later now: its owner extended it, or the prefix allows more days. */
function endBefore(day: Day, address: DelayAddress, { prefix, record }: Known): Day | undefined {
  const { end } = lifetimeOf(address, prefix.maxDays)
  const { extendedThrough } = record ?? {}
  const last = extendedThrough === undefined ? end : (Math.max(end, addDays(extendedThrough, 1)) as Day)
  return last <= day ? last : undefined
}

/** Bounces have no sender and prove nothing. */
function leaked({ verdict, sender }: Decision, record: AddressRecord | undefined): boolean {
  if (verdict !== 'forward' || record === undefined || record.site === '') return false
  const organisation = organisationOfSender(sender)
  return organisation !== '' && organisation !== organisationOf(record.site)
}
