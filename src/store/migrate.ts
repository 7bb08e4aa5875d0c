// Numbered migrations: which files there are, and which of them a database still needs. Forward only, and frozen once
// released. Applying them is each engine's business: one transaction each, recorded by name and checksum.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number
  /** The file's name: `0001_mail_path.sql`. */
  readonly name: string
  /** SHA-256 of the text, in hexadecimal. */
  readonly checksum: string
  readonly sql: string
}

export type AppliedMigration = Pick<Migration, 'version' | 'name' | 'checksum'>

export type MigrationPlan =
  | { readonly kind: 'pending'; readonly migrations: readonly Migration[] }
  /** A newer program has worked on this database. */
  | { readonly kind: 'newer'; readonly database: number; readonly program: number }
  /** The file of this name is not what the database was made with. */
  | { readonly kind: 'changed'; readonly name: string }

/** The migrations of one engine, in order. `folder` defaults to ours, which lies beside `src/` and `dist/` alike. */
export function loadMigrations(
  engine: 'sqlite',
  folder = new URL(`../../migrations/${engine}/`, import.meta.url),
): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}_\w+\.sql$/.test(name))
  return names.sort().map((name, index) => {
    // The checksum must survive a checkout with other line ends.
    const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
    const version = Number(name.slice(0, 4))
    if (version !== index + 1) throw new Error(`migration ${name} should have the number ${index + 1}`)
    return { version, name, checksum: createHash('sha256').update(sql).digest('hex'), sql }
  })
}

/** What a database with these applied migrations needs. */
export function planMigrations(
  applied: readonly AppliedMigration[],
  available: readonly Migration[],
): MigrationPlan {
  const database = Math.max(0, ...applied.map((migration) => migration.version))
  if (database > available.length) return { kind: 'newer', database, program: available.length }
  const changed = applied.find(({ version, name, checksum }) => {
    const ours = available[version - 1]
    return ours === undefined || ours.name !== name || ours.checksum !== checksum
  })
  if (changed !== undefined) return { kind: 'changed', name: changed.name }
  return { kind: 'pending', migrations: available.slice(database) }
}
