// What a postmaster would look for in Postfix's configuration. Pure: facts in, findings out.

import { formatSocketSpec, type SocketSpec } from '../../milter/index.ts'
import { reaches, readSpec } from './endpoints.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import { type MasterService, type MilterEntry, readMilterList, readPostfixTime } from './postfix-config.ts'
import { type Lookup, loopPort, type PostfixDomain, type PostfixFacts } from './postfix-facts.ts'
import type { OurSide } from './sendmail.ts'

const PRINT = 'Paste what "timedelay mta postfix" prints, then: postfix reload'

export function checkPostfix(facts: PostfixFacts, ours: OurSide): Finding[] {
  const entry = ourEntry(facts, ours)
  return [
    ...facts.unread.map((says) =>
      warn(
        'postfix-files',
        `${says}, so the checks below may miss something.`,
        'Run "timedelay doctor" as root.',
      ),
    ),
    ...(entry === undefined ? [noEntry(facts, ours)] : checkEntry(entry, facts, ours)),
    checkNonSmtpd(facts),
    ...checkBypasses(facts, ours),
    checkRelayRecipients(facts),
    ...facts.domains.flatMap((domain) => checkDomain(domain, facts, ours)),
  ]
}

/** The entry of smtpd_milters that leads to us. */
export function ourEntry(facts: PostfixFacts, ours: OurSide): MilterEntry | undefined {
  return readMilterList(value(facts, 'smtpd_milters')).find((entry) => leadsToUs(entry, facts, ours))
}

function leadsToUs(entry: MilterEntry, facts: PostfixFacts, ours: OurSide): boolean {
  const client = clientSpec(entry, facts, smtpdInChroot(facts))
  return client !== undefined && ours.listeners.some((listener) => reaches(client, listener))
}

/**
 * The socket that smtpd really opens: a relative path starts from the queue directory, and so does an absolute one
 * inside the chroot.
 */
export function clientSpec(entry: MilterEntry, facts: PostfixFacts, chroot: boolean): SocketSpec | undefined {
  const path = /^unix:(.*)$/i.exec(entry.spec)?.[1]
  if (path === undefined) {
    const read = readSpec(entry.spec)
    return read.ok ? read.spec : undefined
  }
  const queue = value(facts, 'queue_directory').replace(/\/+$/, '')
  if (!path.startsWith('/')) return { kind: 'unix', path: `${queue}/${path}` }
  return { kind: 'unix', path: chroot ? `${queue}${path}` : path }
}

/** Whether the smtpd that takes mail from outside, or the cleanup that reads our changes, runs in the chroot. */
export function smtpdInChroot({ services }: PostfixFacts): boolean {
  return services.some(({ program, chroot }) => chroot && (program === 'smtpd' || program === 'cleanup'))
}

function noEntry(facts: PostfixFacts, ours: OurSide): Finding {
  const check = 'postfix-milters'
  const set = value(facts, 'smtpd_milters')
  const hidden = smtpdInChroot(facts) ? outsideChroot(facts, ours) : undefined
  if (hidden !== undefined) {
    return fault(
      'postfix-chroot',
      `smtpd runs in a chroot: it looks for ${hidden.spec} inside ${value(facts, 'queue_directory')}, where no milter listens.`,
      `Start the service with --milter unix:${value(facts, 'queue_directory')}/timedelay/milter.sock and write smtpd_milters = unix:timedelay/milter.sock`,
    )
  }
  const where = ours.listeners.map(formatSocketSpec).join(' and ')
  return fault(
    check,
    set === ''
      ? 'smtpd_milters is empty: Postfix never asks this filter.'
      : `smtpd_milters is "${set}", and none of that leads to ${where}.`,
    PRINT,
  )
}

/** The entry that would lead to us if there were no chroot. */
function outsideChroot(facts: PostfixFacts, ours: OurSide): MilterEntry | undefined {
  return readMilterList(value(facts, 'smtpd_milters')).find((entry) => {
    const client = clientSpec(entry, facts, false)
    return client !== undefined && ours.listeners.some((listener) => reaches(client, listener))
  })
}

function checkEntry(entry: MilterEntry, facts: PostfixFacts, ours: OurSide): Finding[] {
  return [
    ok('postfix-milters', `smtpd_milters names ${entry.spec}, where the milter listens.`),
    checkDefaultAction(entry.settings.get('default_action') ?? value(facts, 'milter_default_action')),
    checkTimeout(entry, facts, ours, 'command_timeout', '30s'),
    checkTimeout(entry, facts, ours, 'content_timeout', '120s'),
  ]
}

function checkDefaultAction(action: string): Finding {
  const check = 'postfix-default-action'
  const todo = 'postconf -e milter_default_action=tempfail && postfix reload'
  switch (action) {
    case 'tempfail':
      return ok(
        check,
        'milter_default_action is tempfail: while the filter is down, mail is put off and nothing is lost.',
      )
    case 'accept':
      return fault(
        check,
        'milter_default_action is accept: while the filter is down, mail passes unfiltered.',
        todo,
      )
    case 'reject':
      return warn(
        check,
        'milter_default_action is reject: while the filter is down, Postfix refuses all mail for good.',
        todo,
      )
    case 'quarantine':
      return warn(
        check,
        'milter_default_action is quarantine: while the filter is down, all mail waits in the hold queue until somebody releases it.',
        todo,
      )
    default:
      return fault(
        check,
        `milter_default_action is "${action}", which this Postfix may not know: then it answers every command with 451.`,
        todo,
      )
  }
}

function checkTimeout(
  entry: MilterEntry,
  facts: PostfixFacts,
  ours: OurSide,
  name: 'command_timeout' | 'content_timeout',
  better: string,
): Finding {
  const check = `postfix-${name.replace('_', '-')}`
  const set = entry.settings.get(name) ?? value(facts, `milter_${name}`)
  const time = readPostfixTime(set)
  return time !== undefined && time <= ours.handlerDeadline
    ? warn(
        check,
        `Postfix waits ${set} for an answer (milter_${name}), and this filter may take ${ours.handlerDeadline / 1000} s.`,
        `postconf -e milter_${name}=${better} && postfix reload`,
      )
    : ok(check, `Postfix waits ${set} for an answer (milter_${name}), longer than this filter takes.`)
}

function checkNonSmtpd(facts: PostfixFacts): Finding {
  const set = value(facts, 'non_smtpd_milters')
  return set === ''
    ? ok('postfix-non-smtpd', 'non_smtpd_milters is empty, as it must be.')
    : fault(
        'postfix-non-smtpd',
        `non_smtpd_milters is "${set}": Postfix cannot refuse one recipient of a local message, and tries it again every minute for ever.`,
        'postconf -e non_smtpd_milters= && postfix reload',
      )
}

/** Services and settings that keep the filter out of the way of some mail. */
function checkBypasses(facts: PostfixFacts, ours: OurSide): Finding[] {
  const check = 'postfix-bypass'
  const global = value(facts, 'receive_override_options').includes('no_milters')
    ? [
        fault(
          check,
          'receive_override_options has no_milters: Postfix never asks a filter.',
          'Take no_milters out of receive_override_options in main.cf, then: postfix reload',
        ),
      ]
    : []
  const services = facts.services.filter((service) => isUnfiltered(service, facts, ours))
  return [
    ...global,
    ...services.map(({ name }) =>
      warn(
        check,
        `The service ${name} in master.cf does not ask this filter: mail by it takes the loop to be judged.`,
        `Remove its own "-o smtpd_milters=" or "no_milters" from master.cf, unless that is meant; then: postfix reload`,
      ),
    ),
  ]
}

function isUnfiltered(
  { type, program, overrides }: MasterService,
  facts: PostfixFacts,
  ours: OurSide,
): boolean {
  if (type !== 'inet' || program !== 'smtpd') return false
  if (overrides.get('receive_override_options')?.includes('no_milters')) return true
  const own = overrides.get('smtpd_milters')
  if (own === undefined || own === '$smtpd_milters') return false
  return !readMilterList(own).some((entry) => leadsToUs(entry, facts, ours))
}

function checkRelayRecipients(facts: PostfixFacts): Finding {
  const set = value(facts, 'relay_recipient_maps')
  return set === ''
    ? ok(
        'postfix-relay-recipients',
        'relay_recipient_maps is empty: Postfix leaves the judgement to the filter.',
      )
    : fault(
        'postfix-relay-recipients',
        `relay_recipient_maps is "${set}": Postfix refuses every address that is not in it, and time-delay addresses are in no table.`,
        'postconf -e relay_recipient_maps= && postfix reload',
      )
}

function checkDomain(domain: PostfixDomain, facts: PostfixFacts, ours: OurSide): Finding[] {
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

function value(facts: PostfixFacts, name: string): string {
  return facts.parameters.get(name) ?? ''
}
