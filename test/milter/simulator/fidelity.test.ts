// Does the simulator behave like the MTA that it plays? The SMTP dialogue of each recorded session is given to it, with
// the recorded answers of the filter; what it sends must be what the real MTA sent.

import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../src/milter/bytes.ts'
import { decodeCommand } from '../../../src/milter/commands.ts'
import type { Client } from '../../../src/milter/filter.ts'
import { CHUNK_SIZE, MilterClient, type SmtpReply, SmtpSession } from '../../../src/milter/simulator/index.ts'
import { type Capture, captures } from '../../captures/captures.ts'
import { type ReceivedPacket, scriptedMilter } from './scripted-milter.ts'

/** Sessions that did not come by SMTP, or whose dialogue was shortened in the recording. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'postfix-local-submission': 'came by the sendmail command',
  'sendmail-stdin-smtp': 'only the replies were recorded',
  'postfix-50-rcpts': 'dialogue shortened',
  'sendmail-50-rcpts': 'dialogue shortened',
  'postfix-closed-at-rcpt': 'the filter breaks off: an error, tested below',
  'sendmail-closed-at-rcpt': 'the filter breaks off: an error, tested below',
  'postfix-rcpt-rej': 'the MTA refuses recipients itself, and the simulator has no users to miss',
  'sendmail-rcpt-rej': 'the MTA refuses recipients itself, and the simulator has no users to miss',
}

/** The packets of each side, the filter's gathered behind the MTA's packet that they answer. */
function scriptOf({ packets }: Capture): { sent: ReceivedPacket[]; answers: Buffer[] } {
  const sent: ReceivedPacket[] = []
  const answers: Buffer[] = []
  for (const packet of packets) {
    if (packet.from === 'mta') {
      sent.push(packet)
      answers.push(Buffer.alloc(0))
    } else {
      const last = answers.length - 1
      answers[last] = Buffer.concat([answers[last] ?? Buffer.alloc(0), packet.frame])
    }
  }
  return { sent, answers }
}

/** What must be equal: macros by name only, since queue ids, mailers and times differ from run to run. */
function comparable({ code, payload }: ReceivedPacket): string {
  if (code === 'C') return `C ${payload.toString('hex')}`
  if (code === 'O') return `O ${payload.toString('hex')}`
  if (code === 'B') return `B ${payload.length}`
  const text = payload.toString('latin1')
  if (code !== 'D') return `${code} ${/^(?:Message-Id|Date)\0/.test(text) ? text.split('\0')[0] : text}`
  const names = text
    .slice(1)
    .split('\0')
    .filter((_, at) => at % 2 === 0 && at < text.slice(1).split('\0').length - 1)
  // Which interface a client came in by depends on the rig.
  return `D ${text[0]} ${names.filter((name) => name !== '{if_addr}').join(' ')}`
}

/** Where the SMTP client was; nothing was recorded when CONNECT was negotiated away. */
function recordedClient(sent: readonly ReceivedPacket[], like: Capture['like']): Client {
  const packet = sent.find(({ code }) => code === 'C')
  const command = packet && decodeCommand(0x43, new ByteReader(packet.payload))
  if (command?.kind === 'connect') return command.client
  return {
    host: like === 'sendmail' ? 'localhost' : '[127.0.0.1]',
    family: 'ipv4',
    address: '127.0.0.1',
    port: 1,
  }
}

/** The message of the recording. `nth` counts from 0, where there are several. */
function recordedMessage(sent: readonly ReceivedPacket[], nth: number, like: Capture['like']) {
  const mine = sent.filter(
    (packet, at) => sent.slice(0, at).filter(({ code }) => code === 'E').length === nth && packet,
  )
  const headers = mine
    .filter(({ code }) => code === 'L')
    .map(({ payload }): [string, string] => {
      const [name = '', value = ''] = payload.toString('latin1').split('\0')
      return [name, value]
    })
    // Postfix made these up.
    .filter(
      ([name], _, all) =>
        like === 'sendmail' ||
        !(name === 'Message-Id' || name === 'Date' || (name === 'From' && all.at(-1)?.[0] === 'From')),
    )
  return {
    headers,
    body: Buffer.concat(mine.filter(({ code }) => code === 'B').map(({ payload }) => payload)),
  }
}

/** Gives the dialogue to the session, and compares the codes of its replies where they were recorded. */
async function play(
  session: SmtpSession,
  { smtp, like }: Capture,
  sent: readonly ReceivedPacket[],
): Promise<void> {
  await session.connect(recordedClient(sent, like))
  let messages = 0
  for (const [at, line] of smtp.entries()) {
    const [, command = '', rest = ''] = /^C[:!] ?(\S+) ?(.*)$/.exec(line) ?? []
    const [argument = '', ...parameters] = rest.replace(/^(?:FROM|TO): ?/, '').split(' ')
    const reply = await perform(command, argument, parameters)
    const recorded = smtp[at + 1]
    if (reply && recorded?.startsWith('S: '))
      expect([line, reply.code]).toEqual([line, Number(recorded.slice(3, 6))])
  }
  await session.quit()

  async function perform(
    command: string,
    argument: string,
    parameters: string[],
  ): Promise<SmtpReply | undefined> {
    switch (command) {
      case 'EHLO':
      case 'HELO':
        return session.helo(argument)
      case 'MAIL':
        return session.mail(argument, parameters)
      case 'RCPT':
        return session.rcpt(argument, parameters)
      case 'RSET':
        return session.rset()
      case 'DATA':
        if (smtp.some((line) => line.startsWith('C! close'))) await session.dropInData()
        else {
          const end = await session.data(recordedMessage(sent, messages, like))
          messages += 1
          return { ...end.reply, code: 354 }
        }
        return undefined
      case 'close':
        await session.drop()
        return undefined
      case '':
      case 'QUIT':
      case 'Subject:':
      case 'NOOP':
      case 'VRFY':
        return undefined
      default:
        return command.startsWith('(')
          ? undefined
          : session.unknown([command, argument, ...parameters].join(' ').trim())
    }
  }
}

describe('the simulator sends what the real MTA sent', () => {
  const sessions = captures.filter(({ name }) => LEFT_OUT[name] === undefined)

  it.each(sessions.map((capture) => [capture.name, capture] as const))('%s', async (_, capture) => {
    const { sent, answers } = scriptOf(capture)
    const milter = scriptedMilter((__, index) => answers[index])
    const client = await MilterClient.open(milter.stream, {
      like: capture.like,
      timeouts: { command: 2000, content: 2000 },
    })
    await client.negotiate()
    await play(new SmtpSession(client, { hostname: 'mail.example.com' }), capture, sent)
    expect(milter.received.map(comparable)).toEqual(sent.map(comparable))
  })

  it('is tried on all recordings but those named above', () => {
    expect(sessions).toHaveLength(captures.length - Object.keys(LEFT_OUT).length)
    expect(CHUNK_SIZE).toBe(65_535)
  })
})
