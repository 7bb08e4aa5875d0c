// Makes a fresh clone ready to run: checks Node, installs what package-lock.json lists, builds what changed.
// npm runs it before `npm start` and `npm test` (prestart, pretest), so either works alone on a new machine.
// It uses nothing but Node itself, because it runs before any dependency is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules', '.prepared')

function say(text) {
  process.stderr.write(`prepare: ${text}\n`)
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error !== undefined) say(`${command} could not be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}

/** What is installed follows from two things: the lock file, and the ABI that SQLite was compiled for. */
function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} abi${process.versions.modules} ${process.platform}-${process.arch}`
}

/** When the newest of a folder's files was changed, in milliseconds. */
function newest(folder) {
  const times = readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, name)).mtimeMs)
  return Math.max(...times, statSync(folder).mtimeMs)
}

function pageIsStale() {
  const page = join(root, 'dist', 'web', 'index.html')
  if (!existsSync(page)) return true
  const built = statSync(page).mtimeMs
  // The page takes types only from src/, so nothing there makes it stale.
  return newest(join(root, 'web')) > built || statSync(stampFile).mtimeMs > built
}

if (!nodeIsNewEnough()) {
  say(`Node ${process.versions.node} is too old: timedelay needs 20.19 or newer`)
  process.exit(1)
}

const stamp = wantedStamp()
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  // From Node-API 10 on the binding that comes compiled is used (src/store/sqlite/engine.ts); no other package needs its
  // install script.
  const compiles = Number(process.versions.napi) < 10
  say(`installing packages${compiles ? ' (this compiles SQLite: one to two minutes)' : ''}`)
  const npm = process.env.npm_execpath
  // The compiler is a development dependency, so NODE_ENV=production must not leave it out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', ...(compiles ? [] : ['--ignore-scripts'])]
  if (npm?.endsWith('.js')) run(process.execPath, npm, ...args)
  else run('npm', ...args)
  writeFileSync(stampFile, stamp)
}
run(process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--build')
if (pageIsStale()) {
  run(
    process.execPath,
    join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
    'build',
    'web',
    '--logLevel',
    'warn',
  )
}
