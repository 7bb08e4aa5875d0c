import { setTimeout as pause } from 'node:timers/promises'

/**
 * Looks until `look` gives something other than undefined, and returns it. Mail servers tell nobody when they have
 * delivered, so their files and ports are looked at; the deadline (seconds) is only there to fail with a sentence.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  seconds = 30,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await pause(10)
  }
}
