import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { aDirectory } from '../cli/program-process.ts'
import { ROOT } from './installed-package.ts'

const example = readFileSync(join(ROOT, 'scripts/packaging/timedelay.example.toml'), 'utf8')

function faultsOf(text: string): readonly string[] {
  const systemFile = join(aDirectory(), 'timedelay.toml')
  writeFileSync(systemFile, text)
  const answer = readConfig({}, { environment: {}, directory: '/', systemFile })
  return answer.ok ? [] : answer.faults
}

test('the example of the settings is accepted as it is', () => {
  expect(faultsOf(example)).toEqual([])
})

test('each setting that the example leaves out is accepted when its # is taken away', () => {
  const dormant = [...example.matchAll(/^# ([a-z-]+ = .*)$/gm)].map(([, line = '']) => line)
  expect(dormant.length).toBeGreaterThan(8)
  for (const line of dormant) {
    const key = line.split(' ')[0] ?? ''
    // A key may stand there once; sendmail-cf and its name belong together; no-http takes the place of http.
    const others = example
      .split('\n')
      .filter((other) => !other.startsWith(`${key} `) && !(key === 'no-http' && other.startsWith('http ')))
    const partner =
      key === 'sendmail-cf'
        ? 'name = "timedelay"'
        : key === 'name'
          ? 'sendmail-cf = "/etc/mail/sendmail.cf"'
          : ''
    expect(faultsOf([...others, line, partner].join('\n')), line).toEqual([])
  }
})
