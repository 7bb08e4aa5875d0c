import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ProgramProcess } from '../cli/program-process.ts'
import { pack } from '../packaging/installed-package.ts'

const run = promisify(execFile)

/** As an operator does it: npm fetches what the package needs, and on Node 20 compiles SQLite. That takes minutes. */
test('npm installs the package below a clean prefix, with its manual, and the program serves mail and its page', async () => {
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

  const start = (...argv: string[]) => new ProgramProcess(directory, argv, {}, program)
  const service = start('serve', '--milter', 'inet:0@127.0.0.1', '--http', '127.0.0.1:0')
  const [, milter = '', url = ''] = await service.said(/^listening on ([^\s,]+), console on (\S+)\n/m)
  const asked = start('simulate', '--milter', milter, '--to', address.trim(), 'plain@example.com')
  expect(await asked.ended(), asked.err).toBe(0)
  expect(asked.out).toContain('The message goes to plain@example.com, dredd@example.com.')
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ ready: true })])
  const page = await (await fetch(url)).text()
  const [, script = ''] = /<script[^>]* src="\.?\/?([^"]+)"/.exec(page) ?? []
  expect((await fetch(`${url}/${script}`)).headers.get('content-type')).toContain('javascript')
  service.child.kill('SIGTERM')
  expect(await service.ended(), service.err).toBe(0)
  // Its threads were found, too: what was judged has been stored.
  const listed = await run(program, ['address', 'list', '--json'], { cwd: directory })
  expect(listed.stdout).toContain(address.trim())
})
