// Every verdict as an SMTP client sees it, word for word, behind real mail servers.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { TD } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { SERVERS } from '../support/mta/servers.ts'
import { address, day, localPart, type Site, startSite } from '../support/mta/service.ts'
import { aMessage } from '../support/mta/smtp-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')

const NOT_UNDERSTOOD = '551 5.7.1 Address not understood.'
const UNKNOWN = '551 5.7.1 No such address.'
const WITHDRAWN = '551 5.7.1 Address withdrawn.'
const EXPIRED = '551 5.7.1 Expiration Reached.'

describe.skipIf(missing).each(SERVERS)('through %s', (_, start) => {
  let site: Site

  beforeAll(async () => {
    site = await startSite(start)
    await site.service.cli('prefix', 'add', 'sec', 'foo@example.com', '--signed')
    await site.service.cli('prefix', 'add', 'off', 'bar@example.com')
    await site.service.cli('prefix', 'disable', 'off')
    await site.service.cli(
      'prefix',
      'add',
      'few',
      'bar@example.com',
      '--max-days',
      '5',
      '--default-days',
      '5',
    )
  })
  afterAll(() => site?.stop())
  beforeEach(() => site.clear())

  /** Asks for the recipient together with a plain one, finishes the message, and tells the reply and who got it. */
  async function ask(
    recipient: string,
  ): Promise<{ reply: string; delivered: Readonly<Record<string, number>> }> {
    const client = await site.mta.open()
    await client.mail()
    const { text } = await client.rcpt(recipient)
    expect((await client.rcpt('plain@example.com')).code).toBe(250)
    expect((await client.data(aMessage())).code).toBe(250)
    await client.quit()
    return { reply: text, delivered: await site.mta.delivered() }
  }

  it.each([
    ['whose days are over', () => address('djb', 5, -10), EXPIRED],
    ['whose last day was yesterday', () => address('djb', 5, -5), EXPIRED],
    ['of zero days', () => address('djb', 0), EXPIRED],
    ['of a past century', () => `djb1926112045@${TD}`, EXPIRED],
    ['that begins in two days', () => address('djb', 45, 2), EXPIRED],
    ['of a far century', () => `djb3926112045@${TD}`, EXPIRED],
    ['with more days than its prefix allows, these being over', () => address('few', 45, -6), EXPIRED],
    ['of a prefix that nobody has', () => address('nix'), UNKNOWN],
    ['of a disabled prefix', () => address('off'), UNKNOWN],
    ['that is only a name', () => `dredd@${TD}`, NOT_UNDERSTOOD],
    ['without days', () => `djb${day(0)}@${TD}`, NOT_UNDERSTOOD],
    ['with something before it', () => `xx-${localPart('djb')}@${TD}`, NOT_UNDERSTOOD],
    ['with something behind it', () => `${localPart('djb')}+shop@${TD}`, NOT_UNDERSTOOD],
    ['of 30 February', () => `djb2026023045@${TD}`, NOT_UNDERSTOOD],
    ['of month 13', () => `djb2026130145@${TD}`, NOT_UNDERSTOOD],
    ['of 200 letters', () => `${'a'.repeat(200)}@${TD}`, NOT_UNDERSTOOD],
  ])('an address %s is refused, and the other recipient gets the message', async (_, recipient, reply) => {
    expect(await ask(recipient())).toEqual({ reply, delivered: { plain: 1 } })
  })

  it.each([
    ['on its last day', () => address('djb', 5, -4)],
    ['on its first day', () => address('djb', 1)],
    ['with the most days there are', () => address('djb', 99, -40)],
  ])('an address %s is accepted', async (_case, recipient) => {
    const { reply, delivered } = await ask(recipient())
    expect(reply).toMatch(/^250 /)
    expect(delivered).toEqual({ dredd: 1, plain: 1 })
  })

  it('a revocation holds for the next recipient, and so does its end', async () => {
    const revoked = address('djb', 33)
    await site.service.cli('address', 'revoke', revoked)
    expect(await ask(revoked)).toEqual({ reply: WITHDRAWN, delivered: { plain: 1 } })
    await site.clear()
    await site.service.cli('address', 'restore', revoked)
    expect((await ask(revoked)).delivered).toEqual({ dredd: 1, plain: 1 })
  })

  it('an address that its owner extended works on', async () => {
    const over = address('djb', 5, -20)
    expect(await ask(over)).toEqual({ reply: EXPIRED, delivered: { plain: 1 } })
    await site.clear()
    const until = `${day(9).slice(0, 4)}-${day(9).slice(4, 6)}-${day(9).slice(6)}`
    await site.service.cli('address', 'extend', over, '--until', until)
    expect((await ask(over)).delivered).toEqual({ dredd: 1, plain: 1 })
  })

  it('a prefix that was added, changed or disabled meanwhile counts at once', async () => {
    const recipient = address('neu')
    expect((await ask(recipient)).reply).toBe(UNKNOWN)
    await site.clear()
    await site.service.cli('prefix', 'add', 'neu', 'foo@example.com')
    expect((await ask(recipient)).delivered).toEqual({ foo: 1, plain: 1 })
    await site.clear()
    await site.service.cli('prefix', 'disable', 'neu')
    expect((await ask(recipient)).reply).toBe(UNKNOWN)
  })

  it('where a prefix demands tags, only the right one is accepted, in any spelling', async () => {
    const signed = await site.service.cli('address', 'new', 'sec', '--site', 'shop.example')
    const [local = '', domain = ''] = signed.split('@')
    const wrong = `${local.slice(0, -1)}${local.endsWith('0') ? '1' : '0'}@${domain}`
    const unsigned = address('sec')

    expect((await ask(signed)).delivered).toEqual({ foo: 1, plain: 1 })
    await site.clear()
    expect((await ask(signed.toUpperCase())).delivered).toEqual({ foo: 1, plain: 1 })
    await site.clear()
    expect(await ask(wrong)).toEqual({ reply: UNKNOWN, delivered: { plain: 1 } })
    await site.clear()
    expect(await ask(unsigned)).toEqual({ reply: UNKNOWN, delivered: { plain: 1 } })
  })

  it('where a prefix takes both, a wrong tag is refused all the same', async () => {
    const signed = await site.service.cli('address', 'new', 'djb', '--signed')
    const [local = '', domain = ''] = signed.split('@')
    const wrong = `${local.slice(0, -1)}${local.endsWith('0') ? '1' : '0'}@${domain}`

    expect((await ask(signed)).delivered).toEqual({ dredd: 1, plain: 1 })
    await site.clear()
    expect(await ask(wrong)).toEqual({ reply: UNKNOWN, delivered: { plain: 1 } })
  })

  it('what happened is on record: each verdict in the log with its queue id, and the counts of the address', async () => {
    const recipient = address('djb', 31)
    await ask(recipient)
    await site.service.said(recipient)
    const line = site.service.output.split('\n').findLast((text) => text.includes(recipient))
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      recipient,
      prefix: 'djb',
      verdict: 'forward',
      sender: 'shop@elsewhere.example',
    })
    expect(JSON.parse(line ?? '{}').queueId).toMatch(/\w{8,}/)
  })

  it('who guesses tags is put off for right and wrong ones alike, and the same address takes the mail of others', async () => {
    const signed = await site.service.cli('address', 'new', 'sec', '--signed')
    const guesser = await site.mta.open({ localAddress: '127.0.0.66' })
    await guesser.mail()
    const replies: string[] = []
    for (let guess = 0; guess < 22; guess += 1) {
      const tag = `b${String(guess).padStart(5, '0')}`
      const { text } = await guesser.rcpt(`${localPart('sec')}${tag}@${TD}`)
      replies.push(text.slice(0, 9))
    }
    expect(replies).toEqual([...Array(20).fill('551 5.7.1'), '451 4.7.1', '451 4.7.1'])
    expect((await guesser.rcpt(signed)).text).toBe(
      '451 4.7.1 Too many unknown addresses from your network, please try again later.',
    )
    guesser.drop()
    expect(await ask(signed)).toMatchObject({
      reply: expect.stringMatching(/^250 /),
      delivered: { foo: 1, plain: 1 },
    })
  })
})
