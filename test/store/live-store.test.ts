import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { LiveStore, openSqliteStore, type SqliteStore } from '../../src/store/sqlite/index.ts'
import type { Domain, StoreError } from '../../src/store/store.ts'
import { aDomain, aPrefix, DJB, mailbox, NOON, TD } from './build.ts'

// Other processes, threads and disks take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let file: string
let people: SqliteStore
let live: LiveStore
let domain: Domain
let changes: (StoreError | undefined)[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'timedelay-live-'))
  file = join(folder, 'timedelay.db')
  people = openSqliteStore(file)
  await people.addDomain(aDomain(), NOON)
  await people.addPrefix(aPrefix(), NOON)
  changes = []
  // The timer must not come in between: these tests look when they say so.
  live = await LiveStore.open(file, { checkEvery: 1e9, onChange: (outage) => changes.push(outage) })
  domain = (await live.settings()).domains.get(TD)!
})
afterEach(async () => {
  await live.close()
  await people.close()
  rmSync(folder, { recursive: true })
})

const facts = () => live.facts(domain, DJB, 'djb2026112045')

function deleteAll(): void {
  for (const side of ['', '-wal', '-shm']) rmSync(file + side, { force: true })
}

test('a live store needs a database to begin with, and makes none', async () => {
  const nowhere = join(folder, 'none.db')
  await expect(LiveStore.open(nowhere)).rejects.toMatchObject({ fault: 'missing' })
  expect(existsSync(nowhere)).toBe(false)
})

test('looking at a database that is fine changes nothing', async () => {
  const before = await live.settings()
  await live.check()
  expect(await live.settings()).toBe(before)
  expect(changes).toEqual([])
})

describe('while it may be sure for a second', () => {
  let sure: LiveStore
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    sure = await LiveStore.open(file, { checkEvery: 1e9, sureFor: 1000 })
    await sure.settings()
    await sure.facts(domain, DJB, 'djb2026112045')
    await people.saveAddress(
      { domain: TD, localPart: 'djb2026112045', prefix: DJB },
      { revokedAt: NOON },
      NOON,
    )
    await people.addDomain({ ...aDomain(), name: 'other.example.com' as Domain['name'] }, NOON)
  })
  afterEach(async () => {
    vi.useRealTimers()
    await sure.close()
  })
  const isRevoked = async (): Promise<boolean> => (await sure.facts(domain, DJB, 'djb2026112045')).revoked

  test('what others commit counts when that time is over', async () => {
    vi.advanceTimersByTime(1000)
    expect((await sure.settings()).domains.size).toBe(2)
    expect(await isRevoked()).toBe(true)
  })

  test('SQLite is not asked before', async () => {
    vi.advanceTimersByTime(999)
    expect((await sure.settings()).domains.size).toBe(1)
    expect(await isRevoked()).toBe(false)
  })
})

test('the timer looks by itself', async () => {
  const told = new Promise<StoreError | undefined>((resolve) => {
    void LiveStore.open(file, { checkEvery: 5, onChange: resolve }).then((watching) => {
      rmSync(file)
      void told.then(() => watching.close())
    })
  })
  expect(await told).toMatchObject({ fault: 'missing' })
})

describe('a deleted database', () => {
  test('makes every call reject, and is not replaced by an empty one', async () => {
    deleteAll()
    await live.check()
    await expect(live.settings()).rejects.toMatchObject({ fault: 'missing' })
    await expect(facts()).rejects.toMatchObject({ fault: 'missing' })
    await live.check()
    expect(existsSync(file)).toBe(false)
    expect(changes).toMatchObject([{ fault: 'missing' }])
  })

  test('that is moved back is used again, with all that its log holds', async () => {
    await people.changePrefix(TD, DJB, { mailboxes: [mailbox('late@example.com')] })
    renameSync(file, `${file}.away`)
    await live.check()
    await expect(facts()).rejects.toMatchObject({ fault: 'missing' })
    renameSync(`${file}.away`, file)
    await live.check()
    expect((await facts()).prefix?.mailboxes).toEqual(['late@example.com'])
    expect(changes).toMatchObject([{ fault: 'missing' }, undefined])
  })

  test.each([
    ['with its log', deleteAll],
    ['leaving its log', () => rmSync(file)],
  ])('%s, and replaced by a backup, is replaced here', async (_name, remove) => {
    await people.backup(join(folder, 'copy.db'))
    await people.changePrefix(TD, DJB, { mailboxes: [mailbox('late@example.com')] })
    expect((await facts()).prefix?.mailboxes).toEqual(['late@example.com'])
    remove()
    await live.check()
    copyFileSync(join(folder, 'copy.db'), file)
    await live.check()
    expect((await facts()).prefix?.mailboxes).toEqual(['dredd@example.com'])
    // And it goes on following changes, made through the new file.
    await people.changePrefix(TD, DJB, { enabled: false })
    expect((await facts()).prefix?.enabled).toBe(false)
    expect((await people.health(true)).faults).toEqual([])
  })

  test('replaced in one step is noticed, too', async () => {
    await people.backup(join(folder, 'copy.db'))
    await people.changePrefix(TD, DJB, { enabled: false })
    renameSync(join(folder, 'copy.db'), file)
    await live.check()
    expect((await facts()).prefix?.enabled).toBe(true)
    expect(changes).toEqual([])
  })

  test('and a fresh one in its place do not turn our mail into foreign mail', async () => {
    deleteAll()
    await live.check()
    const fresh = openSqliteStore(file)
    await live.check()
    await expect(live.settings()).rejects.toThrow('replaced by one without domains')
    await fresh.addDomain(aDomain(), NOON)
    await live.check()
    expect((await live.settings()).domains.size).toBe(1)
    await fresh.close()
  })
})

test('a database with something else in its place makes every call reject until a backup is there', async () => {
  await people.backup(join(folder, 'copy.db'))
  deleteAll()
  writeFileSync(file, 'not a database '.repeat(1000))
  await live.check()
  await expect(facts()).rejects.toMatchObject({ fault: 'not-a-database' })
  renameSync(join(folder, 'copy.db'), file)
  await live.check()
  expect((await facts()).prefix?.name).toBe(DJB)
  expect(changes).toMatchObject([{ fault: 'not-a-database' }, undefined])
})

test('a lock is waited for once between two looks, so that foreign mail is not held up by each recipient', async () => {
  const statements = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1'))
  const busy = vi.spyOn(statements, 'get').mockImplementation(() => {
    throw new Sqlite.SqliteError('database is locked', 'SQLITE_BUSY')
  })
  for (let recipient = 0; recipient < 10; recipient++) {
    await expect(live.settings()).rejects.toMatchObject({ fault: 'locked' })
  }
  expect(busy).toHaveBeenCalledTimes(1)
  busy.mockRestore()
  await live.check()
  expect((await live.settings()).domains.size).toBe(1)
})

test.each([
  ['damage, when the file was written over', 'SQLITE_CORRUPT', 'corrupt'],
  ['a disk error, when its log was deleted under it', 'SQLITE_IOERR_SHORT_READ', 'failed'],
])('opens the database again after %s', async (_what, code, fault) => {
  const before = await live.settings()
  const statements = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1'))
  const failing = vi.spyOn(statements, 'get').mockImplementation(() => {
    throw new Sqlite.SqliteError('it failed', code)
  })
  await expect(live.settings()).rejects.toMatchObject({ fault })
  failing.mockRestore()
  // Until the next look at it: foreign mail is not to wait for a broken disk at each recipient.
  await expect(live.settings()).rejects.toMatchObject({ fault })
  await live.check()
  expect(await live.settings()).not.toBe(before)
  expect(await live.settings()).toEqual(before)
})

test('the last domain may be removed by people: then nothing is ours', async () => {
  await people.removePrefix(TD, DJB)
  await people.removeDomain(TD)
  expect((await live.settings()).domains.size).toBe(0)
})

test('a closed one rejects', async () => {
  await live.close()
  await live.check()
  await expect(live.settings()).rejects.toThrow('closed')
})
