import { describe, expect, test } from 'vitest'
import { parseDomainName } from '../../../src/address/index.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import { checkMilter, checkRecorded, type MilterFacts } from '../../../src/service/doctor/milter.ts'

const TD = parseDomainName('td.example.com')!

function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((finding) => finding.check === check).map(({ level }) => level)
}
