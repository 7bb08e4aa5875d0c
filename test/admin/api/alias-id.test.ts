import { describe, expect, test } from 'vitest'
import { aliasId, aliasNumber, localPartOf, uuidOf } from '../../../src/admin/api/alias-id.ts'

const DJB = { prefix: 'djb', domain: 'td.example.com' }

describe('the number of an address', () => {
  test.each([
    'djb2026112045',
    'djb0000000000',
    'djb9999123199',
    'djb2026112045embe8k',
    'djb2026112045hj6abadz0',
  ])('of %s is a UUID that leads back to it', (localPart) => {
    const id = aliasId(DJB, localPart)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(localPartOf(DJB, id)).toBe(localPart)
    expect(localPartOf(DJB, id.toUpperCase())).toBe(localPart)
  })

  test('means nothing to anybody else', () => {
    const id = aliasId(DJB, 'djb2026112045hj6abadz0')
    expect(localPartOf({ ...DJB, prefix: 'joe' }, id)).toBeUndefined()
    expect(localPartOf({ ...DJB, domain: 'td.example.org' }, id)).toBeUndefined()
  })

  test('differs for every address', () => {
    const parts = ['djb2026112045', 'djb2026112046', 'djb2026112045embe8k', 'djb2026112045hj6abadz0']
    expect(new Set(parts.map((part) => aliasId(DJB, part))).size).toBe(parts.length)
  })

  test.each([
    '',
    '1',
    '../',
    '00000000-0000-4000-8000-000000000000',
    '00000000-0000-8000-8000-000000000000',
    'ffffffff-ffff-8fff-bfff-ffffffffffff',
    '6c0b4f0e-6a0c-5d3b-9b1e-0f6f0c1a2b3c',
    `${aliasId(DJB, 'djb2026112045')}0`,
    aliasId(DJB, 'djb2026112045').replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  ])('%s is none of ours', (id) => {
    expect(localPartOf(DJB, id)).toBeUndefined()
  })
})

test('names have UUIDs of version 5, and addresses numbers that JSON carries exactly', () => {
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidOf('a')).not.toBe(uuidOf('b'))
  expect(Number.isSafeInteger(aliasNumber('djb2026112045@td.example.com'))).toBe(true)
})
