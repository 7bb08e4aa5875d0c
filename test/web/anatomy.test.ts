import { describe, expect, test } from 'vitest'
import { localOf, spellOut, takeApart } from '../../web/src/anatomy.ts'

describe('an address taken apart', () => {
  test.each([
    [
      'djb2026112245@td.example.com',
      { who: 'djb', from: '20261122', days: '45', seal: '', at: '@td.example.com' },
    ],
    ['djb2026112245embe8k', { who: 'djb', from: '20261122', days: '45', seal: 'embe8k', at: '' }],
    [
      'DJB2026112245hj6ac9238@TD.example.com',
      { who: 'DJB', from: '20261122', days: '45', seal: 'hj6ac9238', at: '@TD.example.com' },
    ],
  ])('%s', (address, parts) => {
    expect(takeApart(address)).toEqual(parts)
  })

  test.each(['info@td.example.com', 'djb202611224@x', 'djb2026112245abc@x', 'd2026112245', '', '@x'])(
    '%j is not one of ours',
    (address) => {
      expect(takeApart(address)).toBeUndefined()
    },
  )

  test('its parts put together are the address', () => {
    const parts = takeApart('djb2026112245hj6ac9238@td.example.com')
    expect(Object.values(parts ?? {}).join('')).toBe('djb2026112245hj6ac9238@td.example.com')
  })

  test('the local part ends at the last @', () => {
    expect(localOf('"a@b"@td.example.com')).toBe('"a@b"')
    expect(localOf('bare')).toBe('bare')
  })

  test('a screen reader hears letters, a date and words', () => {
    const sealed = takeApart('djb2026112245hj6ac9238@td.example.com')
    const plain = takeApart('djb2026112205@td.example.com')
    if (sealed === undefined || plain === undefined) throw new Error('both can be read')
    expect(spellOut(sealed, '22 November 2026', 'shop.example')).toBe(
      'Address: d j b, from 22 November 2026, for 45 days, sealed for shop.example, at td.example.com',
    )
    expect(spellOut(sealed, '22 November 2026', '')).toContain('with a seal')
    expect(spellOut(plain, '22 November 2026', 'shop.example')).toBe(
      'Address: d j b, from 22 November 2026, for 5 days, at td.example.com',
    )
  })
})
