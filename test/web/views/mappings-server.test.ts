import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FindingView } from '../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../web/src/days.ts'
import { healthWords, inOrder } from '../../../web/src/views/mappings/findings.ts'
import { rotationWords } from '../../../web/src/views/mappings/rotation.ts'

beforeAll(() => readAs('en-GB'))
afterAll(() => readAs(undefined))

const finding = (level: FindingView['level'], check: string = level): FindingView => ({
  check,
  level,
  says: check,
})

describe('what the doctor found', () => {
  test.each([
    [[], 'All is well.'],
    [['ok', 'ok'], 'All is well.'],
    [['fault'], 'One thing keeps mail from its way.'],
    [['fault', 'fault', 'ok'], '2 things keep mail from its way.'],
    [['warn'], 'One thing is not as it should be.'],
    [['warn', 'warn'], '2 things are not as they should be.'],
    [['warn', 'fault'], 'One thing keeps mail from its way. One is not as it should be.'],
    [['warn', 'fault', 'warn'], 'One thing keeps mail from its way. 2 are not as they should be.'],
  ] as const)('%j', (levels, words) => {
    expect(healthWords(levels.map((level) => finding(level)))).toBe(words)
  })

  test('faults stand first, and otherwise the order of the doctor', () => {
    const found = [finding('ok', 'a'), finding('warn', 'b'), finding('fault', 'c'), finding('warn', 'd')]
    expect(inOrder(found).map(({ check }) => check)).toEqual(['c', 'b', 'd', 'a'])
  })
})

describe('what becomes of addresses when a new key is made', () => {
  const today = dayOf('2026-11-22')
  const key = (id: string, made: string, signs = false) => ({ id, signs, made: dayOf(made) })

  test('with one key nothing is lost yet', () => {
    const words = rotationWords([key('1', '2026-01-05', true)], today)
    expect(words).toContain('Those sealed with key 1 go on working.')
    expect(words).not.toContain('forgotten')
  })

  test('the key before is forgotten, and what it sealed is refused', () => {
    const words = rotationWords([key('2', '2026-11-01', true), key('1', '2026-01-05')], today)
    expect(words).toContain('Key 1 is forgotten: what it sealed before 1 November 2026 is refused')
    expect(words).toContain('cannot be undone')
  })

  test('a key that has sealed nothing for longer than an address lives is no loss', () => {
    const keys = [key('2', '2026-08-15', true), key('1', '2026-01-05')]
    expect(rotationWords(keys, today)).toContain('only those that were extended are lost')
    const tooEarly = [key('2', '2026-08-16', true), key('1', '2026-01-05')]
    expect(rotationWords(tooEarly, today)).toContain('cannot be undone')
  })
})
