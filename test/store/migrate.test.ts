import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadMigrations, planMigrations } from '../../src/store/migrate.ts'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { upgrade } from '../../src/store/sqlite/schema.ts'

let path: string
let folder: URL
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'timedelay-migrate-'))
  folder = pathToFileURL(`${path}/`)
})
afterEach(() => rmSync(path, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(path, name), sql)
}

const TWO = { '0001_a.sql': 'CREATE TABLE a (x ANY) STRICT;', '0002_b.sql': 'CREATE TABLE b (x);' }

describe('the files of the package', () => {
  test('are found, begin with 0001 and have no gaps', () => {
    const migrations = loadMigrations('sqlite')
    expect(migrations[0]).toMatchObject({ version: 1, name: '0001_mail_path.sql' })
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
  })

  test('are taken in order, other files are not, and line ends do not change a checksum', () => {
    write({ ...TWO, 'README.md': '', '12_x.sql': '' })
    const unix = loadMigrations('sqlite', folder)
    expect(unix.map(({ name }) => name)).toEqual(['0001_a.sql', '0002_b.sql'])
    write({ '0001_a.sql': 'CREATE TABLE a (\n x) STRICT;' })
    const [lf] = loadMigrations('sqlite', folder)
    write({ '0001_a.sql': 'CREATE TABLE a (\r\n x) STRICT;' })
    const [crlf] = loadMigrations('sqlite', folder)
    expect(crlf?.checksum).toBe(lf?.checksum)
  })

  test('with a gap or a number twice are refused', () => {
    write({ '0001_a.sql': '', '0003_c.sql': '' })
    expect(() => loadMigrations('sqlite', folder)).toThrow('0003_c.sql should have the number 2')
    write({ '0001_b.sql': '' })
    expect(() => loadMigrations('sqlite', folder)).toThrow('0001_b.sql should have the number 2')
  })
})

describe('the plan', () => {
  test('is what is missing, in order', () => {
    write(TWO)
    const all = loadMigrations('sqlite', folder)
    expect(planMigrations([], all)).toEqual({ kind: 'pending', migrations: all })
    expect(planMigrations(all.slice(0, 1), all)).toEqual({ kind: 'pending', migrations: all.slice(1) })
    expect(planMigrations(all, all)).toEqual({ kind: 'pending', migrations: [] })
  })

  test('refuses a newer database, and a file that changed or got another name', () => {
    write(TWO)
    const all = loadMigrations('sqlite', folder)
    expect(planMigrations(all, all.slice(0, 1))).toEqual({ kind: 'newer', database: 2, program: 1 })
    write({ '0001_a.sql': 'CREATE TABLE a (x, y) STRICT;' })
    const changed = loadMigrations('sqlite', folder)
    expect(planMigrations(all, changed)).toEqual({ kind: 'changed', name: '0001_a.sql' })
    const renamed = all.map((migration) => ({ ...migration, name: `x${migration.name}` }))
    expect(planMigrations(all, renamed)).toEqual({ kind: 'changed', name: '0001_a.sql' })
  })
})

describe('an upgrade', () => {
  test('applies each file once and records it', () => {
    write(TWO)
    const db = new Sqlite(':memory:')
    const all = loadMigrations('sqlite', folder)
    upgrade(db, 'x.db', 5, all.slice(0, 1))
    upgrade(db, 'x.db', 6, all)
    upgrade(db, 'x.db', 7, all)
    expect(db.prepare('SELECT version, name, applied_at FROM schema_migrations').all()).toEqual([
      { version: 1, name: '0001_a.sql', applied_at: 5 },
      { version: 2, name: '0002_b.sql', applied_at: 6 },
    ])
    db.close()
  })

  test('that fails in the middle of a file leaves the state before that file', () => {
    write({ ...TWO, '0003_c.sql': 'CREATE TABLE c (x); INSERT INTO nowhere VALUES (1);' })
    const db = new Sqlite(':memory:')
    expect(() => upgrade(db, 'x.db', 5, loadMigrations('sqlite', folder))).toThrow('nowhere')
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all()
    expect(tables).toEqual(['a', 'b', 'schema_migrations'])
    expect(db.prepare('SELECT max(version) FROM schema_migrations').pluck().get()).toBe(2)
    db.close()
  })
})

test('addresses from before the second migration get their days, are found, and may be trying still', () => {
  const [first, second] = loadMigrations('sqlite')
  const db = new Sqlite(':memory:')
  db.pragma('trusted_schema = OFF')
  db.pragma('foreign_keys = ON')
  upgrade(db, 'x.db', 0, [first!])
  db.exec(`
    INSERT INTO domains VALUES (1, 'td.example.com', 'UTC', NULL, NULL, 3, 0);
    INSERT INTO prefixes VALUES (1, 1, 'djb', 30, 30, 0, 1, '', 0);
    INSERT INTO addresses (id, domain_id, local_part, prefix, site, created_at, extended_through, refused, last_sender,
      last_seen_at, by_person)
    VALUES (1, 1, 'djb2026112045', 'djb', 'hotel.example', 0, NULL, 0, '', NULL, 1),
      (2, 1, 'foo2026112045', 'foo', '', 0, 20900, 3, 'a@shop.example', 777, 0)`)
  upgrade(db, 'x.db', 0, [first!, second!])
  const rows = db
    .prepare('SELECT first_day, days, begins, ends, last_refused_at FROM addresses ORDER BY id')
    .raw()
    .all()
  expect(rows).toEqual([
    [20777, 45, 20777, 20807, null],
    [20777, 45, -1000000, 20901, 777],
  ])
  expect(db.prepare('SELECT senders FROM addresses').pluck().all()).toEqual(['', 'a@shop.example'])
  db.close()
})

test('an address that is new gets its days at once, whatever the schema grew out of', () => {
  const db = new Sqlite(':memory:')
  db.pragma('trusted_schema = OFF')
  upgrade(db, 'x.db', 0)
  db.exec(`
    INSERT INTO domains (id, name, time_zone, max_prefix_length, created_at) VALUES (1, 'td.example.com', 'UTC', 3, 0);
    INSERT INTO prefixes (domain_id, name, max_days, default_days, signed, enabled, note, created_at)
    VALUES (1, 'djb', 30, 30, 0, 1, '', 0);
    INSERT INTO addresses (domain_id, local_part, prefix, created_at, extended_through, by_person)
    VALUES (1, 'djb2026112045', 'djb', 0, NULL, 1), (1, 'djb2026112020', 'djb', 0, NULL, 1),
      (1, 'djb2026112010', 'djb', 0, 20900, 1), (1, 'foo2026112045', 'foo', 0, NULL, 1),
      (1, 'foo2026139945', 'foo', 0, NULL, 1)`)
  expect(db.prepare('SELECT first_day, days, begins, ends FROM addresses ORDER BY id').raw().all()).toEqual([
    [20777, 45, 20777, 20807],
    [20777, 20, 20777, 20797],
    [20777, 10, -1000000, 20901],
    [20777, 45, 20777, 20822],
    [0, 45, 0, 45],
  ])
  db.close()
})
