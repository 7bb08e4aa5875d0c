// Brings a database to the schema of this program, or says why it cannot be used.

import type { Database } from 'better-sqlite3'
import { type AppliedMigration, loadMigrations, type Migration, planMigrations } from '../migrate.ts'
import { StoreError } from '../store.ts'
import { foreignDatabase } from './errors.ts'

const LEDGER = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
  ) STRICT`

/** Refuses, before anything is written, what is not ours or was made by a newer program. */
export function requireOurs(db: Database, file: string, available = loadMigrations('sqlite')): void {
  pending(db, file, available)
}

/** Applies what is missing, each file in a transaction of its own. Several programs may do so at once. */
export function upgrade(db: Database, file: string, at: number, available = loadMigrations('sqlite')): void {
  while (pending(db, file, available).length > 0) {
    db.transaction(() => {
      // Again, now that nobody else writes: another program may have been quicker.
      const [next] = pending(db, file, available)
      if (next === undefined) return
      db.exec(LEDGER)
      db.exec(next.sql)
      db.prepare(
        'INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)',
      ).run(next.version, next.name, next.checksum, at)
    }).immediate()
  }
}

/** Refuses a database that the program would have to upgrade first. */
export function requireCurrent(db: Database, file: string, available = loadMigrations('sqlite')): void {
  if (pending(db, file, available).length === 0) return
  const version = schemaVersion(db, file)
  throw new StoreError(
    'schema',
    `The database ${file} has schema version ${version}, this program needs ${available.length}: start "timedelay serve", which upgrades it.`,
  )
}

export function schemaVersion(db: Database, file: string): number {
  return Math.max(0, ...applied(db, file).map((migration) => migration.version))
}

function applied(db: Database, file: string): readonly AppliedMigration[] {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  if (tables.includes('schema_migrations')) {
    return db.prepare<[], AppliedMigration>('SELECT version, name, checksum FROM schema_migrations').all()
  }
  // Never add our tables to another program's.
  if (tables.length > 0) throw foreignDatabase(file)
  return []
}

function pending(db: Database, file: string, available: readonly Migration[]): readonly Migration[] {
  const plan = planMigrations(applied(db, file), available)
  if (plan.kind === 'pending') return plan.migrations
  throw new StoreError(
    'schema',
    plan.kind === 'newer'
      ? `The database ${file} has schema version ${plan.database}, this program knows versions up to ${plan.program}: install the newer timedelay, or restore a backup from before the upgrade.`
      : `The database ${file} was made with another ${plan.name} than this program's: install the program that made it, or restore the released file.`,
  )
}
