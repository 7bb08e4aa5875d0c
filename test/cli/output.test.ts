import { describe, expect, test } from 'vitest'
import { facts, isoTime, json, plain, table } from '../../src/cli/output.ts'

describe('text of others', () => {
  test.each([
    ['\u001b[2J\u001b]0;title\u0007x', '�[2J�]0;title�x'],
    ['a\r\nb\tc', 'a��b�c'],
    ['\u009b31m', '�31m'],
    // Turns the reading direction around.
    ['abc\u202egpj.exe', 'abc�gpj.exe'],
    ['a\u2028b', 'a�b'],
    ['Grüße 日本 👍', 'Grüße 日本 👍'],
  ])('%j is shown and not obeyed', (text, shown) => {
    expect(plain(text)).toBe(shown)
    expect(table(['A', 'B'], [[text, 'x']])).toContain(shown)
    expect(facts([['a', text]])).toBe(`a  ${shown}\n`)
  })
})

test('a table has its columns below each other, and none that is empty', () => {
  expect(
    table(
      ['ONE', 'TWO', 'THREE'],
      [
        ['ä', '', 'x'],
        ['long', '', ''],
      ],
    ),
  ).toBe('ONE   THREE\nä     x\nlong\n')
})

test('facts without a value are left out', () => {
  expect(
    facts([
      ['a', 'x'],
      ['long', ''],
      ['bc', 'y'],
    ]),
  ).toBe('a   x\nbc  y\n')
})

test('times for machines are in UTC, and null where there is none', () => {
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(isoTime(undefined)).toBeNull()
  expect(json({ at: isoTime(undefined) })).toBe('{\n  "at": null\n}\n')
})
