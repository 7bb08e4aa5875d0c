import { render } from 'preact-render-to-string'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { State, UsablePrefix } from '../../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../../web/src/days.ts'
import { state } from '../../../../web/src/state.ts'
import {
  addresses,
  chooseLast,
  choosePrefix,
  daysText,
  fromDay,
  problem,
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
  fromDay.value = undefined
  daysText.value = '1'
  startNext()
  daysText.value = '45'
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

  test.each(['100', 'abc', '1.5', '-3', '', '0'])('%j as days is never another number', (typed) => {
    daysText.value = typed
    const html = page()
    expect(html).toMatch(/class="days[^"]*faulty/)
    expect(textOf(html)).toMatch(/djb allows 1 to 99 days\.|Give a number of days\./)
    expect(heroOf(html)).toBe(typed === '0' ? 'djb2026112200@td.example.com' : 'djb20261122@td.example.com')
    expect(html).toMatch(/<button[^>]*disabled[^>]*><span[^>]*><span>Give its days first/)
    expect(addresses.value).toEqual([])
  })

  test('what would be over already is not offered', () => {
    choosePrefix('td.example.com/foo')
    fromDay.value = dayOf('2020-01-01')
    const html = page()
    expect(addresses.value).toEqual([])
    expect(textOf(html)).toContain('It would be over already. Its last day would be 30 January 2020.')
    expect(html).toMatch(/<button[^>]*disabled[^>]*><span[^>]*><span>Give a later day first/)
    fromDay.value = dayOf('2026-10-24')
    expect(addresses.value).toEqual(['foo2026102430@td.example.com'])
  })

  test('what would outlive the year 9999 is not offered, and says why', () => {
    fromDay.value = dayOf('9999-12-31')
    const html = page()
    expect(textOf(html)).toContain('An address ends with the year 9999. Give an earlier day.')
    expect(html).toMatch(/<button[^>]*disabled[^>]*><span[^>]*><span>Give an earlier day first/)
    // A field for dates takes no longer year, and the browser complains of one.
    expect(html).not.toMatch(/(value|min|max)="\+/)
    expect(addresses.value).toEqual([])
    daysText.value = '1'
    expect(textOf(page())).toContain('through Friday, 31 December 9999')
    expect(page()).not.toMatch(/(value|min|max)="\+/)
  })

  test('a last day that cannot be is said, until another is given', () => {
    choosePrefix('td.example.com/foo')
    chooseLast(dayOf('2027-03-01'))
    expect(textOf(page())).toContain('foo allows 90 days: through 19 February 2027.')
    chooseLast(dayOf('2026-11-21'))
    expect(textOf(page())).toContain('It begins on 22 November 2026. Give that day or a later one.')
    chooseLast(dayOf('2026-11-23'))
    expect(textOf(page())).not.toContain('It begins on')
    expect(daysText.value).toBe('2')
  })

  test('a site that cannot be leaves the seal unknown, and Copy says what is missing', () => {
    siteText.value = 'two words'
    problem.value = { message: '"two words" is no host name.', field: 'site' }
    const html = page()
    expect(sealDots.value).toBe(9)
    expect(heroOf(html)).toBe('djb2026112245@td.example.com')
    expect(html).toMatch(/<button[^>]*disabled[^>]*><span[^>]*><span>Correct the site first/)
  })

  test('the next one without a seal is the same, and it says so', () => {
    choosePrefix('td.example.com/foo')
    expect(page()).not.toContain('the same address')
    startNext()
    expect(page()).toContain('Without a seal this is the same address again.')
    daysText.value = '31'
    expect(page()).not.toContain('the same address')
  })

  test('a prefix that two domains have is told apart by its domain', () => {
    state.value = aState({ prefixes: [djb, foo, { ...djb, domain: 'td2.example.com' }] })
    const options = [...page().matchAll(/<option[^>]*>([^<]*)<\/option>/g)].map(([, text]) => text)
    expect(options).toEqual(['djb@td.example.com', 'foo', 'djb@td2.example.com'])
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
