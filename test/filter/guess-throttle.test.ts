import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type DelayAddress, type Mailbox, type PrefixName, parseDay } from '../../src/address/index.ts'
import type { Decision } from '../../src/filter/decide.ts'
import { GRUDGE, GuessThrottle, NEIGHBOURHOOD, NETWORK, PREFIX } from '../../src/filter/guess-throttle.ts'
import type { Judged } from '../../src/filter/judge.ts'
import type { Domain, Prefix } from '../../src/store/store.ts'

const GUESSER = '192.0.2.66'
const TODAY = parseDay('2026-11-22')!
// What the throttle looks at; the rest of a domain and of a prefix does not matter to it.
const DOMAIN = { name: 'td.example.com' } as Domain

const REFUSED = { kind: 'refuse', because: 'tag-wrong' } as const
const FORWARD: Decision = {
  kind: 'forward',
  mailboxes: ['a@example.com' as Mailbox],
  end: TODAY,
  extended: false,
}

let serial = 0

/** A tagged address that was never named before. */
function judged(decision: Decision, prefix = 'djb', tag = 'a'.repeat(6)): Judged {
  serial += 1
  const address: DelayAddress = {
    prefix: prefix as PrefixName,
    issued: TODAY,
    days: 45,
    salt: undefined,
    tag,
  }
  return {
    kind: 'address',
    domain: DOMAIN,
    address,
    localPart: `${prefix}${serial}`,
    facts: { prefix: {} as Prefix, revoked: false, extendedThrough: undefined },
    seal: decision.kind === 'forward' ? 'right' : 'wrong',
    today: TODAY,
    decision,
  }
}

const wrong = (prefix?: string): Judged => judged(REFUSED, prefix)
const right = (prefix?: string): Judged => judged(FORWARD, prefix)

let now: number
let throttle: GuessThrottle
/** So many wrong tags; how many of them were answered. */
function guess(times: number, client = GUESSER, prefix?: string): number {
  let answered = 0
  for (let time = 0; time < times; time += 1) if (!throttle.putsOff(client, wrong(prefix))) answered += 1
  return answered
}

beforeEach(() => {
  now = 1_000
  throttle = new GuessThrottle(() => now)
})

describe('a client that guesses', () => {
  test('is answered twenty times at once, and then once in six minutes', () => {
    expect(guess(100)).toBe(20)
    now += NETWORK.every - 1
    expect(guess(100)).toBe(0)
    now += 1
    expect(guess(100)).toBe(1)
    now += 24 * 3_600_000
    expect(guess(100)).toBe(20)
  })

  test('hears the same about a right tag as about a wrong one while it waits', () => {
    guess(20)
    expect([throttle.putsOff(GUESSER, wrong()), throttle.putsOff(GUESSER, right())]).toEqual([true, true])
  })

  test('waits no longer for asking again', () => {
    guess(20)
    for (let minute = 0; minute < 6; minute += 1) {
      expect(throttle.putsOff(GUESSER, right())).toBe(true)
      now += 60_000
    }
    expect(throttle.putsOff(GUESSER, right())).toBe(false)
  })

  test('still reaches the addresses that it was let through to before', () => {
    const known = right()
    expect(throttle.putsOff(GUESSER, known)).toBe(false)
    guess(20)
    expect(throttle.putsOff(GUESSER, known)).toBe(false)
    expect(throttle.putsOff(GUESSER, right())).toBe(true)
  })

  test('at an address that has been revoked since, is put off like at any other', () => {
    const known = right()
    throttle.putsOff(GUESSER, known)
    guess(20)
    const revoked: Judged = { ...known, decision: { kind: 'refuse', because: 'revoked' } }
    expect(throttle.putsOff(GUESSER, revoked)).toBe(true)
  })

  test.each(['no-such-prefix', 'prefix-disabled', 'tag-wrong'] as const)(
    'is counted alike for %s, so that the wait tells nothing',
    (because) => {
      for (let time = 0; time < 20; time += 1)
        expect(throttle.putsOff(GUESSER, judged({ kind: 'refuse', because }))).toBe(false)
      expect(throttle.putsOff(GUESSER, right())).toBe(true)
    },
  )

  test.each(['expired', 'not-yet-valid', 'revoked'] as const)('is not who asks for what is %s', (because) => {
    for (let time = 0; time < 100; time += 1)
      expect(throttle.putsOff(GUESSER, judged({ kind: 'refuse', because }))).toBe(false)
  })

  test('cannot change its address within its /64, and within its /48 has four times as much', () => {
    const within64 = [1, 2, 3].map((host) => guess(20, `2001:db8:1:2::${host}`))
    expect(within64).toEqual([20, 0, 0])
    const within48 = Array.from({ length: 10 }, (_, net) => guess(20, `IPv6:2001:db8:1:${net + 10}::1`))
    expect(within48).toEqual([20, 20, 20, 0, 0, 0, 0, 0, 0, 0])
    expect(guess(20, '2001:db8:2::1')).toBe(20)
  })

  test('is nobody in particular without an address, and the mail server itself is never slowed down', () => {
    for (const client of ['', 'unknown', '127.0.0.1', '::1']) expect(guess(100, client)).toBe(100)
    expect(throttle.size).toBe(0)
  })
})

test.each([
  ['192.0.2.25', '192.0.2.25'],
  ['::ffff:192.0.2.25', '192.0.2.0/26'],
  ['IPv6:2001:db8::25', '2001:db8::25'],
  ['2001:DB8:0::77', '2001:db8::/32'],
  ['fe80::25%eth0', 'fe80::/10'],
  ['fe80::25%eth0', 'fe80::25%eth0'],
])('a trusted relay, %s of %s, does not pay for what its clients guess; others do', (client, trusted) => {
  const trusting = new GuessThrottle(() => now, [trusted, '198.51.100.0/24'])
  for (let guess = 0; guess < 500; guess += 1) expect(trusting.putsOff(client, judged(REFUSED))).toBe(false)
  expect(trusting.putsOff(client, judged(FORWARD))).toBe(false)
  for (let guess = 0; guess < NETWORK.atOnce; guess += 1) trusting.putsOff(GUESSER, judged(REFUSED))
  expect(trusting.putsOff(GUESSER, judged(FORWARD))).toBe(true)
})

describe('a prefix at which many clients guess', () => {
  const client = (number: number): string => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`

  test('answers each of them once in six hours, when all have used up what the prefix allows', () => {
    for (let each = 0; each < PREFIX.atOnce; each += 1) expect(guess(1, client(each))).toBe(1)
    expect(guess(10, client(0))).toBe(0)
    expect(guess(10, client(70_000))).toBe(1)
    // It is this prefix's trouble alone.
    expect(guess(1, client(0), 'joe')).toBe(1)
    // The others keep on, so that the attack does not end.
    for (let hour = 0; hour < 5; hour += 1) {
      now += GRUDGE / 6
      for (let each = 0; each < 100; each += 1) guess(1, client(1_000 * (hour + 1) + each))
      expect(guess(10, client(70_000))).toBe(0)
    }
    now += GRUDGE / 6
    for (let each = 0; each < 100; each += 1) guess(1, client(50_000 + each))
    expect(guess(10, client(70_000))).toBe(1)
  })

  test('lets everybody in who has not guessed, however long the attack lasts', () => {
    for (let each = 0; each < 1_000; each += 1) {
      guess(2, client(each))
      expect(throttle.putsOff('198.51.100.9', right())).toBe(false)
    }
  })

  test('is quiet again two hours after the last guess', () => {
    for (let each = 0; each < 5_000; each += 1) guess(1, client(each))
    expect(throttle.putsOff(client(0), right())).toBe(true)
    now += PREFIX.atOnce * PREFIX.every + PREFIX.every
    expect(throttle.putsOff(client(0), right())).toBe(false)
  })
})

describe('whatever happens', () => {
  const visits = fc.array(
    fc.record({
      client: fc.integer({ min: 0, max: 7 }),
      prefix: fc.constantFrom('djb', 'joe', 'nobody'),
      wrong: fc.integer({ min: 0, max: 9 }).map((die) => die < 8),
      pause: fc.constantFrom(0, 0, 0, 0, 1, 1_000, 60_000, 360_000, 3_600_000, 8 * 3_600_000),
    }),
    { minLength: 30, maxLength: 300 },
  )

  test('nobody waits who never guessed, and nobody is answered more often than the arithmetic says', () => {
    fc.assert(
      fc.property(visits, (story) => {
        now = 0
        throttle = new GuessThrottle(() => now)
        const answers = new Map<number, number[]>()
        for (const { client, prefix, wrong: isWrong, pause } of story) {
          now += pause
          const off = throttle.putsOff(`192.0.2.${client}`, isWrong ? wrong(prefix) : right(prefix))
          const times = answers.get(client) ?? []
          if (off) expect(times.length).toBeGreaterThan(0)
          else if (isWrong) answers.set(client, [...times, now])
          expect(throttle.putsOff('203.0.113.1', right(prefix))).toBe(false)
        }
        for (const times of answers.values()) {
          for (const [first, begin] of times.entries()) {
            const tooMany = times.slice(first).findIndex((end, more) => {
              return more + 1 > NETWORK.atOnce + (end - begin) / NETWORK.every + 1e-9
            })
            if (tooMany >= 0) throw new Error(`${tooMany + 1} answers since ${begin}`)
          }
        }
      }),
      { seed: 20_261_122, numRuns: 100 },
    )
  })

  test('a right tag and a wrong one are put off at the same moments', () => {
    fc.assert(
      fc.property(visits, (story) => {
        const tell = (last: (prefix: string) => Judged): boolean[] => {
          now = 0
          throttle = new GuessThrottle(() => now)
          return story.map(({ client, prefix, wrong: isWrong, pause }, at) => {
            now += pause
            const subject = at === story.length - 1 ? last(prefix) : isWrong ? wrong(prefix) : right(prefix)
            return throttle.putsOff(`192.0.2.${client}`, subject)
          })
        }
        expect(tell(wrong)).toEqual(tell(right))
      }),
      { seed: 20_261_122, numRuns: 100 },
    )
  })

  test('memory is bounded, however many networks guess at however many prefixes', () => {
    for (let each = 0; each < 60_000; each += 1) {
      const prefix = String.fromCharCode(97 + (each % 26), 97 + ((each >> 5) % 26), 97 + ((each >> 10) % 26))
      const client = `2001:${(each >> 8).toString(16)}:${(each & 255).toString(16)}::1`
      throttle.putsOff(client, judged(REFUSED, prefix))
      throttle.putsOff(`10.${each >> 16}.${(each >> 8) & 255}.${each & 255}`, right())
    }
    expect(throttle.size).toBeLessThanOrEqual(110_000)
  })
})

test('the /48 has four times the allowance of its /64s', () => {
  expect(NEIGHBOURHOOD).toEqual({ atOnce: 4 * NETWORK.atOnce, every: NETWORK.every / 4 })
})
