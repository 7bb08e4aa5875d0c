// Where Postfix sends mail to one of our domains that nobody has rewritten. Pure: facts in, findings out.

import { type Finding, fault, ok, warn } from './finding.ts'
import { isUnfiltered } from './postfix-client.ts'
import { type Lookup, loopPort, type PostfixDomain, type PostfixFacts } from './postfix-facts.ts'
import type { OurSide } from './sendmail.ts'

export const PRINT = 'Paste what "timedelay mta postfix" prints, then: postfix reload'

export function checkDomain(domain: PostfixDomain, facts: PostfixFacts, ours: OurSide): Finding[] {
  return [...checkClasses(domain), ...checkCatchAll(domain), ...checkTransport(domain, facts, ours)]
}

function checkClasses({ name, classes, catchAll }: PostfixDomain): Finding[] {
  const check = 'postfix-class'
  const remove = (from: string): string => `Remove ${name} from ${from} in main.cf. ${PRINT}`
  if (classes.includes('mydestination')) {
    return [
      fault(
        check,
        `mydestination has ${name}: Postfix looks for local users in it and answers 550.`,
        remove('mydestination'),
      ),
    ]
  }
  if (classes.includes('virtual_alias_domains') && catchAll === undefined) {
    return [
      fault(
        check,
        `virtual_alias_domains has ${name}: Postfix answers 550 to every address without an alias.`,
        remove('virtual_alias_domains'),
      ),
    ]
  }
  if (classes.includes('virtual_mailbox_domains')) {
    return [
      warn(
        check,
        `virtual_mailbox_domains has ${name}: mail that the filter has not rewritten lands in a mailbox, or is refused, and never reaches the filter again.`,
        remove('virtual_mailbox_domains'),
      ),
    ]
  }
  if (classes.includes('relay_domains')) return [ok(check, `relay_domains has ${name}.`)]
  if (classes.includes('virtual_alias_domains')) return []
  return [
    fault(
      check,
      `relay_domains does not have ${name}: mail from outside gets 554 Relay access denied.`,
      `Add ${name} to relay_domains in main.cf, then: postfix reload`,
    ),
  ]
}

function checkCatchAll({ name, catchAll }: PostfixDomain): Finding[] {
  if (catchAll === undefined) return []
  return [
    warn(
      'postfix-catch-all',
      `The virtual alias @${name} leads to ${catchAll.value}: mail that the filter has not rewritten lands there, and not in the loop.`,
      `Remove @${name} from ${catchAll.table.replace(/^\w+:/, '')}, run postmap on it, and use the loop route. ${PRINT}`,
    ),
  ]
}

function checkTransport(domain: PostfixDomain, facts: PostfixFacts, ours: OurSide): Finding[] {
  const check = 'postfix-route'
  const { name, transport, catchAll } = domain
  if (transport === undefined) {
    // A catch-all has been spoken of already, and is a route of its own.
    if (catchAll !== undefined) return []
    return [
      fault(
        check,
        `transport_maps has no line for ${name}: mail that the filter never saw goes where the MX points.`,
        PRINT,
      ),
    ]
  }
  const [method = ''] = transport.value.split(':')
  const stale = transport.stale ? [staleMap(transport)] : []
  if (method === 'discard') {
    return [
      ...stale,
      fault(check, `The transport throws mail for ${name} away ("${transport.value}").`, PRINT),
    ]
  }
  if (method === 'error' || method === 'retry') {
    return [
      ...stale,
      fault(
        check,
        `The transport of ${name} is "${transport.value}": Postfix refuses all its mail before asking the filter.`,
        PRINT,
      ),
    ]
  }
  const port = loopPort(transport.value)
  return port === undefined
    ? [
        ...stale,
        warn(
          check,
          `Mail for ${name} that the filter has not rewritten goes to ${transport.value}, and not through the filter again.`,
          PRINT,
        ),
      ]
    : [...stale, checkLoop(domain, port, facts, ours)]
}

function staleMap({ table }: Lookup): Finding {
  return fault(
    'postfix-map',
    `The text of ${table} has lines that the map itself has not.`,
    `postmap ${table}`,
  )
}

function checkLoop(
  { name, loopListens }: PostfixDomain,
  port: number,
  facts: PostfixFacts,
  ours: OurSide,
): Finding {
  const check = 'postfix-route'
  if (port === 25) {
    return fault(
      check,
      `Mail for ${name} is sent back to port 25: Postfix takes that for a loop and bounces it.`,
      PRINT,
    )
  }
  const service = facts.services.find(
    ({ name: at, type }) => type === 'inet' && at.split(':').at(-1) === String(port),
  )
  const line = `127.0.0.1:${port} inet n - y - - smtpd`
  if (service === undefined && facts.services.length > 0) {
    return fault(
      check,
      `Mail for ${name} is sent back to port ${port}, and master.cf has no service there.`,
      `Add to master.cf: ${line}`,
    )
  }
  if (service !== undefined && (service.program !== 'smtpd' || isUnfiltered(service, facts, ours))) {
    return fault(
      check,
      `Mail for ${name} is sent back to port ${port}, and the service there does not ask this filter: it goes round until "too many hops".`,
      `Write in master.cf, without options: ${line}`,
    )
  }
  if (loopListens === false) {
    return fault(
      check,
      `Mail for ${name} is sent back to port ${port} of 127.0.0.1, and nothing listens there.`,
      'Start Postfix (systemctl start postfix), or after a change of master.cf: postfix reload',
    )
  }
  return ok(check, `Unrewritten mail for ${name} goes back through the filter, by port ${port}.`)
}
