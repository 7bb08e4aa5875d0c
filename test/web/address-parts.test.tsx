import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { AddressRow, Hero } from '../../web/src/address-parts.tsx'
import { takeApart } from '../../web/src/anatomy.ts'

/** What selecting an element and copying it gives. */
const textOf = (html: string) => html.replaceAll(/<[^>]*>/g, '')

describe('an address on the page', () => {
  const address = 'djb2026112245hj6ac9238@td.example.com'

  test('in a row is one text without gaps: copying it gives the bare address', () => {
    expect(textOf(render(<AddressRow address={address} state="works" />))).toBe(address)
    expect(textOf(render(<AddressRow address={address} state="works" bare />))).toBe('djb2026112245hj6ac9238')
  })

  test('only its days wear the colour of the state', () => {
    const html = render(<AddressRow address={address} state="soon" />)
    expect(html.match(/class="[^"]*soon[^"]*"/g)).toEqual(['class="days soon"'])
    expect(html).toContain('<span class="days soon">45</span>')
  })

  test('that is none of ours is shown whole, and as text', () => {
    const html = render(<AddressRow address="<b>info</b>@td.example.com" state="ended" />)
    expect(html).toContain('&lt;b>info&lt;/b>@td.example.com')
    expect(html).not.toContain('<b>')
  })

  test('as a hero is one text in one output', () => {
    const anatomy = takeApart(address)
    if (anatomy === undefined) throw new Error('it can be read')
    const html = render(<Hero anatomy={anatomy} state="works" says="Address: d j b" />)
    const [, output = ''] = /<output[^>]*>(.*)<\/output>/s.exec(html) ?? []
    expect(textOf(output)).toBe(address)
    expect(html).toContain('Address: d j b')
  })

  test('draws what is not known yet, and does not write it', () => {
    const anatomy = { who: '', from: '20261122', days: '45', seal: '', at: '@td.example.com' }
    const html = render(<Hero anatomy={anatomy} state="works" says="" whoDots={3} sealDots={9} />)
    const [, output = ''] = /<output[^>]*>(.*)<\/output>/s.exec(html) ?? []
    expect(textOf(output)).toBe('2026112245@td.example.com')
    expect(output.match(/<circle/g)).toHaveLength(12)
  })

  test('a faulty part is marked, the rest is not', () => {
    const anatomy = { who: 'djb', from: '20261131', days: '45', seal: '', at: '@td.example.com' }
    const html = render(<Hero anatomy={anatomy} state="ended" says="" faulty="from" />)
    const [, output = ''] = /<output[^>]*>(.*)<\/output>/s.exec(html) ?? []
    expect(output.match(/class="[^"]*faulty[^"]*"/g)).toHaveLength(1)
    expect(output).toMatch(/faulty[^>]*>20261131</)
  })
})
