import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { variable } from '../../src/settings.ts'
import { ROOT } from './installed-package.ts'

const read = (name: string) => readFileSync(join(ROOT, 'scripts/packaging', name), 'utf8')
const manual = read('timedelay.8')

/** What the completions offer after a command, which a test of theirs compares with the program itself. */
function offered(kind: 'options' | 'commands'): ReadonlyMap<string, readonly string[]> {
  const lines = [...read('completions/timedelay.bash').matchAll(/^ +'([a-z ]*)'\) words='([^']*)'/gm)]
  const entries = lines.map(([, command = '', words = '']) => [command, words.split(' ')] as const)
  return new Map(entries.filter(([, words]) => words[0]?.startsWith('--') === (kind === 'options')))
}

test('the manual has every command', () => {
  const commands = offered('commands')
  expect(commands.get('')).toContain('serve')
  for (const name of commands.get('') ?? []) expect(manual).toMatch(new RegExp(`^\\.Cm ${name}\\b`, 'm'))
  for (const [group, names] of commands) {
    if (group === '') continue
    const told = manual.split('\n').filter((line) => line.startsWith(`.It Cm ${group} `))
    for (const name of names) expect(told.join('\n'), `${group} ${name}`).toMatch(new RegExp(`\\b${name}\\b`))
  }
})

test('the manual has every option', () => {
  const options = new Set([...offered('options').values()].flat())
  expect(options.size).toBeGreaterThan(30)
  const told = new Set([...manual.matchAll(/\bFl \\-([a-z-]+)/g)].map(([, name]) => `--${name}`))
  expect([...options].filter((name) => !told.has(name))).toEqual([])
  // And none that is no more.
  expect([...told].filter((name) => !options.has(name))).toEqual([])
})

test('the example of the settings names every setting of the service, and no other', () => {
  const example = read('timedelay.example.toml')
  const keys = [...example.matchAll(/^(?:# )?([a-z-]+) = /gm)].map(([, key = '']) => key)
  const options = (offered('options').get('serve') ?? []).map((option) => option.slice(2))
  for (const key of keys) expect(options, variable(key)).toContain(key)
  const rare = ['config', 'help', 'no-milter', 'milter-socket-mode']
  expect(options.filter((name) => !keys.includes(name) && !rare.includes(name))).toEqual([])
})
