// What happens to mail when our service, or what it stands on, fails. The set-up is the one we teach: F=T or tempfail, and
// the loop route. Whatever fails, no message may be lost, doubled or misdirected, and mail that is not ours goes on as
// far as the server allows: with F=T and tempfail a filter that is *gone* puts all mail off, one that answers does not.

import { copyFile, rm } from 'node:fs/promises'
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventually } from '../support/mta/eventually.ts'
import type { Mta, MtaOptions } from '../support/mta/mta.ts'
import { ProcessGroup } from '../support/mta/process-group.ts'
import { address, type Site, startSite } from '../support/mta/service.ts'
import { aMessage, type SmtpClient } from '../support/mta/smtp-client.ts'

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
  async function tryAgain(): Promise<void> {
    const client = await connect()
    const sent = await client.send({ to: [address('djb'), PLAIN] })
    expect([sent.mail, ...sent.rcpt, sent.end].map((reply) => reply.code)).toEqual([250, 250, 250, 250])
  }

  const deliveredOnce = async () => expect(await site.mta.delivered()).toEqual({ dredd: 1, plain: 1 })
  const nothingDelivered = async () => expect(await site.mta.delivered()).toEqual({})

  it('down: all mail is put off at MAIL, and comes when the service is back', async () => {
    await site.service.stop()
    const client = await connect()
    expect((await client.mail()).text).toBe(deferral)
    await nothingDelivered()

    await site.service.start()
    await tryAgain()
    await deliveredOnce()
  })

  it('down: what comes without SMTP waits in the queue, and other mail of that kind does not', async () => {
    await site.service.stop()
    await site.mta.submit([address('djb'), PLAIN], aMessage())
    await site.mta.deferred(1)
    expect(await site.mta.mailboxes.counts()).toEqual({ plain: 1 })

    await site.service.start()
    await site.mta.flush()
    await deliveredOnce()
  })

  it('107. killed after RCPT: the rest of the message gets 451, nothing is delivered, the next try is', async () => {
    const client = await connect()
    await client.mail()
    expect((await client.rcpt(address('djb'))).code).toBe(250)
    await site.service.kill()
    expect((await client.rcpt(PLAIN)).text).toBe(deferral)
    expect((await client.data(aMessage())).code).toBe(451)
    expect((await client.command('RSET')).code).toBe(250)
    await nothingDelivered()

    await site.service.start()
    // The server has given up the filter for this connection, not for the next.
    expect((await client.mail()).text).toBe(deferral)
    await tryAgain()
    await deliveredOnce()
  })

  it('killed while the body comes: 451 after the dot, nothing delivered, the next try is', async () => {
    const client = await connect()
    await client.mail()
    await client.rcpt(address('djb'))
    await client.rcpt(PLAIN)
    expect((await client.command('DATA')).code).toBe(354)
    client.write(aMessage({ body: 'the first half\r\n' }))
    await site.service.kill()
    client.write('the second half\r\n.\r\n')
    expect((await client.reply()).text).toBe(deferral)
    await nothingDelivered()

    await site.service.start()
    await tryAgain()
    await deliveredOnce()
  })

  it('killed between two messages: the first is delivered, the second put off', async () => {
    const client = await connect()
    expect((await client.send({ to: [address('djb')] })).end.code).toBe(250)
    await site.service.kill()
    expect((await client.mail()).text).toBe(deferral)
    expect(await site.mta.delivered()).toEqual({ dredd: 1 })
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

  it('hanging before MAIL: 451 after the time limit, and all is well once it wakes up', async () => {
    const client = await connect()
    site.service.freeze()
    expect((await client.mail()).text).toBe(deferral)
    await nothingDelivered()

    site.service.thaw()
    await tryAgain()
    await deliveredOnce()
  })

  it('hanging at end of message: 451 after the time limit, nothing delivered even when it wakes up', async () => {
    const client = await connect()
    await client.mail()
    await client.rcpt(address('djb'))
    await client.rcpt(PLAIN)
    expect((await client.command('DATA')).code).toBe(354)
    site.service.freeze()
    client.write(aMessage())
    client.write('.\r\n')
    expect((await client.reply()).text).toBe(deferral)
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
    const MESSAGES = 40
    const KILLS = 4
    const left = Array.from({ length: MESSAGES }, (_, index) => index)
    let accepted = 0
    let killed = 0
    let restarting: Promise<void> = Promise.resolve()
    /** A sender that keeps at it: what is not accepted goes back to the pile. */
    const sender = async (): Promise<void> => {
      for (let index = left.shift(); index !== undefined; index = left.shift()) {
        const owner = index % 2 === 0 ? 'djb' : 'joe'
        const message = aMessage({ subject: `message ${index}` })
        const ended = await site.mta
          .open()
          .then(async (client) => {
            clients.push(client)
            const { end } = await client.send({ to: [address(owner), PLAIN], message })
            client.drop()
            return end.code
          })
          .catch(() => 451)
        if (ended !== 250) {
          left.push(index)
          await restarting
          continue
        }
        accepted += 1
        if (killed < KILLS && accepted >= (killed + 1) * (MESSAGES / (KILLS + 1))) {
          killed += 1
          restarting = site.service.kill().then(() => site.service.start())
        }
      }
    }
    await Promise.all(Array.from({ length: 6 }, sender))
    await restarting

    expect(killed).toBe(KILLS)
    expect(await site.mta.delivered()).toEqual({
      anderson: MESSAGES / 2,
      dredd: MESSAGES / 2,
      plain: MESSAGES,
    })
    const subjects = async (mailbox: string) =>
      (await site.mta.mailboxes.in(mailbox)).flatMap((message) => message.header('subject'))
    const all = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
    expect(new Set(await subjects('dredd'))).toEqual(new Set(all.filter((_, index) => index % 2 === 0)))
    expect(new Set(await subjects('anderson'))).toEqual(new Set(all.filter((_, index) => index % 2 === 1)))
  })
}
