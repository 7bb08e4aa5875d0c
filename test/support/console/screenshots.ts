// Pictures of every view, light and dark, wide and narrow. `npm run screenshots` takes them.

import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NARROW, TestBrowser, type Visitor, WIDE } from './browser.ts'
import { ConsoleSite, DAYTIME_ZONE } from './console.ts'
import { type InventedConsole, invent } from './invented.ts'

type Step = (visitor: Visitor, invented: InventedConsole) => Promise<void>

/** How to get to each view, and what to do there. */
const VIEWS: Readonly<Record<string, Step>> = {
  make: async (visitor) => {
    await visitor.open()
    await visitor.page.getByLabel('who').selectOption('djb')
    for (const host of ['bikeparts.example', 'daily.example']) {
      await visitor.page.getByLabel('sealed for the site').fill(host)
      await visitor
        .hero()
        .filter({ hasText: /[0-9a-z]{19,}@/ })
        .waitFor()
      await visitor.page.keyboard.press('Control+Enter')
      await visitor.page.getByRole('listitem').filter({ hasText: host }).waitFor()
    }
    await visitor.page.getByLabel('sealed for the site').fill('shop.example')
    await visitor
      .hero()
      .filter({ hasText: /[0-9a-z]{19,}@/ })
      .waitFor()
    await visitor.page.getByRole('button', { name: 'Copy the address' }).waitFor()
  },
  'make-several': async (visitor) => {
    await visitor.open()
    await visitor.page.getByLabel('sealed for the site').fill('shop.example')
    await visitor.page.getByRole('button', { name: 'Several at once' }).click()
    await visitor.page.getByRole('list', { name: '5 addresses' }).waitFor()
  },
  addresses: async (visitor) => {
    await visitor.open('addresses')
    await visitor.page.locator('tr.row', { hasText: 'three-week trial' }).locator('th').hover()
  },
  'addresses-record': async (visitor) => {
    await visitor.open('addresses')
    await visitor.page.locator('.row-open', { hasText: 'printshop' }).click()
  },
  'addresses-extend': async (visitor) => {
    await visitor.open('addresses')
    await visitor.page.locator('.row-open', { hasText: 'hotel' }).focus()
    await visitor.page.keyboard.press('x')
  },
  'addresses-revoke': async (visitor) => {
    await visitor.open('addresses')
    await visitor.page.locator('.row-open', { hasText: 'printshop' }).focus()
    await visitor.page.keyboard.press('r')
  },
  'addresses-import': async (visitor) => {
    await visitor.open('addresses')
    await visitor.page
      .getByRole('button', { name: 'Import', exact: true })
      .locator('visible=true')
      .first()
      .click()
  },
  'addresses-nothing': (visitor) => visitor.open('addresses?q=hotle'),
  'still-trying': (visitor) => visitor.open('still-trying'),
  explain: (visitor, { ended }) => visitor.open(`explain?address=${ended}`),
  'explain-header': (visitor, { works }) =>
    visitor.open(`explain?address=${encodeURIComponent(`To: Dan <${works}>, sales@shop.example`)}`),
  activity: async (visitor) => {
    await visitor.open('activity')
    await visitor.page.locator('tr.newest').waitFor()
  },
  prefixes: async (visitor) => {
    await visitor.open('mappings')
    await visitor.page.getByRole('button', { name: /^foo.*, edit/ }).click()
    await visitor.page.getByLabel('mailboxes').fill('dan@mailbox.example, bea@td.example.com')
    await visitor.page.getByRole('button', { name: 'Save foo' }).click()
  },
  domains: (visitor) => visitor.open('mappings?tab=domains'),
  people: (visitor) => visitor.open('mappings?tab=people'),
  tokens: (visitor) => visitor.open('mappings?tab=tokens'),
  keys: (visitor) => visitor.open('mappings?tab=keys'),
  server: async (visitor) => {
    await visitor.open('mappings?tab=server')
    await visitor.page.locator('.findings li').first().waitFor()
  },
  audit: (visitor) => visitor.open('mappings?tab=audit'),
  settings: (visitor) => visitor.open('settings'),
}

const SIZES = { 1280: { size: WIDE, scale: 1 }, 390: { size: NARROW, scale: 1.5, touch: true } } as const
const THEMES = ['light', 'dark'] as const

/** Those that the README shows. */
const PICTURES = {
  'make-light-1280': 'make',
  'addresses-dark-1280': 'addresses',
  'explain-light-1280': 'explain',
}

/** Writes `VIEW-THEME-WIDTH.png` into a folder that is emptied first, and the README's into `pictures` if it is given. */
export async function takeScreenshots(folder: string, pictures?: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const browser = await TestBrowser.launch()
  try {
    await ofAConsoleInUse(browser, folder)
    await ofAFirstVisit(browser, folder)
  } finally {
    await browser.close()
  }
  if (pictures === undefined) return
  await mkdir(pictures, { recursive: true })
  for (const [from, to] of Object.entries(PICTURES)) {
    await copyFile(join(folder, `${from}.png`), join(pictures, `${to}.png`))
  }
}

async function ofAConsoleInUse(browser: TestBrowser, folder: string): Promise<void> {
  const site = await ConsoleSite.prepare()
  try {
    let invented: InventedConsole = { ended: '', works: '' }
    await site.furnish(async (services, store) => {
      invented = await invent(services, store)
    })
    await site.service.start()
    const cookie = await site.signIn('dan')
    for (const [width, how] of Object.entries(SIZES)) {
      for (const theme of THEMES) {
        const stranger = await browser.visit({ base: site.base, theme, ...how })
        await stranger.open()
        await shoot(stranger, join(folder, `sign-in-${theme}-${width}.png`))
        const visitor = await browser.visit({ base: site.base, cookie, theme, ...how })
        for (const [name, step] of Object.entries(VIEWS)) {
          await step(visitor, invented)
          await shoot(visitor, join(folder, `${name}-${theme}-${width}.png`))
        }
        await browser.closeVisitors()
      }
    }
  } finally {
    await site.remove()
  }
}

/** The steps of the set-up, each in all sizes and themes before the next is taken. */
async function ofAFirstVisit(browser: TestBrowser, folder: string): Promise<void> {
  for (const [width, how] of Object.entries(SIZES)) {
    const site = await ConsoleSite.prepare()
    try {
      await site.service.start()
      const visitor = await browser.visit({ base: site.base, ...how })
      const { page } = visitor
      const both = async (step: number): Promise<void> => {
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme })
          await shoot(visitor, join(folder, `set-up-${step}-${theme}-${width}.png`))
        }
      }
      await visitor.open()
      await site.service.said('with the code ')
      await page.getByLabel('one-time code').fill(/with the code (\S+)/.exec(site.service.output)?.[1] ?? '')
      await page.getByLabel('your name here').fill('dan')
      await page.getByLabel('password').fill('four words are long enough')
      await both(1)
      await page.getByRole('button', { name: 'On to your domain' }).click()
      await page.getByLabel('domain', { exact: true }).fill('td.example.com')
      await page.getByLabel('time zone').selectOption(DAYTIME_ZONE)
      await page.getByLabel('mailbox for postmaster').fill('dan@mailbox.example')
      await both(2)
      await page.getByRole('button', { name: 'On to the first prefix' }).click()
      await page.getByLabel('prefix', { exact: true }).fill('djb')
      await both(3)
      await page.getByRole('button', { name: 'Make the first address' }).click()
      await page.locator('pre').waitFor()
      await both(4)
    } finally {
      await browser.closeVisitors()
      await site.remove()
    }
  }
}

/** Once nothing is under way: no request, no animation, no font. */
async function shoot({ page }: Visitor, path: string): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}
