// The servers that are measured, each a process of its own on the CPU for servers, and what the operating system tells
// about them.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { DOMAIN, prefixList } from './world.mjs'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url))
const BARE = fileURLToPath(new URL('bare.mjs', import.meta.url))
/** Milliseconds for a server to listen. */
const PATIENCE = 60_000

export class BenchError extends Error {}

/** Which CPUs: the last for the servers, the first for the load; `undefined` where they cannot be chosen. */
export function chooseCpus() {
  if (availableParallelism() < 2 || spawnSync('taskset', ['--version']).error !== undefined) return undefined
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]
  const cpus = allowed.split(',').flatMap((range) => {
    const [from, through = from] = range.split('-').map(Number)
    return Array.from({ length: through - from + 1 }, (_, index) => from + index)
  })
  return { servers: cpus.at(-1), load: cpus[0] }
}

function launch(cpu, command, args, stdio) {
  if (cpu === undefined) return spawn(command, args, { stdio })
  return spawn('taskset', ['-c', String(cpu), command, ...args], { stdio })
}

/** Resolves with the match once the program has printed it. */
function said(child, pattern) {
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => reject(new BenchError(`a server did not start: ${text}`)), PATIENCE)
    child.stdout.on('data', (chunk) => {
      text += chunk
      const match = pattern.exec(text)
      if (match === null) return
      clearTimeout(late)
      resolve(match)
    })
    child.once('exit', (code) => reject(new BenchError(`a server ended with ${code} before it listened`)))
  })
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

async function stop(child, signal = 'SIGTERM') {
  child.kill(signal)
  await ended(child)
}

function timedelay(...args) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new BenchError(`timedelay ${args.join(' ')}: ${stderr}`)
}

/** A database with so many prefixes, made by the commands that a postmaster would use. */
export function makeDatabase(directory, prefixes, letters = 3) {
  const place = mkdtempSync(join(directory, 'database-'))
  const database = join(place, 'timedelay.db')
  const list = join(place, 'prefixes')
  writeFileSync(list, prefixList(prefixes, letters))
  const longest = ['--max-prefix-length', String(Math.max(3, letters))]
  timedelay('domain', 'add', DOMAIN, '--time-zone', 'UTC', ...longest, '--database', database)
  timedelay('prefix', 'import', list, '--database', database)
  return { database, list }
}

/** `timedelay serve` as a user runs it: database file, recording, verdict log to a file, metrics and the console. */
export async function startOurs(directory, { database, cpu, options = [], nodeOptions = [] }) {
  const socket = join(directory, 'timedelay.sock')
  const log = openSync(join(directory, 'timedelay.log'), 'a')
  const listen = ['--milter', `unix:${socket}`, '--milter', 'inet:0@127.0.0.1', '--http', '127.0.0.1:0']
  const began = performance.now()
  const child = launch(
    cpu,
    process.execPath,
    [...nodeOptions, MAIN, 'serve', '--database', database, ...listen, ...options],
    ['ignore', 'pipe', log],
  )
  closeSync(log)
  const [, port] = await said(child, /inet:(\d+)@127\.0\.0\.1.*\n/)
  return {
    name: 'timedelay',
    pid: child.pid,
    console: childrenOf(child.pid)[0],
    unix: { path: socket },
    tcp: { host: '127.0.0.1', port: Number(port) },
    startedIn: performance.now() - began,
    stop: () => stop(child),
  }
}

export async function startYardstick(directory, { program, list, cpu, tcp = false }) {
  const path = join(directory, 'yardstick.sock')
  // libmilter takes no port 0; one above the usual range is free on a machine for benchmarks.
  const port = 28_895
  const child = launch(
    cpu,
    program,
    [tcp ? `inet:${port}@127.0.0.1` : `unix:${path}`, DOMAIN, list],
    ['ignore', 'pipe', 'inherit'],
  )
  await said(child, /listening/)
  return {
    name: 'libmilter',
    pid: child.pid,
    unix: { path },
    tcp: { host: '127.0.0.1', port },
    stop: () => stop(child),
  }
}

export async function startBare(directory, { cpu, prefixes, recipients }) {
  const path = join(directory, 'bare.sock')
  const args = [BARE, path, String(prefixes), String(recipients)]
  const child = launch(cpu, process.execPath, args, ['ignore', 'pipe', 'inherit'])
  await said(child, /listening/)
  return { name: 'bare Node', pid: child.pid, unix: { path }, stop: () => stop(child) }
}

/** The load generator; `ask` gives it one job at a time. */
export function startLoad(cpu) {
  const child = launch(cpu, process.execPath, [LOAD], ['ignore', 'inherit', 'inherit', 'ipc'])
  const ask = (task, job) =>
    new Promise((resolve, reject) => {
      const lost = (code) => reject(new BenchError(`the load generator ended with ${code}`))
      child.once('exit', lost)
      child.once('message', ({ result, error }) => {
        child.off('exit', lost)
        if (error === undefined) resolve(result)
        else reject(new BenchError(error))
      })
      child.send({ task, job })
    })
  return { ask, stop: () => stop(child) }
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
}

/** Resident memory in KiB; `peak` the most it ever was. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1])
  return { now: field('VmRSS'), peak: field('VmHWM') }
}
