// Builds the yardstick: libmilter from Debian, unpacked into .cache/bench as scripts/fetch-mta.mjs unpacks the mail
// servers (nothing is installed), and scripts/bench/yardstick.c compiled against it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../.cache/bench', import.meta.url))
const source = fileURLToPath(new URL('yardstick.c', import.meta.url))
const library = join(cache, 'libmilter')
const program = join(cache, 'yardstick')

class Unavailable extends Error {}

function run(command, args, cwd = cache) {
  const env = { ...process.env, LC_ALL: 'C' }
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (result.error !== undefined) throw new Unavailable(`${command} is not on this machine`)
  if (result.status !== 0) {
    const lines = result.stderr.trim().split('\n')
    throw new Unavailable(
      `${command} ${args[0]}: ${lines.find((line) => line.startsWith('E:')) ?? lines.at(-1)}`,
    )
  }
}

function fetchLibrary() {
  const work = mkdtempSync(join(cache, '.fetching-'))
  try {
    run('apt-get', ['download', 'libmilter-dev'], work)
    for (const name of readdirSync(work)) run('dpkg-deb', ['--extract', join(work, name), join(work, 'tree')])
    renameSync(join(work, 'tree'), library)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The package lists may be missing, or so old that their versions are gone from the mirror. */
function fetchWithFreshLists() {
  try {
    fetchLibrary()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    run('apt-get', ['update'])
    fetchLibrary()
  }
}

/** Debian keeps the static library in a folder named after the architecture. */
function archive() {
  const folder = readdirSync(join(library, 'usr', 'lib')).find((name) => name.includes('-linux-'))
  return join(library, 'usr', 'lib', folder ?? '', 'libmilter.a')
}

function compile() {
  const include = join(library, 'usr', 'include')
  run('cc', [
    '-O2',
    '-Wall',
    '-o',
    `${program}.new`,
    `-I${include}`,
    source,
    archive(),
    '-lpthread',
    '-lresolv',
  ])
  renameSync(`${program}.new`, program)
}

/** `{ program }`, or `{ missing }` with one sentence. */
export function prepareYardstick() {
  try {
    mkdirSync(cache, { recursive: true })
    if (!existsSync(library)) fetchWithFreshLists()
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) compile()
    return { program }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return { missing: error.message }
  }
}
