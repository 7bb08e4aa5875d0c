// A hundred thousand addresses: every view still answers at once.

import { beforeAll, describe, expect, it } from 'vitest'
import type { Day, DomainName, PrefixName } from '../../src/address/index.ts'
import type { AddressEntry } from '../../src/store/store.ts'
import type { VisitorCookie } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { dayNumber, digits, theUsual } from '../support/console/console.ts'
import { arrive } from '../support/console/records.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()
const MANY = 100_000
const SITES = ['shop', 'news', 'travel', 'forum', 'tickets', 'lamps', 'prints', 'hotel']
const WORDS = ['bicycle', 'conference', 'newsletter', 'order', 'invoice', 'Vienna', 'Graz', 'garden']
/** What the issue asks for, in milliseconds, on loopback. */
const AT_MOST = 100

describe.skipIf(missing)('with 100,000 addresses', () => {
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      await store.importAddresses(
        Array.from({ length: MANY }, (_, index) => entry(index)),
        Date.now(),
      )
      const given = Array.from({ length: 2000 }, (_, index) => `${localPart(index * 40)}@${TD}`)
      await arrive(
        store,
        given.map((to, index) => ({
          to,
          from: `sender${index % 50}@${SITES[index % SITES.length]}.example`,
          ago: index % 30,
          verdict: index % 3 === 0 ? 'expired' : 'forward',
        })),
      )
    },
  })
  let cookie: VisitorCookie

  beforeAll(async () => {
    cookie = await stage().site.signIn('dan')
  })

  /** Half of these requests took less, in milliseconds. One after the other: a shared machine disturbs some. */
  async function median(path: string, json?: object): Promise<number> {
    const times: number[] = []
    for (let round = 0; round < 9; round += 1) {
      const start = performance.now()
      const post = json === undefined ? {} : { method: 'POST', json }
      const answer = await stage().site.ask(cookie, path, post)
      await answer.arrayBuffer()
      times.push(performance.now() - start)
      expect(answer.status).toBe(200)
    }
    return times.sort((one, other) => one - other)[4] ?? Number.POSITIVE_INFINITY
  }

  it.each([
    ['the state of the page', 'console/state'],
    ['the first page', 'console/addresses?limit=12'],
    ['a page far behind', 'console/addresses?limit=12&offset=90000'],
    ['what has ended', 'console/addresses?limit=12&state=ended'],
    ['one prefix', 'console/addresses?limit=12&prefix=shp'],
    ['a search for a site', 'console/addresses?limit=12&search=tickets4711'],
    ['a search for a word that many have', 'console/addresses?limit=12&search=bicycle'],
    ['a search for two letters', 'console/addresses?limit=12&search=vi'],
    ['a search for what nobody has', 'console/addresses?limit=12&search=zzzzzz'],
    ['the order by site', 'console/addresses?limit=12&sort=site'],
    ['the order by mail', 'console/addresses?limit=12&sort=accepted'],
    ['still trying', 'console/still-trying'],
    ['the list of activity', 'console/activity'],
    ['the days of activity', 'console/activity/days'],
    ['the tokens', 'console/tokens'],
  ])('%s is answered within 100 ms', async (_, path) => {
    expect(await median(path)).toBeLessThan(AT_MOST)
  })

  it('an explanation is given within 100 ms', async () => {
    expect(await median('console/explain', { text: `${localPart(4711)}@${TD}` })).toBeLessThan(AT_MOST)
  })

  it('an address is made within 100 ms', async () => {
    const wishes = { prefix: 'djb', domain: TD, site: 'shop.example' }
    expect(await median('console/addresses/preview', wishes)).toBeLessThan(AT_MOST)
  })

  it('the list is turned, page after page, and searched in the browser', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('addresses')
    await page.getByText(/^1–\d+ of 100,000$/).waitFor()
    await page.getByRole('link', { name: /^Next/ }).click()
    await page
      .getByText(/^\d+–\d+ of 100,000$/)
      .filter({ hasNotText: /^1–/ })
      .waitFor()
    await page.getByRole('link', { name: /^Previous/ }).click()
    await page.getByText(/^1–\d+ of 100,000$/).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('tickets4711')
    await soon(() => page.locator('tr.row .first').allTextContents()).toEqual(['tickets4711.example'])
  })
})

function localPart(index: number): string {
  const prefix = index % 10 === 0 ? 'shp' : 'djb'
  const seal = index
    .toString(32)
    .padStart(9, '0')
    .replaceAll(/[ilou]/g, 'z')
  return `${prefix}${digits(-(index % 140))}${String(1 + (index % 60)).padStart(2, '0')}${seal}`
}

function entry(index: number): AddressEntry {
  const site = `${SITES[index % SITES.length]}${index}.example`
  return {
    domain: TD as DomainName,
    localPart: localPart(index),
    prefix: (index % 10 === 0 ? 'shp' : 'djb') as PrefixName,
    ...(index % 4 === 0 ? {} : { site }),
    note: `${WORDS[index % 7]} ${WORDS[(index + 3) % 8]} ${index}`,
    ...(index % 25 === 0 ? { revokedAt: Date.now() - 86_400_000 } : {}),
    ...(index % 40 === 1 ? { extendedThrough: dayNumber(20) as Day } : {}),
  }
}
