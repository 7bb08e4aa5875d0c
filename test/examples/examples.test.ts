import { afterEach, describe, expect, it } from 'vitest'
import { bodyPattern } from '../../src/examples/body-pattern.ts'
import { footer } from '../../src/examples/footer.ts'
import { ownDomainFooter } from '../../src/examples/own-domain-footer.ts'
import { type Filter, MilterServer } from '../../src/milter/index.ts'
import { type MessageEnd, type MessageInput, simulate } from '../../src/milter/simulator/index.ts'

const servers: MilterServer<unknown>[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(0)))
})

/** What becomes of the messages, sent one after the other on one connection. */
async function send<State>(
  filter: Filter<State>,
  ...messages: Partial<MessageInput>[]
): Promise<MessageEnd[]> {
  const server = new MilterServer({ filter, listeners: [{ spec: 'inet:0@127.0.0.1' }] })
  servers.push(server as MilterServer<unknown>)
  await server.listen()
  const { messages: results } = await simulate({
    milter: server.addresses[0] ?? '',
    messages: messages.map((message) => ({ from: 's@remote.example', to: ['r@example.com'], ...message })),
  })
  return results.map(({ end }) => end as MessageEnd)
}

const bodies = (ends: readonly MessageEnd[]): string[] => ends.map(({ body }) => body.toString('latin1'))

describe('the footer', () => {
  it('is put behind plain text, whether or not that ends its last line', async () => {
    const ends = await send(footer('-- \nOur footer'), { body: 'Hello\r\n' }, { body: 'Hello' }, { body: '' })
    expect(bodies(ends)).toEqual([
      'Hello\r\n-- \r\nOur footer\r\n',
      'Hello\r\n-- \r\nOur footer\r\n',
      '-- \r\nOur footer\r\n',
    ])
  })

  it('is put behind plain text that says so, in chunks that the MTA makes', async () => {
    const text = 'twenty bytes a line\r\n'.repeat(10_000)
    const [end] = await send(footer('foot'), {
      headers: [['Content-Type', 'Text/Plain; charset=utf-8']],
      body: text,
    })
    expect(end?.body.toString()).toBe(`${text}foot\r\n`)
  })

  it.each([
    ['Content-Type', 'multipart/mixed; boundary=x'],
    ['Content-Type', 'text/html'],
    ['content-type', 'text/plainer'],
    ['Content-Transfer-Encoding', 'base64'],
    ['Content-Transfer-Encoding', 'quoted-printable'],
    ['DKIM-Signature', 'v=1; d=remote.example'],
  ])('leaves a message alone with %s: %s', async (name, value) => {
    const [end] = await send(footer('foot'), { headers: [[name, value]], body: 'Hello\r\n' })
    expect(end).toMatchObject({ outcome: 'accepted', changes: [] })
    expect(bodies(end ? [end] : [])).toEqual(['Hello\r\n'])
  })

  it('leaves a message alone that is too long to be held', async () => {
    const body = Buffer.alloc(1024 * 1024 + 1, 'x')
    const [end] = await send(footer('foot'), { body })
    expect(end?.changes).toEqual([])
  })

  it('takes nothing from one message into the next', async () => {
    const html: Partial<MessageInput> = { headers: [['Content-Type', 'text/html']], body: '<p>1\r\n' }
    const ends = await send(
      footer('foot'),
      { body: 'one\r\n' },
      html,
      { body: 'gone', giveUp: 'rset' },
      { body: 'two\r\n' },
    )
    expect(bodies(ends.filter((end) => end !== undefined))).toEqual([
      'one\r\nfoot\r\n',
      '<p>1\r\n',
      'two\r\nfoot\r\n',
    ])
  })
})

describe('the footer for our own domain', () => {
  const filter = ownDomainFooter('example.com', 'foot')

  it.each([
    '<a@example.com>',
    '<a@Example.COM>',
    '<@relay.example:a@example.com>',
    '<"odd@remote.example"@example.com>',
  ])('is put behind mail from %s', async (from) => {
    expect(bodies(await send(filter, { from, body: 'Hello\r\n' }))).toEqual(['Hello\r\nfoot\r\n'])
  })

  it.each([
    '<>',
    '<a@remote.example>',
    '<a@exampleXcom>',
    '<a@xexample.com>',
    '<a@sub.example.com>',
    '<a@example.com.evil.org>',
    '<"a@example.com"@evil.org>',
  ])('is not put behind mail from %s', async (from) => {
    expect(bodies(await send(filter, { from, body: 'Hello\r\n' }))).toEqual(['Hello\r\n'])
  })

  it('looks at each message anew', async () => {
    const ours = { from: 'a@example.com', body: 'ours\r\n' }
    const theirs = { from: 'a@remote.example', body: 'theirs\r\n' }
    expect(bodies(await send(filter, ours, theirs, ours))).toEqual([
      'ours\r\nfoot\r\n',
      'theirs\r\n',
      'ours\r\nfoot\r\n',
    ])
  })
})

describe('the body pattern', () => {
  const TEXT = 'I send you this file in order to have'

  it('refuses with 550 5.7.1', async () => {
    const [end] = await send(bodyPattern('reject', TEXT), {
      body: `Hi! How are you?\r\n${TEXT} your advice\r\n`,
    })
    expect(end).toMatchObject({ outcome: 'rejected', reply: { code: 550, enhanced: '5.7.1' } })
  })

  it('discards with a 250, and nobody gets the message', async () => {
    const [end] = await send(bodyPattern('discard', TEXT), { body: TEXT })
    expect(end).toMatchObject({ outcome: 'discarded', reply: { code: 250 }, envelope: { recipients: [] } })
  })

  it('lets other mail pass as it is', async () => {
    const [end] = await send(bodyPattern('reject', TEXT), { body: 'I send you this file\r\n' })
    expect(end).toMatchObject({ outcome: 'accepted', changes: [] })
  })

  it('finds a text that is broken over two lines', async () => {
    const [end] = await send(bodyPattern('reject', TEXT), {
      body: 'I send you this\r\n\tfile in order  to have',
    })
    expect(end?.outcome).toBe('rejected')
  })

  it('finds a text at every place around the border of two chunks', async () => {
    for (let before = 65_535 - TEXT.length - 2; before <= 65_537; before += 1) {
      const [end] = await send(bodyPattern('reject', TEXT), { body: 'x'.repeat(before) + TEXT })
      expect([before, end?.outcome]).toEqual([before, 'rejected'])
    }
  })

  it('finds a text beyond the first chunk, where the article did not look', async () => {
    const [end] = await send(bodyPattern('reject', TEXT), { body: 'x'.repeat(200_000) + TEXT })
    expect(end?.outcome).toBe('rejected')
  })

  it('does not put two messages together', async () => {
    const ends = await send(
      bodyPattern('reject', TEXT),
      { body: TEXT.slice(0, 20) },
      { body: TEXT.slice(20) },
    )
    expect(ends.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted'])
  })
})

describe('a wrong option', () => {
  it('of a filter is refused in a sentence', () => {
    expect(() => footer('')).toThrow('printable ASCII')
    expect(() => footer('sch\u00f6n')).toThrow('printable ASCII')
    expect(() => ownDomainFooter('', 'foot')).toThrow('a name such as example.com')
    expect(() => ownDomainFooter('@example.com', 'foot')).toThrow('a name such as example.com')
    expect(() => bodyPattern('refuse', 'x')).toThrow('reject or discard')
    expect(() => bodyPattern('reject', ' \n')).toThrow('is missing')
  })
})
