import type { Database } from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { anInstallation, CommandLine } from './command-line.ts'

describe('timedelay mta', () => {
  test.each(['sendmail', 'postfix'])('prints the configuration of %s for this installation', async (mta) => {
    const cli = await anInstallation()
    const text = await cli.says('mta', mta, '--milter', 'inet:18895@127.0.0.1')
    expect(text).toContain('td.example.com')
    expect(text).toContain('18895')
    expect(await cli.json('mta', mta)).toMatchObject({ kind: 'configuration', mta })
  })

  test.each(['0', '65536', 'smtp', '-1'])('takes no port %s', async (port) => {
    const cli = await anInstallation()
    const { exitCode, out } = await cli.run('mta', 'postfix', '--loop-port', port)
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
  })

  test('says what is missing', async () => {
    const cli = await anInstallation()
    await cli.says('prefix', 'remove', 'djb')
    await cli.says('domain', 'remove', 'td.example.com')
    const { exitCode, out, err } = await cli.run('mta', 'postfix')
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
    expect(err).toContain('There is no domain yet')
  })
})

test.each([
  ['doctor', false],
  ['simulate', false],
  ['serve', true],
])('the help of %s offers to do without the filter: %s', async (command, offers) => {
  const { out } = await new CommandLine().run(command, '--help')
  expect(out).toContain('--milter <SPEC>')
  expect(out.includes('--no-milter')).toBe(offers)
})

test.each(['', 'no-at-sign', '@td.example.com', 'djb@'])('simulate sends nothing to "%s"', async (to) => {
  const { exitCode, err } = await new CommandLine().run('simulate', '--to', to)
  expect(exitCode).toBe(2)
  expect(err).toContain('--to names an address')
})

describe('timedelay doctor', { timeout: 30_000 }, () => {
  test('ends with 1 and says what to do when the filter does not run', async () => {
    const cli = await anInstallation()
    const options = ['--milter', 'inet:1@127.0.0.1', '--postfix-config', cli.path('none')]
    const { exitCode, out, err } = await cli.run('doctor', ...options)
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: '' })
    expect(out).toMatch(/^FAULT {2}/m)
    expect(out).toMatch(/\n\d+ at fault, \d+ to look at, \d+ in order\.\n$/)
    const findings: { level: string; todo?: string }[] = JSON.parse(
      (await cli.run('doctor', ...options, '--json')).out,
    )
    expect(findings.filter(({ level, todo }) => level === 'fault' && todo === undefined)).toEqual([])
  })

  test('looks at the files of sendmail that it is given, without a name', async () => {
    const cli = await anInstallation()
    const { exitCode, out } = await cli.run(
      'doctor',
      '--milter',
      'inet:1@127.0.0.1',
      '--sendmail-cf',
      cli.path('none.cf'),
    )
    expect(exitCode).toBe(1)
    expect(out).toContain(cli.path('none.cf'))
  })

  test('changes nothing in a database from before an upgrade, and says who upgrades it', async () => {
    const cli = await anInstallation()
    const look = <T>(work: (db: Database) => T): T => {
      const db = new Sqlite(cli.path('data/timedelay.db'))
      try {
        return work(db)
      } finally {
        db.close()
      }
    }
    const last = 'FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)'
    const version = look((db) => {
      db.exec(`DELETE ${last}`)
      return db.prepare(`SELECT version ${last}`).pluck().get() as number
    })
    const { exitCode, out } = await cli.run('doctor', '--milter', 'inet:1@127.0.0.1')
    expect(exitCode).toBe(1)
    expect(out).toContain(
      `has schema version ${version}, this program needs ${version + 1}: start "timedelay serve"`,
    )
    expect(look((db) => db.prepare(`SELECT version ${last}`).pluck().get())).toBe(version)
  })

  test('reports a missing database as a finding', async () => {
    const { exitCode, out } = await new CommandLine().run('doctor', '--milter', 'inet:1@127.0.0.1')
    expect(exitCode).toBe(1)
    expect(out).toMatch(/^FAULT {2}.*database/m)
  })
})
