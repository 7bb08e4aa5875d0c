// What the doctor found, as one sentence and in the order in which it matters.

import type { FindingView } from '../../../../src/admin/schemas.ts'

const RANK = { fault: 0, warn: 1, ok: 2 } as const

/** Faults first; otherwise as the doctor went. */
export function inOrder(findings: readonly FindingView[]): FindingView[] {
  return findings.toSorted((one, other) => RANK[one.level] - RANK[other.level])
}

/** "One thing loses mail or will. One is not as it should be." */
export function healthWords(findings: readonly FindingView[]): string {
  const faults = findings.filter(({ level }) => level === 'fault').length
  const warnings = findings.filter(({ level }) => level === 'warn').length
  if (faults + warnings === 0) return 'All is well.'
  const sentences = []
  if (faults > 0)
    sentences.push(
      faults === 1 ? 'One thing keeps mail from its way.' : `${faults} things keep mail from its way.`,
    )
  if (warnings > 0)
    sentences.push(warnings === 1 ? 'One is not as it should be.' : `${warnings} are not as they should be.`)
  return sentences.join(' ')
}
