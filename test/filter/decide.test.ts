import { describe, expect, test } from 'vitest'
import {
  type Day,
  type DelayAddress,
  type DomainName,
  type Mailbox,
  parseDay,
  parseDomainName,
  parseLocalPart,
  parseMailbox,
  parsePrefixName,
  parseRecipient,
  parseTimeZone,
} from '../../src/address/index.ts'
import { type Decision, decide, identify, type Seal } from '../../src/filter/decide.ts'
import { DEFER, REFUSALS, refusalReply, smtpLine } from '../../src/filter/replies.ts'
import type { Domain, Prefix, RecipientFacts } from '../../src/store/store.ts'

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is wrong')
  return value
}

const td = must(parseDomainName('td.example.com'))
const day = (text: string): Day => must(parseDay(text))

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.fault)
  return parsed.mailbox
}

const aDomain = (change: Partial<Domain> = {}): Domain => ({
  id: 1,
  name: td,
  timeZone: must(parseTimeZone('UTC')),
  postmaster: undefined,
  maxPrefixLength: 3,
  revision: 1,
  createdAt: 0,
  ...change,
})

const aPrefix = (change: Partial<Prefix> = {}): Prefix => ({
  id: 1,
  domain: td,
  name: must(parsePrefixName('djb')),
  mailboxes: [mailbox('dredd@example.com')],
  maxDays: 99,
  defaultDays: 45,
  signed: false,
  enabled: true,
  note: '',
  owner: undefined,
  revision: 1,
  createdAt: 0,
  ...change,
})

function address(text: string): DelayAddress {
  const parsed = parseLocalPart(text, 16)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.address
}

interface Case {
  readonly of?: string
  readonly facts?: Partial<RecipientFacts>
  readonly seal?: Seal
  readonly today?: string
}

function decision({ of = 'djb2026112045', facts = {}, seal = 'none', today = '2026-11-22' }: Case): Decision {
  const known = { prefix: aPrefix(), revoked: false, extendedThrough: undefined, ...facts }
  return decide(address(of), known, seal, day(today))
}

function because(of: Case): string {
  const made = decision(of)
  return made.kind === 'refuse' ? made.because : made.kind
}

describe('whose recipient it is', () => {
  const domains = new Map<DomainName, Domain>([[td, aDomain()]])
  const kind = (argument: string): string => identify(parseRecipient(argument), domains).kind

  test.each([
    '<joe@example.com>',
    '<djb2026112045@td.example.com.evil.example>',
    '<djb2026112045@xtd.example.com>',
    '<"djb2026112045@td.example.com"@example.com>',
    '<@td.example.com:joe@example.com>',
    '<djb2026112045>',
    '<postmaster>',
    '<>',
    '',
  ])('%s is foreign', (argument) => {
    expect(kind(argument)).toBe('foreign')
  })

  test.each(['<postmaster@td.example.com>', '<Abuse@TD.EXAMPLE.COM>', '<"POSTMASTER"@td.example.com.>'])(
    '%s is a role that every domain has',
    (argument) => {
      expect(kind(argument)).toBe('role')
    },
  )

  test.each([
    ['<xxdjb2026112045yy@td.example.com>', 'not-understood'],
    ['<djb2026023145@td.example.com>', 'no-such-date'],
    [`<${'a'.repeat(70_000)}@td.example.com>`, 'not-understood'],
    ['<@td.example.com>', 'not-understood'],
    ['<webmaster@td.example.com>', 'not-understood'],
    ['<dj\u00e92026112045@td.example.com>', 'not-understood'],
  ])('%s is ours and malformed', (argument, reason) => {
    expect(identify(parseRecipient(argument), domains)).toMatchObject({ kind: 'malformed', because: reason })
  })

  test('an address is known by one canonical local part, whatever its spelling', () => {
    for (const argument of [
      '<djb2026112045@td.example.com>',
      '"DJB2026112045"@td.example.com',
      '<@x.example:djb2026112045@TD.example.com.>',
    ])
      expect(identify(parseRecipient(argument), domains)).toMatchObject({
        kind: 'address',
        localPart: 'djb2026112045',
      })
  })
})

describe('the verdict', () => {
  test("forwards to the prefix's mailboxes while the address lives", () => {
    expect(decision({})).toEqual({
      kind: 'forward',
      mailboxes: ['dredd@example.com'],
      end: day('2027-01-04'),
      extended: false,
    })
  })

  test.each<[string, Case]>([
    ['no-such-prefix', { facts: { prefix: undefined } }],
    ['prefix-disabled', { facts: { prefix: aPrefix({ enabled: false }) } }],
    ['tag-wrong', { of: 'djb2026112045embe8k', seal: 'wrong' }],
    ['tag-missing', { facts: { prefix: aPrefix({ signed: true }) } }],
    ['revoked', { facts: { revoked: true } }],
    ['not-yet-valid', { today: '2026-11-19' }],
    ['expired', { today: '2027-01-04' }],
    ['expired', { of: 'djb2026112000' }],
    ['expired', { facts: { prefix: aPrefix({ maxDays: 2 }) } }],
  ])('is a refusal: %s', (reason, given) => {
    expect(because(given)).toBe(reason)
  })

  test('takes an unsigned address and a signed one where both are allowed', () => {
    expect(because({ seal: 'none' })).toBe('forward')
    expect(because({ of: 'djb2026112045embe8k', seal: 'right' })).toBe('forward')
    expect(
      because({ of: 'djb2026112045embe8k', seal: 'right', facts: { prefix: aPrefix({ signed: true }) } }),
    ).toBe('forward')
  })

  test("lets the owner's extension outlive the address, through its last day", () => {
    const facts = { extendedThrough: day('2027-02-01') }
    expect(decision({ facts, today: '2027-02-01' })).toMatchObject({
      kind: 'forward',
      end: day('2027-02-02'),
      extended: true,
    })
    expect(because({ facts, today: '2027-02-02' })).toBe('expired')
    expect(because({ of: 'djb2026112000', facts })).toBe('forward')
  })

  test('an extension that ends before the address does shortens nothing', () => {
    expect(decision({ facts: { extendedThrough: day('2026-12-01') } })).toMatchObject({
      end: day('2027-01-04'),
      extended: false,
    })
  })

  test('the earlier question wins: an unknown prefix over all, revoked over extended, extended over expired', () => {
    const all = { revoked: true, extendedThrough: day('2027-02-01') }
    expect(because({ facts: { ...all, prefix: undefined } })).toBe('no-such-prefix')
    expect(because({ facts: { ...all, prefix: aPrefix({ enabled: false }) } })).toBe('prefix-disabled')
    expect(because({ facts: all, seal: 'wrong', of: 'djb2026112045embe8k' })).toBe('tag-wrong')
    expect(because({ facts: all })).toBe('revoked')
  })
})

describe('the words', () => {
  test.each([
    ['not-understood', '551 5.7.1 Address not understood.'],
    ['no-such-date', '551 5.7.1 Address not understood.'],
    ['not-yet-valid', '551 5.7.1 Expiration Reached.'],
    ['expired', '551 5.7.1 Expiration Reached.'],
  ] as const)("of %s are the article's", (reason, line) => {
    expect(smtpLine(refusalReply(reason, 551))).toBe(line)
  })

  test('tell a guesser nothing: everything that is not genuine is refused in one text', () => {
    const texts = (['no-such-prefix', 'prefix-disabled', 'tag-wrong', 'tag-missing'] as const).map((reason) =>
      smtpLine(refusalReply(reason, 551)),
    )
    expect(new Set(texts).size).toBe(1)
  })

  test('are permanent, of one enhanced class, printable and without a per cent sign', () => {
    for (const reason of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
      expect(smtpLine(refusalReply(reason, 551))).toMatch(/^551 5\.7\.1 [ -$&-~]+$/)
      expect(smtpLine(refusalReply(reason, 550))).toMatch(/^550 5\.7\.1 /)
    }
    expect(smtpLine(DEFER)).toMatch(/^451 4\.3\.0 /)
  })
})
