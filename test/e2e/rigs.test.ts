// The rigs themselves, without any filter: what they show must be what the server did, or no test on them proves anything.

import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Mta } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { SERVERS } from '../support/mta/servers.ts'
import { aMessage } from '../support/mta/smtp-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')
const TD_ADDRESS = 'djb2026112245@td.example.com'

/** Processes that work in a folder or below: both servers go into their queue. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/cwd`).startsWith(folder)
    } catch {
      // It ended while we looked.
      return false
    }
  })
}

describe.skipIf(missing).each(SERVERS)('a private %s', (name, start) => {
  let mta: Mta

  beforeAll(async () => {
    mta = await start({ aliases: { shop: 'plain@example.com' }, route: 'catch-all' })
  })
  afterAll(() => mta?.stop())
  beforeEach(async () => {
    await mta.clear()
  })

  it('says which version it is', () => {
    expect(mta.name).toBe(name)
    expect(mta.version).toMatch(name === 'sendmail' ? /^8\.\d+\.\d/ : /^3\.\d+\.\d/)
  })

  it('delivers every message it accepted, once, its body unchanged', async () => {
    const client = await mta.open()
    const body = 'one\r\n.two\r\n..three\r\nFrom four\r\n\r\n\r\n'
    const sent = await client.send({
      to: ['plain@example.com', 'foo@example.com'],
      message: aMessage({ body }),
    })
    await client.quit()

    expect(sent.end.code).toBe(250)
    expect(await mta.delivered()).toEqual({ foo: 1, plain: 1 })
    const [message] = await mta.mailboxes.in('plain')
    expect(message?.body.toString()).toBe(body.replaceAll('\r\n', '\n'))
    expect(message?.sender).toContain('shop@elsewhere.example')
    expect(message?.header('subject')).toEqual(['an order'])
  })

  it('refuses unknown users and delivers to the others', async () => {
    const client = await mta.open()
    const sent = await client.send({ to: ['nobody@example.com', 'plain@example.com'] })
    await client.quit()

    expect(sent.rcpt.map((reply) => reply.code)).toEqual([550, 250])
    expect(await mta.delivered()).toEqual({ plain: 1 })
  })

  it('relays for this machine and not for a stranger', async () => {
    const stranger = await mta.open()
    await stranger.mail()
    expect((await stranger.rcpt('someone@far.example')).code).toBeGreaterThanOrEqual(550)
    await stranger.quit()
    const own = await mta.open({ localAddress: '127.0.0.1' })
    await own.send({ to: ['someone@far.example'] })
    await own.quit()

    expect(await mta.delivered()).toEqual({ _elsewhere: 1 })
  })

  it('follows aliases, and the catch-all of the td domain', async () => {
    const client = await mta.open()
    await client.send({ to: ['shop@example.com', TD_ADDRESS] })
    await client.quit()

    expect(await mta.delivered()).toEqual({ plain: 1, 'td-unrewritten': 1 })
  })

  it('takes mail from the sendmail command', async () => {
    expect(await mta.submit(['plain@example.com'], aMessage())).toBe(0)
    expect(await mta.mailboxes.arrived('plain')).toHaveLength(1)
    expect(await mta.delivered()).toEqual({ plain: 1 })
  })

  it('keeps nothing of a message whose client broke off', async () => {
    const client = await mta.open()
    await client.mail()
    await client.rcpt('plain@example.com')
    await client.command('DATA')
    client.write('Subject: never finished\r\n\r\nhalf a li')
    client.drop()

    expect(await mta.delivered()).toEqual({})
  })

  it('answers pipelined commands in order', async () => {
    const client = await mta.open()
    const replies = await client.pipeline([
      'MAIL FROM:<>',
      'RCPT TO:<nobody@example.com>',
      'RCPT TO:<foo@example.com>',
      'RSET',
    ])
    await client.quit()

    expect(replies.map((reply) => reply.code)).toEqual([250, 550, 250, 250])
    expect(await mta.delivered()).toEqual({})
  })

  it('logs what it does', async () => {
    expect(await mta.log()).toContain('plain@example.com')
  })
})

describe.skipIf(missing).each(SERVERS)('a private %s whose filter is down', (name, start) => {
  const nowhere = 'local:/nonexistent/td.sock'

  it('puts all mail off when told to, and keeps in its queue what came without SMTP', async () => {
    const mta = await start({ milter: nowhere, aliases: { shop: TD_ADDRESS } })
    try {
      const client = await mta.open()
      expect((await client.mail()).text).toBe(
        name === 'sendmail'
          ? '451 4.3.2 Please try again later'
          : '451 4.7.1 Service unavailable - try again later',
      )
      await client.quit()
      await mta.submit([TD_ADDRESS, 'plain@example.com'], aMessage())
      await mta.deferred(1)

      expect(await mta.mailboxes.counts()).toEqual({ plain: 1 })
    } finally {
      await mta.stop()
    }
  })

  it('lets mail pass when told to', async () => {
    const mta = await start({ milter: nowhere, failure: 'accept', route: 'catch-all' })
    try {
      const client = await mta.open()
      await client.send({ to: [TD_ADDRESS, 'plain@example.com'] })
      await client.quit()

      expect(await mta.delivered()).toEqual({ plain: 1, 'td-unrewritten': 1 })
    } finally {
      await mta.stop()
    }
  })

  it('leaves neither processes nor files behind, and another one does not notice', async () => {
    const [one, other] = await Promise.all([start(), start()])
    expect(processesIn(one.folder)).not.toEqual([])
    await one.stop()
    expect(processesIn(one.folder)).toEqual([])
    expect(existsSync(one.folder)).toBe(false)

    const client = await other.open()
    await client.send({ to: ['plain@example.com'] })
    await client.quit()
    expect(await other.delivered()).toEqual({ plain: 1 })
    await other.stop()
  })
})
