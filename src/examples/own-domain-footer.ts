// Appends a footer to plain text from our own domain. The 2002 article looked for `@example.com` at the end of the
// sender as a pattern, where `.` is any character, and kept the text of one message for the next.

import { ACCEPT, CONTINUE, type Filter } from '../milter/index.ts'
import { type Draft, footer } from './footer.ts'
import { runIfMain, UsageError } from './run.ts'

export function ownDomainFooter(domain: string, text: string): Filter<Draft> {
  if (!/^[a-z\d-]+(?:\.[a-z\d-]+)*$/i.test(domain))
    throw new UsageError('the domain must be a name such as example.com')
  const own = domain.toLowerCase()
  return {
    ...footer(text),
    // ACCEPT ends our part in this message only; it is safe here because we change no recipients.
    mail: ({ argument }) => (domainOf(argument) === own ? CONTINUE : ACCEPT),
  }
}

/** What stands behind the last `@`; the null sender `<>` has none. The whole of it is compared, never a part. */
function domainOf(argument: string): string | undefined {
  return /@([^@<>]+)>?$/.exec(argument.trim())?.[1]?.toLowerCase()
}

await runIfMain(import.meta.url, 'own-domain-footer.js SOCKET DOMAIN TEXT', ([domain = '', text = '']) =>
  ownDomainFooter(domain, text),
)
