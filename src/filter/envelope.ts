// The recipients of one message as far as we are concerned, and what becomes of them at end of message. Pure.

import { type Day, type Mailbox, type PrefixName, parseRecipient } from '../address/index.ts'
import type { Domain } from '../store/store.ts'

/** A recipient of ours that was answered with CONTINUE and must be replaced. */
export interface Accepted {
  /** The RCPT argument as it came: DELRCPT repeats it byte for byte, because Postfix compares exactly. */
  readonly argument: string
  readonly domain: Domain
  /** One or more. */
  readonly mailboxes: readonly Mailbox[]
  /** Nothing for postmaster and abuse, which are no addresses of anybody's. */
  readonly address: { readonly prefix: PrefixName; readonly localPart: string; readonly end: Day } | undefined
}

/** What makes two RCPT arguments the same recipient: only case, quotes, brackets or route differ. */
export function recipientKey(argument: string): string {
  const recipient = parseRecipient(argument)
  return recipient === undefined ? argument : `${recipient.localPart.toLowerCase()}@${recipient.domain}`
}

/** A mailbox however it is spelled. The local part keeps its case: only its owner knows whether that matters. */
function mailboxKey(argument: string): string {
  const recipient = parseRecipient(argument)
  return recipient === undefined ? argument : `${recipient.localPart}@${recipient.domain}`
}

/**
 * The targets to add: each once, and none that the sender named too and that stays a recipient, because Postfix would
 * deliver that one twice.
 */
export function targetsToAdd(accepted: Iterable<Accepted>, foreign: Iterable<string>): Mailbox[] {
  const present = new Set<string>()
  for (const argument of foreign) present.add(mailboxKey(argument))
  const targets: Mailbox[] = []
  // Spellings of one address share their list: a message with thousands of them must not hold up others.
  for (const mailboxes of new Set([...accepted].map((recipient) => recipient.mailboxes))) {
    for (const mailbox of mailboxes) {
      const key = mailboxKey(mailbox)
      if (present.has(key)) continue
      present.add(key)
      targets.push(mailbox)
    }
  }
  return targets
}

function ownersOf(mailboxes: readonly Mailbox[]): string {
  return [...mailboxes].sort().join('\n')
}

/**
 * Whose addresses the headers may name. All recipients get one and the same text, so an address is shown only when
 * everybody who gets it owns that address: every recipient is ours, and all of them lead to the same mailboxes.
 */
export function addressesToShow(accepted: Iterable<Accepted>, foreign: ReadonlySet<string>): Accepted[] {
  if (foreign.size > 0) return []
  const shown = new Map<string, Accepted>()
  const lists = new Set<readonly Mailbox[]>()
  for (const recipient of accepted) {
    lists.add(recipient.mailboxes)
    // Spellings of one address are shown once.
    if (recipient.address !== undefined) shown.set(recipientKey(recipient.argument), recipient)
  }
  const owners = new Set([...lists].map(ownersOf))
  return owners.size === 1 ? [...shown.values()] : []
}
