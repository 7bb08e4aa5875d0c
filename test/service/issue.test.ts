import { describe, expect, test } from 'vitest'
import { formatDay } from '../../src/address/index.ts'
import { anInstallation, granted, type Installation, objection } from './installation.ts'

async function accepted({ addresses }: Installation, address: string): Promise<boolean> {
  return granted(await addresses.explain(address)).accepted
}

describe('a new address', () => {
  test('of the article is prefix, today and the usual days, with nothing on record', async () => {
    const { addresses } = await anInstallation()
    const issued = granted(await addresses.issue({ prefix: 'DJB' }))
    expect(issued.address).toBe('djb2026112245@td.example.com')
    expect([issued.firstDay, issued.lastDay].map(formatDay)).toEqual(['2026-11-22', '2027-01-05'])
    expect(granted(await addresses.list()).total).toBe(0)
  })

  test("begins on the day of the domain's zone, not of UTC", async () => {
    const installation = await anInstallation()
    installation.now = Date.parse('2026-11-22T23:30:00Z')
    expect(granted(await installation.addresses.issue({ prefix: 'djb' })).address).toMatch(/^djb20261123/)
  })

  test('works through the day that is named last, that day included', async () => {
    const installation = await anInstallation()
    const { address, days } = granted(
      await installation.addresses.issue({ prefix: 'djb', until: '2026-11-24' }),
    )
    expect([address, days]).toEqual(['djb2026112203@td.example.com', 3])
    installation.now = Date.parse('2026-11-24T23:59:59+01:00')
    expect(await accepted(installation, address)).toBe(true)
    installation.now += 1000
    expect(await accepted(installation, address)).toBe(false)
  })

  test('may work today only', async () => {
    const { addresses } = await anInstallation()
    expect(granted(await addresses.issue({ prefix: 'djb', until: '2026-11-22' })).days).toBe(1)
  })

  test('may begin later, or have begun already', async () => {
    const { addresses } = await anInstallation()
    const later = granted(await addresses.issue({ prefix: 'djb', from: '2026-12-24', days: 2 }))
    expect(later.address).toBe('djb2026122402@td.example.com')
    const before = granted(await addresses.issue({ prefix: 'djb', from: '2026-11-20', days: 3 }))
    expect(before.address).toBe('djb2026112003@td.example.com')
  })

  test.each([
    ['0 days', { days: 0 }, 'invalid', 'at least 1 day'],
    ['more days than two digits hold', { days: 100 }, 'conflict', '99 days at most'],
    ['days and a last day', { days: 3, until: '2026-12-01' }, 'invalid', 'not both'],
    ['a last day before the first', { until: '2026-11-21' }, 'invalid', 'before its first day, 2026-11-22'],
    ['a last day that is in no calendar', { until: '2026-11-31' }, 'invalid', 'no date in the calendar'],
    ['a life that is over already', { from: '2026-11-01', days: 21 }, 'invalid', 'would be over already'],
    ['an unknown prefix', { prefix: 'abc' }, 'not-found', 'no prefix "abc"'],
    ['a site that is a URL', { site: 'https://shop.example/' }, 'invalid', 'no host name'],
    ['an international URL', { site: 'ü.example/cart' }, 'invalid', 'no host name'],
    ['a number in other digits', { site: '１９２.０.２.１' }, 'invalid', 'no host name'],
    ['a note of two lines', { note: 'a\nb' }, 'invalid', 'one line'],
    ['a site without a tag', { site: 'shop.example', signed: false }, 'invalid', 'room for a site'],
    ['a salt without a tag', { unique: true, signed: false }, 'invalid', 'room for a salt'],
  ])('is refused for %s, and nothing is stored', async (_, wishes, kind, words) => {
    const { addresses } = await anInstallation()
    const answer = objection(await addresses.issue({ prefix: 'djb', ...wishes }))
    expect(answer.kind).toBe(kind)
    expect(answer.message).toContain(words)
    expect(granted(await addresses.list()).total).toBe(0)
  })

  test("is refused beyond the prefix's maximum, and for a disabled prefix", async () => {
    const { addresses, prefixes } = await anInstallation()
    await prefixes.change('djb', { maxDays: 30 })
    expect(objection(await addresses.issue({ prefix: 'djb', days: 31 })).message).toBe(
      'That would be 31 days, and the prefix djb allows 30 days at most.',
    )
    await prefixes.setEnabled('djb', false)
    expect(objection(await addresses.issue({ prefix: 'djb' })).message).toContain('disabled')
  })
})

describe('a signed address', () => {
  test('is made where the prefix takes no others', async () => {
    const installation = await anInstallation()
    await installation.prefixes.change('djb', { signed: true })
    const { address, signed } = granted(await installation.addresses.issue({ prefix: 'djb' }))
    expect(signed).toBe(true)
    expect(address).toMatch(/^djb2026112245[a-z0-9]{6}@td\.example\.com$/)
    expect(await accepted(installation, address)).toBe(true)
    expect(objection(await installation.addresses.issue({ prefix: 'djb', signed: false })).kind).toBe(
      'conflict',
    )
  })

  test('carries a salt for its site, the same every time, and another for another', async () => {
    const installation = await anInstallation()
    const forSite = async (site: string) =>
      granted(await installation.addresses.issue({ prefix: 'djb', site })).address
    const one = await forSite('Shop.Example')
    expect(one).toMatch(/^djb2026112245[a-z0-9]{9}@/)
    expect(await forSite('shop.example')).toBe(one)
    expect(await forSite('other.example')).not.toBe(one)
    expect(await accepted(installation, one)).toBe(true)
  })

  test.each([
    ['Ümlaut.example', 'xn--mlaut-jva.example'],
    ['тест。example', 'xn--e1aybc.example'],
  ])('for %s is the one for %s: an international name is written in ASCII', async (typed, ascii) => {
    const { addresses } = await anInstallation()
    const made = granted(await addresses.issue({ prefix: 'djb', site: typed }))
    expect(made.site).toBe(ascii)
    expect(made.address).toBe(granted(await addresses.issue({ prefix: 'djb', site: ascii })).address)
  })

  test('can be unique', async () => {
    const installation = await anInstallation()
    const made = new Set<string>()
    for (let count = 0; count < 5; count += 1) {
      const { address } = granted(await installation.addresses.issue({ prefix: 'djb', unique: true }))
      expect(await accepted(installation, address)).toBe(true)
      made.add(address)
    }
    // One in 22,528 times two are the same.
    expect(made.size).toBeGreaterThan(3)
  })

  test('follows from the text that makes it unique: several of one text differ, and are the same the next time', async () => {
    const installation = await anInstallation()
    const make = async (unique: string, more = {}) =>
      granted(await installation.addresses.preview({ prefix: 'djb', count: 20, unique, ...more })).map(
        ({ address }) => address,
      )
    const made = await make('one')
    expect(new Set(made).size).toBe(20)
    expect(await make('one')).toEqual(made)
    expect(await make('two')).not.toEqual(made)
    for (const address of made) expect(await accepted(installation, address)).toBe(true)
    // The first of several for a site stands for the site, whatever the text.
    const [forSite] = await make('one', { site: 'shop.example' })
    expect(await make('two', { site: 'shop.example' })).toContain(forSite)
  })
})

describe('what is remembered of it', () => {
  test('is its site and note, where it has any', async () => {
    const { addresses } = await anInstallation()
    await addresses.issue({ prefix: 'djb', site: 'shop.example', note: 'lamp' })
    await addresses.issue({ prefix: 'djb', note: 'book' })
    const { rows } = granted(await addresses.list())
    expect(rows.map(({ site, note }) => [site, note])).toEqual([
      ['', 'book'],
      ['shop.example', 'lamp'],
    ])
  })

  test('is not overwritten when the same address is made again for something else', async () => {
    const { addresses } = await anInstallation()
    const noted = async () => granted(await addresses.list()).rows.map(({ note }) => note)
    granted(await addresses.issue({ prefix: 'djb', note: 'first shop' }))
    const { kind, field, message } = objection(await addresses.issue({ prefix: 'djb', note: 'second shop' }))
    expect({ kind, field }).toEqual({ kind: 'conflict', field: 'note' })
    expect(message).toContain('"first shop"')
    expect(await noted()).toEqual(['first shop'])
    // The same again, or nothing, or told to keep it: no contradiction.
    granted(await addresses.issue({ prefix: 'djb', note: 'first shop' }))
    granted(await addresses.issue({ prefix: 'djb' }))
    const again = await addresses.issue({ prefix: 'djb', note: 'second shop', keepNote: true })
    expect(granted(again).note).toBe('first shop')
    expect(await noted()).toEqual(['first shop'])
  })

  test('keeps a revoked address from being handed out again', async () => {
    const { addresses } = await anInstallation()
    const { address } = granted(await addresses.issue({ prefix: 'djb' }))
    await addresses.revoke(address)
    const { kind, message } = objection(await addresses.issue({ prefix: 'djb' }))
    expect(kind).toBe('conflict')
    expect(message).toContain('revoked')
  })
})
