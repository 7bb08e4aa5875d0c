import { describe, expect, test } from 'vitest'
import { href, PLACES, readRoute } from '../../web/src/router.ts'

describe('places', () => {
  test.each(['https://td.example.com/', 'https://example.com/behind/a/prefix/'])(
    'every view lies one level below %s, and leads back to itself',
    (root) => {
      for (const place of PLACES) {
        const url = new URL(href(place, { search: 'a b&c' }), root)
        expect(url.href.startsWith(root)).toBe(true)
        expect(readRoute(url.href)).toEqual({ place, query: new Map([['search', 'a b&c']]) })
        // A link in one view to another means the same as one at the root.
        for (const other of PLACES)
          expect(new URL(href(other), url).href).toBe(new URL(href(other), root).href)
      }
    },
  )

  test('an unknown place is Make', () => {
    expect(readRoute('https://example.com/td/nowhere').place).toBe('make')
  })

  test('what is empty is left out of an address', () => {
    expect(href('addresses', { search: '', state: undefined, offset: 0 })).toBe('./addresses?offset=0')
    expect(href('make')).toBe('./')
  })
})
