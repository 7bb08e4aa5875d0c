// Making an address: with the keyboard, as one types, and the next one without touching the mouse.

import { encode } from 'uqr'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits, isoDay, spokenDay } from '../support/console/console.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()
const SEALED = '[0-9a-z]{9}'

/** Places of dark modules: 'x,y'. */
function dark(rows: readonly (readonly boolean[])[]): readonly string[] {
  return rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : [])))
}

/** The same from a path of rectangles, one for each run of dark modules. */
function modulesIn(path: string): readonly string[] {
  return [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].flatMap(([, x, y, width]) =>
    Array.from({ length: Number(width) }, (_, index) => `${Number(x) + index},${y}`),
  )
}

describe.skipIf(missing)('making an address', () => {
  const stage = useConsole()
  let visitor: Visitor

  beforeEach(async () => {
    visitor = await stage().as('dan')
    await visitor.open()
  })

  const site = () => visitor.page.getByLabel('sealed for the site')
  const note = () => visitor.page.getByLabel('note, for your eyes only')
  const days = () => visitor.page.getByLabel('for days')

  /** Waits until the large address is like that, and answers it. */
  async function address(pattern: RegExp): Promise<string> {
    await visitor.hero().filter({ hasText: pattern }).waitFor()
    return (await visitor.hero().textContent()) ?? ''
  }
  const sealed = (prefix: string, lifetime: string) =>
    address(new RegExp(`^${prefix}${digits()}${lifetime}${SEALED}@${TD}$`))
  const copied = () => visitor.page.getByRole('button', { name: 'Copied' }).waitFor()

  /** Addresses that the service has a record of, newest first. */
  async function recorded(
    search: string,
  ): Promise<readonly { address: string; site: string; note: string }[]> {
    const cookie = await stage().site.signIn('dan')
    const answer = await stage().site.ask(cookie, `console/addresses?search=${search}`)
    return ((await answer.json()) as { rows: { address: string; site: string; note: string }[] }).rows
  }

  it('shows an address at once, says its last day and the moment it ends, and waits in the site', async () => {
    expect(await visitor.hero().textContent()).toBe(`djb${digits()}45@${TD}`)
    expect(await visitor.verdict().textContent()).toContain(`Works through ${spokenDay(44)}`)
    await visitor.page
      .getByText(/^From midnight in .+ on the \d+(st|nd|rd|th) the server refuses it\./)
      .waitFor()
    await visitor.page.getByText('Until then, mail reaches dredd@example.com.').waitFor()
    expect(await site().evaluate((field) => field === document.activeElement)).toBe(true)
  })

  it('takes the address apart for a screen reader, and gives a bare address to whoever selects it', async () => {
    await site().fill('shop.example')
    const made = await sealed('djb', '45')
    await visitor.page
      .getByText(/^Address: d j b, from .+, for 45 days, sealed for shop\.example, at td\.example\.com$/)
      .waitFor({ state: 'attached' })
    const selected = await visitor.hero().evaluate((output) => {
      getSelection()?.selectAllChildren(output)
      return getSelection()?.toString()
    })
    expect(selected).toBe(made)
  })

  it('follows what is typed; Enter copies it and has it recorded', async () => {
    const { page } = visitor
    await page.keyboard.type('https://lamps.example/cart?x=1')
    const made = await sealed('djb', '45')
    await note().fill('bicycle lamp')
    await page.keyboard.press('Enter')
    await copied()
    expect(await visitor.copied()).toBe(made)
    await soon(() => recorded('lamps.example')).toMatchObject([
      { address: made, site: 'lamps.example', note: 'bicycle lamp' },
    ])
    expect((await stage().site.mail('shop@lamps.example', [made]))[0]?.accepted).toBe(true)
  })

  it('makes one after the other with Ctrl and Enter, each with its own seal', async () => {
    const { page } = visitor
    await days().fill('30')
    const made: string[] = []
    for (const host of ['one.example', 'two.example', 'three.example']) {
      await site().focus()
      await page.keyboard.type(host)
      made.push(await sealed('djb', '30'))
      await page.keyboard.press('Control+Enter')
      await soon(() => visitor.copied()).toBe(made.at(-1))
      await soon(() => site().inputValue()).toBe('')
      expect(await site().evaluate((field) => field === document.activeElement)).toBe(true)
    }
    expect(new Set(made).size).toBe(3)
    expect(await days().inputValue()).toBe('30')
    const before = page.getByRole('region', { name: 'Made before' }).getByRole('listitem')
    expect(await before.first().textContent()).toContain('three.example')
  })

  it('makes one after the other for no site, and each has its own seal', async () => {
    const { page } = visitor
    await page.getByRole('button', { name: 'With a seal' }).click()
    const made: string[] = []
    for (const count of [1, 2, 3]) {
      await site().focus()
      await soon(() => visitor.hero().textContent()).not.toBe(made.at(-1) ?? '')
      made.push(await sealed('djb', '45'))
      await page.keyboard.press('Control+Enter')
      await soon(() => visitor.copied()).toBe(made.at(-1))
      expect(new Set(made).size).toBe(count)
    }
    const answers = await stage().site.mail('shop@one.example', made)
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, true, true])
  })

  it('goes through the five lifetimes with Page Up and Page Down, and not beyond what the prefix allows', async () => {
    const { page } = visitor
    await page.keyboard.press('PageUp')
    await address(new RegExp(`^djb${digits()}99@`))
    await page.keyboard.press('PageDown')
    await page.keyboard.press('PageDown')
    await address(new RegExp(`^djb${digits()}30@`))
    expect(await visitor.verdict().textContent()).toContain(spokenDay(29))
    await page.getByLabel('who').selectOption('shp')
    await page.getByText('shp allows 60 days.').waitFor()
    await page.getByLabel('for days').focus()
    await page.keyboard.press('PageUp')
    await page.keyboard.press('PageUp')
    await address(new RegExp(`^shp${digits()}45`))
    expect(await page.getByRole('radio', { name: '99' }).isDisabled()).toBe(true)
  })

  it('takes a lifetime from its button, its line and its last day alike', async () => {
    const { page } = visitor
    await page.getByRole('radio', { name: 'a week' }).check({ force: true })
    await address(new RegExp(`^djb${digits()}07@`))
    await page.getByRole('slider').focus()
    await page.keyboard.press('ArrowRight')
    await address(new RegExp(`^djb${digits()}08@`))
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe(
      `8 days, through ${spokenDay(7)}`,
    )
    await page.getByLabel('Works through').fill(isoDay(9))
    await address(new RegExp(`^djb${digits()}10@`))
    await page.getByLabel('from').fill(isoDay(3))
    await address(new RegExp(`^djb${digits(3)}10@`))
    expect(await visitor.verdict().textContent()).toContain(spokenDay(12))
  })

  it('gives a site whose address was revoked today another one, and says so', async () => {
    visitor.tolerate(/status of 409/)
    const { page } = visitor
    await site().fill('leaky.example')
    const first = await sealed('djb', '45')
    await page.keyboard.press('Enter')
    await soon(() => recorded('leaky.example')).toMatchObject([{ address: first }])
    const cookie = await stage().site.signIn('dan')
    await stage().site.ask(cookie, `console/addresses/${encodeURIComponent(first)}/revoke`, {
      method: 'POST',
      json: {},
    })
    await visitor.open()
    await site().fill('leaky.example')
    await page.getByText('The address that leaky.example would get for these days was revoked.').waitFor()
    const second = await sealed('djb', '45')
    expect(second).not.toBe(first)
    await note().fill('once more')
    await page.keyboard.press('Enter')
    await copied()
    await soon(() => recorded(second)).toMatchObject([
      { address: second, site: 'leaky.example', note: 'once more' },
    ])
    const replies = await stage().site.mail('shop@leaky.example', [first, second])
    expect(replies.map(({ accepted }) => accepted)).toEqual([false, true])
  })

  it('remembers the prefix', async () => {
    await visitor.page.getByLabel('who').selectOption('shp')
    await visitor.open()
    await sealed('shp', '30')
  })

  it('makes several at once, all different and all good', async () => {
    const { page } = visitor
    await site().fill('shop.example')
    await sealed('djb', '45')
    await page.getByRole('button', { name: 'Several at once' }).click()
    await page.getByLabel('how many').fill('7')
    await page.getByRole('button', { name: 'Copy all 7' }).waitFor()
    await soon(() => page.getByRole('list', { name: '7 addresses' }).getByRole('listitem').count()).toBe(7)
    await page.getByRole('button', { name: 'Copy all 7' }).click()
    await copied()
    const lines = (await visitor.copied()).split('\n')
    expect(new Set(lines).size).toBe(7)
    const replies = await stage().site.mail('shop@shop.example', lines)
    expect(replies.map(({ accepted }) => accepted)).toEqual(Array.from(lines, () => true))
  })

  it('leaves the seal out where the prefix allows it', async () => {
    const { page } = visitor
    await note().fill('written on a form')
    await page.getByRole('button', { name: 'With a seal' }).click()
    await sealed('djb', '45')
    await page.getByRole('button', { name: 'Without a seal' }).click()
    await address(new RegExp(`^djb${digits()}45@${TD}$`))
    await page.getByLabel('who').selectOption('shp')
    expect(await page.getByRole('button', { name: 'Without a seal' }).count()).toBe(0)
  })

  it('says what is wrong at the field, and keeps the rest', async () => {
    visitor.tolerate(/status of 4\d\d/)
    const { page } = visitor
    await days().fill('0')
    await page.getByRole('alert').getByText('djb allows 1 to 99 days.').waitFor()
    await days().fill('45')
    await site().fill('no site at all.example')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await site().getAttribute('aria-invalid')).toBe('true')
    expect(await site().inputValue()).toContain('no site')
  })

  it('draws the address as a QR code, to be taken off the screen by a phone', async () => {
    await site().fill('shop.example')
    const made = await sealed('djb', '45')
    // Any of the eight masks is the same text; which one is read best is the page's to choose.
    const codes = [0, 1, 2, 3, 4, 5, 6, 7].map((maskPattern) =>
      dark(encode(made, { ecc: 'M', border: 0, maskPattern }).data),
    )
    const path = visitor.page.getByRole('img', { name: 'The address as a QR code' }).locator('path')
    const drawn = async () => modulesIn((await path.getAttribute('d')) ?? '')
    await soon(async () => codes.map(String).includes(String(await drawn()))).toBe(true)
  })
})
