import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseDay } from '../../src/address/index.ts'
import { Judge } from '../../src/filter/judge.ts'
import { RecipientFilter } from '../../src/filter/recipient-filter.ts'
import type { VerdictLine } from '../../src/filter/verdict-report.ts'
import { type MilterLogEvent, MilterServer } from '../../src/milter/index.ts'
import {
  formatSmtpReply,
  type MessageResult,
  type SimulateOptions,
  simulate,
} from '../../src/milter/simulator/index.ts'
import { createServices, type Services } from '../../src/service/index.ts'
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite/index.ts'
import type { MailEvent, MailStore } from '../../src/store/store.ts'

// The handler in the real library, on a real socket and a real database, with a simulated MTA. Only the clock and
// the failing store are doubles.

const NOON = Date.parse('2026-11-22T12:00:00Z')
const GOOD = 'djb2026112045@td.example.com'

let folder: string
let store: SqliteStore
let services: Services
let server: MilterServer<unknown>
let now: number
let broken: Error | undefined
/** How many more questions the store fails to answer. */
let failures: number
let delay: number
let lines: VerdictLine[]
let events: MailEvent[]
let faults: string[]
let log: MilterLogEvent[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'timedelay-'))
  now = NOON
  broken = undefined
  failures = 0
  delay = 0
  lines = []
  events = []
  faults = []
  log = []
  store = openSqliteStore(':memory:')
  const clock = (): number => now
  services = createServices({ store, clock, refusalCode: 551 })
  await services.domains.add('td.example.com', { timeZone: 'UTC', postmaster: 'admin@example.com' })
  await services.domains.add('td2.example.com', { timeZone: 'UTC' })
  await services.prefixes.add('djb', { mailboxes: ['dredd@example.com'] }, 'td.example.com')
  await services.prefixes.add('foo', { mailboxes: ['foo@example.com'] }, 'td.example.com')
  await services.prefixes.add(
    'fam',
    { mailboxes: ['mum@example.com', 'dredd@example.com'] },
    'td.example.com',
  )
  await services.prefixes.add('sig', { mailboxes: ['sig@example.com'], signed: true }, 'td.example.com')
  const failing: MailStore = {
    settings: () => {
      if (failures > 0) {
        failures -= 1
        return Promise.reject(new Error('locked'))
      }
      if (broken !== undefined) return Promise.reject(broken)
      // At once, as SQLite answers, or later, as an engine across the network does.
      return delay === 0 ? store.settings() : Promise.resolve(store.settings())
    },
    facts: (...question) => (broken === undefined ? store.facts(...question) : Promise.reject(broken)),
  }
  const judge = new Judge(failing, clock)
  await judge.prime()
  server = new MilterServer({
    filter: new RecipientFilter({
      judge,
      clock,
      recorder: { record: (event) => events.push(event) },
      refusalCode: 551,
      uptime: () => now,
      onVerdict: (line) => lines.push(line),
      onFault: (fault, doing) => faults.push(`${doing}: ${(fault as Error).message}`),
    }),
    listeners: [{ spec: `unix:${join(folder, 'td.sock')}` }],
    log: (event) => log.push(event),
  })
  await server.listen()
})

afterEach(async () => {
  await server.stop(1000)
  await store.close()
  rmSync(folder, { recursive: true })
  expect(log.filter(({ level }) => level === 'error')).toEqual([])
})

const mtas = ['sendmail', 'postfix'] as const

async function session(
  like: 'sendmail' | 'postfix',
  messages: SimulateOptions['messages'],
  more = {},
): Promise<readonly MessageResult[]> {
  const milter = server.addresses[0] ?? ''
  const { messages: results } = await simulate({ milter, like, messages, ...more })
  return results
}

async function send(like: 'sendmail' | 'postfix', ...to: string[]): Promise<MessageResult> {
  const [result] = await session(like, [{ from: 'sender@remote.example', to }])
  if (result === undefined) throw new Error('no message was sent')
  return result
}

const replies = ({ recipients }: MessageResult): string[] =>
  recipients.map(({ reply }) => formatSmtpReply(reply))
const bare = (address: string): string => address.replace(/^<|>$/g, '')
const arrived = ({ end }: MessageResult): string[] =>
  end?.outcome === 'accepted' ? end.envelope.recipients.map(bare).sort() : []
const fields = ({ end }: MessageResult, name: string): string[] =>
  (end?.headers ?? []).filter(([field]) => field.toLowerCase() === name).map(([, value]) => value.trim())

describe.each(mtas)('behind %s', (like) => {
  test('mail to a living address reaches the mailbox of its prefix, and only that', async () => {
    const result = await send(like, GOOD)
    expect(arrived(result)).toEqual(['dredd@example.com'])
    expect(result.end?.reply.code).toBe(250)
  })

  test('a prefix without a mailbox puts its mail off: deleted with nothing to add, it would be gone', async () => {
    const facts = store.facts.bind(store)
    vi.spyOn(store, 'facts').mockImplementation(async (...question) => {
      const known = await facts(...question)
      return { ...known, prefix: known.prefix && { ...known.prefix, mailboxes: [] } }
    })
    expect(replies(await send(like, GOOD))).toEqual(['451 4.3.0 Temporary failure, please try again later.'])
    expect(faults).toEqual(['judging a recipient: the prefix djb has no mailbox'])
  })

  test.each([
    ['djb2026100145@td.example.com', '551 5.7.1 Expiration Reached.'],
    ['djb2026112345@td.example.com', '551 5.7.1 Expiration Reached.'],
    ['xxdjb2026112045yy@td.example.com', '551 5.7.1 Address not understood.'],
    ['djb2026023145@td.example.com', '551 5.7.1 Address not understood.'],
    ['zzz2026112045@td.example.com', '551 5.7.1 No such address.'],
    ['djb2026112045aaaaaa@td.example.com', '551 5.7.1 No such address.'],
    ['sig2026112045@td.example.com', '551 5.7.1 No such address.'],
  ])('%s is refused with %s', async (to, words) => {
    const result = await send(like, to, 'joe@example.com')
    expect(replies(result)[0]).toBe(words)
    expect(arrived(result)).toEqual(['joe@example.com'])
  })

  test('fault of 2002, a foreign recipient answered with ACCEPT: the td recipient after it is rewritten all the same', async () => {
    expect(arrived(await send(like, 'joe@example.com', GOOD))).toEqual([
      'dredd@example.com',
      'joe@example.com',
    ])
    expect(arrived(await send(like, GOOD, 'joe@example.com'))).toEqual([
      'dredd@example.com',
      'joe@example.com',
    ])
  })

  test('fault of 2002, recipients left over: nothing of a message reaches the next one, finished or given up', async () => {
    const results = await session(like, [
      { to: [GOOD] },
      { to: ['foo2026112045@td.example.com'], giveUp: 'rset' },
      { to: [GOOD], giveUp: 'helo' },
      { to: ['joe@example.com'] },
      { to: ['foo2026112045@td.example.com'] },
    ])
    expect(results.map(arrived)).toEqual([
      ['dredd@example.com'],
      [],
      [],
      ['joe@example.com'],
      ['foo@example.com'],
    ])
  })

  test('fault of 2002, unanchored patterns: what merely looks like ours is foreign and untouched', async () => {
    const foreign = [
      'djb2026112045@td.example.com.evil.example',
      'djb2026112045@xtd.example.com',
      '"djb2026112045@td.example.com"@example.com',
    ]
    const result = await send(like, ...foreign)
    expect(result.end?.changes).toEqual([])
    expect(arrived(result)).toEqual([...foreign].sort())
    expect(lines).toEqual([])
  })

  test('fault of 2002, case and quotes: DJB, "djb" and TD.EXAMPLE.COM are the same mailbox', async () => {
    for (const to of [
      'DJB2026112045@TD.EXAMPLE.COM',
      '"djb2026112045"@td.example.com',
      'djb2026112045@td.example.com.',
    ])
      expect(arrived(await send(like, to))).toEqual(['dredd@example.com'])
  })

  test('fault of 2002, a source route judged by its first hop: the last hop counts', async () => {
    expect(arrived(await send(like, `<@other.example:${GOOD}>`))).toEqual(['dredd@example.com'])
    const passed = await send(like, '<@td.example.com:joe@example.com>')
    expect(passed.end?.changes).toEqual([])
  })

  test('fault of 2002, the years 1926 and 3926 taken for 2026', async () => {
    const result = await send(
      like,
      'djb1926112045@td.example.com',
      'djb3926112045@td.example.com',
      'joe@example.com',
    )
    expect(replies(result).slice(0, 2)).toEqual([
      '551 5.7.1 Expiration Reached.',
      '551 5.7.1 Expiration Reached.',
    ])
  })

  test('fault of 2002, recipients lost when six sessions run at once', async () => {
    const prefixes = ['djb', 'foo', 'djb', 'foo', 'djb', 'foo', 'djb', 'foo']
    const results = await Promise.all(
      prefixes.map((prefix) =>
        session(
          like,
          Array.from({ length: 5 }, () => ({ to: [`${prefix}2026112045@td.example.com`] })),
        ),
      ),
    )
    for (const [index, messages] of results.entries()) {
      const mailbox = prefixes[index] === 'djb' ? 'dredd@example.com' : 'foo@example.com'
      expect(messages.map(arrived)).toEqual(Array.from({ length: 5 }, () => [mailbox]))
    }
  })

  test('two prefixes in one message, one target twice, and several mailboxes of one prefix: each mailbox once', async () => {
    const result = await send(like, GOOD, 'fam2026112045@td.example.com', 'foo2026112045@td.example.com')
    expect(arrived(result)).toEqual(['dredd@example.com', 'foo@example.com', 'mum@example.com'])
  })

  test('a recipient with a line break in its argument is refused by itself, and the others get the message', async () => {
    const odd = [`<${GOOD}>\r`, `\r${GOOD}`, `<${GOOD}>\n`].map((argument) => ({ argument }))
    const [result] = await session(like, [{ to: [GOOD, ...odd, 'joe@example.com'] }])
    expect(result && replies(result).map((line) => line.slice(0, 3))).toEqual([
      '250',
      '551',
      '551',
      '551',
      '250',
    ])
    expect(result && arrived(result)).toEqual(['dredd@example.com', 'joe@example.com'])
    expect(faults).toEqual([])
  })

  test('of more than a thousand addresses of ours the rest is for another message; foreign recipients all get this one', async () => {
    const spellings = ['djb', 'djB', 'dJb', 'dJB', 'Djb', 'DjB', 'DJb', 'DJB']
    const ours = Array.from({ length: 1010 }, (_, at) => {
      const days = String(10 + (at % 80)).padStart(2, '0')
      const date = 20_261_120 - Math.floor(at / 640)
      return `${spellings[Math.floor(at / 80) % 8]}${date}${days}@td.example.com`
    })
    const foreign = ['first@example.com', 'last@example.com']
    const result = await send(like, 'first@example.com', ...ours, ours[0] ?? '', 'last@example.com')
    const told = replies(result).map((line) => line.slice(0, 9))
    expect(told.filter((line) => line === '452 4.5.3')).toHaveLength(10)
    expect(told.filter((line) => line.startsWith('250'))).toHaveLength(1003)
    expect(arrived(result)).toEqual(['dredd@example.com', ...foreign])
    expect(faults).toEqual([])

    const [late] = await session(like, [{ to: [...ours.slice(0, 1000), 'last@example.com'] }])
    expect(late && arrived(late)).toEqual(['dredd@example.com', 'last@example.com'])
    expect(late && fields(late, 'x-timedelay-address')).toEqual([])
    const [alone] = await session(like, [{ to: ours.slice(0, 100) }])
    expect(alone && fields(alone, 'x-timedelay-address')).toHaveLength(20)
  })

  test('a target that the sender named too is not added a second time', async () => {
    const result = await send(like, GOOD, 'dredd@example.com')
    expect(arrived(result)).toEqual(['dredd@example.com'])
    expect(result.end?.changes.map(({ kind }) => kind)).not.toContain('addRecipient')
  })

  test('an accepted and a refused address behind one catch-all: the accepted one still arrives', async () => {
    const catchAll = { 'td.example.com': 'td-unrewritten' }
    for (const to of [
      [GOOD, 'djb2026100145@td.example.com'],
      ['djb2026100145@td.example.com', GOOD],
    ]) {
      const [result] = await session(like, [{ to }], { catchAll })
      expect(result === undefined ? [] : arrived(result)).toEqual(['dredd@example.com'])
    }
  })

  test('one address named twice is answered alike, even when its last midnight passes in between (110)', async () => {
    now = Date.parse('2027-01-03T23:59:59.999Z')
    const first = await send(like, GOOD, 'DJB2026112045@td.example.com')
    expect(replies(first).every((line) => line.startsWith('250'))).toBe(true)
    let asked = 0
    const tick = store.facts.bind(store)
    store.facts = (...question) => {
      asked += 1
      const answer = tick(...question)
      now = Date.parse('2027-01-04T00:00:00Z')
      return answer
    }
    now = Date.parse('2027-01-03T23:59:59.999Z')
    const second = await send(like, GOOD, 'DJB2026112045@td.example.com', '"djb2026112045"@td.example.com')
    expect(asked).toBe(1)
    expect(replies(second).every((line) => line.startsWith('250'))).toBe(true)
    expect(arrived(second)).toEqual(['dredd@example.com'])
    const third = await send(like, GOOD)
    expect(replies(third)).toEqual(['551 5.7.1 Expiration Reached.'])
  })

  test('revoking, restoring and extending take effect at the next recipient', async () => {
    await services.addresses.revoke(GOOD)
    expect(replies(await send(like, GOOD))).toEqual(['551 5.7.1 Address withdrawn.'])
    await services.addresses.restore(GOOD)
    expect(arrived(await send(like, GOOD))).toEqual(['dredd@example.com'])
    now = Date.parse('2027-02-01T12:00:00Z')
    expect(replies(await send(like, GOOD))).toEqual(['551 5.7.1 Expiration Reached.'])
    await services.addresses.extend(GOOD, '2027-02-01')
    expect(arrived(await send(like, GOOD))).toEqual(['dredd@example.com'])
  })

  test('a signed address is accepted where the tag is right, with and without a salt, in any spelling', async () => {
    const made = await services.addresses.issue({
      prefix: 'sig',
      domain: 'td.example.com',
      site: 'shop.example',
    })
    const plain = await services.addresses.issue({ prefix: 'sig', domain: 'td.example.com' })
    if (!made.ok || !plain.ok) throw new Error('not issued')
    for (const address of [made.value.address, plain.value.address, made.value.address.toUpperCase()])
      expect(arrived(await send(like, address))).toEqual(['sig@example.com'])
  })

  test('whoever guesses twenty tags hears "later" about tagged addresses, right or wrong, and about nothing else', async () => {
    const made = await services.addresses.issue({ prefix: 'sig', domain: 'td.example.com' })
    if (!made.ok) throw new Error('not issued')
    const { address } = made.value
    const guesses = Array.from(
      { length: 22 },
      (_, n) => `sig2026112045b${String(n).padStart(5, '0')}@td.example.com`,
    )
    const guesser = { client: { host: 'c.example', family: 'ipv6', address: '2001:db8::7', port: 25_000 } }
    const [first] = await session(like, [{ to: guesses }], guesser)
    expect(first && replies(first)).toEqual([
      ...Array<string>(20).fill('551 5.7.1 No such address.'),
      ...Array<string>(2).fill(
        '451 4.7.1 Too many unknown addresses from your network, please try again later.',
      ),
    ])
    expect(lines.slice(-1)).toMatchObject([{ verdict: 'throttled', prefix: '' }])
    expect(events.slice(-1)).toMatchObject([{ verdict: 'defer', prefix: undefined, localPart: undefined }])

    const others = [GOOD, 'djb2026100145@td.example.com', 'nonsense@td.example.com', 'joe@example.com']
    const [mixed] = await session(like, [{ to: [address, ...others] }], guesser)
    expect(mixed && replies(mixed).map((line) => line.slice(0, 9))).toEqual([
      '451 4.7.1',
      expect.stringMatching(/^250/),
      '551 5.7.1',
      '551 5.7.1',
      expect.stringMatching(/^250/),
    ])
    expect(mixed && arrived(mixed)).toEqual(['dredd@example.com', 'joe@example.com'])

    expect(arrived(await send(like, address))).toEqual(['sig@example.com'])
    now += 6 * 60_000
    const [waited] = await session(like, [{ to: [address] }], guesser)
    expect(waited && arrived(waited)).toEqual(['sig@example.com'])
  })

  test('postmaster and abuse reach the postmaster, and pass where none is named', async () => {
    expect(arrived(await send(like, 'Postmaster@td.example.com', 'abuse@td.example.com'))).toEqual([
      'admin@example.com',
    ])
    const passed = await send(like, 'postmaster@td2.example.com')
    expect(passed.end?.changes).toEqual([])
  })

  test('a store that fails defers ours with 451 and lets foreign mail pass; when it is back, mail goes on', async () => {
    broken = new Error('disk on fire')
    const result = await send(
      like,
      GOOD,
      'joe@example.com',
      'nonsense@td.example.com',
      'postmaster@td.example.com',
    )
    expect(replies(result).map((line) => line.slice(0, 9))).toEqual([
      '451 4.3.0',
      expect.stringMatching(/^250/),
      '451 4.3.0',
      '451 4.3.0',
    ])
    expect(arrived(result)).toEqual(['joe@example.com'])
    expect(faults[0]).toBe('judging a recipient: disk on fire')
    broken = undefined
    expect(arrived(await send(like, GOOD))).toEqual(['dredd@example.com'])
  })

  test('what was deferred stays deferred for the message, although the store has come back', async () => {
    failures = 1
    const result = await send(like, GOOD, GOOD, 'joe@example.com')
    expect(replies(result).map((line) => line.slice(0, 3))).toEqual(['451', '451', '250'])
    expect(arrived(result)).toEqual(['joe@example.com'])
    expect(arrived(await send(like, GOOD))).toEqual(['dredd@example.com'])
  })

  test('a fault at end of message puts the message off, and never accepts it unrewritten', async () => {
    const addresses = vi.spyOn(Judge.prototype, 'calendarOf').mockImplementation(() => {
      throw new Error('no such zone')
    })
    const result = await send(like, 'abuse@td.example.com', 'postmaster@td.example.com')
    expect(arrived(result)).toEqual(['admin@example.com'])
    addresses.mockRestore()
    now = NOON
    const calendars = Judge.prototype.calendarOf
    let asked = 0
    vi.spyOn(Judge.prototype, 'calendarOf').mockImplementation(function (this: Judge, domain) {
      asked += 1
      if (asked > 1) throw new Error('no such zone')
      return calendars.call(this, domain)
    })
    const later = await send(like, 'djb2026112013@td.example.com')
    expect(later.end?.reply.code).toBe(451)
    expect(faults).toEqual([expect.stringContaining('rewriting the recipients')])
  })

  test('a store that takes too long defers ours and carries nothing of it out', async () => {
    delay = 6000
    const clockwork = vi.spyOn(performance, 'now')
    let passed = 0
    clockwork.mockImplementation(() => {
      passed += delay
      return passed
    })
    const result = await send(like, GOOD, 'joe@example.com')
    clockwork.mockRestore()
    expect(replies(result).map((line) => line.slice(0, 3))).toEqual(['451', '250'])
    expect(arrived(result)).toEqual(['joe@example.com'])
  })

  describe('the headers', () => {
    test('tell the owner the address and when it ends', async () => {
      const result = await send(like, 'DJB2026112045@td.example.com')
      expect(fields(result, 'x-timedelay-address')).toEqual([GOOD])
      expect(fields(result, 'x-timedelay-expires')).toEqual(['Mon, 4 Jan 2027 00:00:00 +0000'])
    })

    test('that came from outside are removed, all of them and in any case', async () => {
      const headers = [
        ['X-Timedelay-Address', 'forged1@td.example.com'],
        ['Subject', 'hello'],
        ['x-timedelay-address', 'forged2@td.example.com'],
        ['X-TIMEDELAY-EXPIRES', 'never'],
        ['X-Timedelay-Address', 'forged3@td.example.com'],
      ] as const
      const [result] = await session(like, [{ to: [GOOD], headers }])
      if (result === undefined) throw new Error('no message')
      expect(fields(result, 'x-timedelay-address')).toEqual([GOOD])
      expect(fields(result, 'x-timedelay-expires')).toHaveLength(1)
      expect(fields(result, 'subject')).toEqual(['hello'])
    })

    test('of foreign mail are not touched', async () => {
      const headers = [['X-Timedelay-Address', 'somebody@else.example']] as const
      const [result] = await session(like, [{ to: ['joe@example.com'], headers }])
      expect(result?.end?.changes).toEqual([])
    })

    test.each([
      ['a stranger', [GOOD, 'joe@example.com']],
      ['another owner', [GOOD, 'foo2026112045@td.example.com']],
      ['somebody who shares only a part', [GOOD, 'fam2026112045@td.example.com']],
      ['the postmaster', [GOOD, 'postmaster@td.example.com']],
    ])('are not added when %s gets the message too, but forged ones go', async (_who, to) => {
      const headers = [['X-Timedelay-Address', 'forged@td.example.com']] as const
      const [result] = await session(like, [{ to, headers }])
      if (result === undefined) throw new Error('no message')
      expect(fields(result, 'x-timedelay-address')).toEqual([])
      expect(fields(result, 'x-timedelay-expires')).toEqual([])
    })

    test('name both addresses when both are of one owner', async () => {
      const result = await send(like, GOOD, 'djb2026112001@td.example.com', 'djb2026112130@td.example.com')
      expect(fields(result, 'x-timedelay-address').sort()).toEqual([GOOD, 'djb2026112130@td.example.com'])
    })
  })

  describe('the record', () => {
    test('counts mail at end of message, refusals at RCPT, and foreign mail never', async () => {
      await session(like, [
        { from: 'sender@remote.example', to: [GOOD, 'djb2026100145@td.example.com', 'joe@example.com'] },
        { from: 'prober@remote.example', to: [GOOD], giveUp: 'rset' },
      ])
      expect(
        events.map(({ verdict, localPart, prefix, sender }) => [verdict, localPart, prefix, sender]),
      ).toEqual([
        ['expired', 'djb2026100145', 'djb', 'sender@remote.example'],
        ['forward', 'djb2026112045', 'djb', 'sender@remote.example'],
      ])
    })

    test('remembers no address that may be a guess', async () => {
      await send(
        like,
        'djb2026112045aaaaaa@td.example.com',
        'zzz2026112045@td.example.com',
        'sig2026112045@td.example.com',
        'nonsense@td.example.com',
      )
      expect(events.map(({ localPart }) => localPart)).toEqual([undefined, undefined, undefined, undefined])
    })

    test('has one line for each verdict, with queue id, client, sender, recipient, prefix and verdict', async () => {
      await send(like, GOOD, 'djb2026100145@td.example.com')
      expect(lines).toHaveLength(2)
      const forward = lines.find(({ verdict }) => verdict === 'forward')
      expect(forward).toMatchObject({
        client: expect.stringContaining('192.0.2.7'),
        sender: 'sender@remote.example',
        recipient: GOOD,
        prefix: 'djb',
        verdict: 'forward',
        targets: ['dredd@example.com'],
        outcome: 'accepted',
      })
      expect(forward?.queueId).not.toBe('')
      expect(lines.find(({ verdict }) => verdict === 'expired')).toMatchObject({
        because: 'expired',
        prefix: 'djb',
      })
    })

    test('tells of accepted recipients whose message was given up', async () => {
      await session(like, [{ to: [GOOD], giveUp: 'drop' }])
      await server.stop(1000)
      expect(lines.map(({ verdict, outcome }) => [verdict, outcome])).toEqual([
        ['forward', expect.stringMatching(/aborted|lost/)],
      ])
      expect(events).toEqual([])
    })
  })

  test('fifty recipients of four prefixes and none: each mailbox once, each stranger kept', async () => {
    const td = Array.from({ length: 40 }, (_, index) => `djb20261120${String(index + 10)}@td.example.com`)
    const strangers = Array.from({ length: 10 }, (_, index) => `joe${index}@example.com`)
    const result = await send(like, ...td.slice(0, 20), ...strangers, ...td.slice(20))
    expect(arrived(result)).toEqual(['dredd@example.com', ...strangers])
  })

  test('an MTA of 2003 that speaks version 2 is served as well', async () => {
    const [result] = await session(like, [{ to: [GOOD] }], {
      offer: { version: 2, actions: 0x3f, steps: 0x7f },
    })
    expect(result === undefined ? [] : arrived(result)).toEqual(['dredd@example.com'])
  })

  test('an MTA that changes no headers is served without them', async () => {
    const [result] = await session(like, [{ to: [GOOD] }], { offer: { actions: 0x0c } })
    expect(result === undefined ? [] : arrived(result)).toEqual(['dredd@example.com'])
  })
})

test('the days of the tests are what they are taken for', () => {
  expect(parseDay('2026-11-22')).toBe(Math.floor(NOON / 86_400_000))
})
