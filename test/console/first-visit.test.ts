// The first visit: from the code that `serve` prints to the first address and the configuration to paste.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { axeFaultsInBothThemes, axeFaultsInTheLight } from '../support/console/axe.ts'
import { NARROW, TestBrowser, type Visitor, WIDE } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { ConsoleSite, DAYTIME_ZONE, digits, spokenDay } from '../support/console/console.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await chromiumMissing()

describe.skipIf(missing)('the first visit', () => {
  let browser: TestBrowser
  let site: ConsoleSite
  let visitor: Visitor

  beforeAll(async () => {
    browser = await TestBrowser.launch()
  })
  beforeEach(async () => {
    site = await ConsoleSite.prepare()
    await site.service.start()
    visitor = await browser.visit({ base: site.base })
  })
  afterEach(async () => {
    const faults = await browser.closeVisitors()
    await site.remove()
    expect(faults).toEqual([])
  })
  afterAll(() => browser?.close())

  /** What `serve` printed for whoever started it. */
  async function printedCode(): Promise<string> {
    await site.service.said('with the code ')
    return /with the code (\S+)/.exec(site.service.output)?.[1] ?? ''
  }

  /** Narrow, and then wide in light and dark. */
  async function axeFindsNothing(): Promise<void> {
    await visitor.page.setViewportSize(NARROW)
    expect(await axeFaultsInTheLight(visitor.page)).toEqual([])
    await visitor.page.setViewportSize(WIDE)
    expect(await axeFaultsInBothThemes(visitor.page)).toEqual([])
  }

  async function giveName(code: string, name = 'ada'): Promise<void> {
    const { page } = visitor
    await page.getByLabel('one-time code').fill(code)
    await page.getByLabel('your name here').fill(name)
    await page.getByLabel('password').fill('correct horse battery staple')
    await page.getByRole('button', { name: 'On to your domain' }).click()
  }

  it('leads in three steps from the code to the first address and the configuration to paste', async () => {
    const { page } = visitor
    await visitor.open()
    await page.getByLabel('one-time code').waitFor()
    await axeFindsNothing()
    await giveName(await printedCode())

    await page.getByRole('heading', { name: 'Which domain will the addresses live on?' }).waitFor()
    await axeFindsNothing()
    await page.getByLabel('domain', { exact: true }).fill('td.example.com')
    await page.getByLabel('time zone').selectOption(DAYTIME_ZONE)
    await page.getByLabel('mailbox for postmaster').fill('ada@example.com')
    // The browser's own zone is a day ahead for half of the time.
    await visitor.hero().filter({ hasText: digits() }).waitFor()
    await page.getByRole('button', { name: 'On to the first prefix' }).click()

    await page.getByRole('heading', { name: 'Whose mail is it?' }).waitFor()
    await axeFindsNothing()
    await page.getByLabel('prefix', { exact: true }).fill('ada')
    expect(await page.getByLabel('mailboxes').inputValue()).toBe('ada@example.com')
    await page.getByRole('button', { name: 'Make the first address' }).click()

    await visitor
      .verdict()
      .getByText(`Works through ${spokenDay(44)}.`)
      .waitFor()
    const address = (await visitor.hero().textContent()) ?? ''
    expect(address).toMatch(new RegExp(`^ada${digits()}45[0-9a-z]{6,9}@td\\.example\\.com$`))
    await axeFindsNothing()
    await page.getByRole('button', { name: 'Copy the address' }).click()
    expect(await visitor.copied()).toBe(address)

    // The filter knows it at once.
    const [reply] = await site.mail('shop@shop.example', [address])
    expect(reply?.accepted).toBe(true)

    await page.locator('pre').getByText('td.sock').waitFor()
    expect(await page.locator('pre').textContent()).toContain('td.example.com')
    await page.getByRole('button', { name: 'Postfix' }).click()
    await page.getByText('smtpd_milters').first().waitFor()
    await page.getByRole('button', { name: 'Make another' }).click()
    await page.getByLabel('sealed for the site').waitFor()
  })

  it('refuses a wrong code in words, and keeps what was typed', async () => {
    const { page } = visitor
    visitor.tolerate(/status of 400/)
    await printedCode()
    await visitor.open()
    await giveName('wrong-code')
    const fault = page.getByRole('alert')
    await fault.waitFor()
    expect(await fault.textContent()).toMatch(/code/)
    const field = page.getByLabel('one-time code')
    expect(await field.inputValue()).toBe('wrong-code')
    expect(await page.getByLabel('your name here').inputValue()).toBe('ada')
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('refuses a code that was used, and asks for a sign-in from then on', async () => {
    const code = await printedCode()
    await visitor.open()
    await giveName(code)
    await visitor.page.getByRole('heading', { name: 'Which domain' }).waitFor()

    const answer = await site.ask(undefined, 'console/set-up', {
      method: 'POST',
      json: { code, name: 'eve', password: 'correct horse battery staple' },
    })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { message: string }).message).toMatch(/account/)

    const other = await browser.visit({ base: site.base })
    await other.open()
    await other.page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  it('goes on where it stood when it was broken off', async () => {
    const { page } = visitor
    await visitor.open()
    await giveName(await printedCode())
    await page.getByRole('heading', { name: 'Which domain' }).waitFor()
    await visitor.open()
    await page.getByRole('heading', { name: 'Which domain' }).waitFor()
  })
})
