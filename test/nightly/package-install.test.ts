import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { pack } from '../packaging/installed-package.ts'

const run = promisify(execFile)

/** As an operator does it: npm fetches what the package needs, and on Node 20 compiles SQLite. That takes minutes. */
test('npm installs the package below a clean prefix, with its program and its manual', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'timedelay-install-'))
  // Thousands of files.
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }), 120_000)
  const prefix = join(directory, 'prefix')
  const archive = await pack(directory)
  const scripts =
    Number(process.versions['napi']) >= 10 ? '--ignore-scripts' : '--allow-scripts=better-sqlite3'
  const flags = ['--prefix', prefix, scripts, '--no-audit', '--no-fund']
  await run('npm', ['install', '--global', ...flags, archive], { cwd: directory })

  expect(existsSync(join(prefix, 'share/man/man8/timedelay.8'))).toBe(true)
  const program = join(prefix, 'bin/timedelay')
  await run(program, ['domain', 'add', 'td.example.com', '--time-zone', 'UTC'], { cwd: directory })
  await run(program, ['prefix', 'add', 'djb', 'dredd@example.com'], { cwd: directory })
  const { stdout: address } = await run(program, ['address', 'new', 'djb', '--signed'], { cwd: directory })
  const explained = await run(program, ['address', 'explain', address.trim()], { cwd: directory })
  expect(explained.stdout).toContain('dredd@example.com')
})
