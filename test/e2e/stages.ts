// How far a message can have come when the filter dies, from the greeting to its last line.

import { expect } from 'vitest'
import { address } from '../support/mta/service.ts'
import { aMessage, type SmtpClient, type SmtpReply } from '../support/mta/smtp-client.ts'

const EHLO = 'EHLO client.elsewhere.example'
const PLAIN = 'plain@example.com'
/** Subject of the message that came before the kill. */
export const BEFORE = 'the one before'

/** How far a message has come, and what its sender says next. The reply to that decides. */
interface Stage {
  readonly stage: string
  reach(client: SmtpClient): Promise<unknown>
  goOn(client: SmtpClient): Promise<SmtpReply>
}

async function greeted(client: SmtpClient): Promise<void> {
  expect((await client.reply()).code).toBe(220)
}

async function hello(client: SmtpClient): Promise<void> {
  await greeted(client)
  expect((await client.command(EHLO)).code).toBe(250)
}

async function addressed(client: SmtpClient): Promise<void> {
  expect((await client.mail()).code).toBe(250)
  expect((await client.rcpt(address('djb'))).code).toBe(250)
}

async function dataOf(client: SmtpClient): Promise<void> {
  await addressed(client)
  expect((await client.rcpt(PLAIN)).code).toBe(250)
  expect((await client.command('DATA')).code).toBe(354)
}

/** A message, all but its final dot, for djb and for a mailbox that is none of ours. */
export async function contentOf(client: SmtpClient): Promise<void> {
  await dataOf(client)
  client.write(aMessage())
}

function ended(client: SmtpClient, rest: string | Buffer): Promise<SmtpReply> {
  client.write(rest)
  client.write('.\r\n')
  return client.reply()
}

export const STAGES: readonly Stage[] = [
  {
    stage: 'after the greeting',
    reach: greeted,
    goOn: async (client) => {
      await client.command(EHLO)
      return client.mail()
    },
  },
  { stage: 'after EHLO', reach: hello, goOn: (client) => client.mail() },
  {
    stage: 'between two messages',
    reach: async (client) => {
      await hello(client)
      const sent = await client.send({ to: [address('djb'), PLAIN], message: aMessage({ subject: BEFORE }) })
      expect(sent.end.code).toBe(250)
    },
    goOn: (client) => client.mail(),
  },
  {
    stage: 'after MAIL',
    reach: async (client) => {
      await hello(client)
      expect((await client.mail()).code).toBe(250)
    },
    goOn: (client) => client.rcpt(address('djb')),
  },
  {
    stage: 'after RCPT, when DATA is next',
    reach: async (client) => {
      await hello(client)
      await addressed(client)
    },
    goOn: (client) => client.data(aMessage()),
  },
  {
    stage: 'after RCPT, when another is next',
    reach: async (client) => {
      await hello(client)
      await addressed(client)
    },
    goOn: async (client) => {
      const reply = await client.rcpt(PLAIN)
      expect((await client.data(aMessage())).code).toBe(451)
      return reply
    },
  },
  {
    stage: 'after DATA',
    reach: async (client) => {
      await hello(client)
      await dataOf(client)
    },
    goOn: (client) => ended(client, aMessage()),
  },
  {
    stage: 'in the body',
    reach: async (client) => {
      await hello(client)
      await dataOf(client)
      client.write(aMessage({ body: 'the first half\r\n' }))
    },
    goOn: (client) => ended(client, 'the second half\r\n'),
  },
]
