// For everybody: without a mouse, with a screen reader, on a small screen, in the dark.

import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeFaultsInBothThemes, axeFaultsInTheLight } from '../support/console/axe.ts'
import { NARROW, type Visitor, WIDE } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits, theUsual } from '../support/console/console.ts'
import { arrive, give } from '../support/console/records.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()
const TABS = ['', '?tab=domains', '?tab=people', '?tab=tokens', '?tab=keys', '?tab=server', '?tab=audit']

describe.skipIf(missing)('for everybody', () => {
  const made = {} as Record<'lamp' | 'ended' | 'leaked', string>
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      made.lamp = await give(store, { site: 'lamps.example', note: 'bicycle lamp, order 1182' })
      made.ended = await give(store, { from: -62, days: 30, note: 'forum' })
      made.leaked = await give(store, { from: -14, site: 'printshop.example' })
      await arrive(store, [
        { to: made.lamp, from: 'service@lamps.example', times: 3 },
        { to: made.ended, from: 'news@forum.example', ago: 5, times: 3, verdict: 'expired' },
        { to: made.leaked, from: 'offers@mailblast.example', ago: 2 },
      ])
      await services.tokens.add({
        name: 'Bitwarden',
        prefix: 'djb',
        domain: 'td.example.com',
        person: 'ada',
      })
    },
  })

  const views = (): readonly string[] => [
    '',
    'addresses',
    'addresses?q=nothing-like-it',
    'still-trying',
    `explain?address=${made.ended}`,
    'explain',
    'activity',
    ...TABS.map((tab) => `mappings${tab}`),
    'settings',
  ]

  /** Waits until everything that the view asked for is there. */
  async function settled(page: Page): Promise<void> {
    await page.waitForLoadState('load')
    await page.locator('main h1').first().waitFor({ state: 'attached' })
    await soon(() => page.locator('[aria-busy=true]').count()).toBe(0)
  }

  it('axe finds nothing in any view, wide in light and dark, and narrow', async () => {
    const visitor = await stage().as('ada')
    const { page } = visitor
    const found: Record<string, readonly string[]> = {}
    for (const view of views()) {
      await page.setViewportSize(WIDE)
      await visitor.open(view)
      await settled(page)
      const wide = await axeFaultsInBothThemes(page)
      await page.setViewportSize(NARROW)
      const narrow = await axeFaultsInTheLight(page)
      const faults = [...wide, ...narrow.map((fault) => `narrow: ${fault}`)]
      if (faults.length > 0) found[view] = faults
    }
    expect(found).toEqual({})
  })

  it('axe finds nothing in what opens, light or dark', async () => {
    const visitor = await stage().as('ada')
    const { page } = visitor
    const check = async (): Promise<void> => expect(await axeFaultsInBothThemes(page)).toEqual([])
    await visitor.open('addresses')
    for (const key of ['Enter', 'x', 'r']) {
      await page.locator('.row-open').first().focus()
      await page.keyboard.press(key)
      await page.locator('.panel-body').waitFor()
      await check()
      await page.keyboard.press('Escape')
      await page.locator('.panel-body').waitFor({ state: 'detached' })
    }
    await visitor.open('mappings')
    await page.getByRole('button', { name: /^djb.*, edit/ }).click()
    await page.getByLabel('mailboxes').fill('x')
    await page.getByRole('button', { name: 'Save djb' }).click()
    await page.getByRole('alert').waitFor()
    await check()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Add a prefix' }).click()
    await check()
    await visitor.open('settings')
    await page.getByRole('button', { name: 'Set up a second factor' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await check()
  })

  it('axe finds nothing in what else opens, nor in the pages of an owner', async () => {
    const visitor = await stage().as('dan')
    visitor.tolerate(/status of 401/)
    const { page } = visitor
    const found: Record<string, readonly string[]> = {}
    const check = async (what: string): Promise<void> => {
      const faults = await axeFaultsInBothThemes(page)
      if (faults.length > 0) found[what] = faults
    }
    await visitor.open('tokens')
    await settled(page)
    await check('tokens of an owner')
    await page.getByRole('link', { name: 'Make', exact: true }).focus()
    await page.keyboard.press('?')
    await page.getByRole('region', { name: 'Keys' }).waitFor()
    await check('the list of keys')
    await visitor.open('addresses')
    await page.getByRole('button', { name: 'Import' }).first().click()
    await check('import')
    await visitor.open('activity')
    await page.getByRole('button', { name: 'Show as a table' }).click()
    await check('thirty days as a table')
    const several = `${made.lamp}, ${made.ended}, somebody@elsewhere.example`
    await visitor.open(`explain?address=${encodeURIComponent(several)}`)
    await page.locator('.closed-block').first().waitFor()
    await check('several explained')
    await visitor.open()
    await page.getByRole('button', { name: 'Several at once' }).click()
    await page.getByRole('list', { name: '5 addresses' }).waitFor()
    await check('several made')
    await visitor.context.clearCookies()
    await page.getByLabel('for days').fill('12')
    await page.getByText('The session has ended.').waitFor()
    await check('a session that ended')
    expect(found).toEqual({})
  })

  it('axe finds nothing in the sign-in, light or dark', async () => {
    const visitor = await stage().visit()
    visitor.tolerate(/status of 401/)
    await visitor.open()
    await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await axeFaultsInBothThemes(visitor.page)).toEqual([])
    await visitor.page.getByLabel('name', { exact: true }).fill('ada')
    await visitor.page.getByLabel('password').fill('wrong')
    await visitor.page.keyboard.press('Enter')
    await visitor.page.getByRole('alert').waitFor()
    expect(await axeFaultsInBothThemes(visitor.page)).toEqual([])
  })

  // 1280 px at 200 % are 640.
  it.each([360, 640])('nothing scrolls sideways where the page is %i px wide', async (width) => {
    const visitor = await stage().as('ada', { size: { width, height: 720 } })
    const wider: Record<string, readonly string[]> = {}
    for (const view of views()) {
      await visitor.open(view)
      await settled(visitor.page)
      const found = await visitor.page.evaluate(beyond)
      if (found.length > 0) wider[view] = found
    }
    expect(wider).toEqual({})
  })

  it('text at twice its size is neither cut nor laid over', async () => {
    const visitor = await stage().as('ada', { size: { width: 1280, height: 900 } })
    for (const view of ['', 'addresses', 'mappings']) {
      await visitor.open(view)
      await settled(visitor.page)
      await visitor.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
      expect([view, await visitor.page.evaluate(beyond)]).toEqual([view, []])
    }
  })

  it('the main job is done with the keyboard alone, and one sees where one is', async () => {
    const visitor = await stage().visit()
    const { page } = visitor
    await visitor.open()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.keyboard.type('dan')
    await page.keyboard.press('Tab')
    await page.keyboard.type('correct horse battery staple')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()

    // The focus waits in the site.
    await page.keyboard.type('keys.example')
    await visitor
      .hero()
      .filter({ hasText: new RegExp(`^djb${digits()}45[0-9a-z]{9}@`) })
      .waitFor()
    await page.keyboard.press('PageDown')
    await visitor
      .hero()
      .filter({ hasText: new RegExp(`^djb${digits()}30[0-9a-z]{9}@`) })
      .waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const address = await visitor.copied()

    await tabTo(visitor, 'link', 'Addresses')
    await page.keyboard.press('Enter')
    await page.keyboard.press('/')
    await page.keyboard.type('keys.ex')
    await page.locator('tr.row', { hasText: 'keys.example' }).waitFor()
    await soon(() => page.locator('tr.row').count()).toBe(1)
    await tabTo(visitor, 'button', /keys\.example/)
    await page.keyboard.press('r')
    await page.keyboard.press('Enter')
    await page
      .locator('tr.row')
      .getByText(/^revoked/)
      .waitFor()
    expect((await stage().site.mail('x@keys.example', [address]))[0]?.accepted).toBe(false)
  })

  it('letters go to views and list themselves, and can be switched off', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('explain')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Explain' }).focus()
    for (const [letter, place] of [
      ['a', 'addresses'],
      ['v', 'activity'],
      ['p', 'tokens'],
      ['e', 'explain'],
    ] as const) {
      await page.getByRole('link', { name: 'Make' }).focus()
      await page.keyboard.press('g')
      await page.keyboard.press(letter)
      await soon(() => new URL(page.url()).pathname).toBe(`/${place}`)
      // The focus goes with it: to the title, or to the field where the work begins.
      await soon(() => page.locator('main :is(h1, textarea):focus').count()).toBe(1)
    }
    // A row has an `e` of its own.
    await visitor.open('addresses')
    await page.locator('.row-open').first().focus()
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await soon(() => new URL(page.url()).pathname).toBe('/explain')
    expect(new URL(page.url()).search).toBe('')
    // Neither does a row that leads elsewhere leave the focus nowhere.
    await visitor.open('addresses')
    await page.locator('.row-open').first().focus()
    await page.keyboard.press('e')
    await soon(() => page.locator('main h1:focus').count()).toBe(1)
    await page.getByRole('link', { name: 'Make' }).focus()
    await page.keyboard.press('?')
    const list = page.getByRole('region', { name: 'Keys' })
    for (const key of [
      'g v',
      '?',
      'Enter',
      'Ctrl Enter',
      'Page Up',
      'Page Down',
      '↑ ↓',
      'Escape',
      'c',
      'x',
      'r',
      'e',
      '/',
      'p',
    ])
      await list.getByText(key, { exact: true }).first().waitFor()
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    expect(
      await page.getByRole('link', { name: 'Make' }).evaluate((link) => link === document.activeElement),
    ).toBe(true)
    await visitor.open('settings')
    await page.getByLabel('Single letters are keys').uncheck()
    await page.getByRole('link', { name: 'Make' }).focus()
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.keyboard.press('?')
    expect(new URL(page.url()).pathname).toBe('/settings')
    expect(await page.getByRole('region', { name: 'Keys' }).count()).toBe(0)
  })

  it('the frame and the title stand at once, and who waits is told so', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    let answer = (): void => undefined
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route('**/console/state', async (request) => {
      await held
      await request.continue()
    })
    await visitor.open('addresses')
    await page.getByRole('heading', { name: 'Addresses' }).waitFor()
    const words = page.getByRole('navigation', { name: 'Views' }).getByRole('link')
    expect(await words.allTextContents()).toEqual(['Make', 'Addresses', 'Explain', 'Activity'])
    await page.getByRole('status').getByText('Still reading ...').waitFor()
    answer()
    await page.getByRole('link', { name: 'Tokens' }).waitFor()
    await page.locator('.row-open').first().waitFor()
  })

  it('whatever can be pressed is 24 pixels high and wide', async () => {
    const visitor = await stage().as('ada')
    const { page } = visitor
    for (const view of ['', 'activity']) {
      await visitor.open(view)
      await settled(page)
      for (const target of await page.locator('.frame a, .frame button, button.tab').all()) {
        const { width = 0, height = 0 } = (await target.boundingBox()) ?? {}
        expect([await target.textContent(), Math.min(width, height) >= 24]).toEqual([
          await target.textContent(),
          true,
        ])
      }
    }
  })

  it('the theme is the system’s until somebody chooses, and is remembered', async () => {
    const visitor = await stage().as('dan', { theme: 'dark' })
    const { page } = visitor
    const paper = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    await visitor.open('settings')
    const dark = await paper()
    await page.getByLabel('Light').check()
    const light = await paper()
    expect(light).not.toBe(dark)
    await visitor.open()
    expect(await paper()).toBe(light)
  })
})

/** Presses Tab until what has the focus is called so. Each stop on the way must show that it has the focus. */
async function tabTo({ page }: Visitor, role: 'link' | 'button', name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name }).first()
  for (let stops = 0; stops < 80; stops += 1) {
    await page.keyboard.press('Tab')
    const shown = await page.evaluate(() => {
      const { activeElement } = document
      if (activeElement === null || activeElement === document.body) return 'nothing has it'
      const { outlineStyle, outlineWidth, borderBottomWidth } = getComputedStyle(activeElement)
      if (outlineStyle === 'solid' && outlineWidth === '2px') return 'shown'
      // Fields have a line instead, which is twice as thick then.
      if (activeElement.matches('.input') && borderBottomWidth === '2px') return 'shown'
      return `not shown at ${activeElement.outerHTML.slice(0, 200)}`
    })
    expect(shown).toMatch(/^shown$|^nothing has it$/)
    if (await wanted.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${name} is not reached with Tab`)
}

/** What stands beyond the right edge of the window: runs in the page. */
function beyond(): readonly string[] {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  return [...document.querySelectorAll('main *, header *')]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map(
      (element) =>
        `${element.tagName} ${element.getAttribute('class') ?? ''}: ${element.textContent?.slice(0, 40)}`,
    )
    .slice(0, 5)
}
