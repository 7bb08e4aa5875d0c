import { describe, expect, test } from 'vitest'
import { anInstallation } from './command-line.ts'

const ADDRESS = 'djb2026112045@td.example.com'

describe('timedelay address new', () => {
  test('prints the bare address, to be piped', async () => {
    const cli = await anInstallation()
    expect(await cli.run('address', 'new', 'djb')).toEqual({
      exitCode: 0,
      out: 'djb2026112245@td.example.com\n',
      err: '',
    })
    expect(await cli.says('address', 'new', 'djb', '--until', '2026-11-22')).toBe(
      'djb2026112201@td.example.com\n',
    )
    expect(await cli.says('address', 'new', 'djb', '--from', '2026-12-01', '--days', '7')).toBe(
      'djb2026120107@td.example.com\n',
    )
    expect(await cli.says('address', 'new', 'djb', '--site', 'shop.example')).toMatch(/^djb2026112245\w{9}@/)
    expect(await cli.says('address', 'new', 'djb', '--signed')).toMatch(/^djb2026112245\w{6}@/)
    expect(await cli.says('address', 'new', 'djb', '--unique')).toMatch(/^djb2026112245\w{9}@/)
  })

  test('prints everything about it as JSON', async () => {
    const cli = await anInstallation()
    expect(await cli.json('address', 'new', 'djb', '--note', 'lamp')).toEqual({
      address: 'djb2026112245@td.example.com',
      localPart: 'djb2026112245',
      domain: 'td.example.com',
      prefix: 'djb',
      timeZone: 'Europe/Berlin',
      firstDay: '2026-11-22',
      lastDay: '2027-01-05',
      days: 45,
      signed: false,
      salted: false,
      site: '',
      note: 'lamp',
    })
  })

  test.each([
    ['--days', '3', '--until', '2027-01-01'],
    ['--signed', '--unsigned'],
    ['--days', 'three'],
    ['--days', '-3'],
    ['--until', '2026-02-30'],
    ['--unsigned', '--site', 'shop.example'],
  ])('refuses %s %s %s %s as wrong usage', async (...options) => {
    const cli = await anInstallation()
    const { exitCode, out } = await cli.run(
      'address',
      'new',
      'djb',
      ...options.filter((option) => option !== undefined),
    )
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
  })
})

describe('timedelay address explain', () => {
  test('says what it means, and 0 for what is accepted, 1 for what is refused', async () => {
    const cli = await anInstallation()
    expect(await cli.run('address', 'explain', ADDRESS)).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('is accepted and goes to dredd@example.com'),
    })
    expect(await cli.run('address', 'explain', ADDRESS, '--at', '2027-01-04')).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/^[\s\S]*The sender is told: 551 5\.7\.1 Expiration Reached\.\n$/),
      err: '',
    })
    expect((await cli.run('address', 'explain', 'nonsense')).exitCode).toBe(1)
    expect((await cli.run('address', 'explain', 'a@elsewhere.example')).exitCode).toBe(0)
    expect((await cli.run('address', 'explain', ADDRESS, '--at', 'noon')).exitCode).toBe(2)
  })

  test('gives the code that the configuration asks for', async () => {
    const cli = await anInstallation()
    cli.environment = { TIMEDELAY_REFUSAL_CODE: '550' }
    expect((await cli.run('address', 'explain', 'nonsense')).out).toContain(
      '550 5.7.1 Address not understood.',
    )
  })

  test('tells all of it as JSON', async () => {
    const cli = await anInstallation()
    await cli.says('address', 'extend', 'djb2026010110', '--until', '2026-12-24')
    expect(await cli.json('address', 'explain', 'djb2026010110', '--site', 'shop.example')).toEqual({
      recipient: 'djb2026010110@td.example.com',
      accepted: true,
      verdict: 'forward',
      because: null,
      reply: null,
      mailboxes: ['dredd@example.com'],
      at: '2026-11-22T11:15:00.000Z',
      domain: 'td.example.com',
      timeZone: 'Europe/Berlin',
      address: {
        prefix: 'djb',
        prefixKnown: true,
        days: 10,
        firstDay: '2026-01-01',
        lastDay: '2026-01-10',
        today: '2026-11-22',
        tag: 'none',
        salt: null,
        site: { name: 'shop.example', matches: false },
        note: '',
        revokedAt: null,
        extendedThrough: '2026-12-24',
      },
      headline: expect.stringContaining('is accepted'),
      sentences: expect.arrayContaining([expect.stringContaining('extended it through 2026-12-24')]),
    })
    const refused = await cli.run('address', 'explain', 'abc2026112045', '--json')
    expect(refused.exitCode).toBe(1)
    expect(JSON.parse(refused.out)).toMatchObject({
      accepted: false,
      because: 'no-such-prefix',
      reply: { code: 551, enhanced: '5.7.1', text: 'No such address.' },
    })
  })
})

describe('what is done to an address', () => {
  test('is told with how it stands then', async () => {
    const cli = await anInstallation()
    expect(await cli.says('address', 'revoke', '<DJB2026112045>')).toBe(
      `Revoked. ${ADDRESS} is refused: it was revoked on 2026-11-22 12:15 Europe/Berlin.\n`,
    )
    expect(await cli.says('address', 'revoke', ADDRESS)).toMatch(/^It was revoked before\./)
    expect(await cli.says('address', 'restore', ADDRESS)).toMatch(/^Restored\. .* is accepted /)
    expect(await cli.says('address', 'restore', ADDRESS)).toMatch(/^It was not revoked\./)
    expect(await cli.says('address', 'extend', ADDRESS, '--until', '2027-02-01')).toContain(
      'through 2027-02-01',
    )
    expect(await cli.says('address', 'note', ADDRESS, 'lamp')).toMatch(/^Noted\./)
    expect(await cli.json('address', 'note', ADDRESS, '')).toMatchObject({ address: ADDRESS, note: '' })
  })

  test('shows in the list', async () => {
    const cli = await anInstallation()
    await cli.says('address', 'note', 'djb2026112045', 'lamp')
    await cli.says('address', 'revoke', 'djb2026112046')
    await cli.says('address', 'note', 'djb2026010110', 'old')
    expect(await cli.says('address', 'list')).toBe(
      `ADDRESS                       STATE                     ACCEPTED  REFUSED  NOTE
djb2026010110@td.example.com  ended with 2026-01-10     0         0        old
djb2026112046@td.example.com  revoked                   0         0
djb2026112045@td.example.com  works through 2027-01-03  0         0        lamp
`,
    )
    const page = await cli.run('address', 'list', '--limit', '1', '--search', 'djb')
    expect(page.err).toBe('1 of 3 shown; see --limit and --offset.\n')
    expect(await cli.json('address', 'list', '--search', 'lamp')).toMatchObject({
      total: 1,
      addresses: [
        { address: 'djb2026112045@td.example.com', works: true, because: null, lastDay: '2027-01-03' },
      ],
    })
  })

  test('is refused for an address that nobody can have', async () => {
    const cli = await anInstallation()
    expect(await cli.run('address', 'revoke', 'abc2026112045')).toEqual({
      exitCode: 1,
      out: '',
      err: 'timedelay: There is no prefix "abc" in td.example.com.\n',
    })
    expect((await cli.run('address', 'revoke', 'abc')).exitCode).toBe(2)
    expect((await cli.run('address', 'extend', ADDRESS)).exitCode).toBe(2)
    expect(await cli.run('address', 'list')).toEqual({
      exitCode: 0,
      out: '',
      err: 'There is nothing on record.\n',
    })
  })

  test('cannot make a terminal obey what others wrote', async () => {
    const cli = await anInstallation()
    const { err } = await cli.run('address', 'revoke', '\u001b[2Jx')
    expect(err).not.toContain('\u001b')
  })
})
