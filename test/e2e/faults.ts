// What happens to mail when our service, or what it stands on, fails. The set-up is the one we teach: F=T or tempfail, and
// the loop route. Whatever fails, no message may be lost, doubled or misdirected, and mail that is not ours goes on as
// far as the server allows: with F=T and tempfail a filter that is *gone* puts all mail off, one that answers does not.

import { copyFile, rm } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventually } from '../support/mta/eventually.ts'
import type { Mta, MtaOptions } from '../support/mta/mta.ts'
import { ProcessGroup } from '../support/mta/process-group.ts'
import { address, type Site, startSite } from '../support/mta/service.ts'
import { aMessage, SmtpClient } from '../support/mta/smtp-client.ts'
import { Load } from './load.ts'
import { BEFORE, contentOf, STAGES } from './stages.ts'

const PLAIN = 'plain@example.com'
/** Seconds after which the servers give up a filter that does not answer. */
const PATIENCE = 3

/** Takes SQLite's one write lock, says so, and keeps it until its input ends. */
const LOCKER = `
import { Sqlite } from '${new URL('../../dist/store/sqlite/engine.js', import.meta.url).href}'
const db = new Sqlite(process.argv[1])
db.exec('BEGIN EXCLUSIVE')
console.log('locked')
process.stdin.resume().on('end', () => { db.exec('ROLLBACK'); db.close() })`

export function faultsBehind(
  server: 'sendmail' | 'postfix',
  start: (options: MtaOptions) => Promise<Mta>,
): void {
  const deferral =
    server === 'sendmail'
      ? '451 4.3.2 Please try again later'
      : '451 4.7.1 Service unavailable - try again later'
  let site: Site
  let clients: SmtpClient[] = []

  beforeAll(async () => {
    const patience = { connect: PATIENCE, reply: PATIENCE, endOfMessage: PATIENCE }
    site = await startSite(start, { patience, aliases: { shop: address('djb') } })
  })
  afterAll(() => site?.stop())
  beforeEach(async () => {
    for (const client of clients) client.drop()
    clients = []
    await site.clear()
  })

  async function connect(): Promise<SmtpClient> {
    const client = await site.mta.open()
    clients.push(client)
    return client
  }

  /** What every sender does with a 4xx: try again later, on a new connection. */
  async function tryAgain(subject = 'an order'): Promise<void> {
    const client = await connect()
    const sent = await client.send({ to: [address('djb'), PLAIN], message: aMessage({ subject }) })
    expect([sent.mail, ...sent.rcpt, sent.end].map((reply) => reply.code)).toEqual([250, 250, 250, 250])
  }

  const deliveredOnce = async () => expect(await site.mta.delivered()).toEqual({ dredd: 1, plain: 1 })
  const subjects = async (mailbox: string) =>
    (await site.mta.mailboxes.in(mailbox)).flatMap((message) => message.header('subject'))
  const nothingDelivered = async () => expect(await site.mta.delivered()).toEqual({})

  it('down: all mail is put off, what comes without SMTP waits in the queue, and all comes when it is back', async () => {
    await site.service.stop()
    const client = await connect()
    expect((await client.mail()).text).toBe(deferral)
    await site.mta.submit([address('djb'), PLAIN], aMessage())
    await site.mta.deferred(1)
    // Other mail of that kind does not wait.
    expect(await site.mta.mailboxes.counts()).toEqual({ plain: 1 })

    await site.service.start()
    await site.mta.flush()
    await deliveredOnce()
    await site.mta.mailboxes.empty()
    await tryAgain()
    await deliveredOnce()
  })

  it('107. killed at every stage of a message: each is put off, and taken when it comes again', async () => {
    const stages = STAGES.map((stage) => ({ ...stage, client: SmtpClient.raw(site.mta.port) }))
    clients.push(...stages.map(({ client }) => client))
    await Promise.all(stages.map(({ client, reach }) => reach(client)))
    // One filter is asked for its verdict, and dies before it has given it.
    const last = await connect()
    await contentOf(last)
    site.service.freeze()
    last.write('.\r\n')
    let answered = false
    const end = last.reply().finally(() => {
      answered = true
    })
    await pause(300)
    expect(answered).toBe(false)
    await site.service.kill()

    for (const { stage, client, goOn } of stages) expect((await goOn(client)).text, stage).toBe(deferral)
    expect((await end).text).toBe(deferral)
    for (const client of clients) expect((await client.command('RSET')).code).toBe(250)
    // What came before is there, and no more.
    expect(await site.mta.delivered()).toEqual({ dredd: 1, plain: 1 })

    await site.service.start()
    // The server has given up the filter for these connections, not for the next.
    for (const client of clients) expect((await client.mail()).text).toBe(deferral)
    const names = [...stages.map(({ stage }) => stage), 'at the end']
    for (const name of names) await tryAgain(name)
    const count = names.length + 1
    expect(await site.mta.delivered()).toEqual({ dredd: count, plain: count })
    expect((await subjects('dredd')).sort()).toEqual([BEFORE, ...names].sort())
    expect((await subjects('plain')).sort()).toEqual([BEFORE, ...names].sort())
  })

  it('told to end in mid-message: that message is finished first', async () => {
    await site.service.stop()
    await site.service.start(20)
    const client = await connect()
    await client.mail()
    await client.rcpt(address('djb'))
    site.service.terminate()
    expect((await client.rcpt(PLAIN)).code).toBe(250)
    expect((await client.data(aMessage())).code).toBe(250)
    await client.quit()
    await site.service.stop()
    await deliveredOnce()
  })

  it('hanging before MAIL and at end of message: 451 after the time limit, nothing delivered when it wakes up', async () => {
    const [early, late] = [await connect(), await connect()]
    await contentOf(late)
    site.service.freeze()
    late.write('.\r\n')
    const replies = await Promise.all([early.mail(), late.reply()])
    expect(replies.map((reply) => reply.text)).toEqual([deferral, deferral])
    site.service.thaw()
    await nothingDelivered()

    await tryAgain()
    await deliveredOnce()
  })

  it('database locked by another process: verdicts and mail go on, and what happened is written later', async () => {
    const fresh = address('djb', 17)
    const locker = await ProcessGroup.start(
      process.execPath,
      ['--input-type=module', '--eval', LOCKER, site.service.database],
      { stdin: 'pipe' },
    )
    try {
      await eventually('the lock', () => (locker.output.includes('locked') ? true : undefined))
      const client = await connect()
      const sent = await client.send({ to: [fresh, PLAIN, address('djb', 5, -10)] })
      expect([...sent.rcpt, sent.end].map((reply) => reply.code)).toEqual([250, 250, 551, 250])
      await deliveredOnce()
      expect(locker.alive).toBe(true)
    } finally {
      await locker.stop()
    }
    const recorded = async () =>
      (await site.service.cli('address', 'list', '--json')).includes(fresh.split('@')[0] ?? fresh) ||
      undefined
    await eventually('the record of the address', recorded)
  })

  it('database deleted under it: ours is put off, other mail goes on, and the backup brings all back', async () => {
    const { database } = site.service
    const files = [database, `${database}-wal`, `${database}-shm`]
    await site.service.cli('backup', `${database}.backup`)
    for (const file of files) await rm(file, { force: true })
    await site.service.said('the database is gone')
    const client = await connect()
    const mixed = await client.send({ to: [address('djb'), PLAIN, address('djb', 5, -10)] })
    expect(mixed.rcpt.map((reply) => reply.code)).toEqual([451, 250, 451])
    expect(mixed.rcpt[0]?.text).toMatch(/^451 4\.3\.0 .*Temporary failure, please try again later\.$/)
    expect(mixed.end.code).toBe(250)
    expect(await site.mta.delivered()).toEqual({ plain: 1 })
    await site.mta.mailboxes.empty()

    await copyFile(`${database}.backup`, database)
    await site.service.said('the database is back')
    await tryAgain()
    await deliveredOnce()
  })

  it('killed again and again under load: every message arrives, each once, each at its owner', async () => {
    // Two hundred times: test/nightly/kills.test.ts.
    const KILLS = 2
    const load = new Load(site.mta, { messages: 10 * (KILLS + 1) })
    const sent = load.run()
    for (let kill = 1; kill <= KILLS; kill++) {
      const enough = () => load.accepted >= 10 * kill || load.done || undefined
      await eventually(`${10 * kill} messages accepted`, enough)
      await site.service.kill()
      await site.service.start()
    }
    await sent
    expect(load.putOff).toBeGreaterThan(0)
    await load.expectAllDelivered()
  })
}
