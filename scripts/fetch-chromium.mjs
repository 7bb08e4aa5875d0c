// Makes sure that there is a browser for the tests of the console: Debian's Chromium. `npm test` does this by itself in
// CI, where a skipped proof is no proof. On a developer's machine nothing is installed unless somebody runs this by hand.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

const BROWSER = '/usr/bin/chromium'
// The pictures are drawn with these; a slim image has no fonts at all.
const PACKAGES = ['chromium', 'fonts-dejavu-core', 'fonts-dejavu-extra']

function install() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args) => spawnSync('apt-get', args, { env, encoding: 'utf8' })
  const arguments_ = ['install', '--yes', '--no-install-recommends', ...PACKAGES]
  let result = run(...arguments_)
  // The package lists may be missing, or so old that their versions are gone from the mirror.
  if (result.error === undefined && result.status !== 0) {
    run('update')
    result = run(...arguments_)
  }
  if (result.error !== undefined) return `apt-get is not on this machine (${result.error.code})`
  if (result.status === 0) return undefined
  const lines = result.stderr.trim().split('\n')
  return `apt-get install: ${lines.find((line) => line.startsWith('E:')) ?? lines.at(-1)}`
}

const fault = existsSync(BROWSER) ? undefined : install()
if (fault !== undefined) {
  process.stderr.write(`fetch-chromium: ${fault}\n`)
  process.exitCode = 1
}
