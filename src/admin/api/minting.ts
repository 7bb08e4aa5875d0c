// An address for a token's owner, as the contracts A and B ask for it.

import type { Desk, Explanation, IssueWishes, Objection } from '../../service/index.ts'
import type { TokenRecord } from '../../store/store.ts'
import { Refused, refusalOf, refuse } from '../problems.ts'

export interface MintWishes {
  /** 1 to 99; the token's unless told. */
  readonly days: number | undefined
  /** The member of the request that said the days. */
  readonly daysField: string
  readonly site: string | undefined
  readonly note: string
}

/** Makes it and reads it back. @throws Refused */
export async function mint(desk: Desk, token: TokenRecord, wishes: MintWishes): Promise<Explanation> {
  const { prefix, domain } = token
  const { site, note } = wishes
  const common = {
    prefix,
    domain,
    signed: true,
    days: wishes.days ?? (await usualDays(desk, token)),
    // What its user wrote about it meanwhile says more than the program does.
    keepNote: true,
    ...(note === '' ? {} : { note }),
  } satisfies IssueWishes
  // One site gets one address a day, however often its user presses "regenerate"; without a site each is new.
  const answer = await desk.addresses.issue({
    ...common,
    ...(site === undefined ? { unique: true } : { site }),
  })
  if (answer.ok) return explained(desk, answer.value.address)
  if (site === undefined || !wasRevoked(answer.objection)) throw inContract(answer.objection, wishes)
  // The address of that site was revoked today: it gets another one, and not the one that is refused.
  const another = await desk.addresses.issue({ ...common, unique: true })
  if (!another.ok) throw inContract(another.objection, wishes)
  await desk.addresses.annotate(another.value.address, { site })
  return explained(desk, another.value.address)
}

/** The token's, and no more than its prefix allows by now: its maximum may have been lowered since. */
async function usualDays(desk: Desk, { prefix, domain, days }: TokenRecord): Promise<number> {
  const found = await desk.prefixes.find(prefix, domain)
  return found.ok ? Math.min(days, found.value.maxDays) : days
}

export async function explained(desk: Desk, address: string): Promise<Explanation> {
  const explanation = await desk.addresses.explain(address)
  if (!explanation.ok) throw refusalOf(explanation.objection)
  return explanation.value
}

/** The one conflict of an issue that is about no member: the very address was revoked. */
function wasRevoked({ kind, field }: Objection): boolean {
  return kind === 'conflict' && field === undefined
}

/** What a token may not do is 403, what a request says is 422. */
function inContract({ kind, field, message }: Objection, { daysField }: MintWishes): Refused {
  if (field === 'days' || field === 'until') return new Refused(422, { message, field: daysField })
  if (field === 'prefix' || kind === 'forbidden' || kind === 'not-found') {
    return refuse(403, 'This token may not create addresses.')
  }
  return refuse(422, message)
}
