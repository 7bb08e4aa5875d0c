import { render } from 'preact-render-to-string'
import { afterEach, describe, expect, test } from 'vitest'
import type { State } from '../../src/admin/schemas.ts'
import { Frame } from '../../web/src/frame.tsx'
import { awaySeconds, isYesterdays, readState, state } from '../../web/src/state.ts'
import { stepOf } from '../../web/src/views/set-up/building.ts'
import { SetUpView } from '../../web/src/views/set-up.tsx'
import { SignInView } from '../../web/src/views/sign-in.tsx'

function aState(role: 'owner' | 'postmaster', what: Partial<State> = {}): State {
  return {
    stage: 'ready',
    me: { name: 'dan', role, totp: false },
    now: new Date().toISOString(),
    domains: [],
    prefixes: [],
    stillTrying: 0,
    version: '0.1.0',
    ...what,
  }
}

const words = (html: string) => [...html.matchAll(/<a class="place"[^>]*>([^<]*)</g)].map(([, word]) => word)

afterEach(() => {
  state.value = undefined
  awaySeconds.value = undefined
})

describe('the frame', () => {
  test('has five words; an owner has Tokens in place of Mappings', () => {
    state.value = aState('postmaster')
    expect(words(render(<Frame>x</Frame>))).toEqual(['Make', 'Addresses', 'Explain', 'Activity', 'Mappings'])
    state.value = aState('owner')
    expect(words(render(<Frame>x</Frame>))).toEqual(['Make', 'Addresses', 'Explain', 'Activity', 'Tokens'])
  })

  test('marks the place one is at, and no other', () => {
    state.value = aState('owner')
    expect(
      render(<Frame>x</Frame>).match(/aria-current="page"[^>]*>[^<]*|<a[^>]*aria-current="page"/g),
    ).toHaveLength(1)
  })

  test('says when the server is away, until when it waits, and that nothing is lost', () => {
    state.value = aState('owner')
    awaySeconds.value = 4
    const text = render(<Frame>x</Frame>)
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
    expect(text).toContain('The server does not answer. Trying again in 4 seconds.')
    expect(text).toContain('What you typed is still here.')
  })
})

describe('a reload', () => {
  const now = Date.parse('2026-11-22T23:00:30Z')
  const domains = [{ name: 'td.example.com', timeZone: 'Europe/Berlin', today: '2026-11-20' }]

  test('draws what this tab knew last, with today as it is now', () => {
    const text = JSON.stringify(aState('owner', { domains }))
    expect(readState(text, now)?.domains[0]?.today).toBe('2026-11-23')
    expect(readState(text, now)?.me?.name).toBe('dan')
  })

  test.each([
    '',
    '{',
    'null',
    '7',
    JSON.stringify({ stage: 'sign-in' }),
    JSON.stringify({ stage: 'ready', me: { name: 'dan' } }),
    JSON.stringify({ ...aState('owner'), domains: [{ name: 'x', timeZone: 'Nowhere/Land' }] }),
  ])('%j tells nothing', (text) => {
    expect(readState(text, now)).toBeUndefined()
  })
})

describe('the day', () => {
  test('turns when midnight passes in the zone of a domain, by the clock of the server', () => {
    const domains = (today: string) => [{ name: 'td.example.com', timeZone: 'Europe/Berlin', today }]
    state.value = aState('owner', { now: '2026-11-22T22:59:30Z', domains: domains('2026-11-22') })
    expect(isYesterdays()).toBe(false)
    state.value = aState('owner', { now: '2026-11-22T23:00:30Z', domains: domains('2026-11-22') })
    expect(isYesterdays()).toBe(true)
  })
})

describe('before one is in', () => {
  test('the sign-in asks for name and password, which a password manager can fill in', () => {
    const html = render(<SignInView />)
    expect(html).toContain('autocomplete="username"')
    expect(html).toContain('autocomplete="current-password"')
    expect(html).not.toContain('one-time-code')
  })

  test('a session that ended says that nothing is lost', () => {
    expect(render(<SignInView again />)).toContain('what you typed is still here')
  })

  test('the set-up begins with the one-time code, and goes on where it was broken off', () => {
    state.value = aState('postmaster', { stage: 'set-up' })
    expect(render(<SetUpView />)).toContain('one-time code')
    expect(stepOf(state.value)).toBe(1)
    const domain = { name: 'td.example.com', timeZone: 'UTC', today: '2026-11-22' }
    const prefix = {
      domain: domain.name,
      name: 'djb',
      mailboxes: [],
      maxDays: 99,
      defaultDays: 45,
      signed: true,
    }
    expect(stepOf(aState('postmaster'))).toBe(2)
    expect(stepOf(aState('postmaster', { domains: [domain] }))).toBe(3)
    expect(stepOf(aState('postmaster', { domains: [domain], prefixes: [prefix] }))).toBe(4)
  })
})
