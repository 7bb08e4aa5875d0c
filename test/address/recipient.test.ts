import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDomainName, parseMailbox, parseRecipient } from '../../src/address/index.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'

const td = { localPart: 'djb2026112045', domain: 'td.example.com' }

describe('a recipient as SMTP gives it', () => {
  test.each([
    ['with brackets', '<djb2026112045@td.example.com>'],
    ['without brackets', 'djb2026112045@td.example.com'],
    ['with blanks around it', '  <djb2026112045@td.example.com> '],
    ['with ESMTP parameters', '<djb2026112045@td.example.com> NOTIFY=NEVER ORCPT=rfc822;x@y.example'],
    ['with parameters and no brackets', 'djb2026112045@td.example.com NOTIFY=NEVER'],
    ['with a quoted local part', '<"djb2026112045"@td.example.com>'],
    ['with a needless backslash', '<"djb20261120\\45"@td.example.com>'],
    ['with a source route', '<@a.example,@b.example:djb2026112045@td.example.com>'],
    ['with a route and quotes', '<@a.example:"djb2026112045"@td.example.com>'],
    ['with a domain in capitals', '<djb2026112045@TD.Example.COM>'],
    ["with the root's dot", '<djb2026112045@td.example.com.>'],
    ['with a display name', 'Somebody <djb2026112045@td.example.com>'],
  ])('%s leads to the same mailbox', (_how, argument) => {
    expect(parseRecipient(argument)).toEqual(td)
  })

  test('keeps the case of the local part', () => {
    expect(parseRecipient('<DJB2026112045@td.example.com>')?.localPart).toBe('DJB2026112045')
  })

  test.each([
    ['a longer domain', '<djb2026112045@td.example.com.evil.example>', 'td.example.com.evil.example'],
    ['a domain that ends like ours', '<djb2026112045@xtd.example.com>', 'xtd.example.com'],
    ['a domain below ours', '<djb2026112045@a.td.example.com>', 'a.td.example.com'],
    ['our address as a quoted local part', '<"djb2026112045@td.example.com"@example.com>', 'example.com'],
    ['the percent hack', '<djb2026112045%td.example.com@example.com>', 'example.com'],
    ['a route through us', '<@td.example.com:joe@example.com>', 'example.com'],
    ['two dots at the end', '<djb2026112045@td.example.com..>', 'td.example.com.'],
    ['an 8-bit domain', '<djb2026112045@t\u00e4.example.com>', 't\u00e4.example.com'],
    ['a Kelvin sign, whose lower case is k', '<a@\u212aelvin.example>', '\u212aelvin.example'],
  ])('sees %s for what it is', (_what, argument, domain) => {
    expect(parseRecipient(argument)?.domain).toBe(domain)
  })

  test.each(['', '<>', '<postmaster>', 'plain', '   ', '<"quoted only">'])(
    'finds no domain in %j',
    (argument) => {
      expect(parseRecipient(argument)).toBeUndefined()
    },
  )

  test.each([
    ['an empty local part', '<@td.example.com>', ''],
    ['a local part with a blank', '<"djb 2026112045"@td.example.com>', 'djb 2026112045'],
    ['an @ in quotes', '<"djb@x"@td.example.com>', 'djb@x'],
    ['an escaped quote', '<"djb\\"x"@td.example.com>', 'djb"x'],
    ['half a quoted string', '<djb"2026"112045@td.example.com>', 'djb"2026"112045'],
    ['a quote left open', '<"djb2026112045@td.example.com>', '"djb2026112045'],
    ['8-bit bytes', '<dj\u00e92026112045@td.example.com>', 'dj\u00e92026112045'],
  ])('judges %s as ours', (_what, argument, localPart) => {
    expect(parseRecipient(argument)).toEqual({ localPart, domain: 'td.example.com' })
  })

  test('is read in bounded time whatever comes', () => {
    const took = cpuTimeOf(() => {
      for (const text of [
        '@'.repeat(65_000),
        '"'.repeat(65_000),
        '<'.repeat(65_000),
        '\\"@'.repeat(21_000),
        ' '.repeat(65_000),
      ])
        parseRecipient(text)
      for (const text of [
        `<${'a'.repeat(65_000)}@td.example.com>`,
        `<@${'a,@'.repeat(20_000)}b:x@td.example.com>`,
      ])
        expect(parseRecipient(text)?.domain).toBe('td.example.com')
    })
    expect(took).toBeLessThan(500)
  })

  test('is never thrown at', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[<>@:,"\\ a-z.%\x80-\xff]{0,40}$/), (argument) => {
        parseRecipient(argument)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a domain', () => {
  test('is a host name of two labels or more, in canonical form', () => {
    expect(parseDomainName('TD.Example.com.')).toBe('td.example.com')
    for (const text of [
      'localhost',
      '',
      '.',
      'a..b',
      '-a.example',
      'a-.example',
      '192.0.2.1',
      'tä.example',
      'a b.example',
      `${'a'.repeat(64)}.example`,
      `${'a.'.repeat(127)}example`,
    ])
      expect(parseDomainName(text)).toBeUndefined()
  })
})

describe('a target mailbox', () => {
  test.each([
    'dredd@example.com',
    'first.last+tag@sub.example.com',
    '"john doe"@example.com',
    'dredd@localhost',
  ])('%s is one', (text) => {
    expect(parseMailbox(text)).toEqual({ ok: true, mailbox: text })
    expect(parseMailbox(`<${text}>`)).toEqual({ ok: true, mailbox: text })
  })

  test('has its domain in lower case and its local part as it was given', () => {
    expect(parseMailbox('Dredd@Example.COM')).toEqual({ ok: true, mailbox: 'Dredd@example.com' })
  })

  test.each([
    ['no domain', 'dredd', 'write the whole address'],
    ['no local part', '@example.com', 'is missing'],
    ['two ats', 'a@b@example.com', 'need quotes'],
    ['a percent', 'dredd%example.org@example.com', 'take for a route'],
    ['a bang', 'host!dredd@example.com', 'take for a route'],
    ['a program', '|prog@example.com', 'a program or a file'],
    ['a quoted program', '"|prog"@example.com', 'a program or a file'],
    ['a file', '/etc/passwd@example.com', 'a program or a file'],
    ['a bad domain', 'dredd@exa mple.com', 'is no domain'],
    ['an address for a domain', 'dredd@192.0.2.1', 'is no domain'],
    ['a line end', 'dredd@example.com\nfoo@example.com', 'printable ASCII'],
    ['umlauts', 'drödd@example.com', 'printable ASCII'],
    ['two dots', 'a..b@example.com', 'need quotes'],
    ['a long local part', `${'a'.repeat(65)}@example.com`, 'longer than 64'],
    ['nothing', '', 'write the whole address'],
  ])('with %s is refused with a reason', (_what, text, fault) => {
    const parsed = parseMailbox(text)
    expect(parsed.ok ? '' : parsed.fault).toContain(fault)
  })
})
