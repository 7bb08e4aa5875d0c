// Tables larger than their bounds: every batch does a bounded piece of work, and the bounds are reached all the same.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { aDomain, anEvent, NOON } from './build.ts'

// Other processes, threads and disks take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

test('150,000 decisions and 60,000 strays shrink to smaller bounds slice by slice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'timedelay-growth-'))
  const file = join(folder, 'timedelay.db')
  const made = openSqliteStore(file)
  await made.addDomain(aDomain(), NOON)
  await made.close()

  const db = new Sqlite(file)
  db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
    INSERT INTO decisions (at, day, queue_id, client, sender, recipient, domain, prefix, local_part, verdict)
    SELECT i, 20000, '', '', '', '', 'td.example.com', 'djb', NULL, 'unknown' FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    INSERT INTO addresses (domain_id, local_part, prefix, created_at, refused, last_seen_at, by_person)
    SELECT 1, 'djb' || i, 'djb', i, 1, i, 0 FROM n`)
  const count = (table: string) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!

  const store = openSqliteStore(file, { keepDecisions: 100_000, keepStrays: 50_000 })
  await store.record([anEvent({ localPart: undefined })])
  // One slice of each went, no more: the write lock is never held for long.
  expect(count('decisions')).toBe(150_001 - 2000)
  expect(count('addresses')).toBe(60_000 - 2000)
  for (let batch = 0; batch < 30; batch++) await store.record([anEvent({ localPart: undefined })])
  expect(count('decisions')).toBe(100_000)
  expect(count('addresses')).toBe(50_000)
  expect(db.prepare('SELECT min(last_seen_at) FROM addresses').pluck().get()).toBe(10_001)
  expect((await store.decisions({ limit: 1 }))[0]).toMatchObject({ verdict: 'forward' })

  db.close()
  await store.close()
  rmSync(folder, { recursive: true })
})
