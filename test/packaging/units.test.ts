import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { SETTINGS } from '../../src/settings.ts'
import { aDirectory } from '../cli/program-process.ts'
import { ROOT } from './installed-package.ts'

const run = promisify(execFile)
const FOLDER = join(ROOT, 'scripts/packaging/systemd')
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

/** A copy of the units whose program is one that is there, with both drop-ins in place. */
function copyOfUnits(): string {
  const directory = aDirectory()
  const dropIns = join(directory, 'timedelay.service.d')
  mkdirSync(dropIns)
  for (const name of readdirSync(FOLDER)) {
    if (/\.(?:service|timer)$/.test(name))
      writeFileSync(join(directory, name), read(name).replaceAll('/usr/local/bin/timedelay', '/bin/true'))
  }
  for (const name of ['postfix.conf', 'log-file.conf']) copyFileSync(join(FOLDER, name), join(dropIns, name))
  return directory
}

describe.runIf(hasSystemd)('systemd', () => {
  test('has nothing to say against the units and their drop-ins', async () => {
    const directory = copyOfUnits()
    const units = ['timedelay.service', 'timedelay-backup.timer', 'timedelay-backup.service']
    // The trailing colon adds the machine's own units, to which ours refer.
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${directory}:`, LC_ALL: 'C' }
    const paths = units.map((name) => join(directory, name))
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...paths], { env })
    // It warns without failing, and about the machine's own units too.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('timedelay'))
    expect(ours).toEqual([])
  })
})

describe('the unit of the service', () => {
  const unit = read('timedelay.service')

  test('gives a stop more time than the service takes for it', () => {
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? []
    // What the service takes after its messages: 5 s for the last verdicts, 2 s for the last lines of the log.
    expect(Number(seconds)).toBeGreaterThan(Number(SETTINGS.drainSeconds.fallback) + 5 + 2)
  })

  test('lets V8 make machine code, and says why', () => {
    expect(unit).toMatch(/^# .*V8.*\n^MemoryDenyWriteExecute=no$/m)
    expect(read('timedelay-backup.service')).toMatch(/^MemoryDenyWriteExecute=no$/m)
  })

  test('keeps its settings, its database and its account where the other files say', () => {
    const settings = readFileSync(join(FOLDER, '../timedelay.example.toml'), 'utf8')
    expect(unit).toContain('--config /etc/timedelay/timedelay.toml')
    expect(settings).toContain('database = "/var/lib/timedelay/timedelay.db"')
    expect(unit).toMatch(/^StateDirectory=timedelay$/m)
    expect(unit).toMatch(/^User=timedelay$/m)
    expect(read('sysusers.conf')).toMatch(/^u\s+timedelay\s/m)
    const [, socket] = /^# milter = "unix:(\/var\/spool\/[^"]+)"$/m.exec(settings) ?? []
    expect(read('postfix.conf')).toContain(`ReadWritePaths=${socket?.replace(/\/[^/]+$/, '')}`)
    expect(read('timedelay-backup.service')).toContain('/var/backups/timedelay/')
    expect(read('tmpfiles.conf')).toMatch(/^d\s+\/var\/backups\/timedelay\s+0700 timedelay timedelay 30d$/m)
  })
})

describe('the log file', () => {
  const dropIn = read('log-file.conf')
  const [, file = '', directory = ''] = /^StandardError=append:((\/.+)\/[^/\s]+)$/m.exec(dropIn) ?? []

  test('lies where tmpfiles makes it, since systemd opens it before it makes a directory of the unit', () => {
    expect(file).not.toBe('')
    expect(`${read('timedelay.service')}${dropIn}`).not.toMatch(/^LogsDirectory/m)
    // An age would remove the file while it is open.
    const made = read('tmpfiles.conf')
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '))
    expect(made).toContain(`d ${directory} 0750 timedelay timedelay -`)
    expect(made).toContain(`f ${file} 0640 timedelay timedelay -`)
  })

  test('is emptied by logrotate as the account that it belongs to', () => {
    const rotation = readFileSync(join(FOLDER, '../logrotate'), 'utf8')
    expect(rotation).toContain(`\n${file} {\n`)
    expect(rotation).toMatch(/^\tsu timedelay timedelay$/m)
    expect(rotation).toMatch(/^\tcopytruncate$/m)
  })
})
