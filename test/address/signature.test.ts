import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DelayAddress,
  type DomainName,
  formatLocalPart,
  type PrefixName,
  parseDomainName,
  parseLocalPart,
  parsePrefixName,
  Signer,
  saltFromBytes,
} from '../../src/address/index.ts'
import { dayKey, saltKey, tagKey, tagUnder } from '../../src/address/signature.ts'

const master = { id: '1', secret: Buffer.from(Array.from({ length: 32 }, (_, index) => index)) }
const signer = new Signer([master])

function domain(name: string): DomainName {
  const parsed = parseDomainName(name)
  if (parsed === undefined) throw new Error(name)
  return parsed
}

function address(text: string): DelayAddress {
  const parsed = parseLocalPart(text, 16)
  if (!parsed.ok) throw new Error(text)
  return parsed.address
}

const djb = parsePrefixName('djb') as PrefixName
const td = domain('td.example.com')
const signed = (text: string, name = td): string => formatLocalPart(signer.sign(name, address(text)))

describe('the tag', () => {
  test('the derived keys are those of the written-down vectors', () => {
    expect(tagKey(master, djb).toString('hex')).toBe(
      '96321e60b3c352cefee6f24d3a14469923eefcd15f6be47b7756f3a7a9dfcb20',
    )
    expect(saltKey(master, djb).toString('hex')).toBe(
      '8a5a1d3a878a4899732661c0a7b416430fd026078e673578a8e8773c3e7e382f',
    )
    expect(dayKey(tagKey(master, djb), address('djb2026112045').issued).toString('hex')).toBe(
      '167d800d24127c6fb6188904900bc9c58044d2a5ceaa7e9423f7bd6614f0848c',
    )
  })

  test.each([
    ['djb2026112045', 'td.example.com', 'djb2026112045embe8k'],
    ['djb2026112046', 'td.example.com', 'djb2026112046c9wjre'],
    ['djb2026112145', 'td.example.com', 'djb2026112145g978w0'],
    ['djb2026112045', 'td.example.org', 'djb2026112045zy9w5t'],
    ['djc2026112045', 'td.example.com', 'djc2026112045cxx3td'],
  ])('of %s at %s is in %s', (text, name, expected) => {
    expect(signed(text, domain(name))).toBe(expected)
    expect(signer.verify(domain(name), address(expected))).toBe(true)
  })

  // The same scheme one step earlier, to check derivation and encoding apart from the day's key.
  test.each([
    ['djb2026112045', 'td.example.com', 'aa2tyg'],
    ['djb2026112046', 'td.example.com', 'q088fc'],
    ['djb2026112145', 'td.example.com', 'h82gr2'],
    ['djb2026112045', 'td.example.org', 'hma8v5'],
    ['djc2026112045', 'td.example.com', 'me0aj3'],
    ['djb2026112045hj6aaaaaa', 'td.example.com', 'ac9238'],
    ['djb2026112045nseaaaaaa', 'td.example.com', 'ax172c'],
    ['djb2026112045zh1aaaaaa', 'td.example.com', 's1r440'],
  ])('of %s at %s is %s under the key of the prefix alone', (text, name, tag) => {
    const { prefix } = address(text)
    expect(tagUnder(tagKey(master, prefix), domain(name), address(text))).toBe(tag)
  })

  test.each([
    ['example.com', 'hj6', 'abadz0'],
    ['example.org', 'nse', 'vhe1e3'],
    ['shop.example', 'zh1', 'jhep9n'],
  ])('with the salt of %s is %s%s', (site, salt, tag) => {
    expect(signer.saltFor(djb, site)).toBe(salt)
    const salted = signer.sign(td, { ...address('djb2026112045'), salt })
    expect(salted.tag).toBe(tag)
    expect(signer.verify(td, salted)).toBe(true)
    expect(signer.madeFor(salted, site.toUpperCase())).toBe(true)
    expect(signer.madeFor(salted, 'elsewhere.example')).toBe(false)
  })

  test('is read in capitals and with o, i and l for 0 and 1', () => {
    expect(signer.verify(td, address('DJB2026112045HJ6ABADZO'))).toBe(true)
    expect(signer.verify(td, address('djb2026112045nsevheLe3'))).toBe(true)
    expect(signer.verify(td, address('djb2026112045nsevheIe3'))).toBe(true)
  })

  test('does not verify without itself, at another domain, or under another key', () => {
    expect(signer.verify(td, address('djb2026112045'))).toBe(false)
    expect(signer.verify(domain('td.example.org'), address('djb2026112045embe8k'))).toBe(false)
    const other = new Signer([{ id: '1', secret: Buffer.alloc(32, 7) }])
    expect(other.verify(td, address('djb2026112045embe8k'))).toBe(false)
    const renamed = new Signer([{ id: '2', secret: master.secret }])
    expect(renamed.verify(td, address('djb2026112045embe8k'))).toBe(false)
  })

  test('of the previous key still verifies after a rotation; the new key signs', () => {
    const next = { id: '2', secret: Buffer.alloc(32, 7) }
    const rotated = new Signer([next, master])
    expect(rotated.verify(td, address('djb2026112045embe8k'))).toBe(true)
    const fresh = rotated.sign(td, address('djb2026112045'))
    expect(fresh.tag).toBe(new Signer([next]).sign(td, address('djb2026112045')).tag)
    expect(rotated.verify(td, fresh)).toBe(true)
    expect(new Signer([next]).verify(td, address('djb2026112045embe8k'))).toBe(false)
  })

  test('says that there is no key instead of signing with none', () => {
    expect(() => new Signer([]).sign(td, address('djb2026112045'))).toThrow('there is no signing key')
  })

  test('verifies for every address that was signed, and no single-character change of one does', () => {
    const respelled = (text: string): string => text.toLowerCase().replace(/o/g, '0').replace(/[il]/g, '1')
    fc.assert(
      fc.property(
        fc.constantFrom('djb', 'foo', 'ab'),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 99 }),
        fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 }), { nil: undefined }),
        fc.nat(),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789ABCXYZ-_.+ é'.split('')),
        (prefix, offset, days, random, place, character) => {
          const date = new Date(Date.parse('2024-01-01') + offset * 86_400_000).toISOString().slice(0, 10)
          const plain = address(`${prefix}${date.replaceAll('-', '')}${String(days).padStart(2, '0')}`)
          const salt = random === undefined ? undefined : saltFromBytes(random)
          const text = formatLocalPart(signer.sign(td, { ...plain, salt }))
          expect(signer.verify(td, address(text))).toBe(true)
          const at = place % text.length
          const changed = text.slice(0, at) + character + text.slice(at + 1)
          if (respelled(changed) === respelled(text)) return
          const parsed = parseLocalPart(changed, 16)
          expect(parsed.ok && signer.verify(td, parsed.address)).toBe(false)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('keeps no more derived keys than it has room for, and goes on verifying', () => {
    for (let offset = 0; offset < 10_000; offset += 1) {
      const date = new Date(Date.parse('2000-01-01') + offset * 86_400_000).toISOString().slice(0, 10)
      signer.verify(td, address(`djb${date.replaceAll('-', '')}45aaaaaa`))
    }
    expect(signer.verify(td, address('djb2026112045embe8k'))).toBe(true)
  })
})
