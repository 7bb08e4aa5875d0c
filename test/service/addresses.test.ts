import { describe, expect, test } from 'vitest'
import { formatDay } from '../../src/address/index.ts'
import { anInstallation, granted, NOON, objection } from './installation.ts'

const ADDRESS = 'djb2026112045@td.example.com'

describe('an address may be named', () => {
  test.each([
    'djb2026112045@td.example.com',
    '<djb2026112045@td.example.com>',
    'DJB2026112045@TD.EXAMPLE.COM.',
    '"djb2026112045"@td.example.com',
    'djb2026112045',
    '<djb2026112045>',
    ' djb2026112045 ',
  ])('as %s', async (text) => {
    const { addresses } = await anInstallation()
    const { record } = granted(await addresses.revoke(text))
    expect(`${record.localPart}@${record.domain}`).toBe(ADDRESS)
  })

  test('by its local part and a domain where there are several', async () => {
    const { addresses, domains } = await anInstallation()
    await domains.add('td.example.org', { timeZone: 'UTC' })
    expect(objection(await addresses.revoke('djb2026112045')).field).toBe('domain')
    expect(granted(await addresses.revoke('djb2026112045', 'td.example.com')).changed).toBe(true)
    expect(objection(await addresses.revoke(ADDRESS, 'td.example.org')).kind).toBe('invalid')
  })
})

describe('nothing is put on record for', () => {
  test.each([
    ['an unknown prefix', 'abc2026112045', 'not-found', 'no prefix "abc"'],
    ['a wrong tag', 'djb2026112045aaaaaa', 'not-found', 'tag'],
    ['a domain that is not ours', 'djb2026112045@example.com', 'not-found', 'none of the domains'],
    ['a domain that ends like ours', 'djb2026112045@evil-td.example.com', 'not-found', 'none of the domains'],
    ['an impossible date', 'djb2026023145', 'invalid', 'in no calendar'],
    ['another form', 'djb', 'invalid', 'no time-delay address'],
    ['the postmaster', 'postmaster', 'invalid', "postmaster's"],
    ['nothing', '', 'invalid', 'missing'],
  ])('%s', async (_, text, kind, words) => {
    const { addresses } = await anInstallation()
    for (const answer of [
      await addresses.revoke(text),
      await addresses.restore(text),
      await addresses.extend(text, '2027-06-01'),
      await addresses.note(text, 'x'),
    ]) {
      expect(objection(answer).kind).toBe(kind)
      expect(objection(answer).message).toContain(words)
    }
    expect(granted(await addresses.list()).total).toBe(0)
  })

  test('an unsigned address of a prefix that takes signed ones only', async () => {
    const { addresses, prefixes } = await anInstallation()
    await prefixes.change('djb', { signed: true })
    expect(objection(await addresses.revoke(ADDRESS)).kind).toBe('not-found')
  })
})

describe('revoking', () => {
  test('makes the record, refuses the address, and remembers when', async () => {
    const installation = await anInstallation()
    const { record, changed } = granted(await installation.addresses.revoke(ADDRESS))
    expect([record.revokedAt, changed]).toEqual([NOON, true])
    expect(granted(await installation.addresses.explain(ADDRESS))).toMatchObject({
      accepted: false,
      because: 'revoked',
    })
  })

  test('twice keeps the first time', async () => {
    const installation = await anInstallation()
    await installation.addresses.revoke(ADDRESS)
    installation.now += 60_000
    const again = granted(await installation.addresses.revoke(ADDRESS))
    expect([again.record.revokedAt, again.changed]).toEqual([NOON, false])
  })

  test('is taken back by restoring', async () => {
    const { addresses } = await anInstallation()
    await addresses.revoke(ADDRESS)
    expect(granted(await addresses.restore(ADDRESS)).record.revokedAt).toBeUndefined()
    expect(granted(await addresses.explain(ADDRESS)).accepted).toBe(true)
    expect(granted(await addresses.restore(ADDRESS)).changed).toBe(false)
  })

  test('is not there to take back for an address without a record', async () => {
    const { addresses } = await anInstallation()
    expect(objection(await addresses.restore(ADDRESS)).kind).toBe('not-found')
  })

  test('can still be taken back when the prefix takes signed addresses only by now', async () => {
    const { addresses, prefixes } = await anInstallation()
    await addresses.revoke(ADDRESS)
    await prefixes.change('djb', { signed: true })
    expect(granted(await addresses.restore(ADDRESS)).changed).toBe(true)
  })
})

describe('extending', () => {
  test('lets an address that ended work again through that day, that day included', async () => {
    const installation = await anInstallation()
    const { addresses } = installation
    const { record } = granted(await addresses.extend('djb2026010110', '2026-11-30'))
    expect(record.extendedThrough && formatDay(record.extendedThrough)).toBe('2026-11-30')
    const works = async (at: string) => granted(await addresses.explain('djb2026010110', { at })).accepted
    expect(await works('2026-11-30T23:59:59')).toBe(true)
    expect(await works('2026-12-01')).toBe(false)
  })

  test('may go beyond the maximum of the prefix', async () => {
    const { addresses, prefixes } = await anInstallation()
    await prefixes.change('djb', { maxDays: 10 })
    expect(granted(await addresses.extend(ADDRESS, '2027-12-31')).changed).toBe(true)
    expect(granted(await addresses.explain(ADDRESS, { at: '2027-12-31' })).accepted).toBe(true)
  })

  test('to a day that is over is refused', async () => {
    const { addresses } = await anInstallation()
    const { kind, message } = objection(await addresses.extend(ADDRESS, '2026-11-21'))
    expect(kind).toBe('invalid')
    expect(message).toContain('revoke it')
  })

  test('to a day on which it works anyway is refused, or takes an extension back', async () => {
    const { addresses } = await anInstallation()
    expect(objection(await addresses.extend(ADDRESS, '2027-01-03')).message).toContain('2027-01-03 anyway')
    await addresses.extend(ADDRESS, '2027-06-01')
    expect(granted(await addresses.extend(ADDRESS, '2027-01-03')).record.extendedThrough).toBeUndefined()
  })

  test('to no date is refused', async () => {
    const { addresses } = await anInstallation()
    expect(objection(await addresses.extend(ADDRESS, 'next week'))).toMatchObject({
      kind: 'invalid',
      field: 'until',
    })
  })

  test('does not restore what was revoked', async () => {
    const { addresses } = await anInstallation()
    await addresses.revoke(ADDRESS)
    await addresses.extend(ADDRESS, '2027-06-01')
    expect(granted(await addresses.explain(ADDRESS)).because).toBe('revoked')
  })
})

describe('the list', () => {
  test('tells what each address is worth today, in the words of the filter', async () => {
    const { addresses } = await anInstallation()
    await addresses.note('djb2026112045', 'current')
    await addresses.note('djb2026010110', 'old')
    await addresses.note('djb2027010110', 'young')
    await addresses.revoke('djb2026112010')
    const { rows, total } = granted(await addresses.list())
    expect(total).toBe(4)
    const verdicts = rows.map(({ localPart, decision }) => [
      localPart,
      decision?.kind === 'refuse' ? decision.because : decision?.kind,
    ])
    expect(Object.fromEntries(verdicts)).toEqual({
      djb2026112045: 'forward',
      djb2026010110: 'expired',
      djb2027010110: 'not-yet-valid',
      djb2026112010: 'revoked',
    })
  })

  test('is narrowed by prefix, text and number', async () => {
    const { addresses, prefixes } = await anInstallation()
    await prefixes.add('ops', { mailboxes: ['foo@example.com'] })
    await addresses.note('djb2026112045', 'lamp')
    await addresses.note('djb2026112046', 'book')
    await addresses.note('ops2026112045', 'lamp')
    const found = async (wishes: object) =>
      granted(await addresses.list(wishes)).rows.map(({ localPart }) => localPart)
    expect(await found({ prefix: 'ops' })).toEqual(['ops2026112045'])
    expect(await found({ search: 'lamp' })).toEqual(['ops2026112045', 'djb2026112045'])
    expect(await found({ limit: 1, offset: 1 })).toEqual(['djb2026112046'])
    expect(objection(await addresses.list({ prefix: 'abc' })).kind).toBe('not-found')
    expect(objection(await addresses.list({ domain: 'td.example.org' })).kind).toBe('not-found')
    expect(objection(await addresses.list({ limit: 1001 }))).toMatchObject({
      kind: 'invalid',
      field: 'limit',
    })
    expect(objection(await addresses.list({ offset: -1 }))).toMatchObject({
      kind: 'invalid',
      field: 'offset',
    })
  })
})

test('a note is written, replaced and taken away', async () => {
  const { addresses } = await anInstallation()
  const note = async (text: string) => granted(await addresses.note(ADDRESS, text)).record.note
  expect(await note('  lamp  ')).toBe('lamp')
  expect(await note('book')).toBe('book')
  expect(await note('')).toBe('')
})
