// The unpacked mail servers, fetched on first use (scripts/fetch-mta.mjs) and kept in .cache/mta.

import { existsSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { run } from './process-group.ts'

type Package = 'sendmail' | 'postfix' | 'miltertest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const cache = join(repository, '.cache', 'mta')

/** Where a package was unpacked. */
export function unpacked(name: Package): string {
  return join(cache, name)
}

/** Environment in which its programs find the libraries that this machine lacks. */
export function libraryPath(name: Package, ...more: readonly string[]): string {
  const folders = ['usr/lib', 'lib'].flatMap((folder) => [
    join(unpacked(name), folder),
    join(unpacked(name), folder, multiarch()),
  ])
  return [...more, ...folders].join(':')
}

function multiarch(): string {
  const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }
  return `${machines[process.arch] ?? process.arch}-linux-gnu`
}

/**
 * Makes the packages available, or says why the tests that need them cannot run: one sentence, printed once a run.
 * In CI (CI=true) that is an error: a skipped proof is no proof.
 */
export async function mailServersMissing(...names: readonly Package[]): Promise<boolean> {
  const why = await reason(names)
  if (why === undefined) return false
  const { CI } = process.env
  const sentence = `Tests on real mail servers need ${why}`
  if (CI === 'true') throw new Error(sentence)
  if (firstToTell()) process.stderr.write(`${sentence} They are skipped.\n`)
  return true
}

async function reason(names: readonly Package[]): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'root, to give each server accounts and a host name of its own.'
  // sendmail waits for a minute where the host name has no dot; in a namespace of its own it has one.
  const namespaces = await run('unshare', ['--uts', '--mount', 'true']).catch(() => ({ status: 1 }))
  if (namespaces.status !== 0) return 'the right to make namespaces (unshare --uts --mount).'
  const fault = await fetch(names)
  if (fault === undefined) return undefined
  return `Debian's packages; 'node scripts/fetch-mta.mjs' fetches them on Debian 12 with a network. It says: ${fault}.`
}

/** Two test files may start at once: the second waits for the lock and then finds everything there. */
async function fetch(names: readonly Package[]): Promise<string | undefined> {
  if (names.every((name) => existsSync(unpacked(name)))) return undefined
  mkdirSync(cache, { recursive: true })
  const script = join(repository, 'scripts', 'fetch-mta.mjs')
  const result = await run('flock', [join(cache, 'lock'), process.execPath, script, ...names])
  return result.status === 0 ? undefined : result.output.trim().replace(/^fetch-mta: /, '')
}

/** Test files run in processes of their own under one parent; only the first of them speaks. */
function firstToTell(): boolean {
  mkdirSync(cache, { recursive: true })
  const mark = `told-${process.ppid}`
  if (readdirSync(cache).includes(mark)) return false
  try {
    openSync(join(cache, mark), 'wx')
    return true
  } catch {
    return false
  }
}
