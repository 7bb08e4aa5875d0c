import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { anInstallation, CommandLine } from './command-line.ts'

describe('timedelay domain', () => {
  test('adds, shows, changes, lists and removes', async () => {
    const cli = new CommandLine()
    expect(await cli.says('domain', 'add', 'TD.example.com', '--time-zone', 'Europe/Berlin')).toBe(
      `Added td.example.com.
days of              Europe/Berlin
prefixes             2 to 3 letters
postmaster@, abuse@  pass untouched
`,
    )
    const changed = await cli.says('domain', 'set', 'td.example.com', '--postmaster', 'pm@example.com')
    expect(changed).toContain('postmaster@, abuse@  pm@example.com')
    expect(await cli.says('domain', 'list')).toBe(
      `DOMAIN          TIME ZONE      POSTMASTER      PREFIXES
td.example.com  Europe/Berlin  pm@example.com  2 to 3 letters
`,
    )
    expect(await cli.says('domain', 'set', 'td.example.com', '--no-postmaster')).toContain('pass untouched')
    expect(await cli.says('domain', 'remove', 'td.example.com')).toContain('now pass untouched')
    expect(await cli.run('domain', 'list')).toMatchObject({ exitCode: 0, out: '' })
  })

  test('prints JSON for machines, with null for what is not set', async () => {
    const cli = new CommandLine()
    const domain = {
      name: 'td.example.com',
      timeZone: 'UTC',
      postmaster: null,
      maxPrefixLength: 16,
      createdAt: '2026-11-22T11:15:00.000Z',
    }
    expect(
      await cli.json('domain', 'add', 'td.example.com', '--time-zone', 'UTC', '--max-prefix-length', '16'),
    ).toEqual(domain)
    expect(await cli.json('domain', 'list')).toEqual([domain])
    expect(await cli.json('domain', 'show')).toEqual(domain)
    await cli.says('domain', 'remove', 'td.example.com')
    expect(await cli.json('domain', 'list')).toEqual([])
  })

  test('says on standard error what a domain without a postmaster means', async () => {
    const cli = new CommandLine()
    const { err } = await cli.run('domain', 'add', 'td.example.com', '--json')
    expect(err).toMatch(
      /^Mail to postmaster@td\.example\.com .* passes untouched.*timedelay domain set td\.example\.com --postmaster/,
    )
    const second = await cli.run('domain', 'add', 'ads.example.com', '--postmaster', 'pm@example.com')
    expect(second).toMatchObject({ exitCode: 0, err: '' })
  })

  test('wants to know what to change', async () => {
    const cli = await anInstallation()
    expect(await cli.run('domain', 'set', 'td.example.com')).toMatchObject({
      exitCode: 2,
      err: 'timedelay: Say what to change: --time-zone, --postmaster, --no-postmaster or --max-prefix-length.\n',
    })
  })

  test('is not removed while it has prefixes', async () => {
    const cli = await anInstallation()
    expect(await cli.run('domain', 'remove', 'td.example.com')).toEqual({
      exitCode: 1,
      out: '',
      err: 'timedelay: td.example.com still has 1 prefix. Remove it first.\n',
    })
  })
})

describe('timedelay prefix', () => {
  test('adds, shows, changes, lists, switches and removes', async () => {
    const cli = await anInstallation()
    await cli.says(
      'prefix',
      'add',
      'ops',
      'foo@example.com',
      'bar@example.com',
      '--max-days',
      '30',
      '--signed',
    )
    expect(await cli.says('prefix', 'show', 'ops')).toBe(
      `mail goes to  foo@example.com, bar@example.com
lifetime      30 days unless told, 30 at most
form          signed addresses only
state         enabled
`,
    )
    await cli.says(
      'prefix',
      'set',
      'ops',
      '--no-signed',
      '--mailbox',
      'a@example.com',
      '--mailbox',
      'b@example.com',
    )
    await cli.says('prefix', 'disable', 'ops')
    expect(await cli.says('prefix', 'list')).toBe(
      `PREFIX  MAILBOXES                     DAYS            FORM  STATE
djb     dredd@example.com             45, at most 99  any   enabled
ops     a@example.com, b@example.com  30, at most 30  any   disabled
`,
    )
    expect(await cli.says('prefix', 'enable', 'ops')).toContain('Enabled ops')
    expect(await cli.says('prefix', 'remove', 'ops')).toContain(
      'timedelay prefix add ops a@example.com b@example.com --domain td.example.com',
    )
  })

  test('names the domain in the list when there are several', async () => {
    const cli = await anInstallation()
    await cli.says('domain', 'add', 'td.example.org', '--time-zone', 'UTC')
    await cli.says('prefix', 'add', 'djb', 'x@example.org', '--domain', 'td.example.org')
    expect(await cli.says('prefix', 'list')).toContain('DOMAIN')
    expect(await cli.json('prefix', 'list', '--domain', 'td.example.org')).toMatchObject([
      { domain: 'td.example.org', name: 'djb', mailboxes: ['x@example.org'] },
    ])
    expect((await cli.run('prefix', 'show', 'djb')).exitCode).toBe(2)
  })

  test('imports from a file or from standard input what export printed', async () => {
    const cli = await anInstallation()
    writeFileSync(cli.path('list'), 'djb dredd@example.org\nops\tfoo@example.com,bar@example.com # two\n')
    expect(await cli.says('prefix', 'import', cli.path('list'))).toBe('Added 1 prefix, changed 1.\n')
    cli.input = await cli.says('prefix', 'export')
    await cli.says('prefix', 'remove', 'ops')
    expect(await cli.json('prefix', 'import', '-')).toEqual({ added: 1, changed: 0, unchanged: 1 })
    expect(await cli.says('prefix', 'export')).toBe(cli.input)
  })

  test('imports nothing from a list with a fault, and names its line', async () => {
    const cli = await anInstallation()
    cli.input = 'ops foo@example.com\nabc dredd@td.example.com\n'
    const { exitCode, err } = await cli.run('prefix', 'import', '-')
    expect(exitCode).toBe(1)
    expect(err).toMatch(/^timedelay: Line 2: dredd@td\.example\.com lies in .* Nothing was imported\.\n$/)
    expect(await cli.json('prefix', 'list')).toHaveLength(1)
  })

  test('says in a sentence that a list cannot be read', async () => {
    const cli = await anInstallation()
    mkdirSync(cli.path('folder'))
    expect((await cli.run('prefix', 'import', cli.path('none'))).err).toBe(
      `timedelay: ${cli.path('none')} does not exist.\n`,
    )
    expect((await cli.run('prefix', 'import', cli.path('folder'))).err).toBe(
      `timedelay: ${cli.path('folder')} is a directory, not a file.\n`,
    )
  })

  test.each([
    ['a bad mailbox', ['prefix', 'add', 'ops', 'dredd'], 2, '"dredd" is no mailbox: '],
    ['a loop', ['prefix', 'add', 'ops', 'x@td.example.com'], 1, 'x@td.example.com lies in td.example.com'],
    ['a taken name', ['prefix', 'add', 'djb', 'x@example.com'], 1, 'td.example.com has a prefix djb already'],
    ['no mailbox', ['prefix', 'add', 'ops'], 2, "missing required argument 'MAILBOX'"],
    [
      'a number that is none',
      ['prefix', 'add', 'ops', 'x@example.com', '--max-days', 'ten'],
      2,
      'whole number',
    ],
    ['nothing to change', ['prefix', 'set', 'djb'], 2, 'Say what to change'],
    ['an unknown prefix', ['prefix', 'remove', 'abc'], 1, 'There is no prefix "abc" in td.example.com.'],
  ])('refuses %s in a sentence', async (_, argv, code, words) => {
    const cli = await anInstallation()
    const { exitCode, out, err } = await cli.run(...argv)
    expect({ exitCode, out }).toEqual({ exitCode: code, out: '' })
    expect(err).toContain(words)
    expect(err).not.toMatch(/\n\s+at /)
    expect(await cli.json('prefix', 'list')).toHaveLength(1)
  })
})
