// Finding an address again, and changing what becomes of its mail.

import { readFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { isoDay, spokenDay, theUsual } from '../support/console/console.ts'
import { arrive, give } from '../support/console/records.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()

describe.skipIf(missing)('the list of addresses', () => {
  type Name = 'lamp' | 'hotel' | 'tickets' | 'forum' | 'later' | 'prints' | 'sealed'
  // Filled before the first test.
  const made = {} as Record<Name, string>
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      made.lamp = await give(store, { site: 'lamps.example', note: 'bicycle lamp, order 1182' })
      made.hotel = await give(store, { from: -41, note: 'hotel in Vienna' })
      made.tickets = await give(store, { from: -100, days: 30, site: 'tickets.example' })
      made.forum = await give(store, { from: -20, note: 'forum' })
      made.later = await give(store, { from: 10, note: 'the conference' })
      made.prints = await give(store, { from: -14, site: 'printshop.example' })
      made.sealed = await give(store, { prefix: 'shp', days: 30, site: 'sealed.example' })
      await arrive(store, [
        { to: made.lamp, from: 'service@lamps.example', times: 3 },
        { to: made.hotel, from: 'desk@hotel.example', ago: 40 },
        { to: made.tickets, from: 'news@tickets.example', ago: 80, times: 2 },
        { to: made.tickets, from: 'news@tickets.example', ago: 3, times: 4, verdict: 'expired' },
        { to: made.prints, from: 'orders@printshop.example', ago: 13 },
        { to: made.prints, from: 'offers@mailblast.example', ago: 9, times: 5 },
      ])
      await services.addresses.revoke(made.forum)
    },
  })
  let visitor: Visitor

  beforeEach(async () => {
    visitor = await stage().as('dan')
  })

  const row = (text: string): Locator => visitor.page.locator('tr.row', { hasText: text })
  const names = (): Promise<readonly string[]> => visitor.page.locator('tr.row .first').allTextContents()
  const opener = (text: string): Locator => row(text).locator('.row-open')

  it('shows what ends first at the top, then what ended, then what was revoked', async () => {
    await visitor.open('addresses')
    await row('hotel').waitFor()
    expect(await names()).toEqual([
      'hotel in Vienna',
      'sealed.example',
      'printshop.example',
      'lamps.example',
      'the conference',
      'tickets.example',
      'forum',
    ])
    expect(await row('lamps.example').textContent()).toContain('45 days left')
    expect(await row('lamps.example').textContent()).toContain('service@lamps.example')
    expect(await row('hotel').textContent()).toContain('4 days left')
    expect(await row('tickets').textContent()).toMatch(/ended \d/)
    expect(await row('forum').textContent()).toMatch(/revoked \d/)
    expect(await row('conference').textContent()).toMatch(/begins \d/)
    expect(await row('lamps').locator('.in').textContent()).toContain('3')
    expect(await row('tickets').locator('.out').textContent()).toContain('4')
  })

  it.each([
    ['a site', 'lamps.ex', ['lamps.example']],
    ['a word of a note', 'vienna', ['hotel in Vienna']],
    ['a sender', 'mailblast', ['printshop.example']],
    ['two letters, wherever they stand', 'ho', ['hotel in Vienna', 'printshop.example']],
  ])('is searched as one types, by %s', async (_, typed, found) => {
    await visitor.open('addresses')
    await row('hotel').waitFor()
    await visitor.page.keyboard.press('/')
    await visitor.page.keyboard.type(typed)
    await soon(names).toEqual(found)
    // The search is in the address bar: it can be bookmarked, and Back undoes it.
    expect(new URL(visitor.page.url()).searchParams.get('q')).toBe(typed)
  })

  it('is searched by the address itself', async () => {
    await visitor.open(`addresses?q=${encodeURIComponent(made.hotel)}`)
    await soon(names).toEqual(['hotel in Vienna'])
  })

  it('is filtered by state and prefix, and sorted by each column', async () => {
    const { page } = visitor
    await visitor.open('addresses')
    await page.getByRole('link', { name: /^Revoked/ }).click()
    await soon(names).toEqual(['forum'])
    await page.getByRole('link', { name: /^Ends soon/ }).click()
    await soon(names).toEqual(['hotel in Vienna'])
    await page.getByRole('link', { name: /^All/ }).click()
    await page.getByRole('navigation', { name: 'Prefix' }).getByRole('link', { name: 'shp' }).click()
    await soon(names).toEqual(['sealed.example'])
    await page.getByRole('link', { name: 'every prefix' }).click()
    await page.getByRole('button', { name: 'accepted' }).click()
    await soon(async () => (await names())[0]).toBe('printshop.example')
    await page.getByRole('button', { name: 'given to' }).click()
    await soon(async () => (await names()).filter((name) => name.endsWith('.example'))).toEqual([
      'lamps.example',
      'printshop.example',
      'sealed.example',
      'tickets.example',
    ])
    await page.goBack()
    await soon(async () => (await names())[0]).toBe('printshop.example')
  })

  it('says where it looked when nothing is found, and leads on', async () => {
    await visitor.open('addresses?q=hotle')
    await visitor.page.getByText('Nothing matches “hotle”.').waitFor()
    await visitor.page
      .getByText('Looked at site, note, sender and address, in all states and every prefix.')
      .waitFor()
    await visitor.page.getByRole('link', { name: 'Clear the search' }).click()
    await row('hotel').waitFor()
  })

  it('says who a sealed address leaked to', async () => {
    await visitor.open('addresses')
    expect(await row('printshop').locator('.leaked').textContent()).toBe('leaked to mailblast.example')
    await visitor.page.getByRole('link', { name: /^Leaked/ }).click()
    await soon(names).toEqual(['printshop.example'])
    await opener('printshop').click()
    await visitor.page
      .getByText(/Made for printshop\.example, used by mailblast\.example.* since \d+ \w+\./)
      .waitFor()
  })

  it('changes the note in its row, and keeps the focus where the hand is', async () => {
    const { page } = visitor
    await visitor.open('addresses')
    await opener('the conference').focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('note, for your eyes only').fill('the conference in Graz')
    await page.keyboard.press('Enter')
    await row('the conference in Graz').waitFor()
    expect(await opener('Graz').evaluate((button) => button === document.activeElement)).toBe(true)
    await visitor.open('addresses?q=graz')
    await soon(names).toEqual(['the conference in Graz'])
    await opener('Graz').click()
    await page.getByLabel('note, for your eyes only').fill('the conference')
    await page.getByRole('button', { name: 'Save it' }).click()
    await soon(names).toEqual(['the conference'])
  })

  it('revokes after one question, and restores; the filter obeys at once', async () => {
    const { page } = visitor
    const accepted = async () => (await stage().site.mail('x@lamps.example', [made.lamp]))[0]?.accepted
    await visitor.open('addresses')
    await opener('lamps.example').focus()
    await page.keyboard.press('r')
    await page.getByRole('heading', { name: 'Refuse its mail from now on?' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await accepted()).toBe(true)
    await page.keyboard.press('r')
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await row('lamps.example')
      .getByText(/^revoked/)
      .waitFor()
    expect(await accepted()).toBe(false)
    // The row stays under the hand that changed it.
    expect(await opener('lamps.example').evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('r')
    await row('lamps.example').getByText('45 days left').waitFor()
    expect(await accepted()).toBe(true)
  })

  it('lets an address live longer, up to a date', async () => {
    const { page } = visitor
    await visitor.open('addresses')
    await opener('hotel').focus()
    await page.keyboard.press('x')
    await page.getByLabel('Works through').fill(isoDay(20))
    await page.getByRole('button', { name: 'Extend by 17 days' }).click()
    await row('hotel').getByText('21 days left').waitFor()
    await visitor.open(`explain?address=${made.hotel}`)
    await visitor.page
      .getByText(spokenDay(20).replace(/^\w+, /, ''))
      .first()
      .waitFor()
  })

  it('shows who still tries, and lets that address live again with one press', async () => {
    const { page } = visitor
    await visitor.open('addresses')
    await page.getByRole('link', { name: 'Still trying, 1' }).click()
    const tried = page.locator('tr.row', { hasText: 'tickets.example' })
    expect(await tried.locator('.who-tries').textContent()).toContain('news@tickets.example')
    expect(await tried.locator('.often').textContent()).toContain('4')
    const [before] = await stage().site.mail('news@tickets.example', [made.tickets])
    expect(before?.accepted).toBe(false)
    await page.getByRole('button', { name: 'Let it live again' }).click()
    await tried.getByText(/^through \d/).waitFor()
    const [after] = await stage().site.mail('news@tickets.example', [made.tickets])
    expect(after?.accepted).toBe(true)
  })

  it('is written to a file and read back: nothing changes, and a changed line changes its address', async () => {
    const { page } = visitor
    await visitor.open('addresses')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).first().click(),
    ])
    expect(download.suggestedFilename()).toBe('addresses.csv')
    const csv = await readFile(await download.path(), 'utf8')
    expect(csv).toContain('bicycle lamp, order 1182')

    const take = async (lines: string): Promise<void> => {
      await page.getByRole('button', { name: 'Import', exact: true }).first().click()
      await page.getByLabel('lines of CSV').fill(lines)
      await page.getByRole('button', { name: 'Import the lines' }).click()
    }
    await take(csv)
    await page.getByText('7 addresses were known already.').waitFor()
    await page.getByRole('button', { name: 'Leave it' }).click()
    await take(csv.replace('hotel in Vienna', 'hotel in Linz'))
    await page.getByText('1 address has changed, 6 addresses were known already.').waitFor()
    await row('hotel in Linz').waitFor()
  })

  it('refuses a file with a bad line whole, says which line, and keeps what was pasted', async () => {
    visitor.tolerate(/status of 4\d\d/)
    const { page } = visitor
    await visitor.open('addresses')
    await page.getByRole('button', { name: 'Import', exact: true }).first().click()
    const lines = `address,note\n${made.lamp},new note\nnonsense,x\n`
    await page.getByLabel('lines of CSV').fill(lines)
    await page.getByRole('button', { name: 'Import the lines' }).click()
    expect(await page.getByRole('alert').textContent()).toMatch(/line 3/i)
    expect(await page.getByLabel('lines of CSV').inputValue()).toBe(lines)
    await visitor.open('addresses?q=bicycle')
    await soon(names).toEqual(['lamps.example'])
  })
})

describe.skipIf(missing)('an empty list of addresses', () => {
  const stage = useConsole()

  it('teaches what it will hold', async () => {
    const visitor = await stage().as('joe')
    await visitor.open('addresses')
    await visitor.page.getByText('No addresses here yet.').waitFor()
    await visitor.page.getByText(/^This list fills itself/).waitFor()
    await visitor.page.getByRole('link', { name: 'Make the first one' }).click()
    await visitor.page.getByLabel('sealed for the site').waitFor()
  })
})
