// The whole way: what somebody does in the browser, and what a real sendmail answers at once.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TestBrowser, type Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { ConsoleSite, digits, theUsual } from '../support/console/console.ts'
import type { Mta } from '../support/mta/mta.ts'
import { TD } from '../support/mta/mta.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { startSendmail } from '../support/mta/sendmail.ts'
import { aMessage } from '../support/mta/smtp-client.ts'
import { soon } from './with-console.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = (await chromiumMissing()) || (await mailServersMissing('sendmail'))

describe.skipIf(missing)('behind a real sendmail', () => {
  let site: ConsoleSite
  let mta: Mta
  let browser: TestBrowser
  let visitor: Visitor

  beforeAll(async () => {
    site = await ConsoleSite.prepare()
    await site.furnish(theUsual)
    ;[mta, browser] = await Promise.all([
      startSendmail({ milter: site.service.spec }),
      TestBrowser.launch(),
      site.service.start(),
    ])
    visitor = await browser.visit({ base: site.base, cookie: await site.signIn('dan') })
  })
  afterAll(async () => {
    await browser?.close()
    await mta?.stop()
    await site?.remove()
  })

  /** What a stranger's server is told at RCPT; accepted mail is sent. */
  async function ask(recipient: string): Promise<string> {
    const client = await mta.open()
    await client.mail('shop@shop.example')
    const { code, text } = await client.rcpt(recipient)
    if (code === 250) expect((await client.data(aMessage({ subject: 'your order' }))).code).toBe(250)
    await client.quit()
    return text
  }

  it('an address made in the browser is accepted at once, and refused right after it is revoked there', async () => {
    const { page } = visitor
    await visitor.open()
    await page.keyboard.type('shop.example')
    await visitor
      .hero()
      .filter({ hasText: new RegExp(`^djb${digits()}45[0-9a-z]{9}@`) })
      .waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const address = await visitor.copied()

    expect(await ask(address)).toMatch(/^250 /)
    const [delivered] = await mta.mailboxes.arrived('dredd')
    expect(delivered?.header('X-Timedelay-Address')).toEqual([address])

    await page.keyboard.press('Tab')
    await visitor.open(`addresses?q=${address}`)
    const row = page.locator('tr.row', { hasText: 'shop.example' })
    // What came is there: the filter writes it down a moment later.
    await soon(async () => {
      await visitor.open(`addresses?q=${address}`)
      return row.locator('.in').textContent()
    }).toContain('1')
    await row.locator('.row-open').focus()
    await page.keyboard.press('r')
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await row.getByText(/^revoked/).waitFor()
    expect(await ask(address)).toBe('551 5.7.1 Address withdrawn.')

    await row.locator('.row-open').focus()
    await page.keyboard.press('r')
    await row.getByText('45 days left').waitFor()
    expect(await ask(address)).toMatch(/^250 /)
    expect(await mta.delivered()).toEqual({ dredd: 2 })
    expect(visitor.faults).toEqual([])
  })

  it('an address of somebody who guesses is refused, and stands in the activity', async () => {
    const guessed = `shp${digits()}30@${TD}`
    await visitor.open('activity')
    expect(await ask(guessed)).toBe('551 5.7.1 No such address.')
    await visitor.page.locator('tr.newest', { hasText: guessed }).getByText('refused').waitFor()
    expect(visitor.faults).toEqual([])
  })
})
