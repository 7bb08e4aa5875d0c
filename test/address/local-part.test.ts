import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DelayAddress,
  formatDay,
  formatLocalPart,
  parseDay,
  parseLocalPart,
  parsePrefixName,
} from '../../src/address/index.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'

const tagLetters = 'abcdefghjkmnpqrstvwxyz'
const base32 = '0123456789abcdefghjkmnpqrstvwxyz'

function parsed(text: string, maxPrefixLength = 3): DelayAddress {
  const result = parseLocalPart(text, maxPrefixLength)
  if (!result.ok) throw new Error(`${text}: ${result.reason}`)
  return result.address
}

function reason(text: string, maxPrefixLength = 3): string {
  const result = parseLocalPart(text, maxPrefixLength)
  return result.ok ? 'ok' : result.reason
}

const from = (alphabet: string): fc.Arbitrary<string> => fc.constantFrom(...alphabet.split(''))
const code = (length: number): fc.Arbitrary<string> =>
  fc
    .tuple(from(tagLetters), fc.array(from(base32), { minLength: length - 1, maxLength: length - 1 }))
    .map(([first, rest]) => first + rest.join(''))

const anAddress: fc.Arbitrary<DelayAddress> = fc
  .record({
    prefix: fc.array(from('abcdefghijklmnopqrstuvwxyz'), { minLength: 2, maxLength: 16 }),
    issued: fc.integer({ min: -719_528, max: 2_932_896 }),
    days: fc.integer({ min: 0, max: 99 }),
    tail: fc.oneof(
      fc.constant({ salt: undefined, tag: undefined }),
      code(6).map((tag) => ({ salt: undefined, tag })),
      fc.tuple(code(3), code(6)).map(([salt, tag]) => ({ salt, tag })),
    ),
  })
  .map(({ prefix, issued, days, tail }) => {
    const name = parsePrefixName(prefix.join(''))
    const day = parseDay(new Date(issued * 86_400_000).toISOString().slice(0, 10))
    if (name === undefined || day === undefined) throw new Error('the generator is wrong')
    return { prefix: name, issued: day, days, ...tail }
  })

describe('the grammar of an address', () => {
  test("reads the article's form: prefix, date of issue, days", () => {
    const address = parsed('djb2026112045')
    expect(address).toEqual({
      prefix: 'djb',
      issued: parseDay('2026-11-20'),
      days: 45,
      salt: undefined,
      tag: undefined,
    })
    expect(formatDay(address.issued)).toBe('2026-11-20')
  })

  test('reads the signed form, with and without a salt', () => {
    expect(parsed('djb2026112045embe8k')).toMatchObject({ days: 45, salt: undefined, tag: 'embe8k' })
    expect(parsed('djb2026112045hj6abadz0')).toMatchObject({ days: 45, salt: 'hj6', tag: 'abadz0' })
  })

  test('means the same in any case', () => {
    expect(parsed('DJB2026112045HJ6ABADZ0')).toEqual(parsed('djb2026112045hj6abadz0'))
  })

  test('takes o for 0 and i and l for 1 in a tag and a salt, but not as their first letter', () => {
    expect(parsed('djb2026112045aoLaOib1c')).toMatchObject({ salt: 'a01', tag: 'a01b1c' })
    expect(parsed('djb2026112045abOiLl')).toMatchObject({ tag: 'ab0111' })
    for (const first of 'oilu0') expect(reason(`djb2026112045${first}aaaaa`)).toBe('not-understood')
  })

  test('takes no days for well formed', () => {
    expect(parsed('djb2026112000').days).toBe(0)
  })

  test.each([
    ['text before it', 'xxdjb2026112045'],
    ['text after it', 'djb2026112045yy'],
    ['a prefix of one letter', 'd2026112045'],
    ['a prefix that is too long for the domain', 'djbx2026112045'],
    ['a digit in the prefix', 'd1b2026112045'],
    ['no prefix', '2026112045'],
    ['one digit of days', 'djb202611204'],
    ['three digits of days', 'djb20261120045'],
    ['a tag of five characters', 'djb2026112045embe8'],
    ['a tag of seven characters', 'djb2026112045embe8kk'],
    ['a u in the tag', 'djb2026112045embu8k'],
    ['a blank', 'djb 2026112045'],
    ['a line end', 'djb2026112045\n'],
    ['digits of another script', 'djb２０２６112045'],
    ['nothing', ''],
    ['an extension', 'djb2026112045+shop'],
  ])('does not understand %s', (_what, text) => {
    expect(reason(text)).toBe('not-understood')
  })

  test('lets a domain allow prefixes of up to 16 letters', () => {
    expect(parsed('djbx2026112045', 4).prefix).toBe('djbx')
    expect(parsed(`${'a'.repeat(16)}2026112045hj6abadz0`, 16).prefix).toBe('a'.repeat(16))
    expect(reason(`${'a'.repeat(17)}2026112045`, 16)).toBe('not-understood')
  })

  test.each([
    'djb2026023145',
    'djb2026130145',
    'djb2026000145',
    'djb2026110045',
    'djb2027022945',
    'djb1900022945',
  ])('knows that there is no such date in %s', (text) => {
    expect(reason(text)).toBe('no-such-date')
  })

  test('takes years for what they say: 1926 and 3926 are not 2026, and 29 February 2028 exists', () => {
    expect(formatDay(parsed('djb1926112045').issued)).toBe('1926-11-20')
    expect(formatDay(parsed('djb3926112045').issued)).toBe('3926-11-20')
    expect(formatDay(parsed('djb0026112045').issued)).toBe('0026-11-20')
    expect(formatDay(parsed('djb2028022945').issued)).toBe('2028-02-29')
  })

  test('format and parse are inverses', () => {
    fc.assert(
      fc.property(anAddress, (address) => {
        expect(parsed(formatLocalPart(address), 16)).toEqual(address)
      }),
      { numRuns: 2000 },
    )
  })

  test('any text of any length is read or refused with a reason, and what is read is written back canonically', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.stringMatching(/^[a-zA-Z]{1,4}[0-9]{9,11}[a-zA-Z0-9]{0,10}$/),
        ),
        (text) => {
          const result = parseLocalPart(text, 3)
          if (!result.ok) return ['not-understood', 'no-such-date'].includes(result.reason)
          return parsed(formatLocalPart(result.address)).issued === result.address.issued
        },
      ),
      { numRuns: 5000 },
    )
  })

  test('a megabyte is refused as fast as a line', () => {
    const long = `djb${'2'.repeat(1_000_000)}`
    const took = cpuTimeOf(() => {
      for (let turn = 0; turn < 1000; turn += 1) expect(reason(long)).toBe('not-understood')
    })
    expect(took).toBeLessThan(1000)
  })
})

test('a prefix is 2 to 16 letters, in any case, and nothing else', () => {
  expect(parsePrefixName('DjB')).toBe('djb')
  for (const text of ['d', 'a'.repeat(17), 'd1', 'dj b', 'djb\n', 'dĵb', ''])
    expect(parsePrefixName(text)).toBeUndefined()
})
