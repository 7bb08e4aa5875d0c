// The database and the disk it lies on.

import { dirname } from 'node:path'
import type { StoreHealth } from '../../store/store.ts'
import { modeText, nameOfId } from './access.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { FileFacts, FreeSpace, Machine, Reading } from './machine.ts'

export interface DatabaseFacts {
  readonly file: string
  /** The database first, then those of its companions (-wal, -shm, .domains) that exist. */
  readonly files: readonly { readonly path: string; readonly facts: Reading<FileFacts> }[]
  readonly directory: Reading<FileFacts>
  readonly space: Reading<FreeSpace>
  /** The text of /etc/passwd, or ''. */
  readonly passwd: string
}

const MEGABYTE = 1024 * 1024
/** Below this the next busy day may fill the disk. */
const LITTLE_SPACE = 200 * MEGABYTE
/** Below this a checkpoint may not find room. */
const NO_SPACE = 20 * MEGABYTE

export async function readDatabase(machine: Machine, file: string, passwd: string): Promise<DatabaseFacts> {
  const files = await Promise.all(
    ['', '-wal', '-shm', '.domains'].map(async (suffix) => ({
      path: file + suffix,
      facts: await machine.inspect(file + suffix),
    })),
  )
  return {
    file,
    files: files.filter(({ path, facts }) => path === file || facts.ok),
    directory: await machine.inspect(dirname(file)),
    space: await machine.freeSpace(dirname(file)),
    passwd,
  }
}

/** What puts a copy of a backup in place: the backup stays, its owner becomes the service's, and no old log meets it. */
export function restoring(file: string): string {
  const fresh = `${file}.restored`
  return (
    `stop the service and restore your last backup: cp BACKUP ${fresh} && chown --reference=${dirname(file)} ${fresh} && ` +
    `rm -f ${file}-wal ${file}-shm && mv ${fresh} ${file}`
  )
}

export function checkDatabaseFiles(facts: DatabaseFacts): Finding[] {
  const main = facts.files[0]!
  if (!main.facts.ok) {
    return [
      main.facts.why === 'missing'
        ? fault(
            'database-file',
            `There is no database ${facts.file}.`,
            facts.files.some(({ path }) => path === `${facts.file}.domains`)
              ? `It is gone, and its mail is put off: ${restoring(facts.file)}`
              : 'Add a domain, as in "timedelay domain add td.example.com", or name the right file with --database.',
          )
        : fault(
            'database-file',
            `${main.facts.says}.`,
            'Run "timedelay doctor" as root, or as the user of the service.',
          ),
    ]
  }
  return [
    ...checkModes(facts),
    ...checkOwners(facts, main.facts.value),
    ...checkDirectory(facts, main.facts.value),
  ]
}

function checkModes({ files }: DatabaseFacts): Finding[] {
  const open = files.filter(({ facts }) => facts.ok && (facts.value.mode & 0o077) !== 0)
  if (open.length === 0) return [ok('database-mode', 'Only the owner of the database may read it.')]
  return open.map(({ path, facts }) =>
    fault(
      'database-mode',
      `${path} has mode ${facts.ok ? modeText(facts.value.mode) : '?'}: other users can read the signing keys.`,
      `chmod 600 ${path}`,
    ),
  )
}

/** A -wal or -shm that root left behind locks the service out of its own database. */
function checkOwners({ files, passwd }: DatabaseFacts, main: FileFacts): Finding[] {
  const owner = nameOfId(passwd, main.uid)
  const strangers = files.filter(({ facts }) => facts.ok && facts.value.uid !== main.uid)
  if (strangers.length === 0) return [ok('database-owner', `The database belongs to ${owner}.`)]
  return strangers.map(({ path }) =>
    fault(
      'database-owner',
      `${path} does not belong to ${owner}, as the database does.`,
      `chown ${owner} ${path}`,
    ),
  )
}

/** The owner makes and removes files beside the database; nobody else should. */
function checkDirectory({ file, directory, passwd }: DatabaseFacts, main: FileFacts): Finding[] {
  const check = 'database-directory'
  const path = dirname(file)
  if (!directory.ok) return [warn(check, `${directory.says}.`, 'Run "timedelay doctor" as root.')]
  const { mode, uid } = directory.value
  const owner = nameOfId(passwd, main.uid)
  const mayWrite = main.uid === 0 || (uid === main.uid ? (mode & 0o300) === 0o300 : (mode & 0o022) !== 0)
  if (!mayWrite) {
    return [
      fault(
        check,
        `${owner} owns the database but may not make files in ${path} (mode ${modeText(mode)}).`,
        `chown ${owner} ${path} && chmod u+wx ${path}`,
      ),
    ]
  }
  if ((mode & 0o002) !== 0) {
    return [warn(check, `Everybody may write in ${path}, where the database lies.`, `chmod o-w ${path}`)]
  }
  return [ok(check, `${owner} may write in ${path}.`)]
}

export function checkDisk({ file, space }: DatabaseFacts): Finding[] {
  const check = 'disk-space'
  const path = dirname(file)
  if (!space.ok) return [warn(check, `${space.says}.`, `df -h ${path}`)]
  const { freeBytes, freeFiles } = space.value
  const free = `${Math.floor(freeBytes / MEGABYTE)} MB`
  if (freeBytes < NO_SPACE) {
    return [
      fault(
        check,
        `The disk of ${path} is full: ${free} are left.`,
        `Free some space; see what takes it with: du -xhd1 ${path}`,
      ),
    ]
  }
  if (freeFiles !== undefined && freeFiles < 100) {
    return [
      fault(
        check,
        `The disk of ${path} can hold only ${freeFiles} more files.`,
        `Remove files; see where they are with: du --inodes -xd1 ${path}`,
      ),
    ]
  }
  if (freeBytes < LITTLE_SPACE) {
    return [
      warn(
        check,
        `The disk of ${path} is nearly full: ${free} are left.`,
        `See what takes the space with: du -xhd1 ${path}`,
      ),
    ]
  }
  return [ok(check, `The disk of ${path} has ${free} left.`)]
}

export function checkHealth(health: StoreHealth, file: string): Finding[] {
  const faults = health.faults.map((says) =>
    fault(
      'database-health',
      `The database ${file} is damaged: ${says}`,
      `Keep a copy of the file, ${restoring(file)}`,
    ),
  )
  const size = `${(health.bytes / MEGABYTE).toFixed(1)} MB, schema version ${health.schemaVersion}`
  return faults.length > 0 ? faults : [ok('database-health', `The database is sound: ${size}.`)]
}
