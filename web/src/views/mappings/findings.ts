// What the doctor found, as one sentence and in the order in which it matters.

import type { FindingView } from '../../../../src/admin/schemas.ts'

const RANK = { fault: 0, warn: 1, ok: 2 } as const

/** Faults first; otherwise as the doctor went. */
export function inOrder(findings: readonly FindingView[]): FindingView[] {
  return findings.toSorted((one, other) => RANK[one.level] - RANK[other.level])
}

/** "One thing keeps mail from its way. 2 are not as they should be." */
export function healthWords(findings: readonly FindingView[]): string {
  const faults = findings.filter(({ level }) => level === 'fault').length
  const warnings = findings.filter(({ level }) => level === 'warn').length
  if (faults + warnings === 0) return 'All is well.'
  const first = faults === 0 ? '' : `${things(faults)} ${faults === 1 ? 'keeps' : 'keep'} mail from its way.`
  if (warnings === 0) return first
  const what = faults > 0 ? (warnings === 1 ? 'One' : String(warnings)) : things(warnings)
  return `${first} ${what} ${warnings === 1 ? 'is not as it' : 'are not as they'} should be.`.trim()
}

function things(count: number): string {
  return count === 1 ? 'One thing' : `${count} things`
}
