import { render } from 'preact-render-to-string'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AddressView } from '../../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../../web/src/days.ts'
import { calendarAround } from '../../../../web/src/ruler-geometry.ts'
import { state } from '../../../../web/src/state.ts'
import { Row } from '../../../../web/src/views/addresses/row.tsx'

const nothing = () => undefined
const does = { toggle: nothing, copy: nothing, restore: nothing, explain: nothing }
const scale = calendarAround(dayOf('2026-11-22'))

function anAddress(wishes: Partial<AddressView> = {}): AddressView {
  return {
    address: 'djb2026112045@td.example.com',
    localPart: 'djb2026112045',
    domain: 'td.example.com',
    prefix: 'djb',
    state: 'works',
    firstDay: '2026-11-20',
    lastDay: '2027-01-03',
    daysLeft: 43,
    signed: false,
    site: 'shop.example',
    note: 'bicycle lamp',
    accepted: 12,
    refused: 0,
    lastSender: 'versand@shop.example',
    lastSeenAt: '2026-11-18T12:00:00Z',
    ...wishes,
  }
}

function row(view: AddressView, wishes: { reached?: boolean; copied?: boolean } = {}): string {
  return render(
    <Row
      view={view}
      scale={scale}
      open={undefined}
      reached={wishes.reached ?? false}
      copied={wishes.copied ?? false}
      does={does}
      onReach={nothing}
    />,
  )
}

const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

beforeAll(() => {
  readAs('en-GB')
  state.value = {
    stage: 'ready',
    now: '2026-11-22T10:00:00Z',
    domains: [{ name: 'td.example.com', timeZone: 'Europe/Berlin', today: '2026-11-22' }],
    prefixes: [],
    stillTrying: 0,
    version: '1',
  }
})

describe('a row', () => {
  it('says in words all that its colours and lines say', () => {
    const said = text(row(anAddress()))
    expect(said).toContain('shop.example')
    expect(said).toContain('bicycle lamp')
    expect(said).toContain('versand@shop.example, 18 Nov')
    expect(said).toContain('43 days left')
    expect(text(row(anAddress({ state: 'revoked', revokedAt: '2026-11-07T09:00:00Z' })))).toContain(
      'revoked 7 Nov',
    )
  })

  it('takes what comes from mail and from people for text', () => {
    const hostile = '<img src=x onerror=alert(1)>'
    const leak = { to: hostile, sender: hostile, since: '2026-11-09T09:00:00Z' }
    const shown = row(anAddress({ site: hostile, note: hostile, lastSender: hostile, leak }))
    expect(shown).not.toContain('<img')
    expect(shown).toContain('&lt;img src=x onerror=alert(1)>')
  })

  it('shows a leak, and what else bars it, in the place of the note', () => {
    const leak = { to: 'mailblast.example', sender: 'a@mailblast.example', since: '2026-11-09T09:00:00Z' }
    expect(text(row(anAddress({ leak })))).toContain('leaked to mailblast.example')
    expect(text(row(anAddress({ leak })))).not.toContain('bicycle lamp')
    const barred = 'The prefix djb is disabled.'
    expect(text(row(anAddress({ barred })))).toContain('refused: The prefix djb is disabled.')
    expect(text(row(anAddress({ barred, state: 'ended', daysLeft: 0 })))).toContain('bicycle lamp')
  })

  it('can be revoked and extended while it works, and restored when it is revoked', () => {
    const works = text(row(anAddress()))
    expect(works).toMatch(/Copy Extend Revoke Explain/)
    const revoked = text(row(anAddress({ state: 'revoked', revokedAt: '2026-11-07T09:00:00Z' })))
    expect(revoked).toMatch(/Copy Restore Explain/)
    expect(text(row(anAddress(), { copied: true }))).toContain('Copied Extend')
  })

  it('is reached by Tab only when the place is on it', () => {
    expect(row(anAddress())).not.toMatch(/tabindex="0"/)
    expect(row(anAddress(), { reached: true })).not.toMatch(/tabindex="-1"/)
  })

  it('leaves the domain out while there is one', () => {
    expect(text(row(anAddress()))).not.toContain('@td.example.com')
  })
})
