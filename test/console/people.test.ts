// Whose addresses one sees, and what lets one in.

import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import type { Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { addPeople, granted, PASSWORD, theUsual } from '../support/console/console.ts'
import { arrive, give } from '../support/console/records.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()

describe.skipIf(missing)('two owners', () => {
  const made = {} as Record<'dans' | 'joes', string>
  const stage = useConsole({
    furnish: async (services, store) => {
      await theUsual(services)
      made.dans = await give(store, { site: 'dans-shop.example' })
      made.joes = await give(store, { prefix: 'joe', site: 'joes-shop.example' })
      await arrive(store, [
        { to: made.dans, from: 'x@dans-shop.example' },
        { to: made.joes, from: 'x@joes-shop.example' },
      ])
    },
  })

  it('see their own addresses, mail and prefixes, and nothing of each other', async () => {
    for (const [name, own, others] of [
      ['dan', 'dans-shop', 'joes-shop'],
      ['joe', 'joes-shop', 'dans-shop'],
    ] as const) {
      const visitor = await stage().as(name)
      for (const place of ['addresses', 'activity']) {
        await visitor.open(place)
        await visitor.page.getByText(own).first().waitFor()
        expect(await visitor.page.getByText(others).count()).toBe(0)
      }
      await visitor.open()
      const prefixes = await visitor.page.getByLabel('who').locator('option').allTextContents()
      expect(prefixes).toEqual(name === 'dan' ? ['djb', 'shp'] : ['joe'])
    }
  })

  it('cannot find, explain, revoke or extend what is not theirs, not even by its address', async () => {
    const cookie = await stage().site.signIn('joe')
    const ask = (path: string, json?: object) =>
      stage().site.ask(cookie, path, json === undefined ? {} : { method: 'POST', json })
    expect(await (await ask('console/addresses?search=dans')).json()).toMatchObject({ total: 0, rows: [] })
    const address = encodeURIComponent(made.dans)
    expect((await ask(`console/addresses/${address}/revoke`, {})).status).toBe(404)
    expect((await ask(`console/addresses/${address}/extend`, { until: '2030-01-01' })).status).toBe(404)
    const explained = await (await ask('console/explain', { text: made.dans })).text()
    expect(explained).not.toContain('dans-shop')
    expect((await stage().site.mail('x@dans-shop.example', [made.dans]))[0]?.accepted).toBe(true)
  })

  it('see Tokens in the place of Mappings, and no postmaster routes', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open()
    const words = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents()
    expect(words).toEqual(['Make', 'Addresses', 'Explain', 'Activity', 'Tokens'])
    await page.getByRole('link', { name: 'Tokens' }).click()
    await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor()
    const cookie = await stage().site.signIn('dan')
    for (const path of ['domains', 'people', 'keys', 'server/findings', 'audit']) {
      expect([path, (await stage().site.ask(cookie, `console/${path}`)).status]).toEqual([path, 403])
    }
  })
})

describe.skipIf(missing)('signing in', () => {
  const stage = useConsole({
    furnish: async (services) => {
      await theUsual(services)
      await addPeople(services.people, { eve: 'owner', tom: 'owner', zoe: 'owner' })
      granted(await services.prefixes.add('zoe', { mailboxes: ['zoe@example.com'], owner: 'zoe' }))
    },
  })

  async function fill(visitor: Visitor, name: string, password: string): Promise<void> {
    await visitor.page.getByLabel('name', { exact: true }).fill(name)
    await visitor.page.getByLabel('password').fill(password)
    await visitor.page.getByRole('button', { name: 'Sign in' }).click()
  }
  const inside = (visitor: Visitor): Promise<void> =>
    visitor.page.getByRole('button', { name: 'Sign out' }).waitFor()

  it('a wrong password is refused in words that do not tell whether the name exists', async () => {
    const visitor = await stage().visit()
    visitor.tolerate(/status of 401/)
    await visitor.open()
    await fill(visitor, 'joe', 'wrong')
    const words = await visitor.page.getByRole('alert').textContent()
    expect(await visitor.page.getByLabel('name', { exact: true }).inputValue()).toBe('joe')
    await fill(visitor, 'nobody', 'wrong')
    await soon(() => visitor.page.getByRole('alert').count()).toBe(1)
    expect(await visitor.page.getByRole('alert').textContent()).toBe(words)
    await fill(visitor, 'joe', PASSWORD)
    await inside(visitor)
  })

  it('a session that ends while somebody is at work covers the view, and nothing typed is lost', async () => {
    const visitor = await stage().as('zoe')
    visitor.tolerate(/status of 401/)
    const { page } = visitor
    await visitor.open('explain')
    await visitor.context.clearCookies()
    await page.getByLabel('paste an address').fill('somebody@elsewhere.example')
    await page.getByText('The session has ended. Sign in and go on: what you typed is still here.').waitFor()
    expect(await page.getByLabel('name', { exact: true }).inputValue()).toBe('zoe')
    await page.getByLabel('password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await visitor.verdict().waitFor()
    expect(await page.getByLabel('paste an address').inputValue()).toBe('somebody@elsewhere.example')
  })

  it('signing out everywhere ends a stolen session at once', async () => {
    const stolen = await stage().site.signIn('eve')
    const visitor = await stage().as('eve')
    const { page } = visitor
    await visitor.open('settings')
    await soon(() => page.locator('table.sessions tbody tr').count()).toBeGreaterThanOrEqual(2)
    expect((await stage().site.ask(stolen, 'console/addresses')).status).toBe(200)
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect((await stage().site.ask(stolen, 'console/addresses')).status).toBe(401)
  })

  it.each(['here', 'everywhere'])(
    'signing out %s leaves no word of the last person behind',
    async (where) => {
      const visitor = await stage().as('zoe')
      const { page } = visitor
      await visitor.open()
      await page.getByLabel('note, for your eyes only').fill('secret errand')
      await page.getByRole('button', { name: 'Copy the address' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      await visitor.open('explain?address=secret@elsewhere.example')
      await visitor.verdict().waitFor()
      const [cookie] = await visitor.context.cookies()
      await page.getByRole('link', { name: 'zoe' }).click()
      await page.getByRole('button', { name: `Sign out ${where}` }).click()
      // It is asked once more.
      if (where === 'everywhere') await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      expect(await page.content()).not.toMatch(/secret|zoe|Addresses/)
      expect(await page.evaluate(() => Object.keys(sessionStorage))).not.toContain('timedelay.state')
      expect(await page.evaluate(() => Object.keys(localStorage))).not.toContain('timedelay.made.zoe')
      // The cookie is void, not only gone.
      const { name = '', value = '' } = cookie ?? {}
      expect((await stage().site.ask({ name, value, path: '/' }, 'console/addresses')).status).toBe(401)
    },
  )

  it('the cookie is out of reach for scripts and for other sites', async () => {
    const visitor = await stage().visit()
    await visitor.open()
    await fill(visitor, 'joe', PASSWORD)
    await inside(visitor)
    expect(await visitor.page.evaluate(() => document.cookie)).toBe('')
    const [cookie] = await visitor.context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  })

  it('a second factor is set up in the settings, and asked for from then on', async () => {
    const visitor = await stage().as('tom')
    const { page } = visitor
    await visitor.open('settings')
    await page.getByRole('button', { name: 'Set up a second factor' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    const secret = (await page.locator('.offer code').textContent())?.replaceAll(' ', '') ?? ''
    const totp = new TOTP({ secret: Secret.fromBase32(secret) })
    await page.getByLabel('code', { exact: true }).fill(totp.generate())
    await page.getByRole('button', { name: 'Switch it on' }).click()
    await page.getByText('Signing in asks for a code of your app.').waitFor()

    const other = await stage().visit()
    other.tolerate(/status of 401/)
    await other.open()
    await fill(other, 'tom', PASSWORD)
    const code = other.page.getByLabel('code from your authenticator')
    await code.fill('000000')
    await other.page.keyboard.press('Enter')
    await other.page.getByRole('alert').waitFor()
    // The code of the present step was used to switch it on: a code works once. The next one counts already.
    await code.fill(totp.generate({ timestamp: Date.now() + 30_000 }))
    await other.page.keyboard.press('Enter')
    await inside(other)
  })

  it('a password is changed in the settings; other sessions end', async () => {
    const other = await stage().site.signIn('zoe')
    const visitor = await stage().as('zoe')
    const { page } = visitor
    await visitor.open('settings')
    const changed = 'five entirely different words now'
    await page.getByLabel('present password').fill(PASSWORD)
    await page.getByLabel('new password', { exact: true }).fill(changed)
    await page.getByLabel('new password, again').fill(changed)
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByRole('button', { name: 'Changed' }).waitFor()
    expect((await stage().site.ask(other, 'console/addresses')).status).toBe(401)
    await expect(stage().site.signIn('zoe', PASSWORD)).rejects.toThrow(/not let in/)
    await stage().site.signIn('zoe', changed)
  })
})
