// Killed at random moments while mail comes in, two hundred times unless KILLS says otherwise: every message arrives, each
// once, each at its owner. KILL_SEED chooses other moments.

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Load } from '../e2e/load.ts'
import { Dice } from '../hostile/dice.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { SERVERS } from '../support/mta/servers.ts'
import { startSite } from '../support/mta/service.ts'

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')

const KILLS = Number(process.env['KILLS'] ?? 200)
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
/** Messages for each kill: a start takes longer than they do, and some must come in between. */
const EACH = 25

describe.skipIf(missing).each(SERVERS)('behind %s', (_, start) => {
  it(`killed ${KILLS} times under load, from seed ${SEED}: nothing is lost, doubled or misdirected`, async () => {
    const dice = new Dice(SEED)
    const patience = { connect: 3, reply: 3, endOfMessage: 3 }
    const site = await startSite(start, { patience })
    try {
      const load = new Load(site.mta, { messages: KILLS * EACH, senders: 6, every: 100 })
      const running = load.run()
      let kills = 0
      while (kills < KILLS && !load.done) {
        // From the first byte of a message to the last takes some 10 ms; a kill falls anywhere into that.
        await pause(20 + dice.below(180))
        await site.service.kill()
        kills += 1
        await site.service.start()
      }
      await running
      await load.expectAllDelivered()
      expect(load.putOff).toBeGreaterThan(0)
      process.stdout.write(`${kills} kills, ${load.accepted} messages, ${load.putOff} tries put off\n`)
      expect(kills).toBe(KILLS)
    } finally {
      await site.stop()
    }
  })
})
