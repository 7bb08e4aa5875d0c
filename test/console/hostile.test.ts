// What strangers write is text, wherever it is shown.

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { chromiumMissing } from '../support/console/chromium.ts'
import { theUsual } from '../support/console/console.ts'
import { arrive, give } from '../support/console/records.ts'
import { useConsole } from './with-console.ts'

const missing = await chromiumMissing()
const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
/** Turns the reading direction round; names of files and amounts are forged with it. */
const BACKWARDS = '\u202Egnp.exe\u2066'
const HEBREW = 'שלום'
const LONG = 'x'.repeat(190)

describe.skipIf(missing)('hostile text', () => {
  const made = {} as Record<'markup' | 'backwards' | 'long' | 'formula', string>
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      made.markup = await give(store, { site: 'markup.example', note: MARKUP })
      made.backwards = await give(store, { site: 'backwards.example', note: `${BACKWARDS} ${HEBREW}` })
      made.long = await give(store, { site: `${'a'.repeat(60)}.${'b'.repeat(60)}.example`, note: LONG })
      made.formula = await give(store, { site: 'formula.example', note: '=HYPERLINK("http://evil.example")' })
      await arrive(store, [
        { to: made.markup, from: `"${MARKUP}"@evil.example`, client: MARKUP },
        { to: made.backwards, from: `${BACKWARDS}@evil.example`, client: BACKWARDS },
        { to: made.long, from: `${LONG}@evil.example`, client: LONG },
        { to: made.formula, from: '+SUM(A1:A9)@evil.example', client: '=1+1' },
        { to: made.markup, from: `${MARKUP}@evil.example`, verdict: 'revoked' },
      ])
      await services.addresses.revoke(made.markup)
    },
  })

  it.each(['addresses', 'activity', 'still-trying'])('is text in %s', async (place) => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open(place)
    await page.getByText('evil.example').first().waitFor()
    for (const opener of await page.locator('.row-open, .row-opener').all()) await opener.click()
    expect(await page.locator('img, iframe, main script').count()).toBe(0)
    expect(await page.title()).toMatch(/timedelay$/)
    // Nothing a stranger writes makes the page wider than the window.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280)
  })

  it('is text in an explanation, and in the address bar', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open(`explain?address=${encodeURIComponent(made.markup)}`)
    await page.getByText(MARKUP).first().waitFor()
    await visitor.open(`explain?address=${encodeURIComponent(`${MARKUP}@x.example`)}`)
    await page.getByLabel('paste an address').waitFor()
    await visitor.open(`addresses?q=${encodeURIComponent(MARKUP)}`)
    await page.getByText(`Nothing matches “${MARKUP}”.`).or(page.locator('tr.row')).first().waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toMatch(/timedelay$/)
  })

  it.each(['addresses?q=backwards', 'activity'])(
    'does not turn round what stands beside it in %s',
    async (place) => {
      const visitor = await stage().as('dan')
      await visitor.open(place)
      await visitor.page.getByText(`\uFFFDgnp.exe\uFFFD`).first().waitFor()
      expect(await visitor.page.locator('body').textContent()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/)
    },
  )

  it('is no formula in the file that a spreadsheet opens', async () => {
    const visitor = await stage().as('dan')
    await visitor.open('addresses')
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor.page.getByRole('link', { name: 'Export CSV' }).first().click(),
    ])
    const csv = await readFile(await download.path(), 'utf8')
    expect(csv).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
    expect(csv).toContain("'+SUM(A1:A9)@evil.example")
    for (const cell of csv.split(/[,\r\n]/)) expect(cell).not.toMatch(/^"?[=+@\t]/)
  })
})
