// Where the console stands: below a path of another web server, and in front of a service that is away.

import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Visitor } from '../support/console/browser.ts'
import { chromiumMissing } from '../support/console/chromium.ts'
import { digits } from '../support/console/console.ts'
import { TD } from '../support/mta/mta.ts'
import { soon, useConsole } from './with-console.ts'

const missing = await chromiumMissing()

describe.skipIf(missing)('while the server is away', () => {
  const stage = useConsole()

  async function away(visitor: Visitor): Promise<void> {
    visitor.tolerate(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/)
    await stage().site.service.kill()
  }

  it('the page says so, keeps what was typed, and goes on by itself', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open('addresses')
    await page.getByText('No addresses here yet.').waitFor()
    await away(visitor)
    await page.keyboard.press('/')
    await page.keyboard.type('bicycle')
    await page.getByText('The server does not answer.').waitFor()
    await page.getByText(/^Trying again in \d seconds?\.$/).waitFor()
    await page.getByText(/^What you typed is still here\./).waitFor()
    await stage().site.service.start()
    await page.getByText('Nothing matches “bicycle”.').waitFor()
    await soon(() => page.getByText('The server does not answer.').count()).toBe(0)
    expect(await page.getByPlaceholder(/^Search/).inputValue()).toBe('bicycle')
  })

  it('an address can be made and copied all the same, and a change is not made twice', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    await visitor.open()
    await page.getByLabel('note, for your eyes only').fill('made while it was away')
    await away(visitor)
    await page.keyboard.press('Enter')
    await soon(() => visitor.copied()).toBe(`djb${digits()}45@${TD}`)
    await page.getByText('The server does not answer.').first().waitFor()
    await stage().site.service.start()
    await soon(() => page.getByText(/^Trying again/).count()).toBe(0)
    expect(await page.getByLabel('note, for your eyes only').inputValue()).toBe('made while it was away')
    expect((await stage().site.mail('x@shop.example', [await visitor.copied()]))[0]?.accepted).toBe(true)
  })

  it('the list of verdicts goes on where it stood, and misses none', async () => {
    const visitor = await stage().as('dan')
    const { page } = visitor
    const { site } = stage()
    const address = `djb${digits()}12@${TD}`
    await visitor.open('activity')
    await site.mail('first@shop.example', [address])
    await page.getByText('first@shop.example').waitFor()
    await away(visitor)
    await page.getByText('The server does not answer.').first().waitFor()
    await site.service.start()
    await site.mail('second@shop.example', [address])
    await page.getByText('second@shop.example').waitFor()
    await site.mail('third@shop.example', [address])
    await page.locator('tr.newest', { hasText: 'third@shop.example' }).waitFor()
    expect(await page.getByText('first@shop.example').count()).toBe(1)
  })
})

describe.skipIf(missing)('below a path of another web server', () => {
  const stage = useConsole({ basePath: '/mail/td', options: ['--trusted-proxy', '127.0.0.1'] })
  let front: Server
  let base = ''

  beforeAll(async () => {
    // As nginx does it: everything below the path is passed on, and nothing else is.
    front = createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith('/mail/td') !== true) {
        outgoing.writeHead(404).end('something else lives here')
        return
      }
      const passed = request(
        {
          host: '127.0.0.1',
          port: stage().site.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...incoming.headers, 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'http' },
        },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        },
      )
      passed.on('error', () => outgoing.destroy())
      outgoing.on('close', () => passed.destroy())
      incoming.pipe(passed)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(front.address() as AddressInfo).port}/mail/td/`
  })
  afterAll(() => {
    front?.closeAllConnections()
    front?.close()
  })

  it('every view works there, and nothing is asked for outside', async () => {
    const visitor = await stage().visit({ base })
    const { page } = visitor
    await visitor.open()
    await page.getByLabel('name', { exact: true }).fill('ada')
    await page.getByLabel('password').fill('correct horse battery staple')
    await page.keyboard.press('Enter')
    await visitor.hero().filter({ hasText: TD }).waitFor()
    for (const [word, there] of [
      ['Addresses', 'No addresses here yet.'],
      ['Explain', 'paste an address'],
      ['Activity', 'As it happens'],
      ['Mappings', 'dredd@example.com'],
      ['Make', 'made'],
    ] as const) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: word }).click()
      if (word !== 'Make') await page.getByText(there).first().waitFor()
    }
    await visitor.open('mappings?tab=people')
    await page.getByRole('row', { name: /^joe/ }).waitFor()
    // The cookie is for that path alone.
    expect((await visitor.context.cookies()).map(({ path }) => path)).toEqual(['/mail/td/'])
    await visitor.open('activity')
    await stage().site.mail('x@shop.example', [`djb${digits()}45@${TD}`])
    await page.locator('tr.newest', { hasText: 'x@shop.example' }).waitFor()
    await visitor.open('settings')
    await page.getByRole('cell', { name: '192.0.2.9' }).waitFor()
  })
})
