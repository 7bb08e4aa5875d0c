// The database as files: the database, its write-ahead log (-wal) and the log's index (-shm).
//
// A program that has a file open goes on with it when it is deleted or replaced: it would read old mappings for ever
// and write into a file that is gone. So whoever opened a database remembers which file that was. And where a backup
// takes the place of a database that was in use, the old log still lies beside it: SQLite cannot tell, and would
// apply it to the backup. So a log that is known to belong to the old file is removed first.

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from '../store.ts'
import { isLost, missing } from './errors.ts'

/** 'missing': nothing at the path; 'replaced': another file than the one that is open. */
export type FileState = 'same' | 'missing' | 'replaced'

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

const SIDE_FILES = ['-wal', '-shm'] as const

export class DatabaseFile {
  readonly path: string
  readonly #database: Identity
  readonly #sides = new Map<string, Identity>()

  /** Before SQLite opens it. Throws what `stat` throws, and in the same manner when it is no regular file. */
  constructor(path: string) {
    this.path = path
    const found = statSync(path, { bigint: true })
    if (found.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
    if (!found.isFile()) throw Object.assign(new Error('it is no regular file'), { code: 'EPERM' })
    this.#database = found
  }

  /** Once SQLite has read from it: its log is open from then on. */
  rememberLog(): void {
    for (const side of SIDE_FILES) {
      const found = statSync(this.path + side, { bigint: true, throwIfNoEntry: false })
      if (found !== undefined) this.#sides.set(side, found)
    }
  }

  state(): FileState {
    try {
      return this.#compare(statSync(this.path, { bigint: true }))
    } catch (error) {
      return stateOfFailure(error)
    }
  }

  async stateLater(): Promise<FileState> {
    try {
      return this.#compare(await stat(this.path, { bigint: true }))
    } catch (error) {
      return stateOfFailure(error)
    }
  }

  /** Only when `replaced`, and while the old database is still open: until then no new file can have its inode. */
  discardLog(): void {
    for (const [side, identity] of this.#sides) {
      const found = statSync(this.path + side, { bigint: true, throwIfNoEntry: false })
      if (found !== undefined && sameFile(found, identity)) rmSync(this.path + side)
    }
  }

  #compare(found: Identity): FileState {
    return sameFile(found, this.#database) ? 'same' : 'replaced'
  }
}

function sameFile(one: Identity, other: Identity): boolean {
  return one.ino === other.ino && one.dev === other.dev
}

/** A directory that may no longer be searched does not make an open database unusable. */
function stateOfFailure(error: unknown): FileState {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'same'
}

/** Makes the database's file, empty and for its owner only, and its directory (0700), where they are missing. */
export function makeDatabaseFile(path: string): void {
  if (existsSync(path)) return
  if (isLost(path)) throw missing(path)
  // Deleted under a running service, most likely.
  if (existsSync(`${path}-wal`)) throw deletedInUse(path)
  makeDirectory(dirname(path))
  closeSync(openSync(path, 'a', 0o600))
}

/** One after the other: Node's own recursion never ends where making one is answered with ENOENT, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/**
 * Takes away what others may do with files of ours, such as a backup that was copied here. SQLite gives -wal and -shm
 * the mode and owner of the database, so with it they are closed from the beginning.
 */
export function closeToOthers(path: string): void {
  for (const file of [path, ...SIDE_FILES.map((side) => path + side)]) {
    const found = statSync(file, { throwIfNoEntry: false })
    // Never a device or a directory: root may be told --database /dev/null.
    if (found?.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o077) !== 0)
      chmodSync(file, 0o600)
  }
}

function deletedInUse(path: string): StoreError {
  const { message } = missing(path)
  return new StoreError(
    'missing',
    `${message} Its log ${path}-wal is still there: remove that first to begin anew.`,
  )
}
