// Somebody who saves what somebody else changed meanwhile hears of it, with what it is now.

import type { Answer } from '../service/index.ts'
import { refusalOf } from './problems.ts'

/** What is no number was never a revision of ours: -1 is nobody's, so the change is refused as stale. */
export function revisionIn(text: string | undefined): { readonly revision?: number } {
  if (text === undefined) return {}
  return { revision: /^\d{1,15}$/.test(text) ? Number(text) : -1 }
}

/** The value of a granted change; a stale one is refused with what `theirs` shows. @throws Refused */
export async function ensureFresh<T>(answer: Answer<T>, theirs: () => Promise<unknown>): Promise<T> {
  if (answer.ok) return answer.value
  const refusal = refusalOf(answer.objection)
  if (answer.objection.kind === 'stale') refusal.details = { theirs: await theirs() }
  throw refusal
}
