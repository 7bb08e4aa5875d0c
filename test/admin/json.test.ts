import { describe, expect, test } from 'vitest'
import { BadJson, readJson } from '../../src/admin/json.ts'

const read = (text: string): unknown => readJson(Buffer.from(text))

describe('a body', () => {
  test.each([
    '{}',
    '[]',
    '"a"',
    '1e3',
    'null',
    '{"a":{"a":[{"a":1},{"a":2}]},"b":"a,\\"b\\":{"}',
    ' {"a" : 1 } ',
  ])('%s means what JSON.parse says', (text) => {
    expect(read(text)).toEqual(JSON.parse(text))
  })

  test('that is empty means nothing', () => {
    expect(readJson(Buffer.alloc(0))).toBeUndefined()
  })

  test.each([
    ['{"a":1,"a":2}', 'two members with one name'],
    ['{"b":[{"a":1,"c":{},"a":2}]}', 'two members with one name'],
    ['{"a":1,"\\u0061":2}', 'two members with one name'],
    ['{"__proto__":{"x":1}}', 'not allowed'],
    ['[{"constructor":{"prototype":{}}}]', 'not allowed'],
    ['{"\\u005f_proto__":1}', 'not allowed'],
    ['{"a":"\\ud800"}', 'half a character'],
    ['{"a":1', 'not JSON'],
    ['{a:1}', 'not JSON'],
    ['NaN', 'not JSON'],
    [' ', 'not JSON'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow(BadJson)
    expect(() => read(text)).toThrow(reason)
  })

  test.each([
    ['c3 28', 'a broken sequence'],
    ['22 ed a0 80 22', 'a surrogate'],
    ['22 c0 80 22', 'an overlong NUL'],
    ['ff fe 7b 7d', 'UTF-16'],
  ])('of the bytes %s is refused: %s', (hex) => {
    expect(() => readJson(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow('not UTF-8')
  })

  test('that is nested deeply is read without harm', () => {
    const text = `${'['.repeat(8000)}${']'.repeat(8000)}`
    expect(() => read(text)).not.toThrow(RangeError)
  })
})
