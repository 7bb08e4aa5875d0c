// What has been configured in the database: domains, prefixes, targets, keys.

import { type DomainName, type Mailbox, mailboxDomain } from '../../address/index.ts'
import type { Domain, Prefix, SigningKey } from '../../store/store.ts'
import { type Finding, fault, ok, warn } from './finding.ts'

export interface RecordFacts {
  readonly domains: readonly Domain[]
  readonly prefixes: readonly Prefix[]
  readonly keys: readonly SigningKey[]
}

export function checkRecords(facts: RecordFacts): Finding[] {
  if (facts.domains.length === 0) {
    return [
      fault(
        'domains',
        'There is no domain: every mail passes untouched.',
        'timedelay domain add td.example.com --time-zone Europe/Berlin --postmaster you@example.com',
      ),
    ]
  }
  return [
    ok('domains', `We judge ${facts.domains.map(({ name }) => name).join(', ')}.`),
    ...facts.domains.flatMap((domain) => [checkPostmaster(domain), checkPrefixes(domain, facts.prefixes)]),
    ...checkTargets(facts),
    ...checkKeys(facts),
    byHand(facts.domains),
  ]
}

function checkPostmaster({ name, postmaster }: Domain): Finding {
  return postmaster === undefined
    ? warn(
        'postmaster',
        `Nobody gets postmaster@${name} and abuse@${name}, which every mail domain must answer (RFC 5321): they go round until "too many hops".`,
        `timedelay domain set ${name} --postmaster you@example.com`,
      )
    : ok('postmaster', `postmaster@${name} and abuse@${name} go to ${postmaster}.`)
}

function checkPrefixes({ name }: Domain, prefixes: readonly Prefix[]): Finding {
  const own = prefixes.filter(({ domain }) => domain === name)
  const enabled = own.filter((prefix) => prefix.enabled)
  if (own.length === 0) {
    return warn(
      'prefixes',
      `${name} has no prefix: every address in it is refused.`,
      `timedelay prefix add djb you@example.com --domain ${name}`,
    )
  }
  if (enabled.length === 0) {
    return warn(
      'prefixes',
      `All prefixes of ${name} are disabled: every address in it is refused.`,
      `timedelay prefix enable ${own[0]!.name} --domain ${name}`,
    )
  }
  return ok(
    'prefixes',
    `${name} has ${enabled.length} enabled ${enabled.length === 1 ? 'prefix' : 'prefixes'}.`,
  )
}

/** The store refuses such targets; a database that was edited by hand may have them all the same. */
function checkTargets({ domains, prefixes }: RecordFacts): Finding[] {
  const ours = new Set<DomainName>(domains.map(({ name }) => name))
  const loops = (mailbox: Mailbox | undefined): boolean =>
    mailbox !== undefined && ours.has(mailboxDomain(mailbox))
  const postmasters = domains
    .filter(({ postmaster }) => loops(postmaster))
    .map(({ name, postmaster }) =>
      fault(
        'targets',
        `The postmaster mailbox ${postmaster} of ${name} lies in one of our own domains: mail to it goes round.`,
        `timedelay domain set ${name} --postmaster you@example.com`,
      ),
    )
  const targets = prefixes.flatMap(({ name, domain, mailboxes }) =>
    mailboxes
      .filter(loops)
      .map((mailbox) =>
        fault(
          'targets',
          `The prefix ${name} of ${domain} leads to ${mailbox}, in one of our own domains: mail to it goes round.`,
          `timedelay prefix set ${name} --domain ${domain} --mailbox you@example.com`,
        ),
      ),
  )
  const found = [...postmasters, ...targets]
  return found.length > 0 ? found : [ok('targets', 'No prefix leads back into one of our own domains.')]
}

function checkKeys({ prefixes, keys }: RecordFacts): Finding[] {
  const signed = prefixes.find((prefix) => prefix.signed && prefix.enabled)
  if (signed === undefined || keys.length > 0) return []
  return [
    fault(
      'signing-key',
      `The prefix ${signed.name} of ${signed.domain} wants signed addresses, and there is no key to sign with.`,
      'timedelay key rotate',
    ),
  ]
}

/** We make no queries to the net; the reader can. */
function byHand(domains: readonly Domain[]): Finding {
  const names = domains.map(({ name }) => name)
  return ok(
    'dns',
    'The DNS is not asked from here. Check by hand that the world sends mail for our domains to this server.',
    names.map((name) => `dig +short MX ${name}`).join('; '),
  )
}
