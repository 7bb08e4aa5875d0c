import { expect, test } from 'vitest'
import { runAddresses } from './address-cases.ts'

const CASES = 100_000

test('100,000 generated local parts are judged as by the twin', { timeout: 60_000 }, () => {
  const tally = runAddresses(CASES, 20_261_122)
  expect([...tally.keys()].sort()).toEqual([
    'expired',
    'forward',
    'not-understood',
    'not-yet-valid',
    'revoked',
    'unknown',
  ])
  // No verdict is so rare that it is hardly tried.
  for (const count of tally.values()) expect(count).toBeGreaterThan(CASES / 100)
})
