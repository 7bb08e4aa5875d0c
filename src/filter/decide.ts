// The one verdict. The milter, the console, the command line and the API all ask here; none has a second opinion.
// Pure: what must be known comes in, what follows goes out. The order of the questions is the design's (section 3).

import {
  addDays,
  type Day,
  type DelayAddress,
  type DomainName,
  formatLocalPart,
  lifetimeOf,
  type Mailbox,
  parseLocalPart,
  type Recipient,
  validityOn,
} from '../address/index.ts'
import type { Domain, Prefix, RecipientFacts } from '../store/store.ts'

/** Why a recipient is refused, as finely as we know it. The sender is told less: see `replies.ts`. */
export type Refusal =
  | 'not-understood'
  | 'no-such-date'
  | 'no-such-prefix'
  | 'prefix-disabled'
  | 'tag-wrong'
  | 'tag-missing'
  | 'revoked'
  | 'not-yet-valid'
  | 'expired'

/** What a recipient is before anything stored about it is known. */
export type Identity =
  /** In none of our domains, or in no domain at all. */
  | { readonly kind: 'foreign' }
  /** postmaster@ or abuse@: RFC 5321 §4.5.1, RFC 2142. */
  | { readonly kind: 'role'; readonly domain: Domain }
  | {
      readonly kind: 'malformed'
      readonly domain: Domain
      readonly because: 'not-understood' | 'no-such-date'
    }
  | {
      readonly kind: 'address'
      readonly domain: Domain
      readonly address: DelayAddress
      /** Canonical. */
      readonly localPart: string
    }

/** `none`: the address has no tag; `right`, `wrong`: it has one. */
export type Seal = 'none' | 'right' | 'wrong'

export type Decision =
  | {
      readonly kind: 'forward'
      readonly mailboxes: readonly Mailbox[]
      /** First day on which it no longer works. */
      readonly end: Day
      /** It works only because its owner extended it. */
      readonly extended: boolean
    }
  | { readonly kind: 'refuse'; readonly because: Refusal }

const FOREIGN: Identity = { kind: 'foreign' }
const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse'])

/** Rows 1 to 3: whose recipient it is, and whether it can be read. Domains are compared whole. */
export function identify(
  recipient: Recipient | undefined,
  domains: ReadonlyMap<DomainName, Domain>,
): Identity {
  // The cast mints no brand: a key that is no domain of ours is simply not found.
  const domain = recipient && domains.get(recipient.domain as DomainName)
  if (recipient === undefined || domain === undefined) return FOREIGN
  if (ROLES.has(recipient.localPart.toLowerCase())) return { kind: 'role', domain }
  const parsed = parseLocalPart(recipient.localPart, domain.maxPrefixLength)
  if (!parsed.ok) return { kind: 'malformed', domain, because: parsed.reason }
  return { kind: 'address', domain, address: parsed.address, localPart: formatLocalPart(parsed.address) }
}

/** Row 4, the reason why nobody may know this address; nothing when it is genuine. */
function strangeness(prefix: Prefix, seal: Seal): Refusal | undefined {
  if (!prefix.enabled) return 'prefix-disabled'
  if (seal === 'wrong') return 'tag-wrong'
  return seal === 'none' && prefix.signed ? 'tag-missing' : undefined
}

/** Rows 4 to 9, for a recipient that could be read. `today` is the day in the domain's zone. */
export function decide(address: DelayAddress, facts: RecipientFacts, seal: Seal, today: Day): Decision {
  const { prefix, revoked, extendedThrough } = facts
  if (prefix === undefined) return { kind: 'refuse', because: 'no-such-prefix' }
  const strange = strangeness(prefix, seal)
  if (strange !== undefined) return { kind: 'refuse', because: strange }
  if (revoked) return { kind: 'refuse', because: 'revoked' }
  const lifetime = lifetimeOf(address, prefix.maxDays)
  const validity = validityOn(today, lifetime)
  const extended = extendedThrough !== undefined && today <= extendedThrough
  if (validity !== 'current' && !extended) return { kind: 'refuse', because: validity }
  const end = extended ? Math.max(lifetime.end, addDays(extendedThrough, 1)) : lifetime.end
  return {
    kind: 'forward',
    mailboxes: prefix.mailboxes,
    end: end as Day,
    extended: extended && validity !== 'current',
  }
}
