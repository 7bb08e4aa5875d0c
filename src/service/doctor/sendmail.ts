// What a postmaster would look for in sendmail's configuration. Pure: facts in, findings out.

import type { DomainName } from '../../address/index.ts'
import { type CfMilter, formatSocketSpec, type SocketSpec } from '../../milter/index.ts'
import { reaches, readSpec } from './endpoints.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { SendmailFacts } from './sendmail-facts.ts'
import { followAliases, isDiscard } from './tables.ts'

/** Our side of the matter. */
export interface OurSide {
  readonly listeners: readonly SocketSpec[]
  /** Longest time for one answer, in milliseconds. */
  readonly handlerDeadline: number
  readonly domains: readonly DomainName[]
}

const PRINT = 'Paste what "timedelay mta sendmail" prints, build sendmail.cf and restart sendmail.'

export function checkSendmail(facts: SendmailFacts, ours: OurSide): Finding[] {
  const milter = ourFilter(facts, ours)
  return [
    ...(milter === undefined ? [noFilter(facts)] : checkFilter(milter, facts, ours)),
    ...facts.unread.map((says) =>
      warn(
        'sendmail-files',
        `${capital(says)}, so the checks below may miss something.`,
        'Run "timedelay doctor" as root.',
      ),
    ),
    ...checkStale(facts),
    ...ours.domains.flatMap((domain) => checkDomain(domain, facts)),
  ]
}

/** The X line that leads to us: by its socket, else by the name we print. */
export function ourFilter(facts: SendmailFacts, ours: OurSide): CfMilter | undefined {
  return (
    facts.milters.find((milter) => leadsToUs(milter, ours)) ??
    facts.milters.find((milter) => milter.name === 'timedelay')
  )
}

function leadsToUs(milter: CfMilter, ours: OurSide): boolean {
  const read = readSpec(milter.spec ?? '')
  return read.ok && ours.listeners.some((listener) => reaches(read.spec, listener))
}

function noFilter({ file }: SendmailFacts): Finding {
  return fault('sendmail-filter', `${file} has no X line for this filter: sendmail never asks it.`, PRINT)
}

function checkFilter(milter: CfMilter, facts: SendmailFacts, ours: OurSide): Finding[] {
  return [
    ok('sendmail-filter', `${facts.file} defines the filter ${milter.name}.`),
    milter.listed
      ? ok('sendmail-filter-list', `InputMailFilters names ${milter.name}.`)
      : fault(
          'sendmail-filter-list',
          `Neither InputMailFilters nor a listener names ${milter.name}: sendmail never asks it.`,
          `Define the filter with INPUT_MAIL_FILTER, not MAIL_FILTER, in sendmail.mc; or in sendmail.cf: O InputMailFilters=${milter.name}`,
        ),
    checkFilterSocket(milter, ours),
    checkFailureMode(milter),
    ...checkTimeouts(milter, ours),
  ]
}

function checkFilterSocket(milter: CfMilter, ours: OurSide): Finding {
  const check = 'sendmail-filter-socket'
  const where = ours.listeners.map(formatSocketSpec).join(' and ')
  if (leadsToUs(milter, ours)) return ok(check, `S=${milter.spec} is where the milter listens.`)
  const read = readSpec(milter.spec ?? '')
  const says = read.ok
    ? `The X line of ${milter.name} says S=${milter.spec}, and the milter listens on ${where}.`
    : `The X line of ${milter.name} has no usable S=. ${read.says}`
  return fault(
    check,
    says,
    `Write S=${where.split(' and ')[0]} there, or start the service with --milter ${milter.spec || 'SPEC'}`,
  )
}

function checkFailureMode({ name, failure }: CfMilter): Finding {
  const check = 'sendmail-filter-failure'
  const todo = `Write F=T into the line of ${name}, build sendmail.cf and restart sendmail.`
  switch (failure) {
    case 'T':
      return ok(check, 'F=T: while the filter is down, mail is put off and nothing is lost.')
    case '4':
      return ok(check, 'F=4: while the filter is down, sendmail hangs up with 421 and nothing is lost.')
    case 'R':
      return warn(check, 'F=R: while the filter is down, sendmail refuses all mail for good.', todo)
    default:
      return fault(
        check,
        'The X line has no F=: while the filter is down, mail passes unfiltered and a 250 promises what nobody keeps.',
        todo,
      )
  }
}

function checkTimeouts({ timeouts }: CfMilter, ours: OurSide): Finding[] {
  const check = 'sendmail-filter-timeouts'
  const [reply, whole, own] = [timeouts.reply, timeouts.endOfMessage, ours.handlerDeadline]
  if (reply <= own) {
    return [
      warn(
        check,
        `sendmail waits ${seconds(reply)} for an answer (T=R:), and this filter may take ${seconds(own)}.`,
        `Write T=C:30s;S:10s;R:30s;E:2m into the X line.`,
      ),
    ]
  }
  if (whole <= reply) {
    return [
      warn(
        check,
        `The end of a message has ${seconds(whole)} in all (T=E:), no more than a single answer (R).`,
        `Write T=C:30s;S:10s;R:30s;E:2m into the X line.`,
      ),
    ]
  }
  return [ok(check, `sendmail waits ${seconds(reply)} for an answer, longer than this filter takes.`)]
}

function checkStale(facts: SendmailFacts): Finding[] {
  return [facts.mailertable, facts.virtusertable].flatMap(({ file, stale }) =>
    stale && file !== undefined
      ? [
          fault(
            'sendmail-map',
            `${file}.db is older than ${file}, or missing.`,
            `makemap hash ${file} < ${file}`,
          ),
        ]
      : [],
  )
}

function checkDomain(domain: DomainName, facts: SendmailFacts): Finding[] {
  const files = facts.cf.ownNames.files.join(' or ') || 'sendmail.cf'
  if (facts.ownNames.has(domain)) {
    return [
      fault(
        'sendmail-own-names',
        `Class w has ${domain}: sendmail takes it for its own name and looks for local users in it.`,
        `Remove ${domain} from ${files} and restart sendmail.`,
      ),
    ]
  }
  return [checkRelay(domain, facts), checkRoute(domain, facts)]
}

function checkRelay(domain: DomainName, facts: SendmailFacts): Finding {
  const check = 'sendmail-relay'
  const suffixes = domain.split('.').map((_, at, labels) => labels.slice(at).join('.'))
  const listed =
    suffixes.some((name) => facts.relayNames.has(name)) ||
    facts.virtualNames.has(domain) ||
    suffixes.some((name) => /^(?:RELAY|OK)/i.test(facts.access.entries.get(`to:${name}`) ?? ''))
  return listed
    ? ok(check, `Strangers may send to ${domain}.`)
    : fault(
        check,
        `Class R does not have ${domain}: mail from outside gets 550 Relaying denied.`,
        `Add RELAY_DOMAIN(\`${domain}')dnl to sendmail.mc, above the MAILER lines.`,
      )
}

function checkRoute(domain: DomainName, facts: SendmailFacts): Finding {
  const route = facts.mailertable.entries.get(domain)
  if (route !== undefined) return checkMailertable(domain, route, facts)
  const catchAll = facts.virtusertable.entries.get(`@${domain}`)
  if (catchAll !== undefined) return checkCatchAll(domain, catchAll, facts)
  return fault(
    'sendmail-route',
    `The mailertable has no line for ${domain}: mail that came by an alias, or that the filter never saw, goes where the MX points.`,
    `Add "${domain}<TAB>tdloop:[127.0.0.1]" to ${facts.mailertable.file ?? '/etc/mail/mailertable'}. ${PRINT}`,
  )
}

function checkMailertable(domain: DomainName, route: string, facts: SendmailFacts): Finding {
  const check = 'sendmail-route'
  const loop = `Write "${domain}<TAB>tdloop:[127.0.0.1]" into ${facts.mailertable.file} and build the map.`
  const [name = '', ...rest] = route.split(':')
  const host = rest.join(':')
  if (name === 'error') {
    return fault(
      check,
      `The mailertable sends ${domain} to "${route}": sendmail refuses it before asking the filter.`,
      loop,
    )
  }
  if (name === 'local') return checkCatchAll(domain, host || domain, facts)
  if (isDiscard(route))
    return fault(check, `The mailertable throws mail for ${domain} away ("${route}").`, loop)
  const mailer = facts.cf.mailers.get(name)
  if (mailer === undefined) {
    return fault(
      check,
      `The mailertable sends ${domain} to the mailer ${name}, and sendmail.cf has none.`,
      PRINT,
    )
  }
  if (/^\[?(?:127\.0\.0\.1|localhost|::1|IPv6:::1)\]?$/i.test(host) && mailer.port !== undefined) {
    return checkLoop(domain, name, mailer.flags, mailer.port, facts)
  }
  return warn(
    check,
    `Mail for ${domain} that the filter has not rewritten goes to ${route}, and not through the filter again.`,
    loop,
  )
}

function checkLoop(
  domain: DomainName,
  name: string,
  flags: string,
  port: number,
  facts: SendmailFacts,
): Finding {
  const check = 'sendmail-route'
  if (!flags.includes('k')) {
    return fault(
      check,
      `The mailer ${name} has no flag k: senders get "mail loops back to me" instead of their mail being rewritten.`,
      `Add k to the F= of M${name} in sendmail.mc. ${PRINT}`,
    )
  }
  if (facts.listening.get(port) === false) {
    return fault(
      check,
      `Mail for ${domain} is sent back to port ${port} of 127.0.0.1, and nothing listens there.`,
      `Start sendmail (systemctl start sendmail), or let it listen there: DAEMON_OPTIONS(\`Name=MTA, Addr=127.0.0.1, Port=${port}')dnl`,
    )
  }
  return ok(check, `Unrewritten mail for ${domain} goes back through the filter, by port ${port}.`)
}

function checkCatchAll(domain: DomainName, target: string, facts: SendmailFacts): Finding {
  const check = 'sendmail-catch-all'
  const todo = `Remove the line of @${domain} from ${facts.virtusertable.file ?? 'the virtusertable'} and use the loop route. ${PRINT}`
  if (target.startsWith('error:')) {
    return fault(
      check,
      `The catch-all of ${domain} is "${target}": sendmail refuses all its mail before asking the filter.`,
      todo,
    )
  }
  const ends = followAliases(facts.aliases, target)
  if (ends.some(isDiscard)) {
    return fault(
      check,
      `The catch-all of ${domain} (${target}) ends in ${ends.find(isDiscard)}: mail that the filter has not rewritten is lost with a 250.`,
      todo,
    )
  }
  return warn(
    check,
    `The catch-all of ${domain} is ${target}. If other mail names that mailbox too, it loses its copy of a message to both; mail by an alias is never rewritten.`,
    todo,
  )
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
