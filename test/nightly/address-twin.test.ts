// Ten million local parts, unless ADDRESS_RUNS says otherwise; FUZZ_SEED begins elsewhere.

import { test } from 'vitest'
import { runAddresses } from '../hostile/address-cases.ts'

const RUNS = Number(process.env['ADDRESS_RUNS'] ?? 10_000_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const PORTION = 1_000_000

test(`${RUNS} generated local parts from seed ${SEED} are judged as by the twin`, () => {
  for (let done = 0, seed = SEED; done < RUNS; done += PORTION, seed++) {
    runAddresses(Math.min(PORTION, RUNS - done), seed)
  }
})
