import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { anInstallation, CommandLine } from './command-line.ts'

describe('help', () => {
  const COMMANDS = [
    'serve',
    'domain add',
    'domain list',
    'domain show',
    'domain set',
    'domain remove',
    'prefix add',
    'prefix list',
    'prefix show',
    'prefix set',
    'prefix enable',
    'prefix disable',
    'prefix remove',
    'prefix import',
    'prefix export',
    'address new',
    'address explain',
    'address list',
    'address revoke',
    'address restore',
    'address extend',
    'address note',
    'simulate',
    'mta sendmail',
    'mta postfix',
    'doctor',
    'key list',
    'key rotate',
    'backup',
  ]

  test.each(COMMANDS)(
    'of %s goes to standard output, with an example and the options of every command',
    async (name) => {
      const cli = new CommandLine()
      const { exitCode, out, err } = await cli.run(...name.split(' '), '--help')
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
      expect(out).toMatch(/\nExamples?:\n {2}\$ timedelay /)
      expect(out).toContain('--database <FILE>')
      expect(out).toContain(`Usage: timedelay ${name}`)
    },
  )

  test.each([[['nosuch']], [['address', 'nosuch']], [['--database', 'x.db', 'prefix', 'nosuch']]])(
    'of %j, which is no command, says so',
    async (words) => {
      const { exitCode, out, err } = await new CommandLine().run(...words, '--help')
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
      expect(err).toContain('There is no command "nosuch". See: timedelay')
    },
  )

  test('of the program names every command', async () => {
    const { out } = await new CommandLine().run('--help')
    for (const name of new Set(COMMANDS.map((one) => one.split(' ')[0])))
      expect(out).toContain(`\n  ${name} `)
  })

  test('says that the last day is included', async () => {
    for (const name of ['new', 'extend']) {
      const { out } = await new CommandLine().run('address', name, '--help')
      expect(out.replace(/\s+/g, ' ')).toContain('last day on which it works, that day included')
    }
  })

  test('is printed for no command at all, as wrong usage', async () => {
    const { exitCode, out, err } = await new CommandLine().run()
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
    expect(err).toContain('Usage: timedelay')
  })
})

describe('wrong usage', () => {
  test.each([
    [['frob'], "unknown command 'frob'"],
    [['domian', 'list'], '(Did you mean domain?)'],
    [['domain', 'list', '--jsn'], "unknown option '--jsn'"],
    [['domain', 'add'], "missing required argument 'NAME'"],
    [['domain', 'list', 'surplus'], 'too many arguments'],
    [['mta', 'exim'], "unknown command 'exim'"],
    [['simulate'], "required option '--to <ADDRESS...>' not specified"],
    [['simulate', '--to', 'a@b.example', '--as', 'exim'], 'Allowed choices are sendmail, postfix'],
  ])('%j ends with 2 and a line that tells', async (argv, words) => {
    const { exitCode, out, err } = await new CommandLine().run(...argv)
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
    expect(err).toMatch(/^timedelay: /)
    expect(err).toContain(words)
  })

  test('of the configuration is told whole, before anything is opened', async () => {
    const cli = new CommandLine()
    writeFileSync(cli.path('timedelay.toml'), 'databse = "x"\nhttp = "80"\n')
    cli.environment = { TIMEDELAY_DRAIN_SECONDS: 'long' }
    expect(await cli.run('domain', 'add', 'td.example.com')).toEqual({
      exitCode: 2,
      out: '',
      err: `timedelay: ${cli.path('timedelay.toml')}:1: there is no setting databse; did you mean database?
timedelay: ${cli.path('timedelay.toml')}:2: "80" is not HOST:PORT, such as 127.0.0.1:8896 or [::1]:8896.
timedelay: TIMEDELAY_DRAIN_SECONDS: "long" is not a whole number from 0 to 3600.
`,
    })
    expect(existsSync(cli.path('data'))).toBe(false)
  })
})

describe('the database', () => {
  test('is the one that --database names, before or after the command', async () => {
    const cli = new CommandLine()
    await cli.says('--database', 'one.db', 'domain', 'add', 'td.example.com')
    expect(await cli.json('domain', 'list', '--database', 'one.db')).toHaveLength(1)
    expect(statSync(cli.path('one.db')).mode & 0o777).toBe(0o600)
  })

  test('is not made by a command that only asks', async () => {
    const cli = new CommandLine()
    const { exitCode, err } = await cli.run('domain', 'list')
    expect(exitCode).toBe(1)
    expect(err).toContain(`There is no database ${cli.path('data/timedelay.db')}`)
    expect(existsSync(cli.path('data'))).toBe(false)
  })

  test('is not made anew in the place of a lost one: mail that waits for the backup would be refused', async () => {
    const cli = new CommandLine()
    const kept = cli.path('one.db.domains')
    writeFileSync(kept, JSON.stringify([{ name: 'td.example.com', timeZone: 'Europe/Berlin' }]))
    const { exitCode, err } = await cli.run('--database', 'one.db', 'domain', 'add', 'td.example.com')
    expect(exitCode).toBe(1)
    expect(err).toContain('put a backup in its place')
    expect(existsSync(cli.path('one.db'))).toBe(false)
    rmSync(kept)
    await cli.says('--database', 'one.db', 'domain', 'add', 'td.example.com')
  })

  test.each([
    ['is no database', 'text.db', 'is not a database'],
    ['is a directory', 'folder', 'is a directory'],
    ['lies below a file', 'text.db/x.db', 'no director'],
  ])('that %s is refused in one sentence', async (_, name, words) => {
    const cli = new CommandLine()
    mkdirSync(cli.path('folder'))
    writeFileSync(
      cli.path('text.db'),
      'This is no database, only some text that is long enough.\n'.repeat(50),
    )
    const { exitCode, out, err } = await cli.run(
      'domain',
      'add',
      'td.example.com',
      '--database',
      cli.path(name),
    )
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
    expect(err).toMatch(/^timedelay: .*\n$/)
    expect(err).toContain(words)
  })

  test('is copied by backup, and no file is overwritten', async () => {
    const cli = await anInstallation()
    const copy = cli.path('copy.db')
    expect(await cli.says('backup', copy)).toBe(`Wrote ${copy}.\n`)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(await cli.json('prefix', 'list', '--database', copy)).toMatchObject([{ name: 'djb' }])
    const again = await cli.run('backup', copy)
    expect(again.exitCode).toBe(1)
    expect(again.err).toContain('exists already')
    expect((await cli.run('backup', cli.path('none/copy.db'))).exitCode).toBe(1)
  })
})

describe('timedelay key', () => {
  test('lists keys without their secrets and says what a rotation does', async () => {
    const cli = await anInstallation()
    expect(await cli.json('key', 'list')).toEqual([
      { id: '1', createdAt: '2026-11-22T11:15:00.000Z', signs: true },
    ])
    expect(await cli.says('key', 'rotate')).toContain('Addresses signed with key 1 go on working')
    expect(await cli.says('key', 'rotate')).toContain('Key 1 is gone')
    expect(await cli.json('key', 'rotate')).toEqual({ signs: '4', verifies: '3', dropped: '2' })
    expect(await cli.says('key', 'list')).toContain('4    2026-11-22T11:15:00.000Z  signs new addresses')
  })
})

describe('an error that nobody foresaw', () => {
  async function runBroken(environment: Record<string, string>): Promise<{ exitCode: number; err: string }> {
    const cli = new CommandLine()
    const said: string[] = []
    const terminal = {
      out: () => {},
      err: (text: string) => void said.push(text),
      readInput: async () => '',
      interactive: false,
      readSecret: async () => undefined,
    }
    const exitCode = await run(['domain', 'list'], {
      ...cli.foundation(terminal, environment),
      openServices: () => Promise.reject(new TypeError('x is not a function')),
    })
    return { exitCode, err: said.join('') }
  }

  test('is one sentence, without a stack', async () => {
    expect(await runBroken({})).toEqual({
      exitCode: 1,
      err: 'timedelay: Something unexpected failed: x is not a function. Set TIMEDELAY_LOG_LEVEL=debug for the details.\n',
    })
  })

  test('shows its stack to those who ask for it', async () => {
    expect((await runBroken({ TIMEDELAY_LOG_LEVEL: 'debug' })).err).toMatch(/\n {4}at /)
  })
})
