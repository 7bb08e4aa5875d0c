// Work in pieces that lets others in between: a long export must not keep everybody else waiting.

import { setImmediate as turn } from 'node:timers/promises'

/** Milliseconds of work at a stretch. */
const STRETCH = 15

/** The same pieces, with a turn for others whenever it has taken long. */
export async function* patiently<T>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
  let began = performance.now()
  for await (const piece of pieces) {
    yield piece
    if (performance.now() - began < STRETCH) continue
    await turn()
    began = performance.now()
  }
}
