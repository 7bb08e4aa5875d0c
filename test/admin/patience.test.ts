import { expect, test } from 'vitest'
import { patiently } from '../../src/admin/patience.ts'

/** Pieces of work that never wait for anything. */
async function* busy(): AsyncGenerator<number> {
  for (let piece = 0; piece < 200; piece += 1) {
    const until = performance.now() + 1
    while (performance.now() < until);
    yield piece
  }
}

test('long work in pieces lets others in between', async () => {
  let others = 0
  const tick = (): void => {
    others += 1
    timer = setImmediate(tick)
  }
  let timer = setImmediate(tick)
  const pieces: number[] = []
  for await (const piece of patiently(busy())) pieces.push(piece)
  clearImmediate(timer)
  expect(pieces).toHaveLength(200)
  expect(others).toBeGreaterThan(5)
})
