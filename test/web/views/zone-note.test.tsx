import { render } from 'preact-render-to-string'
import { afterEach, expect, test } from 'vitest'
import type { State } from '../../../src/admin/schemas.ts'
import { state } from '../../../web/src/state.ts'
import { timesIn, ZoneNote } from '../../../web/src/views/zone-note.tsx'

afterEach(() => {
  state.value = undefined
})

test('times say whose clock they are from, once', () => {
  const domain = { name: 'td.example.com', timeZone: 'Europe/Berlin', today: '2026-11-22' }
  state.value = { domains: [domain, { ...domain, name: 'td2.example.com' }] } as unknown as State
  expect(render(<ZoneNote />)).toContain('>Times in Europe/Berlin.<')
})

test('several zones are each their domain’s', () => {
  expect(timesIn(['Europe/Berlin', 'America/New_York'])).toBe('times in the zone of each domain')
})
