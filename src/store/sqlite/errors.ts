// What SQLite and the file system say, in one sentence that says what to do.

import { dirname } from 'node:path'
import { readKnownDomains } from '../known-domains.ts'
import { StoreError } from '../store.ts'
import { SqliteError } from './engine.ts'

type Told = readonly [fault: StoreError['fault'], sentence: (file: string, message: string) => string]

const CORRUPT: Told = [
  'corrupt',
  (file) => `The database ${file} is damaged: stop timedelay and put a backup in its place.`,
]
const FULL: Told = ['full', (file) => `The disk that holds the database ${file} is full: make room there.`]
const UNREACHABLE: Told = [
  'unreachable',
  (file, message) => `The database ${file} cannot be used: ${message}. Check the path and its permissions.`,
]
const READ_ONLY: Told = [
  'read-only',
  (file) => `The database ${file} cannot be written: check the permissions of the file and its directory.`,
]

const NO_DIRECTORY: Told = [
  'unreachable',
  (file) => `The database ${file} cannot be made: ${dirname(file)} is no directory.`,
]

/** By primary result code: https://www.sqlite.org/rescode.html. */
const SQLITE: Readonly<Record<string, Told>> = {
  SQLITE_BUSY: [
    'locked',
    (file) => `The database ${file} is locked by another program: try again, or end that program.`,
  ],
  SQLITE_NOTADB: ['not-a-database', notADatabase],
  SQLITE_CORRUPT: CORRUPT,
  SQLITE_FULL: FULL,
  SQLITE_CANTOPEN: UNREACHABLE,
  SQLITE_PERM: UNREACHABLE,
  SQLITE_READONLY: READ_ONLY,
}

const FILE_SYSTEM: Readonly<Record<string, Told>> = {
  ENOENT: ['missing', missingSentence],
  EISDIR: [
    'unreachable',
    (file) => `The database path ${file} is a directory: name a file in it, such as ${file}/timedelay.db.`,
  ],
  ENOTDIR: NO_DIRECTORY,
  // What a recursive mkdir says of a file in its way.
  EEXIST: NO_DIRECTORY,
  EACCES: [
    'unreachable',
    (file) => `The database ${file} cannot be opened or made: this user may not write it or its directory.`,
  ],
  EPERM: UNREACHABLE,
  EROFS: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
}

function notADatabase(file: string): string {
  return `${file} is not a database of timedelay: name another file, or put a backup in its place.`
}

function missingSentence(file: string): string {
  return isLost(file)
    ? `The database ${file} is gone: put a backup in its place. Its mail is put off until then. To begin anew, remove ${file}.domains first.`
    : `There is no database ${file}: start "timedelay serve" or add a domain to make one, or put a backup there.`
}

/** There was one, and mail was judged by it. A fresh one in its place would refuse everybody's mail. */
export function isLost(file: string): boolean {
  return readKnownDomains(file).size > 0
}

export function missing(file: string): StoreError {
  return new StoreError('missing', missingSentence(file))
}

/** SQLite's, but another program's. */
export function foreignDatabase(file: string): StoreError {
  return new StoreError('not-a-database', notADatabase(file))
}

/** A database without domains in the place of one that had some. */
export function emptied(file: string): StoreError {
  return new StoreError(
    'missing',
    `The database ${file} was replaced by one without domains: put a backup in its place.`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** `error` as a `StoreError` when it is the engine's or the file system's; as it is when it is a bug of ours. */
export function toStoreError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  const code = codeOf(error)
  const engine = error instanceof SqliteError
  // SQLITE_IOERR_WRITE and its kin after ENOSPC come as SQLITE_FULL; extended codes begin with the primary one.
  const primary = /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''
  const told = engine ? SQLITE[primary] : FILE_SYSTEM[code]
  if (told !== undefined) return new StoreError(told[0], told[1](file, error.message), error)
  if (engine)
    return new StoreError('failed', `The database ${file} failed: ${error.message} (${code}).`, error)
  return error
}
