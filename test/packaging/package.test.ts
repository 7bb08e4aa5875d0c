import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aDirectory, ProgramProcess } from '../cli/program-process.ts'
import { type InstalledPackage, installPackage, ROOT } from './installed-package.ts'

const run = promisify(execFile)
const MILTER = 'inet:0@127.0.0.1'
let installed: InstalledPackage

beforeAll(async () => {
  installed = await installPackage()
}, 120_000)
afterAll(() => installed?.remove())

describe('the package', () => {
  test('holds all that the service loads or reads when it runs', () => {
    const { files } = installed
    for (const file of [
      'dist/cli/main.js',
      'dist/console.js',
      'dist/store/sqlite/recorder-worker.js',
      'dist/web/index.html',
      'dist/milter/index.d.ts',
      'dist/milter/simulator/index.js',
    ]) {
      expect(files).toContain(file)
    }
    expect(files.some((file) => /^dist\/web\/assets\/.*\.js$/.test(file))).toBe(true)
    const migrations = readdirSync(join(ROOT, 'migrations/sqlite'))
    expect(migrations.length).toBeGreaterThan(0)
    for (const name of migrations) expect(files).toContain(`migrations/sqlite/${name}`)
  })

  test('holds what an operator needs, and the licence', () => {
    expect(installed.files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md']),
    )
    for (const name of readdirSync(join(ROOT, 'scripts/packaging'), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!name.isFile()) continue
      const path = join(name.parentPath, name.name).slice(ROOT.length)
      expect(installed.files).toContain(path)
    }
  })

  test('leads to files that are there, by every door of its manifest', () => {
    const { manifest, files } = installed
    const doors = [
      ...Object.values(manifest.bin),
      ...manifest.man,
      ...Object.values(manifest.exports).flatMap((targets) => Object.values(targets)),
    ]
    // npm 11 links no manual that is written as a text.
    expect(manifest.man).toBeInstanceOf(Array)
    expect(doors.length).toBeGreaterThan(5)
    for (const door of doors) expect(files).toContain(door.replace(/^\.\//, ''))
  })

  test('has no page that leads to a file which is not in it', () => {
    const { files, home } = installed
    const pages = files.filter((file) => file.endsWith('.md'))
    expect(pages).toContain('scripts/packaging/monitoring.md')
    const links = pages.flatMap((page) => {
      const text = readFileSync(join(home, page), 'utf8')
      return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to = '']) => ({
        page,
        to: join(dirname(page), to),
      }))
    })
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter(({ to }) => !files.includes(to))).toEqual([])
  })

  test('holds no sources, tests, databases, settings or keys', () => {
    const known =
      /^(?:dist\/|migrations\/sqlite\/\d{4}_\w+\.sql$|scripts\/packaging\/|(?:CHANGELOG|README|SECURITY)\.md$|LICENSE$|package\.json$)/
    const strange = installed.files.filter((file) => !known.test(file))
    expect(strange).toEqual([])
    const suspect =
      /\.(?:db|db-wal|db-shm|domains|env|pem|key|log|tsx|tsbuildinfo)$|(?<!\.d)\.ts$|\.test\.|(?:^|\/)\.\w/
    expect(installed.files.filter((file) => suspect.test(file))).toEqual([])
  })

  test('names no directory of the machine that it was built on', async () => {
    const { stdout } = await run('grep', ['-rlF', '--exclude-dir=node_modules', ROOT, installed.home]).catch(
      // grep ends with 1 when it finds nothing.
      (error: { code?: number; stdout: string }) => {
        if (error.code === 1) return error
        throw error
      },
    )
    expect(stdout).toBe('')
  })
})

// Eight processes start here, one after the other.
describe('the installed program', { timeout: 120_000 }, () => {
  test('runs by its link, as a program of its own', async () => {
    const { program, manifest } = installed
    const { stdout } = await run(program, ['--version'], { cwd: aDirectory() })
    expect(stdout).toBe(`${manifest.version}\n`)
  })

  test('makes a database, serves mail and the console, and stops', async () => {
    const directory = aDirectory()
    const start = (...argv: string[]) => new ProgramProcess(directory, argv, {}, installed.program)
    const ended = async (...argv: string[]) => {
      const process = start(...argv)
      return { code: await process.ended(), out: process.out, err: process.err }
    }
    const domain = ['td.example.com', '--time-zone', 'UTC', '--postmaster', 'pm@example.com']
    expect(await ended('domain', 'add', ...domain)).toMatchObject({
      code: 0,
      err: '',
    })
    expect(existsSync(join(directory, 'data/timedelay.db'))).toBe(true)
    expect(await ended('prefix', 'add', 'djb', 'dredd@example.com')).toMatchObject({ code: 0 })

    const service = start('serve', '--milter', MILTER, '--http', '127.0.0.1:0')
    const [, milter = '', url = ''] = await service.said(/^listening on ([^\s,]+), console on (\S+)\n/m)
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    const addresses = [`djb${today}45@td.example.com`, 'djb2020010110@td.example.com']
    const asked = await ended('simulate', '--milter', milter, '--to', ...addresses)
    expect(asked.out).toContain('The message goes to dredd@example.com.')
    expect(asked.out).toContain('551 5.7.1 Expiration Reached.')

    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ready: true, milter: 'listening' })
    const page = await (await fetch(url)).text()
    const [, script = ''] = /<script[^>]* src="\.?\/?([^"]+)"/.exec(page) ?? []
    const served = await (await fetch(`${url}/${script}`)).text()
    expect(served).toBe(readFileSync(join(installed.home, 'dist/web', script), 'utf8'))

    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
    // The recorder's thread was found, too: what was judged has been stored.
    expect(JSON.parse((await ended('address', 'list', '--json')).out)).toMatchObject({ total: 2 })
  })

  test('opens its doors to other programs', async () => {
    const code = `
      import { parseSocketSpec } from 'timedelay/milter'
      import { MilterClient } from 'timedelay/milter/simulator'
      import { openServices } from 'timedelay'
      console.log(parseSocketSpec('inet:8895@127.0.0.1').port, typeof MilterClient.open, typeof openServices)`
    // A package that is installed beside ours finds it by its name.
    const cwd = join(installed.prefix, 'lib')
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd })
    expect(stdout).toBe('8895 function function\n')
  })
})
