// The example filters, each started with its one command, behind a real sendmail.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { listening } from '../support/mta/listening.ts'
import type { Mta } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { ProcessGroup } from '../support/mta/process-group.ts'
import { startSendmail } from '../support/mta/sendmail.ts'
import { aMessage, type SmtpReply } from '../support/mta/smtp-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail')

const PLAIN = 'plain@example.com'
const FOOTER = 'This message is confidential.'

describe.skipIf(missing)('behind sendmail, the example', () => {
  let folder: string
  let mta: Mta
  let example: ProcessGroup | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'timedelay-example-'))
    await chmod(folder, 0o755)
    mta = await startSendmail({ milter: `local:${join(folder, 'example.sock')}` })
  })
  afterEach(async () => {
    await example?.stop()
    await mta.mailboxes.empty()
  })
  afterAll(async () => {
    await mta?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(name: string, ...args: readonly string[]): Promise<void> {
    const program = fileURLToPath(new URL(`../../dist/examples/${name}.js`, import.meta.url))
    const socket = join(folder, 'example.sock')
    example = await ProcessGroup.start(process.execPath, [program, `local:${socket}`, ...args])
    await listening(socket, example)
  }

  /** The replies to the final dots of messages sent on one connection. */
  async function send(
    ...messages: readonly { from?: string; message: Buffer }[]
  ): Promise<readonly SmtpReply[]> {
    const client = await mta.open({ localAddress: '127.0.0.1' })
    const replies: SmtpReply[] = []
    for (const message of messages) replies.push((await client.send({ ...message, to: [PLAIN] })).end)
    await client.quit()
    return replies
  }

  async function bodies(): Promise<readonly string[]> {
    await mta.settled()
    return (await mta.mailboxes.in('plain')).map((message) => message.body.toString('latin1')).sort()
  }

  it('footer appends its text to plain text, each message by itself', async () => {
    await start('footer', FOOTER)
    const replies = await send(
      { message: aMessage({ body: 'a\r\n' }) },
      { message: aMessage({ body: 'b\xfc\r\n' }) },
    )
    expect(replies.map((reply) => reply.code)).toEqual([250, 250])
    expect(await bodies()).toEqual([`a\n${FOOTER}\n`, `b\xfc\n${FOOTER}\n`])
  })

  it('footer leaves alone what it would break', async () => {
    await start('footer', FOOTER)
    const parts = '--x\r\n\r\nhello\r\n--x--\r\n'
    await send(
      { message: aMessage({ headers: ['Content-Type: multipart/mixed; boundary=x'], body: parts }) },
      { message: aMessage({ headers: ['Content-Transfer-Encoding: base64'], body: 'aGVsbG8=\r\n' }) },
    )
    expect(await bodies()).toEqual([parts.replaceAll('\r\n', '\n'), 'aGVsbG8=\n'])
  })

  it('own-domain-footer appends it for senders of the domain, not for others on the same connection', async () => {
    await start('own-domain-footer', 'example.com', FOOTER)
    await send(
      { from: 'shop@elsewhere.example', message: aMessage({ body: '1 other\r\n' }) },
      { from: 'plain@example.com', message: aMessage({ body: '2 own\r\n' }) },
      { from: 'plain@example.com.evil.example', message: aMessage({ body: '3 longer\r\n' }) },
      { from: 'plain@examplexcom', message: aMessage({ body: '4 like a pattern\r\n' }) },
      { from: '<>', message: aMessage({ body: '5 null\r\n' }) },
      { from: 'Foo@EXAMPLE.com', message: aMessage({ body: '6 own again\r\n' }) },
    )
    expect(await bodies()).toEqual([
      '1 other\n',
      `2 own\n${FOOTER}\n`,
      '3 longer\n',
      '4 like a pattern\n',
      '5 null\n',
      `6 own again\n${FOOTER}\n`,
    ])
  })

  it('body-pattern refuses a message with the text in it, wherever it stands, and no other', async () => {
    await start('body-pattern', 'reject', 'in order to have your advice')
    const wanted = 'I send you this file in order\r\nto have your advice\r\n'
    // Byte 65535, where the first body packet ends, falls into the text.
    const late = `${'x'.repeat(70)}\r\n`.repeat(909) + `${'x'.repeat(50)}\r\n${wanted}`
    const replies = await send(
      { message: aMessage({ body: wanted }) },
      { message: aMessage({ body: 'nothing of that kind\r\n' }) },
      { message: aMessage({ body: late }) },
    )
    const refused = '550 5.7.1 This message was refused because of a text in its body.'
    expect(replies.map((reply) => reply.text)).toEqual([refused, expect.stringMatching(/^250 /), refused])
    expect(await bodies()).toEqual(['nothing of that kind\n'])
  })

  it('body-pattern drops such a message when told to, and says 250', async () => {
    await start('body-pattern', 'discard', 'advice')
    const replies = await send(
      { message: aMessage({ body: 'your advice\r\n' }) },
      { message: aMessage({ body: 'nothing of that kind\r\n' }) },
    )
    expect(replies.map((reply) => reply.code)).toEqual([250, 250])
    expect(await bodies()).toEqual(['nothing of that kind\n'])
  })
})
