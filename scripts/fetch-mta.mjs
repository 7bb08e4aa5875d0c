// Fetches real mail servers for the tests: Debian's sendmail, Postfix and miltertest, unpacked into .cache/mta.
// Nothing is installed, and nothing below /etc or /usr changes: packages are downloaded, checked by apt and unpacked,
// together with the libraries that this machine lacks. `npm test` does this by itself; run by hand it prepares a
// machine that will have no network later.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../.cache/mta', import.meta.url))

/** What to unpack, and which of its dependencies can be missing here: libraries, and m4 for sendmail's configuration. */
const servers = {
  sendmail: ['sendmail-bin', 'sendmail-base', 'sendmail-cf'],
  postfix: ['postfix'],
  miltertest: ['miltertest'],
}
const extra = { sendmail: ['m4'], postfix: [], miltertest: [] }

class Unavailable extends Error {}

function run(command, args, cwd = cache) {
  const env = { ...process.env, LC_ALL: 'C' }
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (result.error !== undefined)
    throw new Unavailable(`${command} is not on this machine (${result.error.code})`)
  if (result.status !== 0) {
    const lines = result.stderr.trim().split('\n')
    throw new Unavailable(
      `${command} ${args[0]}: ${lines.find((line) => line.startsWith('E:')) ?? lines.at(-1)}`,
    )
  }
  return result.stdout
}

/** Libraries that a downloaded package names in its Depends field, whatever Debian's release calls them. */
function libraries(debs) {
  return debs
    .flatMap((deb) => run('dpkg-deb', ['--field', deb, 'Depends']).split(','))
    .map((dependency) => dependency.trim().split(/[\s:(|]/)[0])
    .filter((name) => name.startsWith('lib'))
}

function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' })
  return query.stdout?.includes('\nStatus: install ok installed\n') ?? false
}

/** Missing packages with everything missing that they need: apt's own answer, simulated. `[old]` marks an upgrade. */
function closure(missing) {
  if (missing.length === 0) return []
  const plan = run('apt-get', ['install', '--simulate', '--no-install-recommends', ...missing])
  return [...plan.matchAll(/^Inst (\S+) \(/gm)].map((match) => match[1])
}

function debsIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(folder, name))
}

function fetch(server) {
  const home = join(cache, server)
  if (existsSync(home)) return
  const work = mkdtempSync(join(cache, '.fetching-'))
  try {
    run('apt-get', ['download', ...servers[server]], work)
    const missing = [...libraries(debsIn(work)), ...extra[server]].filter((name) => !isInstalled(name))
    const needed = closure(missing)
    if (needed.length > 0) run('apt-get', ['download', ...needed], work)
    for (const deb of debsIn(work)) run('dpkg-deb', ['--extract', deb, join(work, 'tree')])
    // With the set-group-id bit of the package, sendmail would not look for its libraries where we unpacked them.
    run('chmod', ['-R', 'ug-s', join(work, 'tree')])
    // Complete or not there at all: another run may be looking.
    if (!existsSync(home)) renameSync(join(work, 'tree'), home)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The package lists may be missing, or so old that their versions are gone from the mirror. */
function fetchWithFreshLists(server) {
  try {
    fetch(server)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    run('apt-get', ['update'])
    fetch(server)
  }
}

const wanted = process.argv.slice(2)
try {
  mkdirSync(cache, { recursive: true })
  for (const server of wanted.length > 0 ? wanted : Object.keys(servers)) {
    if (!(server in servers))
      throw new Unavailable(`unknown server '${server}': ${Object.keys(servers).join(', ')}`)
    fetchWithFreshLists(server)
  }
} catch (error) {
  if (!(error instanceof Unavailable)) throw error
  process.stderr.write(`fetch-mta: ${error.message}\n`)
  process.exitCode = 1
}
