import { encode } from 'uqr'
import { describe, expect, test } from 'vitest'
import { encodeMasked, encodeQr } from '../../../../web/src/views/make/qr-code.ts'

/** Texts of every length up to that of the longest address, no two alike. */
const texts = Array.from({ length: 320 }, (_, at) =>
  Array.from({ length: at + 1 }, (_, i) => 'djb2026112045@.x-ü'[(i * 7 + at) % 18]).join(''),
)

describe('a QR code', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])('with mask %i is module for module that of another program', (mask) => {
    for (const text of texts.filter((_, at) => at % 8 === mask)) {
      const theirs = encode(text, { ecc: 'M', border: 0, maskPattern: mask })
      expect(encodeMasked(text, mask), text).toEqual(theirs.data)
    }
  })

  test('mostly has the mask that another program takes for the best', () => {
    const usual = texts.slice(24, 64)
    const same = usual.filter((text) => {
      const theirs = encode(text, { ecc: 'M', border: 0 })
      return JSON.stringify(encodeQr(text)) === JSON.stringify(theirs.data)
    })
    expect(same.length).toBeGreaterThan(usual.length / 2)
  })

  test('of a text that is too long there is none', () => {
    expect(encodeQr('x'.repeat(451))).toBeUndefined()
    expect(encodeQr('x'.repeat(450))).toBeDefined()
  })
})
