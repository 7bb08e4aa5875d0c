// What a milter may answer and ask for, as the stricter of the two MTAs sees it. Each rule gives the fault as the rest
// of a sentence that begins with the milter's name.

import type { Offer } from '../filter.ts'
import { ACTIONS, type Agreement } from '../negotiation.ts'
import type { Modification, Response } from '../replies.ts'
import type { MtaKind } from './mta.ts'

/** What a milter may answer. SKIP only to a body chunk. */
export type MilterVerdict = Extract<
  Response,
  { kind: 'continue' | 'accept' | 'reject' | 'tempfail' | 'discard' | 'skip' | 'reply' }
>

const ANYWHERE: ReadonlySet<string> = new Set([
  'continue',
  'accept',
  'reject',
  'tempfail',
  'discard',
  'reply',
])

/** SMFIF_* flag that each change needs. */
const NEEDED_ACTION: Readonly<Record<Modification['kind'], number>> = {
  ...ACTIONS,
  insertHeader: ACTIONS.addHeader,
}

/** SKIP at RCPT makes sendmail stop asking for the rest of the SMTP session, and all mail passes. */
export function isVerdict(response: Response, stage: string): response is MilterVerdict {
  return ANYWHERE.has(response.kind) || (response.kind === 'skip' && stage === 'body')
}

export function isModification(response: Response): response is Modification {
  return response.kind in NEEDED_ACTION
}

export function whyNoVerdict(response: Response): string {
  switch (response.kind) {
    case 'skip':
      return 'answered SKIP, which only a body chunk may be answered with'
    case 'shutdown':
    case 'connectionFailure':
      return `answered ${response.kind}, which both MTAs take for an error`
    default:
      return `sent ${response.kind}, which belongs to end of message only`
  }
}

/** Both MTAs would make the change all the same; but a milter that did not ask has not been tested. */
export function changeFault(
  like: MtaKind,
  agreement: Agreement,
  change: Modification,
  before: readonly Modification[],
): string | undefined {
  if ((agreement.actions & NEEDED_ACTION[change.kind]) === 0) {
    return `asked for ${change.kind} without having negotiated it`
  }
  const anotherRun =
    before.at(-1)?.kind !== 'replaceBody' && before.some(({ kind }) => kind === 'replaceBody')
  return like === 'postfix' && change.kind === 'replaceBody' && anotherRun
    ? 'replaced the body in two runs, and Postfix takes only one'
    : undefined
}

export function agreementFault(
  like: MtaKind,
  offer: Offer,
  { version, actions, steps }: Agreement,
): string | undefined {
  if (version < 2 || version > offer.version) {
    return `answered protocol version ${version} to an offer of ${offer.version}`
  }
  const surplusActions = (actions & ~offer.actions) >>> 0
  if (surplusActions !== 0) return `asks for actions that were not offered (0x${surplusActions.toString(16)})`
  const surplusSteps = (steps & ~offer.steps) >>> 0
  // Postfix ignores step bits that it does not know.
  if (surplusSteps === 0 || like === 'postfix') return undefined
  return `asks for steps that were not offered (0x${surplusSteps.toString(16)})`
}
