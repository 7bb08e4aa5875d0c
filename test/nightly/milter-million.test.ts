import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { CONTINUE, MilterServer } from '../../src/milter/index.ts'
import { endOfMessage, mail, offer, rcpt } from '../milter/conversation.ts'
import { Peer } from '../milter/peer.ts'

test('104. after a million messages on one connection memory is what it was', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const directory = mkdtempSync(join(tmpdir(), 'milter-'))
  const server = new MilterServer<string[]>({
    filter: {
      actions: ['addRecipient', 'deleteRecipient'],
      newMessage: () => [],
      rcpt: (recipient, message) => {
        message.state.push(recipient.argument)
        return CONTINUE
      },
      endOfMessage: (message, changes) => {
        for (const recipient of message.state) changes.deleteRecipient(recipient)
        changes.addRecipient('<real@dest.example>')
        return CONTINUE
      },
    },
    listeners: [{ spec: `unix:${join(directory, 'milter.sock')}` }],
  })
  await server.listen()
  const peer = await Peer.reach(server.addresses[0])
  await peer.say(1, offer())
  const batch = Array.from({ length: 100 }, () => [mail(), rcpt('<a@td.example>'), endOfMessage()]).flat()
  const heap = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) await peer.say(500, ...batch)
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await heap(100)
  expect((await heap(10_000)) - before).toBeLessThan(3_000_000)
  await server.stop(0)
  rmSync(directory, { recursive: true })
})
