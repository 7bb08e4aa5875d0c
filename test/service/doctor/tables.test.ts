import { describe, expect, test } from 'vitest'
import {
  followAliases,
  isDiscard,
  readAliases,
  readNames,
  readTable,
} from '../../../src/service/doctor/tables.ts'

describe('tables', () => {
  test('have keys in any case, comments, and a first entry that holds', () => {
    const table = readTable('# no\nTD.example.com\ttdloop:[127.0.0.1]\ntd.example.com other\n  and more\n')
    expect(table.get('td.example.com')).toBe('tdloop:[127.0.0.1]')
  })

  test('of aliases have quoted names and lists that go on', () => {
    const aliases = readAliases('"dev null": /dev/null\nteam: a,\n\tb\n')
    expect(aliases.get('dev null')).toBe('/dev/null')
    expect(followAliases(aliases, 'team').toSorted()).toEqual(['a', 'b'])
  })

  test('of names have comments behind them', () => {
    expect(readNames('Example.com # ours\n\n# all\n')).toEqual(['example.com'])
  })

  test.each([
    ['/dev/null', true],
    ['"|/bin/true"', true],
    ['discard:', true],
    ['/var/mail/null', false],
    ['plain', false],
  ])('%s throws mail away: %s', (target, thrown) => {
    expect(isDiscard(target)).toBe(thrown)
  })
})
