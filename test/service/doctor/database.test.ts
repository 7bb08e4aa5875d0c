import { describe, expect, test } from 'vitest'
import {
  checkDatabaseFiles,
  checkDisk,
  checkHealth,
  type DatabaseFacts,
} from '../../../src/service/doctor/database.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import type { FileFacts } from '../../../src/service/doctor/machine.ts'

function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((finding) => finding.check === check).map(({ level }) => level)
}

describe('the database', () => {
  function file(change: Partial<FileFacts> = {}): { readonly ok: true; readonly value: FileFacts } {
    return { ok: true, value: { kind: 'file', mode: 0o600, uid: 990, gid: 990, modifiedAt: 0, ...change } }
  }
  function facts(change: Partial<DatabaseFacts> = {}): DatabaseFacts {
    return {
      file: '/var/lib/timedelay/td.db',
      files: [
        { path: '/var/lib/timedelay/td.db', facts: file() },
        { path: '/var/lib/timedelay/td.db-wal', facts: file() },
      ],
      directory: file({ kind: 'directory', mode: 0o700 }),
      space: { ok: true, value: { freeBytes: 1 << 30, freeFiles: 100_000 } },
      passwd: 'root:x:0:0::/:\ntimedelay:x:990:990::/:\n',
      ...change,
    }
  }
  const withMain = (change: Partial<FileFacts>) =>
    facts({ files: [{ path: '/var/lib/timedelay/td.db', facts: file(change) }] })

  test('is well when only its owner can read and write', () => {
    expect(checkDatabaseFiles(facts()).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok'])
  })

  test.each([0o640, 0o604, 0o660])('with mode %o shows others the signing keys', (mode) => {
    const [found] = checkDatabaseFiles(withMain({ mode })).filter(({ check }) => check === 'database-mode')
    expect(found).toMatchObject({ level: 'fault', todo: 'chmod 600 /var/lib/timedelay/td.db' })
  })

  test('is locked by a log that root left behind', () => {
    const files = [facts().files[0]!, { path: '/var/lib/timedelay/td.db-wal', facts: file({ uid: 0 }) }]
    const [found] = checkDatabaseFiles(facts({ files })).filter(({ check }) => check === 'database-owner')
    expect(found).toMatchObject({ level: 'fault', todo: 'chown timedelay /var/lib/timedelay/td.db-wal' })
  })

  test('needs a directory that its owner may write in, and nobody else', () => {
    const directory = (change: Partial<FileFacts>) =>
      levels(
        checkDatabaseFiles(facts({ directory: file({ kind: 'directory', ...change }) })),
        'database-directory',
      )
    expect(directory({ uid: 0, mode: 0o755 })).toEqual(['fault'])
    expect(directory({ uid: 990, mode: 0o500 })).toEqual(['fault'])
    expect(directory({ uid: 990, mode: 0o777 })).toEqual(['warn'])
  })

  test('that is not there is one fault and no more', () => {
    const missing = { ok: false, why: 'missing', says: 'there is no file' } as const
    const findings = checkDatabaseFiles(facts({ files: [{ path: '/x.db', facts: missing }] }))
    expect(findings.map(({ check }) => check)).toEqual(['database-file'])
    expect(findings[0]?.todo).toContain('Add a domain')
  })

  test('that is gone is to be restored, never made anew', () => {
    const missing = { ok: false, why: 'missing', says: 'there is no file' } as const
    const kept = { path: '/x.db.domains', facts: file() } as const
    const [finding] = checkDatabaseFiles(
      facts({ file: '/x.db', files: [{ path: '/x.db', facts: missing }, kept] }),
    )
    expect(finding?.todo).toContain('rm -f /x.db-wal /x.db-shm && mv /x.db.restored /x.db')
  })

  test.each([
    [{ freeBytes: 1024, freeFiles: undefined }, 'fault'],
    [{ freeBytes: 100 << 20, freeFiles: 10_000 }, 'warn'],
    [{ freeBytes: 1 << 30, freeFiles: 5 }, 'fault'],
    [{ freeBytes: 1 << 30, freeFiles: undefined }, 'ok'],
  ])('on a disk with %j is %s', (value, level) => {
    expect(levels(checkDisk(facts({ space: { ok: true, value } })), 'disk-space')).toEqual([level])
  })

  test('that the engine finds damaged is a fault for each of its sentences', () => {
    const findings = checkHealth(
      { faults: ['row 3 missing', 'page 9'], schemaVersion: 1, bytes: 4096 },
      '/x.db',
    )
    expect(levels(findings, 'database-health')).toEqual(['fault', 'fault'])
  })
})
