import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { aDirectory } from '../cli/program-process.ts'
import { ROOT } from './installed-package.ts'

const run = promisify(execFile)
const BASH = join(ROOT, 'scripts/packaging/completions/timedelay.bash')

test('the completions know the commands and options that there are', async () => {
  const script = join(ROOT, 'scripts/completions.mjs')
  await expect(run(process.execPath, [script, '--check'])).resolves.toMatchObject({ stderr: '' })
})

describe('bash', () => {
  /** What the Tab key offers after these words; the last one is half written. */
  async function offered(line: string, cwd = ROOT): Promise<readonly string[]> {
    const script = `source "$0"
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _timedelay
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await run('bash', ['-c', script, BASH, ...line.split(' ')], { cwd })
    return stdout.split('\n').filter((word) => word !== '')
  }

  test('offers commands, and what stands below them', async () => {
    expect(await offered('timedelay do')).toEqual(['domain', 'doctor'])
    expect(await offered('timedelay address ex')).toEqual(['explain', 'extend'])
  })

  test('offers the options of the command, wherever it stands among options of all commands', async () => {
    expect(await offered('timedelay address new --s')).toEqual(['--site', '--signed'])
    expect(await offered('timedelay --database domain.db address new --s')).toEqual(['--site', '--signed'])
    expect(await offered('timedelay domain list --ti')).toEqual([])
  })

  test('does not take the value of an option for a command', async () => {
    expect(await offered('timedelay --config serve do')).toEqual(['domain', 'doctor'])
  })

  test('offers values where there are few, files where a file is wanted, and nothing else as a value', async () => {
    const directory = aDirectory()
    writeFileSync(join(directory, 'my list.txt'), '')
    expect(await offered('timedelay serve --log-level de')).toEqual(['debug'])
    expect(await offered('timedelay simulate --message my', directory)).toEqual(['my list.txt'])
    expect(await offered('timedelay prefix import my', directory)).toEqual(['my list.txt'])
    expect(await offered('timedelay domain add --time-zone do')).toEqual([])
  })
})
