// Ten million hostile conversations, unless FUZZ_RUNS says otherwise; FUZZ_SEED begins elsewhere. A failure names the
// case, its seed and its bytes. In portions, so that a rare one is found again within seconds.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { runCases } from '../hostile/milter-cases.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const PORTION = 100_000
/** Bytes that the heap may have grown by after the first portion. */
const GROWTH = 16 * 1024 * 1024

test(`${RUNS} hostile conversations from seed ${SEED} end in right answers or in hanging up`, async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let packets = 0
  let floor = Number.POSITIVE_INFINITY
  for (let done = 0, seed = SEED; done < RUNS; done += PORTION, seed++) {
    const tally = await runCases(Math.min(PORTION, RUNS - done), seed)
    packets += tally.packets
    collect()
    const { heapUsed } = process.memoryUsage()
    floor = Math.min(floor, heapUsed)
    expect(heapUsed - floor).toBeLessThan(GROWTH)
  }
  process.stdout.write(`${RUNS} conversations, ${packets} packets, seed ${SEED}\n`)
})
