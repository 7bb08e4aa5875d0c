import { describe, expect, test } from 'vitest'
import type { Day, DomainName, PrefixName } from '../../src/address/index.ts'
import type { AddressPage, AddressView, Explanations, MadeAddresses } from '../../src/admin/schemas.ts'
import { USUAL_DAYS } from '../../web/src/views/make/lifetimes.ts'
import { type Browser, Console, granted, NOON, sharedConsole, TD } from './console.ts'

const shared = sharedConsole({}, (console) => console.furnish())

async function made(browser: Browser, wishes: object): Promise<string> {
  const answer = await browser.post('/console/addresses', { prefix: 'djb', domain: TD, ...wishes })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json<MadeAddresses>().addresses[0]?.address ?? ''
}

const path = (address: string): string => `/console/addresses/${encodeURIComponent(address)}`

describe('an owner', () => {
  test('makes an address, and keeps it when it has a site', async () => {
    const dan = await shared().signIn('dan')
    const wishes = { prefix: 'djb', domain: TD, days: 45, site: 'Shop.Example', note: 'lamps' }
    const preview = await dan.post('/console/addresses/preview', wishes)
    expect(preview.statusCode).toBe(200)
    const [foreseen] = preview.json<MadeAddresses>().addresses
    expect(foreseen).toMatchObject({
      prefix: 'djb',
      firstDay: '2026-11-22',
      lastDay: '2027-01-05',
      days: 45,
      signed: true,
      salted: true,
      mailboxes: ['dredd@example.com'],
      timeZone: 'Europe/Berlin',
    })
    expect((await dan.get('/console/addresses?search=lamps')).json<AddressPage>().total).toBe(0)
    const address = await made(dan, wishes)
    expect(address).toBe(foreseen?.address)
    const page = (await dan.get('/console/addresses?search=lamps')).json<AddressPage>()
    expect(page.rows).toEqual([
      {
        address,
        localPart: address.split('@')[0],
        domain: TD,
        prefix: 'djb',
        state: 'works',
        firstDay: '2026-11-22',
        lastDay: '2027-01-05',
        daysLeft: 45,
        signed: true,
        site: 'shop.example',
        note: 'lamps',
        accepted: 0,
        refused: 0,
        lastSender: '',
      },
    ])
  })

  test('makes one after the other for no site, and each is another one', async () => {
    const dan = await shared().signIn('dan')
    const wishes = { prefix: 'djb', domain: TD, signed: true }
    const one = await made(dan, { ...wishes, unique: 'first' })
    const next = await made(dan, { ...wishes, unique: 'second' })
    expect(next).not.toBe(one)
    expect(await made(dan, { ...wishes, unique: 'first', note: 'what was previewed is made' })).toBe(one)
    const explained = await dan.post('/console/explain', { text: next })
    expect(explained.json<Explanations>().explanations[0]?.accepted).toBe(true)
  })

  test('makes several at once, all different', async () => {
    const dan = await shared().signIn('dan')
    const answer = await dan.post('/console/addresses', { prefix: 'djb', domain: TD, count: 5 })
    const { addresses } = answer.json<MadeAddresses>()
    expect(new Set(addresses.map(({ address }) => address)).size).toBe(5)
  })

  test('changes, prolongs, revokes and restores it', async () => {
    const dan = await shared().signIn('dan')
    const address = await made(dan, { note: 'first' })
    const changed = await dan.patch(path(address), { note: 'second' })
    expect(changed.json()).toMatchObject({ note: 'second' })
    const extended = await dan.post(`${path(address)}/extend`, { until: '2027-12-24' })
    expect(extended.json()).toMatchObject({ extendedThrough: '2027-12-24', state: 'works' })
    const revoked = await dan.post(`${path(address)}/revoke`)
    expect(revoked.json()).toMatchObject({ state: 'revoked', revokedAt: '2026-11-22T11:15:00.000Z' })
    expect((await dan.post(`${path(address)}/restore`)).json()).toMatchObject({ state: 'works' })
  })

  test.each([
    [{ prefix: 'djb', days: 0 }, 'days'],
    [{ prefix: 'djb', days: 100 }, 'days'],
    [{ prefix: 'djb', days: 1.5 }, 'days'],
    [{ prefix: 'djb', days: '5' }, 'days'],
    [{ prefix: 'djb', until: '2026-02-30' }, 'until'],
    [{ prefix: 'djb', until: 'soon' }, 'until'],
    [{ prefix: 'djb', site: 'no host name' }, 'site'],
    [{ prefix: 'djb', note: 'x'.repeat(501) }, 'note'],
    [{ prefix: 'djb', count: 51 }, 'count'],
    [{ prefix: 'djb', more: true }, 'more'],
    [{ prefix: ['djb'] }, 'prefix'],
    [{}, 'prefix'],
  ])('is told what is wrong with %j', async (wishes, field) => {
    const dan = await shared().signIn('dan')
    const answer = await dan.post('/console/addresses', wishes)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ field, message: expect.stringMatching(/\.$/) })
  })

  test.each([
    '?limit=0',
    '?limit=201',
    '?offset=-1',
    '?state=lost',
    '?sort=size',
    '?nonsense=1',
    '?limit=ten',
    `?search=${'x'.repeat(201)}`,
  ])('cannot list addresses with %s', async (query) => {
    const dan = await shared().signIn('dan')
    expect((await dan.get(`/console/addresses${query}`)).statusCode).toBe(400)
  })

  test('may ask for a search that is no pattern', async () => {
    const dan = await shared().signIn('dan')
    for (const search of ['%', '_', "'", '\\', '%00', '*', '(', '%F0%9F%98%80']) {
      const answer = await dan.get(`/console/addresses?search=${encodeURIComponent(search)}`)
      expect(answer.statusCode, search).toBe(200)
    }
  })
})

describe('two owners', () => {
  test('never see or touch each other’s addresses', async () => {
    const console = await Console.open()
    await console.furnish()
    const [dan, joe] = [await console.signIn('dan'), await console.signIn('joe')]
    const address = await made(dan, { site: 'secret.example', note: 'hush' })
    await console.store.record([
      {
        at: NOON,
        day: 20_779 as Day,
        queueId: '',
        client: '',
        sender: 'hush@sender.example',
        recipient: address,
        domain: TD as DomainName,
        prefix: 'djb' as PrefixName,
        localPart: address.split('@')[0],
        verdict: 'forward',
      },
    ])
    for (const url of [
      '/console/state',
      '/console/addresses',
      '/console/addresses?prefix=djb',
      '/console/addresses?search=secret',
      '/console/addresses.csv',
      '/console/still-trying',
      '/console/activity',
      '/console/activity?prefix=djb',
      '/console/activity/days',
      '/console/tokens',
    ]) {
      expect((await joe.get(url)).body, url).not.toMatch(/djb2|hush|secret|dredd/)
    }
    for (const [method, url, body] of [
      ['PATCH', path(address), { note: 'mine now' }],
      ['POST', `${path(address)}/revoke`, undefined],
      ['POST', `${path(address)}/restore`, undefined],
      ['POST', `${path(address)}/extend`, { until: '2027-12-24' }],
      ['POST', '/console/addresses', { prefix: 'djb', domain: TD }],
      ['POST', '/console/addresses/preview', { prefix: 'djb', domain: TD }],
      ['POST', '/console/tokens', { name: 'x', prefix: 'djb', domain: TD }],
    ] as const) {
      const answer = await joe.send(method, url, body)
      expect(answer.statusCode, `${method} ${url}`).toBe(404)
      expect(answer.body).not.toMatch(/hush|secret|dredd/)
    }
    const { explanations } = (await joe.post('/console/explain', { text: address })).json()
    expect(JSON.stringify(explanations)).not.toMatch(/hush|secret\.example|dredd/)
    expect(explanations[0]).not.toHaveProperty('record')
    const { rows } = (await dan.get('/console/addresses')).json<{ rows: AddressView[] }>()
    expect(rows).toMatchObject([{ address, note: 'hush', state: 'works' }])
    const ada = await console.signIn('ada')
    expect((await ada.get('/console/addresses')).body).toContain(address)
  })

  test('have tokens of their own', async () => {
    const console = await Console.open()
    await console.furnish()
    const [dan, joe] = [await console.signIn('dan'), await console.signIn('joe')]
    const answer = await dan.post('/console/tokens', { name: 'vault', prefix: 'djb', domain: TD, days: 30 })
    expect(answer.statusCode).toBe(201)
    const { token, view } = answer.json<{ token: string; view: { id: number } }>()
    expect(token).toMatch(/^td1[A-Za-z0-9]{45}$/)
    expect((await dan.get('/console/tokens')).body).not.toContain(token)
    expect((await joe.delete(`/console/tokens/${view.id}`)).statusCode).toBe(404)
    expect((await dan.delete(`/console/tokens/${view.id}`)).statusCode).toBe(204)
    const used = await console.ask({
      method: 'POST',
      url: '/api/v1/aliases',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(used.statusCode).toBe(401)
  })
})

describe('the table of addresses', () => {
  test('comes and goes as CSV, and no spreadsheet computes what a stranger wrote', async () => {
    const console = await Console.open()
    await console.furnish()
    const dan = await console.signIn('dan')
    const address = await made(dan, { note: '=HYPERLINK("http://evil.example")' })
    const answer = await dan.get('/console/addresses.csv')
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toBe('attachment; filename="addresses.csv"')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toContain(address)
    expect(answer.body).not.toMatch(/(^|,)"?[=+@-]/m)
    const again = await dan.post('/console/addresses/import', answer.body)
    expect(again.json()).toEqual({ added: 0, changed: 0, unchanged: 1 })
  })

  test('is taken over one at a time, since each takes memory', async () => {
    const console = await Console.open()
    await console.furnish()
    const dan = await console.signIn('dan')
    const lines = (note: string) => `address,note\ndjb2026112245@${TD},${note}\n`
    const answers = await Promise.all([
      dan.post('/console/addresses/import', lines('one')),
      dan.post('/console/addresses/import', lines('two')),
    ])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 429])
    expect(answers[1]?.headers['retry-after']).toBe('5')
    // A refusal frees the place, too.
    expect((await dan.post('/console/addresses/import', 'no table')).statusCode).toBe(400)
    expect((await dan.post('/console/addresses/import', lines('three'))).statusCode).toBe(200)
    const { rows } = (await dan.get('/console/addresses')).json<AddressPage>()
    expect(rows.map(({ note }) => note)).toEqual(['three'])
  })

  test('is refused when it is too large, is no table, or names an address that is not one’s own', async () => {
    const console = await Console.open()
    await console.furnish()
    const dan = await console.signIn('dan')
    const large = await dan.post('/console/addresses/import', `address,note\n${'x'.repeat(32 * 1024 * 1024)}`)
    expect(large.statusCode).toBe(413)
    expect((await dan.post('/console/addresses/import', { address: 'x' })).statusCode).toBe(415)
    expect((await dan.post('/console/addresses/import')).statusCode).toBe(415)
    const foreign = await dan.post('/console/addresses/import', `address,note\njoe2026112245@${TD},mine\n`)
    expect(foreign.statusCode).toBeGreaterThanOrEqual(400)
    expect(foreign.statusCode).toBeLessThan(500)
    expect((await dan.get('/console/addresses')).json<AddressPage>().total).toBe(0)
  })
})

describe('an explanation', () => {
  test('covers every recipient of a header', async () => {
    const dan = await shared().signIn('dan')
    const text = `To: Dan <djb2026112045@${TD}>, djb2020010110@${TD},\r\n "x" <someone@elsewhere.example>`
    const { explanations } = (await dan.post('/console/explain', { text })).json()
    expect(explanations).toHaveLength(3)
    expect(explanations[0]).toMatchObject({ ours: true, accepted: true })
    expect(explanations[1]).toMatchObject({
      ours: true,
      accepted: false,
      smtp: '551 5.7.1 Expiration Reached.',
    })
    expect(explanations[2]).toMatchObject({ ours: false })
  })
})

describe('the postmaster', () => {
  test('hears of somebody else’s change, with what it is now', async () => {
    const console = await Console.open()
    await console.furnish()
    const ada = await console.signIn('ada')
    const { prefixes } = (await ada.get('/console/prefixes')).json()
    const [{ revision, owner }] = prefixes.filter(({ name }: { name: string }) => name === 'djb')
    expect(owner).toBe('dan')
    const url = `/console/prefixes/${TD}/djb`
    expect((await ada.patch(url, { maxDays: 60, revision })).statusCode).toBe(200)
    const stale = await ada.patch(url, { maxDays: 90, revision })
    expect(stale.statusCode).toBe(409)
    expect(stale.json()).toMatchObject({ message: expect.any(String), theirs: { name: 'djb', maxDays: 60 } })
    const { revision: newer } = stale.json().theirs
    expect((await ada.patch(url, { maxDays: 90, revision: newer })).json()).toMatchObject({ maxDays: 90 })
    expect((await ada.patch(url, { maxDays: 90, revision: 'nonsense' })).statusCode).toBe(409)
  })

  test.each([
    ['a domain', 'domains', TD, { maxPrefixLength: 5 }, { maxPrefixLength: 6 }],
    ['a person', 'people', 'dan', { enabled: false }, { role: 'postmaster' }],
  ])('hears of it with %s, too', async (_what, list, name, theirs, mine) => {
    const console = await Console.open()
    await console.furnish()
    const ada = await console.signIn('ada')
    const shown = (await ada.get(`/console/${list}`)).json()[list]
    const { revision } = shown.find((one: { name: string }) => one.name === name)
    const url = `/console/${list}/${name}`
    expect((await ada.patch(url, { ...theirs, revision })).statusCode).toBe(200)
    const stale = await ada.patch(url, { ...mine, revision })
    expect(stale.statusCode).toBe(409)
    expect(stale.json()).toMatchObject({ message: expect.any(String), theirs: { name, ...theirs } })
    const again = await ada.patch(url, { ...mine, revision: stale.json().theirs.revision })
    expect(again.json()).toMatchObject({ ...theirs, ...mine })
  })

  test('finds every change in the list, with who, what and from where', async () => {
    const console = await Console.open()
    await console.furnish()
    const [ada, dan] = [await console.signIn('ada'), await console.signIn('dan')]
    const address = await made(dan, { note: 'x' })
    await dan.post(`${path(address)}/revoke`)
    await ada.post('/console/prefixes', { domain: TD, name: 'new', mailboxes: ['n@example.com'] })
    await ada.post('/console/keys/rotate')
    const { entries } = (await ada.get('/console/audit')).json<{ entries: Record<string, string>[] }>()
    const told = entries.map(({ person, subject, client }) => `${person} ${subject} ${client}`)
    expect(told).toContain(`dan ${address} 127.0.0.1`)
    expect(told.some((line) => /^ada new@?.* 127\.0\.0\.1$/.test(line))).toBe(true)
    expect((await ada.get('/console/audit?limit=0')).statusCode).toBe(400)
  })

  test('reads the findings and the configuration', async () => {
    const ada = await shared().signIn('ada')
    expect((await ada.get('/console/server/findings')).json()).toEqual({
      findings: [{ check: 'database', level: 'ok', says: 'The database is in order.' }],
    })
    expect((await ada.get('/console/server/mta/postfix')).json()).toEqual({
      text: 'configuration of postfix\n',
    })
    expect((await ada.get('/console/server/mta/exim')).statusCode).toBe(400)
    expect((await ada.get('/console/keys')).body).not.toMatch(/secret/i)
  })

  test.each([
    ['domains', { name: '' }, 'name', 'The domain is missing. Write one like td.example.com.'],
    [
      'domains',
      { name: 'a.example', postmaster: 'x'.repeat(321) },
      'postmaster',
      'That is no mailbox. Give one as in dan@mailbox.example, or none.',
    ],
    [
      'prefixes',
      { domain: TD, name: '' },
      'name',
      `The prefix is missing: it takes 2 to 3 letters from a to z in ${TD}.`,
    ],
    [
      'prefixes',
      { domain: TD, name: 'long' },
      'name',
      `"long" is no prefix: it takes 2 to 3 letters from a to z in ${TD}.`,
    ],
    [
      'prefixes',
      { domain: TD, name: 'abc', mailboxes: [] },
      'mailboxes',
      'Give 1 to 50 mailboxes, as in dan@mailbox.example.',
    ],
    [
      'prefixes',
      { domain: TD, name: 'abc', mailboxes: ['n@example.com'], defaultDays: Number.NaN },
      'defaultDays',
      'A lifetime is 1 to 99 days. Give a number between.',
    ],
    ['tokens', { name: '', prefix: 'djb', domain: TD }, 'name', 'Give one of 1 to 64 characters.'],
    ['addresses', { prefix: 'djb', note: 'x'.repeat(501) }, 'note', 'It takes 500 characters.'],
  ])('says what to type instead, in %s of %j', async (where, wishes, field, words) => {
    const console = await Console.open()
    await console.furnish()
    const answer = await (await console.signIn('ada')).post(`/console/${where}`, wishes)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ field, message: expect.stringContaining(words) })
  })

  test('takes as long a note as the terminal and an import do', async () => {
    const console = await Console.open()
    await console.furnish()
    const dan = await console.signIn('dan')
    const note = 'x'.repeat(500)
    const made = await dan.post('/console/addresses', { prefix: 'djb', note })
    expect(made.statusCode).toBe(201)
    const [{ address = '' } = {}] = made.json<MadeAddresses>().addresses
    expect(granted(await console.services.book.show(address)).note).toBe(note)
    const byTerminal = await console.services.addresses.note(address, `${note}x`)
    expect(byTerminal).toMatchObject({ objection: { message: 'A note takes at most 500 characters.' } })
    const byFile = await console.services.book.importCsv(`address,note\n${address},${note}x\n`)
    expect(byFile).toMatchObject({
      objection: { message: expect.stringContaining('at most 500 characters') },
    })
  })

  test('a new prefix has the lifetime that the console puts into its field', async () => {
    const console = await Console.open()
    await console.furnish()
    const ada = await console.signIn('ada')
    const added = await ada.post('/console/prefixes', {
      domain: TD,
      name: 'new',
      mailboxes: ['n@example.com'],
    })
    expect(added.json()).toMatchObject({ defaultDays: USUAL_DAYS })
  })

  test('keeps the domains', async () => {
    const console = await Console.open()
    await console.furnish()
    const ada = await console.signIn('ada')
    const added = await ada.post('/console/domains', { name: 'TD.example.org', timeZone: 'UTC' })
    expect(added.statusCode).toBe(201)
    expect(added.json()).toMatchObject({ name: 'td.example.org', prefixes: 0, postmaster: '' })
    expect((await ada.post('/console/domains', { name: 'td.example.org' })).statusCode).toBe(409)
    const loop = await ada.patch('/console/domains/td.example.org', { postmaster: `x@${TD}` })
    expect(loop.statusCode).toBe(400)
    expect((await ada.delete(`/console/domains/${TD}`)).statusCode).toBe(409)
    expect((await ada.delete('/console/domains/td.example.org')).statusCode).toBe(204)
    expect((await ada.delete('/console/domains/td.example.org')).statusCode).toBe(404)
    const { domains, timeZones } = (await ada.get('/console/domains')).json()
    expect(domains).toMatchObject([{ name: TD, prefixes: 2 }])
    expect(timeZones).toContain('Europe/Berlin')
    expect(timeZones[0]).toBe('UTC')
    expect(timeZones).toEqual([...new Set(timeZones)])
    for (const name of ['Europe/Kyiv', 'Asia/Kolkata']) expect(timeZones).toContain(name)
  })
})
