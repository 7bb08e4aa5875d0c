// How Postfix comes to us: which socket each entry of smtpd_milters really opens, and which services ask nobody.

import type { SocketSpec } from '../../milter/index.ts'
import { reaches, readSpec } from './endpoints.ts'
import { type MasterService, type MilterEntry, readMilterList } from './postfix-config.ts'
import type { PostfixFacts } from './postfix-facts.ts'
import type { OurSide } from './sendmail.ts'

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

/** A service that takes mail from the network without asking us. */
export function isUnfiltered(
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

/** A parameter's value, '' where it has none. */
export function value(facts: PostfixFacts, name: string): string {
  return facts.parameters.get(name) ?? ''
}
