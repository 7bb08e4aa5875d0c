// Midnights, on real mail servers: the service runs in this process, where its clock can be set.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RunningService, startService } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'
import { type Mta, POSTFIX_OWNER, TD } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { SERVERS } from '../support/mta/servers.ts'
import { Service } from '../support/mta/service.ts'
import { aMessage, type SmtpClient } from '../support/mta/smtp-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')

const EXPIRED = '551 5.7.1 Expiration Reached.'
/** From 20 October 2026 up to, not including, 30 October. In Berlin the clocks go back on the 25th. */
const ADDRESS = `djb2026102010@${TD}`
const BEGIN = Date.parse('2026-10-20T00:00:00+02:00')
const END = Date.parse('2026-10-30T00:00:00+01:00')

describe.skipIf(missing).each(SERVERS)('with the clock in our hands, through %s', (_, start) => {
  let now = BEGIN
  let files: Service
  let service: RunningService
  let mta: Mta
  let client: SmtpClient

  beforeAll(async () => {
    files = await Service.prepare()
    await files.cli('domain', 'set', TD, '--time-zone', 'Europe/Berlin')
    const { folder, database, spec } = files
    const answer = readConfig(
      { database, milter: [spec], milterSocketGroup: POSTFIX_OWNER, http: false, drainSeconds: '1' },
      { environment: {}, directory: folder, systemFile: `${folder}/none` },
    )
    if (!answer.ok) throw new Error(answer.faults.join('\n'))
    service = await startService(answer.config, openLog('silent').log, () => now)
    mta = await start({ milter: spec })
  })
  afterAll(async () => {
    await mta?.stop()
    await service?.stop()
    await files?.remove()
  })
  beforeEach(async () => {
    client?.drop()
    await mta.clear()
    client = await mta.open()
  })

  it('an address begins and ends with the midnights of its domain, to the millisecond', async () => {
    const replies: string[] = []
    for (const instant of [BEGIN - 1, BEGIN, END - 1, END]) {
      now = instant
      await client.mail()
      replies.push((await client.rcpt(ADDRESS)).text.slice(0, 29))
      await client.command('RSET')
    }
    expect(replies).toEqual([
      EXPIRED,
      expect.stringMatching(/^250 /),
      expect.stringMatching(/^250 /),
      EXPIRED,
    ])
  })

  it('110. the same recipient twice in one message, its last midnight in between, gets the same verdict', async () => {
    now = END - 1
    await client.mail()
    const first = await client.rcpt(ADDRESS)
    now = END
    const second = await client.rcpt(ADDRESS)
    const end = await client.data(aMessage())
    expect([first.code, second.code, end.code]).toEqual([250, 250, 250])
    expect(await mta.delivered()).toEqual({ dredd: 1 })

    await client.mail()
    expect((await client.rcpt(ADDRESS)).text).toBe(EXPIRED)
  })

  it('110. so does one whose first midnight comes in between', async () => {
    now = BEGIN - 1
    await client.mail()
    const first = await client.rcpt(ADDRESS)
    now = BEGIN
    const second = await client.rcpt(ADDRESS)
    await client.rcpt('plain@example.com')
    await client.data(aMessage())
    expect([first.text, second.text]).toEqual([EXPIRED, EXPIRED])
    expect(await mta.delivered()).toEqual({ plain: 1 })
  })

  it('a message that was accepted before midnight arrives after it', async () => {
    now = END - 1
    await client.mail()
    await client.rcpt(ADDRESS)
    await client.command('DATA')
    client.write(aMessage())
    now = END + 60_000
    client.write('.\r\n')
    expect((await client.reply()).code).toBe(250)
    expect(await mta.delivered()).toEqual({ dredd: 1 })
    const [message] = await mta.mailboxes.in('dredd')
    expect(message?.header('X-Timedelay-Expires')).toEqual(['Fri, 30 Oct 2026 00:00:00 +0100'])
  })

  it('a clock that is set forward and back, across midnights and the change to winter time, is followed at once', async () => {
    const HOUR = 3_600_000
    const CHANGE = Date.parse('2026-10-25T03:00:00+02:00')
    const instants = [
      [CHANGE - 1, 250],
      [CHANGE, 250],
      [END - HOUR, 250],
      [END, 551],
      // A summer-time clock would have ended it here.
      [END - 1, 250],
      [BEGIN - 1, 551],
      [CHANGE + 12 * HOUR, 250],
      [Date.parse('1999-12-31T23:59:59Z'), 551],
      [Date.parse('2038-01-19T03:14:08Z'), 551],
      [BEGIN, 250],
    ] as const
    for (const [instant, code] of instants) {
      now = instant
      const fresh = await mta.open()
      const sent = await fresh.send({ to: [ADDRESS, 'plain@example.com'], message: aMessage() })
      fresh.drop()
      expect(
        [...sent.rcpt, sent.end].map((reply) => reply.code),
        new Date(instant).toISOString(),
      ).toEqual([code, 250, 250])
    }
    const living = instants.filter(([, code]) => code === 250).length
    expect(await mta.delivered()).toEqual({ dredd: living, plain: instants.length })
  })

  it('while the event loop stands still replies are late, and right when they come', async () => {
    now = BEGIN
    await client.mail()
    const replies = [client.rcpt(ADDRESS)]
    // Nothing else runs in this process for that long: neither the filter nor the client.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    replies.push(client.rcpt('plain@example.com'))
    expect((await Promise.all(replies)).map(({ code }) => code)).toEqual([250, 250])
    expect((await client.data(aMessage())).code).toBe(250)
    expect(await mta.delivered()).toEqual({ dredd: 1, plain: 1 })
  })
})
