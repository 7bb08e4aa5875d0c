// What the postmaster manages: prefixes, domains, people, tokens, keys, the server.

import type { Locator } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits, PASSWORD } from '../support/console/console.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()

describe.skipIf(missing)('mappings', () => {
  const stage = useConsole()
  let visitor: Visitor

  beforeEach(async () => {
    visitor = await stage().as('ada')
  })

  const button = (name: string | RegExp): Locator => visitor.page.getByRole('button', { name })
  const openRow = (name: string): Promise<void> => button(new RegExp(`^${name}.*, edit`)).click()
  const accepted = async (address: string): Promise<boolean | undefined> =>
    (await stage().site.mail('x@shop.example', [address]))[0]?.accepted

  it('a prefix that is added there takes mail at once', async () => {
    const { page } = visitor
    const address = `neu${digits()}30@${TD}`
    expect(await accepted(address)).toBe(false)
    await visitor.open('mappings')
    await button('Add a prefix').click()
    await page.getByLabel('prefix', { exact: true }).fill('neu')
    await page.getByLabel('mailboxes').fill('bar@example.com, box1@example.com')
    await button('Add the prefix').click()
    await page.getByRole('row', { name: /^neu/ }).getByText('bar@example.com, box1@example.com').waitFor()
    expect(await accepted(address)).toBe(true)
    // The focus is at the new row.
    await soon(() => page.evaluate(() => document.activeElement?.textContent)).toContain('neu')
  })

  it('a mailbox in a domain of ours is refused in words, and what was typed stays', async () => {
    const { page } = visitor
    await visitor.open('mappings')
    await openRow('djb')
    const mailboxes = page.getByLabel('mailboxes')
    await mailboxes.fill(`dredd@example.com, dan@${TD}`)
    await button('Save djb').click()
    await page
      .getByRole('alert')
      .getByText('That domain is ours: its mail would go in circles. Give a mailbox on another domain.')
      .waitFor()
    expect(await mailboxes.inputValue()).toBe(`dredd@example.com, dan@${TD}`)
    expect(await mailboxes.evaluate((field) => field === document.activeElement)).toBe(true)
    // Escape leaves it as it was, and gives the focus back.
    await page.keyboard.press('Escape')
    await soon(() => page.evaluate(() => document.activeElement?.textContent)).toContain('djb')
    await page.getByRole('row', { name: /^djb/ }).getByText('dredd@example.com').waitFor()
    expect(await page.getByRole('row', { name: /^djb/ }).textContent()).not.toContain(TD)
  })

  it('two people who change one prefix at a time both hear of it, and neither loses what was typed', async () => {
    visitor.tolerate(/status of 409/)
    const { page } = visitor
    const other = await stage().as('ada')
    await visitor.open('mappings')
    await other.open('mappings')
    await openRow('joe')
    await page.getByLabel('days, at most').fill('90')
    await other.page.getByRole('button', { name: /^joe.*, edit/ }).click()
    await other.page.getByLabel('days, at most').fill('60')
    await other.page.getByRole('button', { name: 'Save joe' }).click()
    await other.page.getByRole('row', { name: /^joe/ }).getByText('60', { exact: true }).waitFor()

    await button('Save joe').click()
    await page.getByText('Someone changed joe while you were editing.').waitFor()
    await page.getByText('It now allows 60 days. Yours says 90.').waitFor()
    expect(await page.getByLabel('days, at most').inputValue()).toBe('90')
    await button('Save mine').click()
    await page.getByRole('row', { name: /^joe/ }).getByText('90', { exact: true }).waitFor()
  })

  it('so do two who change one domain, and one takes what the other said', async () => {
    visitor.tolerate(/status of 409/)
    const { page } = visitor
    const other = await stage().as('ada')
    await visitor.open('mappings?tab=domains')
    await other.open('mappings?tab=domains')
    await openRow(TD)
    await page.getByLabel('letters, at most').fill('7')
    await other.page.getByRole('button', { name: new RegExp(`^${TD}.*, edit`) }).click()
    await other.page.getByLabel('letters, at most').fill('5')
    await other.page.getByRole('button', { name: `Save ${TD}` }).click()
    await other.page
      .getByRole('row', { name: new RegExp(`^${TD}`) })
      .getByText('5', { exact: true })
      .waitFor()
    await button(`Save ${TD}`).click()
    await page.getByText(`Someone changed ${TD} while you were editing.`).waitFor()
    await page.getByText('Its prefixes may now have 5 letters. Yours says 7.').waitFor()
    await button('Take theirs').click()
    expect(await page.getByLabel('letters, at most').inputValue()).toBe('5')
    await page.getByLabel('letters, at most').fill('3')
    await button(`Save ${TD}`).click()
    await page
      .getByRole('row', { name: new RegExp(`^${TD}`) })
      .getByText('3', { exact: true })
      .waitFor()
  })

  it('a prefix that is disabled there is refused at once, after one question', async () => {
    const { page } = visitor
    const address = `djb${digits()}20@${TD}`
    expect(await accepted(address)).toBe(true)
    await visitor.open('mappings')
    await openRow('djb')
    await button('Disable djb').click()
    await page.getByRole('heading', { name: 'Refuse all mail to djb from now on?' }).waitFor()
    await button('Disable djb').click()
    await page.getByRole('row', { name: /^djb/ }).getByText('off').waitFor()
    expect(await accepted(address)).toBe(false)
    await openRow('djb')
    await button('Enable djb').click()
    await page.getByRole('row', { name: /^djb/ }).getByText('on', { exact: true }).waitFor()
    expect(await accepted(address)).toBe(true)
  })

  it('a whole table is brought in, or none of it', async () => {
    visitor.tolerate(/status of 4\d\d/)
    const { page } = visitor
    await visitor.open('mappings')
    await button('Import lines').click()
    await page.getByLabel('lines', { exact: true }).fill('abc box2@example.com\nabd no-mailbox\n')
    await button('Import the lines').click()
    await page
      .getByRole('alert')
      .getByText(/line 2/i)
      .waitFor()
    await page.getByLabel('lines', { exact: true }).fill('abc box2@example.com\nabd box3@example.com\n')
    await button('Import the lines').click()
    await page.getByRole('row', { name: /^abd/ }).waitFor()
    await page.getByText('2 added, 0 given other mailboxes.').waitFor()
  })

  it('a domain is added, changed and removed', async () => {
    const { page } = visitor
    await visitor.open('mappings?tab=domains')
    await button('Add a domain').click()
    await page.getByLabel('domain', { exact: true }).fill('td.example.net')
    await page.getByLabel('time zone').selectOption('Asia/Tokyo')
    await button('Add the domain').click()
    const row = page.getByRole('row', { name: /^td\.example\.net/ })
    await row.getByText('Asia/Tokyo').waitFor()
    await openRow('td.example.net')
    await page.getByLabel("postmaster's mailbox").fill('box4@example.com')
    await button('Save td.example.net').click()
    await row.getByText('box4@example.com').waitFor()
    await openRow('td.example.net')
    await button('Remove td.example.net').click()
    await button('Remove td.example.net').click()
    await soon(() => row.count()).toBe(0)
  })

  it('a person who is added there can sign in, and cannot once switched off', async () => {
    visitor.tolerate(/status of 401/)
    const { page } = visitor
    await visitor.open('mappings?tab=people')
    await button('Add a person').click()
    await page.getByLabel('name', { exact: true }).fill('eve')
    await page.getByLabel(/password/).fill(PASSWORD)
    await button(/^Add /).click()
    await page.getByRole('row', { name: /^eve/ }).waitFor()
    const cookie = await stage().site.signIn('eve')
    expect((await stage().site.ask(cookie, 'console/addresses')).status).toBe(200)
    await openRow('eve')
    await button(/^Disable eve/).click()
    await button(/^Disable eve/).click()
    await page.getByRole('row', { name: /^eve/ }).getByText('disabled').waitFor()
    expect((await stage().site.ask(cookie, 'console/addresses')).status).toBe(401)
    await expect(stage().site.signIn('eve')).rejects.toThrow(/not let in/)
  })

  it('a token is shown once, makes addresses, and nothing any more once it is revoked', async () => {
    const { page } = visitor
    await visitor.open('mappings?tab=tokens')
    await button('Make the first one').click()
    await page.getByLabel('what has it').fill('Bitwarden')
    await page.getByLabel('prefix', { exact: true }).selectOption({ label: 'djb' })
    await button('Make the token').click()
    const token = (await page.locator('.token-text').textContent()) ?? ''
    expect(token.length).toBeGreaterThan(20)
    await button('Copy the token').click()
    expect(await visitor.copied()).toBe(token)

    const make = () =>
      fetch(new URL('api/v1/aliases', stage().site.base), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ domain: TD, description: 'shop.example' }),
      })
    const answer = await make()
    expect(answer.status).toBe(201)
    const { data } = (await answer.json()) as { data: { email: string } }
    expect(data.email).toMatch(new RegExp(`^djb${digits()}\\d\\d[0-9a-z]{9}@${TD}$`))
    expect(await accepted(data.email)).toBe(true)

    await visitor.open('mappings?tab=tokens')
    expect(await page.getByText(token).count()).toBe(0)
    await button('Revoke Bitwarden').click()
    await button('Revoke it').click()
    await page
      .getByRole('row', { name: /^Bitwarden/ })
      .getByText(/^revoked/)
      .waitFor()
    expect((await make()).status).toBe(401)
  })

  it('a new key seals new addresses, and what the one before sealed still works', async () => {
    const { page } = visitor
    const { site } = stage()
    const sealed = await site.service.cli('address', 'new', 'shp', '--site', 'shop.example')
    await visitor.open('mappings?tab=keys')
    await page.getByRole('row', { name: /seals new addresses/ }).waitFor()
    await button('Make a new key').click()
    await page.getByRole('heading', { name: 'Seal with a new key from now on?' }).waitFor()
    await button('Make the key').click()
    await page.getByText('addresses it sealed still work').waitFor()
    const later = await site.service.cli('address', 'new', 'shp', '--site', 'shop.example')
    expect(later).not.toBe(sealed)
    expect([await accepted(sealed), await accepted(later)]).toEqual([true, true])
  })

  it('the server says how it is, and gives the configuration to paste', async () => {
    const { page } = visitor
    await visitor.open('mappings?tab=server')
    await soon(() => page.locator('.findings li').count()).toBeGreaterThan(3)
    expect(await visitor.verdict().textContent()).toMatch(/\.$/)
    await page.locator('pre').getByText('smtpd_milters').waitFor()
    await button('Sendmail').click()
    await page.locator('pre').getByText('INPUT_MAIL_FILTER').waitFor()
    await button('Copy it all').click()
    expect(await visitor.copied()).toContain('INPUT_MAIL_FILTER')
  })

  it('every change stands in the audit list, with who and from where', async () => {
    const { page } = visitor
    await visitor.open('mappings')
    await openRow('shp')
    await page.getByLabel('days, unless told').fill('29')
    await button('Save shp').click()
    await page.getByRole('row', { name: /^shp/ }).getByRole('cell', { name: '29', exact: true }).waitFor()
    await page.getByRole('link', { name: 'Audit' }).click()
    const first = page.getByRole('row').nth(1)
    await first.getByText('prefix changed').waitFor()
    expect(await first.textContent()).toContain('ada')
    expect(await first.textContent()).toContain('shp')
    expect(await first.textContent()).toContain('127.0.0.1')
  })
})
