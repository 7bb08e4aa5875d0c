// What an address means, and what the server decides as it happens.

import { describe, expect, it } from 'vitest'
import { NARROW, WIDE } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits, granted, isoDay, theUsual } from '../support/console/console.ts'
import { arrive, give } from '../support/console/records.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()

describe.skipIf(missing)('explaining', () => {
  // Filled before the first test.
  const made = {} as Record<'ended' | 'works' | 'long', string>
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      made.works = await give(store, { site: 'lamps.example' })
      made.ended = await give(store, { from: -62, days: 30, note: 'forum' })
      made.long = await give(store, { from: -2500, days: 30 })
      granted(await services.addresses.extend(made.long, isoDay(60)))
      await arrive(store, [
        { to: made.ended, from: 'news@forum.example', ago: 50, times: 2 },
        { to: made.ended, from: 'news@forum.example', ago: 5, times: 3, verdict: 'expired' },
      ])
    },
  })

  it('reads a whole To: header, one block an address, and opens the first of ours', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('explain')
    const header = `To: "Shop, the" <info@shop.example>,\r\n  Dan <${made.ended}>, ${made.works}`
    await page.getByLabel('paste an address').fill(header)
    await visitor.verdict().getByText('Refused. It ended 32 days ago.').waitFor()
    expect(await visitor.hero().textContent()).toBe(made.ended)
    await page.getByText('551 5.7.1 Expiration Reached.').waitFor()
    const closed = page.locator('.closed-block')
    expect(await closed.count()).toBe(2)
    expect(await closed.first().textContent()).toContain('info@shop.example')
    await closed.filter({ hasText: made.works }).click()
    await visitor.verdict().filter({ hasText: 'Delivered.' }).waitFor()
    expect(await visitor.hero().textContent()).toBe(made.works)
  })

  it('says the same words as the command line', async () => {
    const visitor = await stage().as('dan')
    await visitor.open(`explain?address=${made.ended}`)
    await visitor.verdict().getByText('It ended 32 days ago.').waitFor()
    // It exits with 1, because the address is refused.
    const said = await stage().site.service.cli('address', 'explain', made.ended).catch(String)
    expect(said).toContain('it ended 32 days ago')
  })

  it.each([WIDE, NARROW])('draws a life of seven years so that no two words touch, at %o', async (size) => {
    const visitor = await stage().as('dan', { size })
    await visitor.open(`explain?address=${made.long}`)
    await visitor.verdict().filter({ hasText: 'Delivered.' }).waitFor()
    const line = visitor.page.locator('.time-line')
    const boxes = await line.locator('text:visible').evaluateAll((texts) =>
      texts.map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect()
        return { words: text.textContent, left, right, top, bottom }
      }),
    )
    expect(boxes.length).toBeGreaterThan(2)
    const needle = await line.locator('rect.needle').boundingBox()
    for (const [at, one] of boxes.entries()) {
      for (const two of boxes.slice(at + 1)) {
        const apart =
          one.right <= two.left || two.right <= one.left || one.bottom <= two.top || two.bottom <= one.top
        expect(apart, `${one.words} and ${two.words}`).toBe(true)
      }
      const x = (needle?.x ?? 0) + 1
      const crossed = one.left < x && x < one.right && one.top + 3 < (needle?.y ?? 0) + (needle?.height ?? 0)
      if (one.words !== 'today' && one.bottom - 3 > (needle?.y ?? 0))
        expect(crossed, `${one.words}`).toBe(false)
    }
  })

  it('lists the questions up to the one that settled it', async () => {
    const visitor = await stage().as('dan')
    await visitor.open(`explain?address=${made.ended}`)
    const questions = visitor.page.locator('.questions li')
    await questions.last().waitFor()
    expect(await visitor.page.locator('.questions .settles').count()).toBe(1)
    expect(await questions.last().getAttribute('class')).toContain('settles')
  })

  it('lets an address that ended live again from there', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open(`explain?address=${made.ended}`)
    await page.getByRole('button', { name: 'Let it live again until ...' }).click()
    await page.getByRole('button', { name: /^Let it live for \d+ days$/ }).click()
    await visitor.verdict().filter({ hasText: 'Delivered.' }).waitFor()
    expect((await stage().site.mail('x@forum.example', [made.ended]))[0]?.accepted).toBe(true)
  })

  it.each([
    ['a date that does not exist', `djb2026113145@${TD}`, /Refused\. Its date is in no calendar\./],
    ['a stranger', 'somebody@elsewhere.example', /Not ours\. The filter lets it pass untouched\./],
    [
      'a prefix that nobody has',
      `nix${digits()}45@${TD}`,
      /Refused\. Nothing is known about such an address\./,
    ],
  ])('explains %s in words', async (_, address, words) => {
    const visitor = await stage().as('dan')
    await visitor.open(`explain?address=${encodeURIComponent(address)}`)
    await visitor.verdict().filter({ hasText: words }).waitFor()
  })
})

describe.skipIf(missing)('activity', () => {
  let given = ''
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      given = await give(store, { site: 'lamps.example' })
      await arrive(store, [
        { to: given, from: 'service@lamps.example', ago: 2, times: 7 },
        { to: given, from: 'service@lamps.example', ago: 1, times: 2, verdict: 'expired' },
      ])
    },
  })

  it('shows a verdict the moment it is made, and marks the newest', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('activity')
    await page.getByText('service@lamps.example').first().waitFor()
    await stage().site.mail('fresh@lamps.example', [given])
    await page.locator('tr.newest', { hasText: 'fresh@lamps.example' }).waitFor()
    await stage().site.mail('spam@elsewhere.example', [`djb${digits(-99)}07@${TD}`])
    const newest = page.locator('tr.newest', { hasText: 'spam@elsewhere.example' })
    await newest.waitFor()
    expect(await newest.textContent()).toContain('551 ended on')
  })

  it('counts thirty days, and says the same in a table', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('activity')
    await page.getByRole('button', { name: /\d+ delivered/ }).waitFor()
    await page.getByRole('button', { name: 'Show as a table' }).click()
    const days = page.getByRole('table').first().getByRole('row')
    expect(await days.count()).toBeGreaterThanOrEqual(31)
    expect(await page.getByRole('row', { name: / 7 / }).count()).toBeGreaterThan(0)
  })

  it('holds still while it is paused, says how many wait, and goes on', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('activity')
    await page.getByText('service@lamps.example').first().waitFor()
    await page.keyboard.press('p')
    await stage().site.mail('later@lamps.example', [given])
    await stage().site.mail('later@lamps.example', [given])
    await page.getByRole('button', { name: 'Go on, 2 new' }).waitFor()
    expect(await page.getByText('later@lamps.example').count()).toBe(0)
    await page.keyboard.press('p')
    await soon(() => page.getByText('later@lamps.example').count()).toBe(2)
    const heard = page.getByRole('status').getByText(/^2 new( verdicts|, not shown yet)\.$/)
    await heard.waitFor({ state: 'attached' })
  })

  it('is narrowed to what was refused, and leads to the explanation of an address', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('activity')
    await page.getByRole('button', { name: 'Refused', exact: true }).click()
    await soon(async () => new Set(await page.locator('td .state').allTextContents())).toEqual(
      new Set(['refused']),
    )
    await page.locator('.row-opener').first().click()
    await page.getByRole('link', { name: 'Explain this address' }).click()
    await visitor.verdict().waitFor()
  })
})
