// Half an hour of 500 messages a second, unless SOAK_MINUTES and SOAK_RATE say otherwise: every reply is right, memory
// stays flat, and the times are printed. The compiled service with all that it does for a user: database, records, log.

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Witness } from '../hostile/witness.ts'
import { connect, endOfMessage, helo, mail, offer, rcpt } from '../milter/conversation.ts'
import { Peer } from '../milter/peer.ts'
import { eventually } from '../support/mta/eventually.ts'
import { address, Service } from '../support/mta/service.ts'

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 30)
const RATE = Number(process.env['SOAK_RATE'] ?? 500)
const CONNECTIONS = 50
/** Messages on one connection, as a mail server's process handles them before it ends. */
const MESSAGES = 100
/** Milliseconds between two looks at memory. */
const LOOK = 5000
/** Milliseconds, in steps of a tenth: enough for percentiles, whatever the number of messages. */
const SLOTS = 20_000

class Times {
  readonly #slots = new Uint32Array(SLOTS)
  count = 0
  longest = 0

  add(milliseconds: number): void {
    this.#slots[Math.min(SLOTS - 1, Math.floor(milliseconds * 10))]! += 1
    this.count += 1
    if (milliseconds > this.longest) this.longest = milliseconds
  }

  percentile(share: number): number {
    let left = this.count * share
    for (let slot = 0; slot < SLOTS; slot++) {
      left -= this.#slots[slot] ?? 0
      if (left <= 0) return (slot + 1) / 10
    }
    return SLOTS / 10
  }
}

interface Listed {
  readonly addresses: readonly { readonly address: string; readonly accepted: number }[]
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0

test(`${MINUTES} minutes of ${RATE} messages a second`, { timeout: (MINUTES + 5) * 60_000 }, async () => {
  const service = await Service.prepare()
  await service.start()
  const witness = await Witness.beside(service)
  const times = new Times()
  const end = performance.now() + MINUTES * 60_000
  const spec = service.spec.replace(/^local:/, 'unix:')
  const [living, dead, foreign] = [`<${address('djb')}>`, `<${address('joe', 5, -10)}>`, '<a@b.example>']

  async function message(peer: Peer): Promise<void> {
    const timed = async (...asked: Parameters<Peer['say']>): Promise<string[]> => {
      const began = performance.now()
      const answers = await peer.say(...asked)
      times.add(performance.now() - began)
      return answers
    }
    expect(await timed(1, mail())).toEqual(['c'])
    expect(await timed(1, rcpt(living))).toEqual(['c'])
    expect(await timed(1, rcpt(foreign))).toEqual(['c'])
    expect(await timed(1, rcpt(dead))).toEqual(['y551 5.7.1 Expiration Reached.|'])
    expect(await timed(3, endOfMessage())).toEqual([`-${living}|`, '+<dredd@example.com>|', 'c'])
  }

  /** Each sender keeps its own pace, and makes up for what it is behind. */
  async function sender(number: number): Promise<number> {
    const every = (1000 * CONNECTIONS) / RATE
    let next = performance.now() + (number / CONNECTIONS) * every
    let sent = 0
    while (performance.now() < end) {
      const peer = await Peer.reach(spec)
      await peer.say(3, offer(), connect(), helo())
      for (let count = 0; count < MESSAGES && performance.now() < end; count++) {
        await pause(Math.max(0, next - performance.now()))
        next += every
        await message(peer)
        sent++
      }
      peer.socket.destroy()
    }
    return sent
  }

  const memory: number[] = []
  const watch = (async () => {
    while (performance.now() < end) {
      await pause(Math.min(LOOK, Math.max(0, end - performance.now())))
      memory.push(witness.memory())
      const said = service.takeOutput()
      const faults = said.split('\n').filter((line) => /"level":"(?:warn|error|fatal)"/.test(line))
      expect(faults).toEqual([])
    }
  })()
  try {
    const sent = await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => sender(number)))
    await watch
    const messages = sent.reduce((sum, one) => sum + one, 0)
    // None lost between the reply and the record either.
    const recorded = async () => {
      const { addresses } = JSON.parse(await service.cli('address', 'list', '--json')) as Listed
      const [counted] = addresses.filter((one) => living === `<${one.address}>`)
      return counted?.accepted === messages ? true : undefined
    }
    await eventually('the record of every message', recorded)
    const quarter = Math.ceil(memory.length / 4)
    const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))]
    const mebi = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
    const line = [
      `${messages} messages in ${MINUTES} min (${(messages / MINUTES / 60).toFixed(0)}/s), ${times.count} replies`,
      `p50 ${times.percentile(0.5)} ms, p99 ${times.percentile(0.99)} ms, longest ${times.longest.toFixed(0)} ms`,
      `memory ${mebi(early)} MiB in the second quarter, ${mebi(late)} MiB in the last`,
    ]
    process.stdout.write(`${line.join('\n')}\n`)
    expect(messages).toBeGreaterThan(0.9 * RATE * MINUTES * 60)
    // The collector takes its time; a leak of 100 bytes for each message would be 86 MB in half an hour.
    expect(late - early).toBeLessThan(24 * 2 ** 20)
    expect(times.percentile(0.99)).toBeLessThan(250)
  } finally {
    await witness.stop()
    await service.remove()
  }
})
