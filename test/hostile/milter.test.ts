import { expect, test } from 'vitest'
import { runCases } from './milter-cases.ts'

/** With the 100,000 of test/milter/fuzz.test.ts these are the 200,000 of every run; test/nightly has the millions. */
const CASES = 100_000

test('100,000 hostile conversations end in right answers or in hanging up', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122)
  const { agreed, rewritten, answers } = await runCases(CASES, seed)
  // A fuzzer that never gets past the door proves little.
  expect(agreed).toBeGreaterThan(CASES / 2)
  expect(rewritten).toBeGreaterThan(CASES / 100)
  expect(answers).toBeGreaterThan(2 * CASES)
})
