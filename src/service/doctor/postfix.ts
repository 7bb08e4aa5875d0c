// What a postmaster would look for in Postfix's configuration. Pure: facts in, findings out.

import { formatSocketSpec } from '../../milter/index.ts'
import { reaches } from './endpoints.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import { clientSpec, isUnfiltered, ourEntry, smtpdInChroot, value } from './postfix-client.ts'
import { type MilterEntry, readMilterList, readPostfixTime } from './postfix-config.ts'
import type { PostfixFacts } from './postfix-facts.ts'
import { checkDomain, PRINT } from './postfix-route.ts'
import type { OurSide } from './sendmail.ts'

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
