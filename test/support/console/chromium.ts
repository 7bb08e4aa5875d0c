// Debian's Chromium for the tests of the console, or one sentence that says why they cannot run.

import { existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { run } from '../mta/process-group.ts'

export const CHROMIUM = '/usr/bin/chromium'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const cache = join(repository, '.cache')

/**
 * True when there is no browser, which is said once a run. In CI (CI=true) it is installed, and an error when that
 * fails: a skipped proof is no proof.
 */
export async function chromiumMissing(): Promise<boolean> {
  if (existsSync(CHROMIUM)) return false
  const { CI } = process.env
  if (CI !== 'true') {
    const sentence =
      "Tests of the console need Debian's Chromium; 'node scripts/fetch-chromium.mjs' installs it. They are skipped."
    if (firstToTell()) process.stderr.write(`${sentence}\n`)
    return true
  }
  mkdirSync(cache, { recursive: true })
  const script = join(repository, 'scripts', 'fetch-chromium.mjs')
  // Two test files may start at once: the second waits for the lock and then finds it there.
  const result = await run('flock', [join(cache, 'chromium.lock'), process.execPath, script])
  if (result.status !== 0) {
    throw new Error(`Tests of the console need Debian's Chromium. ${result.output.trim()}`)
  }
  return false
}

/** Test files run in processes of their own under one parent; only the first of them speaks. */
function firstToTell(): boolean {
  mkdirSync(cache, { recursive: true })
  try {
    openSync(join(cache, `told-chromium-${process.ppid}`), 'wx')
    return true
  } catch {
    return false
  }
}
