// The database as a file: its mode, and every way in which it cannot be used.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { makeDatabaseFile } from '../../src/store/sqlite/file.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { StoreError } from '../../src/store/store.ts'
import { ended, runProcess, said, startProcess } from './another-process.ts'
import { aDomain, anEvent, aPrefix, DJB, NOON, prefixName, TD } from './build.ts'

// Other processes, threads and disks take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'timedelay-files-'))
  file = join(folder, 'timedelay.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

async function makeStore(): Promise<void> {
  const store = openSqliteStore(file)
  await store.addDomain(aDomain(), NOON)
  await store.addPrefix(aPrefix(), NOON)
  await store.close()
}

function faultOf(run: () => unknown): StoreError {
  try {
    run()
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a new database', () => {
  test('and all beside it can be read by its owner only, under any umask', async () => {
    const umask = process.umask(0)
    try {
      file = join(folder, 'state', 'deep', 'timedelay.db')
      const store = openSqliteStore(file)
      await store.record([anEvent()])
      expect(readdirSync(join(folder, 'state', 'deep')).sort()).toEqual([
        'timedelay.db',
        'timedelay.db-shm',
        'timedelay.db-wal',
      ])
      for (const side of ['', '-wal', '-shm']) expect(mode(file + side)).toBe('600')
      expect(mode(join(folder, 'state'))).toBe('700')
      expect(mode(join(folder, 'state', 'deep'))).toBe('700')
      await store.close()
    } finally {
      process.umask(umask)
    }
  })

  test('is closed to others from its first moment, not only later', () => {
    const umask = process.umask(0)
    try {
      makeDatabaseFile(file)
      expect(mode(file)).toBe('600')
    } finally {
      process.umask(umask)
    }
  })

  test('is the only one that gets a new key: the next opening finds the first one', async () => {
    const first = openSqliteStore(file)
    const { keys } = await first.settings()
    await first.close()
    const second = openSqliteStore(file)
    expect((await second.settings()).keys).toEqual(keys)
    await second.close()
  })

  test('is made by several programs at once without a fault', async () => {
    const source = 'const store = openSqliteStore(file); await store.settings(); await store.close()'
    await Promise.all([1, 2, 3, 4].map(() => runProcess(file, source)))
    const store = openSqliteStore(file)
    expect((await store.settings()).keys.map(({ id }) => id)).toEqual(['1'])
    await store.close()
  })

  test('is not made where the log of a deleted one still lies', async () => {
    writeFileSync(`${file}-wal`, 'left')
    const error = faultOf(() => openSqliteStore(file))
    expect(error.fault).toBe('missing')
    expect(error.message).toContain('timedelay.db-wal is still there')
    expect(existsSync(file)).toBe(false)
  })
})

test('an old database that others may read is closed to them', async () => {
  await makeStore()
  chmodSync(file, 0o644)
  await openSqliteStore(file).close()
  expect(mode(file)).toBe('600')
})

describe('is refused with one sentence:', () => {
  test.each([
    ['a directory', () => mkdirSync(file), 'unreachable', 'is a directory: name a file in it'],
    [
      'another file',
      () => writeFileSync(file, 'dear diary, '.repeat(1000)),
      'not-a-database',
      'is not a database',
    ],
    [
      "another program's database",
      () => new Sqlite(file).exec('CREATE TABLE bookmarks (x)').close(),
      'not-a-database',
      'is not a database of timedelay',
    ],
  ])('%s', (_name, prepare, fault, words) => {
    prepare()
    const before = statSync(file).isFile() ? readFileSync(file) : undefined
    for (const door of ['people', 'recorder', 'mail'] as const) {
      const error = faultOf(() => openSqliteStore(file, { door }))
      expect(error.fault).toBe(fault)
      expect(error.message).toContain(words)
      expect(error.message).not.toContain('\n')
    }
    if (before !== undefined) expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('a directory in the way that is a file', () => {
    writeFileSync(join(folder, 'state'), '')
    const error = faultOf(() => openSqliteStore(join(folder, 'state', 'timedelay.db')))
    expect(error.fault).toBe('unreachable')
    expect(error.message).toContain('is no directory')
  })

  test('a device, which root could otherwise ruin', () => {
    const before = mode('/dev/null')
    expect(faultOf(() => openSqliteStore('/dev/null')).fault).toBe('unreachable')
    expect(mode('/dev/null')).toBe(before)
  })

  test('a directory without permission', async () => {
    chmodSync(folder, 0o555)
    // Root may write anywhere, so the other process is somebody else.
    const child = startProcess(
      file,
      `if (process.getuid() === 0) process.setuid(65534)
       try { openSqliteStore(file) } catch (error) { say(error.name + ' ' + error.fault + ' ' + error.message) }`,
    )
    const line = await said(child)
    chmodSync(folder, 0o700)
    expect(line).toMatch(
      /^StoreError unreachable The database .* this user may not write it or its directory\.$/,
    )
  })

  test('a missing database, by whoever may not make one', () => {
    for (const options of [{ door: 'mail' }, { door: 'recorder' }, { create: false }] as const) {
      const error = faultOf(() => openSqliteStore(file, options))
      expect(error.fault).toBe('missing')
      expect(error.message).toContain('start "timedelay serve"')
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('a damaged one', async () => {
    await makeStore()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 100))
    expect(faultOf(() => openSqliteStore(file)).fault).toBe('corrupt')
  })

  test('one that another program keeps for itself', async () => {
    await makeStore()
    const holder = new Sqlite(file)
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE prefixes SET signed = 1')
    for (const door of ['people', 'recorder', 'mail'] as const) {
      const error = faultOf(() => openSqliteStore(file, { door, busyTimeout: 1 }))
      expect(error).toMatchObject({
        fault: 'locked',
        message: expect.stringContaining('is locked by another'),
      })
    }
    holder.close()
  })

  test('a newer one, with both versions', async () => {
    await makeStore()
    const db = new Sqlite(file)
    db.exec(`INSERT INTO schema_migrations VALUES (99, '0099_later.sql', 'c', 0)`)
    for (let version = 2; version < 99; version++) {
      db.exec(`INSERT OR IGNORE INTO schema_migrations VALUES (${version}, 'x', 'c', 0)`)
    }
    db.close()
    const before = readFileSync(file)
    for (const door of ['people', 'mail'] as const) {
      const error = faultOf(() => openSqliteStore(file, { door }))
      expect(error.fault).toBe('schema')
      expect(error.message).toMatch(/has schema version 99, this program knows versions up to \d+: install/)
    }
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('one made with a migration file that was changed later', async () => {
    await makeStore()
    const db = new Sqlite(file)
    db.exec(`UPDATE schema_migrations SET checksum = 'other' WHERE version = 1`)
    db.close()
    const error = faultOf(() => openSqliteStore(file))
    expect(error.fault).toBe('schema')
    expect(error.message).toContain('another 0001_mail_path.sql')
  })

  test('an empty one, by whoever may not upgrade it', () => {
    writeFileSync(file, '')
    const error = faultOf(() => openSqliteStore(file, { door: 'mail' }))
    expect(error.fault).toBe('schema')
    expect(error.message).toMatch(/has schema version 0, this program needs \d+: start "timedelay serve"/)
  })
})

describe('damage found later', () => {
  test('is a StoreError, and health tells it', async () => {
    const store = openSqliteStore(file)
    await store.addDomain(aDomain(), NOON)
    await store.importPrefixes(
      Array.from({ length: 600 }, (_, index) =>
        aPrefix({
          name: prefixName(`p${String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26))}`),
        }),
      ),
      NOON,
    )
    await store.close()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0x55, bytes.length - 8192))
    const damaged = openSqliteStore(file, { door: 'mail' })
    expect((await damaged.health()).faults.length).toBeGreaterThan(0)
    await expect(damaged.prefixes()).rejects.toMatchObject({ fault: 'corrupt' })
    await damaged.close()
  })

  test('thorough health finds rows that refer to nothing', async () => {
    await makeStore()
    const db = new Sqlite(file)
    db.pragma('foreign_keys = OFF')
    db.exec('DELETE FROM domains')
    db.close()
    const store = openSqliteStore(file)
    expect((await store.health()).faults).toEqual([])
    expect((await store.health(true)).faults).toEqual([
      'a row of prefixes refers to a missing row of domains',
    ])
    await store.close()
  })

  test('a prefix that lost its mailboxes is an error, not an accepted message without a recipient', async () => {
    await makeStore()
    const db = new Sqlite(file)
    db.exec('DELETE FROM prefix_mailboxes')
    db.close()
    const store = openSqliteStore(file)
    const domain = (await store.settings()).domains.get(TD)!
    await expect(store.facts(domain, DJB, 'djb2026112045')).rejects.toThrow('has no mailbox')
    await store.close()
  })
})

describe('another process', () => {
  test('sees a change at once, and is seen at once', async () => {
    await makeStore()
    const mail = openSqliteStore(file, { door: 'mail' })
    const before = await mail.settings()
    const domain = before.domains.get(TD)!
    expect((await mail.facts(domain, DJB, 'djb2026112045')).revoked).toBe(false)

    await runProcess(
      file,
      `const store = openSqliteStore(file)
       await store.saveAddress({ domain: 'td.example.com', localPart: 'djb2026112045', prefix: 'djb' }, { revokedAt: 1 }, 1)
       await store.close()`,
    )
    expect((await mail.facts(domain, DJB, 'djb2026112045')).revoked).toBe(true)
    expect(await mail.settings()).toBe(before)

    await runProcess(
      file,
      `const store = openSqliteStore(file)
       await store.changeDomain('td.example.com', { maxPrefixLength: 12 })
       await store.changePrefix('td.example.com', 'djb', { mailboxes: ['new@example.com'] })
       await store.close()`,
    )
    expect((await mail.settings()).domains.get(TD)?.maxPrefixLength).toBe(12)
    expect((await mail.facts(domain, DJB, 'djb2026112045')).prefix?.mailboxes).toEqual(['new@example.com'])
    await mail.close()
  })

  test('that holds the write lock stops writers with one sentence, and readers not at all', async () => {
    await makeStore()
    const mail = openSqliteStore(file, { door: 'mail' })
    const people = openSqliteStore(file, { busyTimeout: 50 })
    const holder = startProcess(
      file,
      `const db = new Sqlite(file)
       db.exec("BEGIN EXCLUSIVE; UPDATE prefixes SET note = 'half'")
       process.stdin.once('data', () => { db.exec('COMMIT'); db.close(); process.exit(0) })
       say('locked')`,
    )
    expect(await said(holder)).toBe('locked')
    await expect(people.changePrefix(TD, DJB, { enabled: false })).rejects.toMatchObject({
      fault: 'locked',
      message: expect.stringContaining('is locked by another program'),
    })
    const domain = (await mail.settings()).domains.get(TD)!
    expect((await mail.facts(domain, DJB, 'djb2026112045')).prefix?.note).toBe('')
    // Opening what needs no upgrade needs no lock either.
    await openSqliteStore(file, { door: 'mail' }).close()
    holder.stdin?.write('go\n')
    await ended(holder)
    expect((await mail.facts(domain, DJB, 'djb2026112045')).prefix?.note).toBe('half')
    expect(await people.changePrefix(TD, DJB, { enabled: false })).toBe('changed')
    await Promise.all([mail.close(), people.close()])
  })
})

test('the door of mail cannot write', async () => {
  await makeStore()
  const mail = openSqliteStore(file, { door: 'mail' })
  await expect(mail.removePrefix(TD, DJB)).rejects.toMatchObject({ fault: 'read-only' })
  await mail.close()
})

describe('a database that is deleted or replaced while it is open', () => {
  test('is not written to any more, and used again when it is back', async () => {
    const store = openSqliteStore(file)
    await store.addDomain(aDomain(), NOON)
    const bytes = await copyOf(store)
    rmSync(file)
    await expect(store.addPrefix(aPrefix(), NOON)).rejects.toMatchObject({ fault: 'missing' })
    await expect(store.domains()).rejects.toMatchObject({ fault: 'missing' })
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, bytes, { mode: 0o644 })
    expect(await store.addPrefix(aPrefix(), NOON)).toBe('added')
    for (const side of ['', '-wal', '-shm']) expect(mode(file + side)).toBe('600')
    await store.close()
    const again = openSqliteStore(file)
    expect(await again.prefixes()).toHaveLength(1)
    await again.close()
  })

  test('and the backup in its place is not spoilt by the log of the old one', async () => {
    const store = openSqliteStore(file)
    await store.addDomain(aDomain(), NOON)
    const bytes = await copyOf(store)
    // These lie in the log only, which stays where it was.
    await store.addPrefix(aPrefix(), NOON)
    await store.addPrefix(aPrefix({ name: prefixName('jim') }), NOON)
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)
    rmSync(file)
    writeFileSync(file, bytes, { mode: 0o600 })
    expect(await store.prefixes()).toEqual([])
    expect((await store.health(true)).faults).toEqual([])
    expect(await store.addPrefix(aPrefix(), NOON)).toBe('added')
    await store.close()
    const again = openSqliteStore(file)
    expect(await again.prefixes()).toHaveLength(1)
    await again.close()
  })

  async function copyOf(store: { backup(file: string): Promise<void> }): Promise<Buffer> {
    await store.backup(join(folder, 'copy.db'))
    return readFileSync(join(folder, 'copy.db'))
  }
})

describe('a backup', () => {
  test('is whole and consistent while another process writes', async () => {
    await makeStore()
    const writer = startProcess(
      file,
      `const db = new Sqlite(file)
       let go = true
       process.stdin.once('data', () => { go = false })
       const step = db.transaction((n) => {
         db.prepare('UPDATE prefixes SET note = ?').run(String(n))
         db.prepare('UPDATE domains SET created_at = ?').run(n)
       })
       let n = 0
       const turn = () => {
         for (let i = 0; i < 50; i++) step(++n)
         if (n === 50) say('writing')
         if (go) setImmediate(turn); else { db.close(); process.exit(0) }
       }
       turn()`,
    )
    await said(writer)
    const store = openSqliteStore(file)
    const backups = Array.from({ length: 5 }, (_, index) => join(folder, `backup-${index}.db`))
    for (const backup of backups) await store.backup(backup)
    await store.close()
    writer.stdin?.write('stop\n')
    await ended(writer)
    for (const backup of backups) {
      expect(mode(backup)).toBe('600')
      const copy = openSqliteStore(backup)
      expect((await copy.health(true)).faults).toEqual([])
      const [prefix] = await copy.prefixes()
      const [domain] = await copy.domains()
      expect(prefix?.note).toBe(String(domain?.createdAt))
      await copy.close()
    }
  })

  test('never takes the place of a file, and leaves nothing half-written', async () => {
    await makeStore()
    const store = openSqliteStore(file)
    const target = join(folder, 'precious.txt')
    writeFileSync(target, 'precious')
    await expect(store.backup(target)).rejects.toMatchObject({
      message: expect.stringContaining('exists already'),
    })
    expect(readFileSync(target, 'utf8')).toBe('precious')
    await expect(store.backup(join(folder, 'no', 'such', 'copy.db'))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be written'),
    })
    await store.close()
    expect(readdirSync(folder).sort()).toEqual(['precious.txt', 'timedelay.db'])
  })

  test('is made through the door of mail, too', async () => {
    await makeStore()
    const mail = openSqliteStore(file, { door: 'mail' })
    await mail.backup(join(folder, 'copy.db'))
    await expect(mail.removePrefix(TD, DJB)).rejects.toMatchObject({ fault: 'read-only' })
    await mail.close()
    const copy = openSqliteStore(join(folder, 'copy.db'), { create: false })
    expect(await copy.prefixes()).toHaveLength(1)
    await copy.close()
  })
})

const UNSHARE = 'unshare'

/** Runs `script` in a mount namespace of its own, where a small file system can be mounted without anybody noticing. */
const namespace = (script: string, ...args: string[]) =>
  spawnSync(UNSHARE, ['-rm', 'sh', '-c', script, 'sh', ...args], { encoding: 'utf8' })

// Needs user namespaces; they are there on Debian unless somebody turned them off.
test.skipIf(namespace('mount -t tmpfs none /tmp').status !== 0)(
  'a full disk is told in one sentence, and what was there is still there',
  () => {
    const door = new URL('../../dist/store/sqlite/index.js', import.meta.url)
    const source = `
      import { openSqliteStore } from ${JSON.stringify(door.href)}
      const store = openSqliteStore(process.argv[1] + '/timedelay.db')
      await store.addDomain(${JSON.stringify(aDomain())}, 1)
      const many = Array(4000).fill({ ...${JSON.stringify(anEvent())}, sender: 'x'.repeat(300) })
      const say = (error) => console.log(error.name, error.fault, error.message)
      await store.record(many).catch(say)
      await store.backup(process.argv[1] + '/copy.db').catch(say)
      console.log((await store.decisions()).length, (await store.domains()).length)
      console.log((await store.health(true)).faults.length)
      await store.close()`
    const { stdout, stderr } = namespace(
      'mount -t tmpfs -o size=400k none "$1" && "$2" --input-type=module -e "$3" "$1"; ls -A "$1" | grep -v "^timedelay"',
      folder,
      process.execPath,
      source,
    )
    expect(stderr).toBe('')
    expect(stdout.split('\n')).toEqual([
      `StoreError full The disk that holds the database ${file} is full: make room there.`,
      expect.stringMatching(
        /^StoreError full The backup .*copy\.db cannot be written: .* Please make room there\.$/,
      ),
      '0 1',
      '0',
      '',
    ])
  },
)
