// Which address somebody means: with or without brackets, in any case, or only its local part.

import { parseRecipient } from '../address/index.ts'
import type { Judged, Judgement } from '../filter/judge.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import type { DomainService } from './domains.ts'

/** What was typed, as an RCPT argument that `parseRecipient` reads. */
export async function recipientArgument(
  text: string,
  domainName: string | undefined,
  domains: DomainService,
): Promise<Answer<string>> {
  const bare = text.trim().replace(/^<([^@<>]*)>$/, '$1')
  if (bare === '') return declined('invalid', 'The address is missing.', 'address')
  const recipient = parseRecipient(bare)
  if (recipient === undefined) {
    const domain = await domains.find(domainName)
    return domain.ok ? granted(`<${bare}@${domain.value.name}>`) : domain
  }
  if (domainName === undefined) return granted(bare)
  const domain = await domains.find(domainName)
  if (!domain.ok) return domain
  if (domain.value.name === recipient.domain) return granted(bare)
  return declined('invalid', `${quoted(bare)} is not in ${domain.value.name}.`, 'domain')
}

/** A recipient that must be one of our addresses by its form; whether anything like it exists is another question. */
export function ownAddress(argument: string, judgement: Judgement): Answer<Judged> {
  switch (judgement.kind) {
    case 'address':
      return granted(judgement)
    case 'foreign':
      return declined('not-found', `${quoted(argument)} is in none of the domains.`, 'address')
    case 'role':
      return declined('invalid', `${quoted(argument)} is the postmaster's and has no end.`, 'address')
    case 'malformed':
      return declined('invalid', `${quoted(argument)} ${malformation(judgement.because)}`, 'address')
  }
}

function malformation(because: 'not-understood' | 'no-such-date'): string {
  if (because === 'no-such-date') return 'has a date that is in no calendar.'
  return 'is no time-delay address. One looks like djb2026112045: prefix, date, two digits of days.'
}
