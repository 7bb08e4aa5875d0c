// Copies and check-ups of the whole database.

import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import { StoreError, type StoreHealth } from '../store.ts'
import { toStoreError } from './errors.ts'
import { schemaVersion } from './schema.ts'

/**
 * Writes one consistent state to `target`, mode 0600. VACUUM INTO reads a single snapshot and so comes to its end
 * while others write; SQLite's incremental backup begins anew at each commit of theirs. The file appears under its
 * name when it is whole and on the disk.
 */
export function writeBackup(db: Database, target: string): void {
  const file = resolve(target)
  if (existsSync(file)) throw taken(file)
  const partial = join(dirname(file), `.${basename(file)}.${randomUUID()}.partial`)
  let queryOnly: unknown
  try {
    // SQLite writes into an empty file that exists, so nobody else can ever read it.
    closeSync(openSync(partial, 'wx', 0o600))
    // Writes another file, which the read-only door of mail would refuse all the same.
    queryOnly = db.pragma('query_only', { simple: true })
    db.pragma('query_only = OFF')
    db.prepare('VACUUM INTO ?').run(partial)
    sync(partial)
    // Unlike a rename, a link never takes the place of a file.
    linkSync(partial, file)
    sync(dirname(file))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw taken(file)
    throw toBackupError(error, db.name, file)
  } finally {
    if (queryOnly === 1) db.pragma('query_only = ON')
    rmSync(partial, { force: true })
    rmSync(`${partial}-journal`, { force: true })
  }
}

function taken(file: string): StoreError {
  return new StoreError('unreachable', `The backup ${file} exists already: name another file.`)
}

/** Which of the two files failed decides what to do about it. */
function toBackupError(error: unknown, source: string, target: string): unknown {
  const told = toStoreError(error, source)
  if (!(told instanceof StoreError)) return told
  if (told.fault === 'corrupt' || told.fault === 'locked') return told
  if (!existsSync(dirname(target))) {
    return new StoreError(
      'unreachable',
      `The backup ${target} cannot be written: there is no directory ${dirname(target)}. Make it, or name a file in another directory.`,
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  const advice =
    told.fault === 'full' ? 'make room there' : 'name a file in a directory that this user may write'
  return new StoreError(
    told.fault,
    `The backup ${target} cannot be written: ${reason}. Please ${advice}.`,
    error,
  )
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export function examine(db: Database, thorough: boolean): StoreHealth {
  const bytes = db
    .prepare<[], number>('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
    .pluck()
    .get()!
  const faults = faultsOf(db, thorough ? 'integrity_check' : 'quick_check')
  // What refers to a damaged table cannot be judged.
  if (thorough && faults.length === 0) faults.push(...danglingRows(db))
  return { faults, schemaVersion: schemaVersion(db, db.name), bytes }
}

function faultsOf(db: Database, check: 'integrity_check' | 'quick_check'): string[] {
  try {
    const lines = db.prepare<[], string>(`PRAGMA ${check}`).pluck().all()
    return lines.filter((line) => line !== 'ok')
  } catch (error) {
    // Some damage ends the check instead of being listed by it.
    const told = toStoreError(error, db.name)
    if (told instanceof StoreError && told.fault === 'corrupt') return [told.message]
    throw error
  }
}

function danglingRows(db: Database): string[] {
  const rows = db.prepare<[], { table: string; parent: string }>('PRAGMA foreign_key_check').all()
  return rows.map(({ table, parent }) => `a row of ${table} refers to a missing row of ${parent}`)
}
