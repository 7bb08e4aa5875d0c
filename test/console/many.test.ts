// A hundred thousand addresses: every view still answers at once.

import { beforeAll, describe, expect, it } from 'vitest'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import type { VisitorCookie } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits, isoDay, theUsual } from '../support/console/console.ts'
import { arrive } from '../support/console/records.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()
const MANY = 100_000
/** What the issue asks for, in milliseconds, on loopback. */
const GOAL = 100
/** On a machine that others use the same work takes several times as long; what read every row would take far longer. */
const AT_MOST = 400

/** Begun over the last 140 days, for 1 to 60 days; one in ten is of shp, one in 25 revoked. */
const FILL = `
  WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ${MANY})
  INSERT INTO addresses (domain_id, local_part, prefix, site, note, created_at, revoked_at, by_person)
  SELECT (SELECT id FROM domains),
    iif(i % 10 = 0, 'shp', 'djb') || strftime('%Y%m%d', :today, '-' || (i % 140) || ' days') ||
      printf('%02da%02db%05d', 1 + i % 60, i % 100, i),
    iif(i % 10 = 0, 'shp', 'djb'),
    iif(i % 4 = 0, '', CASE i % 5 WHEN 0 THEN 'shop' WHEN 1 THEN 'tickets' WHEN 2 THEN 'news' ELSE 'lamps' END || i || '.example'),
    CASE i % 7 WHEN 0 THEN 'bicycle' WHEN 1 THEN 'Vienna' ELSE 'invoice' END || ' order ' || i,
    0, iif(i % 25 = 0, 1, NULL), 1
  FROM numbers`

const two = (number: number): string => String(number).padStart(2, '0')
const localPart = (index: number): string =>
  `${index % 10 === 0 ? 'shp' : 'djb'}${digits(-(index % 140))}` +
  `${two(1 + (index % 60))}a${two(index % 100)}b${String(index).padStart(5, '0')}`

describe.skipIf(missing)('with 100,000 addresses', () => {
  const stage = useConsole({
    furnish: async (services, store, file) => {
      await theUsual(services)
      const database = new Sqlite(file)
      database.prepare(FILL).run({ today: isoDay() })
      database.close()
      const given = Array.from({ length: 2000 }, (_, index) => `${localPart(index * 40 + 1)}@${TD}`)
      await arrive(
        store,
        given.map((to, index) => ({
          to,
          from: `sender${index % 50}@shop${index % 7}.example`,
          ago: index % 30,
          verdict: index % 3 === 0 ? 'expired' : 'forward',
        })),
      )
    },
  })
  const cookies: Record<string, VisitorCookie> = {}

  beforeAll(async () => {
    for (const name of ['ada', 'dan']) cookies[name] = await stage().site.signIn(name)
  })

  /** Milliseconds of the quickest of several requests: a shared machine slows some of them, never all of very many. */
  async function quickest(person: string, path: string, json?: object): Promise<number> {
    const times: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const start = performance.now()
      const post = json === undefined ? {} : { method: 'POST', json }
      const answer = await stage().site.ask(cookies[person], path, post)
      await answer.arrayBuffer()
      times.push(performance.now() - start)
      expect(answer.status).toBe(200)
      if (round >= 4 && Math.min(...times) < GOAL) break
    }
    return Math.min(...times)
  }

  // dan owns every one of them, ada sees them as the postmaster.
  it.each([
    ['dan', 'the state of the page', 'console/state'],
    ['dan', 'the first page', 'console/addresses?limit=12'],
    ['ada', 'the first page', 'console/addresses?limit=12'],
    ['ada', 'a page far behind', 'console/addresses?limit=12&offset=90000'],
    ['dan', 'what has ended', 'console/addresses?limit=12&state=ended'],
    ['dan', 'one prefix', 'console/addresses?limit=12&prefix=shp'],
    ['dan', 'a search for a site', 'console/addresses?limit=12&search=tickets4711'],
    ['dan', 'a search for a word that many have', 'console/addresses?limit=12&search=bicycle'],
    ['dan', 'a search for two letters', 'console/addresses?limit=12&search=vi'],
    ['dan', 'a search for what nobody has', 'console/addresses?limit=12&search=zzzzzz'],
    ['dan', 'the order by site', 'console/addresses?limit=12&sort=site'],
    ['dan', 'the order by mail', 'console/addresses?limit=12&sort=accepted'],
    ['ada', 'the order by mail', 'console/addresses?limit=12&sort=accepted'],
    ['dan', 'a search that finds nearly all', 'console/addresses?limit=12&search=example'],
    ['dan', 'what leaked', 'console/addresses?limit=12&state=leaked'],
    ['dan', 'who still tries', 'console/still-trying'],
    ['dan', 'the list of activity', 'console/activity'],
    ['dan', 'the days of activity', 'console/activity/days'],
    ['ada', 'the prefixes', 'console/prefixes'],
  ])('%s sees %s at once', async (person, _, path) => {
    expect(await quickest(person, path)).toBeLessThan(AT_MOST)
  })

  it('the export has every one of them, and the import takes it back', async () => {
    const { site } = stage()
    const csv = await (await site.ask(cookies['dan'], 'console/addresses.csv')).text()
    expect(csv.trimEnd().split('\r\n')).toHaveLength(MANY + 1)
    const answer = await site.ask(cookies['dan'], 'console/addresses/import', {
      method: 'POST',
      csv: csv.replaceAll('order 77', 'bill 77'),
    })
    expect(await answer.json()).toEqual({ added: 0, changed: 1111, unchanged: MANY - 1111 })
    const page = await site.ask(cookies['dan'], 'console/addresses?limit=1&search=bill')
    expect(await page.json()).toMatchObject({ total: 1111 })
  })

  it('an explanation is given at once', async () => {
    const text = `${localPart(4711)}@${TD}`
    expect(await quickest('dan', 'console/explain', { text })).toBeLessThan(AT_MOST)
  })

  it('an address is made at once', async () => {
    const wishes = { prefix: 'djb', domain: TD, site: 'shop.example' }
    expect(await quickest('dan', 'console/addresses/preview', wishes)).toBeLessThan(AT_MOST)
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
    await soon(() => page.locator('tr.row .first').allTextContents()).toEqual([
      'tickets4711.example',
      'tickets47111.example',
    ])
  })
})
