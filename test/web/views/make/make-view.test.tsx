import { render } from 'preact-render-to-string'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { State, UsablePrefix } from '../../../../src/admin/schemas.ts'
import { readAs } from '../../../../web/src/days.ts'
import { state } from '../../../../web/src/state.ts'
import {
  addresses,
  choosePrefix,
  daysText,
  sealDots,
  sealWish,
  severalText,
  siteText,
  startNext,
} from '../../../../web/src/views/make/making.ts'
import { MakeView } from '../../../../web/src/views/make.tsx'

const djb: UsablePrefix = {
  domain: 'td.example.com',
  name: 'djb',
  mailboxes: ['dan@mailbox.example'],
  maxDays: 99,
  defaultDays: 45,
  signed: true,
}
const foo: UsablePrefix = { ...djb, name: 'foo', maxDays: 90, defaultDays: 30, signed: false }

function aState(what: Partial<State> = {}): State {
  return {
    stage: 'ready',
    me: { name: 'dan', role: 'owner', totp: false },
    now: '2026-11-22T10:26:00Z',
    domains: [{ name: 'td.example.com', timeZone: 'Europe/Berlin', today: '2026-11-22' }],
    prefixes: [djb, foo],
    stillTrying: 0,
    version: '0.1.0',
    ...what,
  }
}

const page = () => render(<MakeView />)
const textOf = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
const heroOf = (html: string) =>
  (/<output[^>]*>(.*?)<\/output>/s.exec(html)?.[1] ?? '').replaceAll(/<[^>]*>/g, '')

beforeEach(() => {
  readAs('en-GB')
  state.value = aState()
  choosePrefix('td.example.com/djb')
  severalText.value = undefined
  startNext()
})
afterEach(() => {
  state.value = undefined
  readAs(undefined)
})

describe('making an address', () => {
  test('it stands at once, without a request: only the seal is still dots', () => {
    expect(heroOf(page())).toBe('djb2026112245@td.example.com')
    expect(sealDots.value).toBe(9)
  })

  test('the sentence names the last day it works, and where its mail goes', () => {
    const text = textOf(page())
    expect(text).toContain('Works through Tuesday, 5 January 2027')
    expect(text).toContain('From midnight in Berlin on the 6th the server refuses it.')
    expect(text).toContain('Until then, mail reaches dan@mailbox.example.')
  })

  test('a prefix without a seal has its whole address at once', () => {
    choosePrefix('td.example.com/foo')
    expect(addresses.value).toEqual(['foo2026112230@td.example.com'])
    siteText.value = 'shop.example'
    expect(addresses.value).toEqual([])
    sealWish.value = 'without'
    expect(addresses.value).toEqual(['foo2026112230@td.example.com'])
  })

  test('lifetimes beyond the maximum of the prefix cannot be chosen, and it says so', () => {
    choosePrefix('td.example.com/foo')
    const html = page()
    const radio = (days: number) =>
      new RegExp(`<input type="radio"[^>]*value="${days}"[^>]*>`).exec(html)?.[0]
    expect(radio(99)).toContain('disabled')
    expect(radio(45)).not.toContain('disabled')
    expect(radio(30)).toContain('checked')
    expect(html).toMatch(/type="range"[^>]*max="90"/)
    expect(textOf(html)).toContain('foo allows 90 days.')
  })

  test('a screen reader hears the ruler in words', () => {
    expect(page()).toContain('aria-valuetext="45 days, through Tuesday, 5 January 2027"')
  })

  test('days that cannot be are marked in the address, and said in a sentence', () => {
    choosePrefix('td.example.com/foo')
    daysText.value = '91'
    const html = page()
    expect(heroOf(html)).toBe('foo2026112291@td.example.com')
    expect(html).toMatch(/class="days[^"]*faulty/)
    expect(textOf(html)).toContain('foo allows 1 to 90 days.')
    expect(addresses.value).toEqual([])
    expect(html).not.toContain('Works through')
  })

  test('the next one keeps prefix and days', () => {
    daysText.value = '7'
    siteText.value = 'shop.example'
    startNext()
    expect([siteText.value, daysText.value]).toEqual(['', '7'])
    expect(heroOf(page())).toBe('djb2026112207@td.example.com')
  })

  test('markup has no style of its own making and no handler: the policy would forbid both', () => {
    // What the renderer writes as `style` is set from script in the browser; it may hold nothing but custom properties.
    for (const [, style = ''] of page().matchAll(/style="([^"]*)"/g))
      expect(style).toMatch(/^(--[a-z-]+:[^;]+;?\s*)*$/)
    expect(page()).not.toMatch(/\son[a-z]+=/)
  })

  test('without a prefix there is a sentence that teaches', () => {
    state.value = aState({ prefixes: [] })
    expect(textOf(page())).toContain('No prefix is yours yet.')
    state.value = aState({ prefixes: [], me: { name: 'dan', role: 'postmaster', totp: false } })
    expect(page()).toContain('href="./mappings"')
  })
})
