import { describe, expect, test } from 'vitest'
import { anInstallation, CommandLine } from './command-line.ts'

const PASSWORD = 'correct horse battery'

async function withDan(): Promise<CommandLine> {
  const cli = await anInstallation()
  cli.input = `${PASSWORD}\n`
  await cli.says('user', 'add', 'dan')
  return cli
}

describe('timedelay user', () => {
  test('adds the first person as postmaster, in a database that it makes, and others as owners', async () => {
    const cli = new CommandLine()
    cli.input = `${PASSWORD}\n`
    expect(await cli.says('user', 'add', 'dan')).toBe('Added dan as postmaster.\n')
    const { out, err } = await cli.run('user', 'add', 'eve')
    expect(out).toBe('Added eve as owner.\n')
    expect(err).toContain('timedelay prefix set NAME --owner eve')
    expect(await cli.json('user', 'list')).toMatchObject([
      { name: 'dan', role: 'postmaster', totp: false, enabled: true, prefixes: [] },
      { name: 'eve', role: 'owner' },
    ])
  })

  test('shows who owns a prefix', async () => {
    const cli = await withDan()
    expect(await cli.json('prefix', 'show', 'djb')).toMatchObject({ owner: '' })
    await cli.says('prefix', 'set', 'djb', '--owner', 'dan')
    expect(await cli.says('prefix', 'show', 'djb')).toMatch(/^owner +dan$/m)
    expect(await cli.says('prefix', 'list')).toMatch(/^djb .* dan$/m)
    expect(await cli.json('prefix', 'list')).toMatchObject([{ owner: 'dan' }])
  })

  test('asks for the password twice in a terminal, and changes nothing when the two differ', async () => {
    const cli = await anInstallation()
    cli.typed = [PASSWORD, 'something else']
    const { exitCode, err } = await cli.run('user', 'add', 'dan')
    expect({ exitCode, err }).toEqual({
      exitCode: 2,
      err: 'timedelay: The two passwords differ. Nothing was changed.\n',
    })
    cli.typed = [PASSWORD, PASSWORD]
    expect(await cli.says('user', 'add', 'dan')).toContain('Added dan')
  })

  test('shows and stores no password', async () => {
    const cli = await withDan()
    expect(await cli.says('user', 'list', '--json')).not.toMatch(/password|scrypt|correct/)
    expect(await cli.says('user', 'list')).not.toMatch(/scrypt|correct/)
  })

  test.each([
    [['user', 'add', 'd'], 'is no name'],
    [['user', 'add', 'cli'], 'stands for the terminal'],
    [['user', 'add', 'eve', '--role', 'king'], 'The role is postmaster or owner.'],
    [['user', 'add', 'DAN'], 'has an account already'],
    [['user', 'passwd', 'eve'], '"eve" has no account.'],
    [['user', 'remove', 'dan'], 'is the only postmaster'],
  ])('refuses %j', async (argv, sentence) => {
    const { exitCode, out, err } = await (await withDan()).run(...argv)
    expect(exitCode).not.toBe(0)
    expect(out).toBe('')
    expect(err).toContain(sentence)
  })

  test('refuses a password that is missing or short', async () => {
    const cli = await anInstallation()
    expect((await cli.run('user', 'add', 'dan')).err).toContain('There is no password')
    cli.input = 'short\n'
    expect((await cli.run('user', 'add', 'dan')).err).toContain('at least 10 characters')
    expect(await cli.json('user', 'list')).toEqual([])
  })

  test('gives a new password, and removes a person but not the prefixes', async () => {
    const cli = await withDan()
    await cli.says('user', 'add', 'eve')
    await cli.says('prefix', 'set', 'djb', '--owner', 'eve')
    expect(await cli.says('user', 'passwd', 'eve')).toContain('eve has a new password')
    expect(await cli.says('user', 'remove', 'eve')).toContain('djb@td.example.com belongs to nobody now.')
    expect(await cli.says('prefix', 'list')).toContain('djb')
  })
})

describe('timedelay token', () => {
  test('prints a new token once, in a form that password managers take', async () => {
    const cli = await withDan()
    const { exitCode, out, err } = await cli.run('token', 'add', 'laptop', '--user', 'dan', '--prefix', 'djb')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^td1[0-9A-Za-z]{45}\n$/)
    expect(err).toContain('the only time')
    expect(await cli.says('token', 'list', '--json')).not.toContain(out.trim())
    expect(await cli.json('token', 'list')).toMatchObject([
      {
        id: 1,
        name: 'laptop',
        person: 'dan',
        domain: 'td.example.com',
        prefix: 'djb',
        days: 45,
        revokedAt: null,
      },
    ])
  })

  test('revokes by number', async () => {
    const cli = await withDan()
    await cli.says('token', 'add', 'laptop', '--user', 'dan', '--prefix', 'djb', '--days', '7')
    expect(await cli.says('token', 'revoke', '1')).toBe('Revoked laptop of dan.\n')
    expect(await cli.says('token', 'list')).toContain('revoked')
    expect((await cli.run('token', 'revoke', '9')).err).toContain('There is no token 9.')
  })

  test.each([
    [['--user', 'eve', '--prefix', 'djb'], '"eve" has no account.'],
    [['--user', 'dan', '--prefix', 'foo'], 'There is no prefix "foo"'],
    [['--user', 'dan', '--prefix', 'djb', '--days', '100'], 'allows 1 to 99 days'],
    [['--prefix', 'djb'], '--user'],
  ])('refuses %j', async (options, sentence) => {
    const cli = await withDan()
    const { exitCode, out, err } = await cli.run('token', 'add', 'laptop', ...options)
    expect(exitCode).not.toBe(0)
    expect(out).toBe('')
    expect(err).toContain(sentence)
    expect(await cli.json('token', 'list')).toEqual([])
  })

  test('is not for a person whose prefix it is not', async () => {
    const cli = await withDan()
    await cli.says('user', 'add', 'eve')
    const { err } = await cli.run('token', 'add', 'laptop', '--user', 'eve', '--prefix', 'djb')
    expect(err).toContain('The prefix djb does not belong to eve.')
    await cli.says('prefix', 'set', 'djb', '--owner', 'eve')
    expect(await cli.says('token', 'add', 'laptop', '--user', 'eve', '--prefix', 'djb')).toMatch(/^td1/)
  })
})
