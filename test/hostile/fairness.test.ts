// One peer that sends very much at once must not keep the others waiting: a mail server asks one thing at a time, but
// whoever reaches the socket need not.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CONTINUE, type Filter, MilterServer, type Verdict } from '../../src/milter/index.ts'
import { mail, offer, rcpt } from '../milter/conversation.ts'
import { Peer } from '../milter/peer.ts'

async function listening(filter: Filter): Promise<MilterServer> {
  const folder = mkdtempSync(join(tmpdir(), 'milter-'))
  const server = new MilterServer({ filter, listeners: [{ spec: `unix:${join(folder, 'milter.sock')}` }] })
  await server.listen()
  onTestFinished(async () => {
    await server.stop(0)
    rmSync(folder, { recursive: true })
  })
  return server
}

async function begun(server: MilterServer): Promise<Peer> {
  const peer = await Peer.reach(server.addresses[0])
  await peer.say(1, offer())
  return peer
}

/** As long as judging a recipient takes on a busy machine. */
function work(): void {
  const until = performance.now() + 0.2
  while (performance.now() < until);
}

const MANY = 5000

test.each([
  ['at once', (): Verdict => CONTINUE],
  ['after a promise', async (): Promise<Verdict> => CONTINUE],
])('others are answered while a peer brings 5,000 recipients in one write, judged %s', async (_, verdict) => {
  let judged = 0
  const server = await listening({
    mail: () => CONTINUE,
    rcpt: () => {
      judged++
      work()
      return verdict()
    },
  })
  const [greedy, modest] = await Promise.all([begun(server), begun(server)])
  await greedy.say(1, mail())
  const all = greedy.say(MANY, ...Array.from({ length: MANY }, (_, at) => rcpt(`<${at}@x.example>`)))
  const seen: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    await modest.say(1, mail())
    seen.push(judged)
  }
  // Some turns of the event loop pass for each question, in this process that both sides share.
  expect(seen.at(-1)).toBeLessThan(MANY / 2)
  expect(await all).toEqual(Array<string>(MANY).fill('c'))
  expect(judged).toBe(MANY)
})

test('what a peer brings at once is answered in its order, while it stops reading, rests and waits', async () => {
  const server = await listening({
    mail: () => CONTINUE,
    rcpt: ({ argument }) => {
      if (argument.includes('slow')) return new Promise((resolve) => setImmediate(() => resolve(CONTINUE)))
      work()
      return argument.includes('odd') ? { kind: 'tempfail' } : CONTINUE
    },
  })
  const peer = await begun(server)
  await peer.say(1, mail())
  const names = Array.from({ length: 2000 }, (_, at) =>
    at % 7 === 0 ? 'slow' : at % 3 === 0 ? 'odd' : 'even',
  )
  const asked = peer.say(2000, ...names.map((name, at) => rcpt(`<${name}${at}@x.example>`)))
  peer.socket.pause()
  setImmediate(() => peer.socket.resume())
  expect(await asked).toEqual(names.map((name) => (name === 'odd' ? 't' : 'c')))
})
