import { describe, expect, test } from 'vitest'
import { parseDay } from '../../src/address/index.ts'
import { anInstallation, granted, type Installation, NOON, objection } from './installation.ts'

const ADDRESS = 'djb2026112045@td.example.com'

async function mail(
  { store }: Installation,
  address: string,
  sender: string,
  verdict = 'forward',
  at = NOON,
): Promise<void> {
  const [localPart = '', domain = ''] = address.split('@')
  await store.record([
    {
      at,
      day: parseDay('2026-11-22')!,
      queueId: 'Q',
      client: 'c',
      sender,
      recipient: address,
      domain: domain as never,
      prefix: localPart.slice(0, 3) as never,
      localPart,
      verdict,
    },
  ])
}

async function csvOf({ book }: Installation): Promise<string> {
  let csv = ''
  for await (const piece of granted(await book.exportCsv())) csv += piece
  return csv
}

describe('a search', () => {
  const found = async ({ book }: Installation, search: string): Promise<readonly string[]> =>
    granted(await book.page({ search })).rows.map(({ address }) => address)

  test('finds the last sender that the row shows, also one of many of an organisation', async () => {
    const installation = await anInstallation()
    for (const sender of ['info@shop.example', 'orders@shop.example', 'Billing@mail.shop.example']) {
      await mail(installation, ADDRESS, sender)
      const [row] = granted(await installation.book.page()).rows
      expect(row?.lastSender).toBe(sender)
      expect(await found(installation, sender.toLowerCase())).toEqual([ADDRESS])
    }
    // Nor is the first forgotten.
    expect(await found(installation, 'info@shop')).toEqual([ADDRESS])
    expect(await found(installation, 'info@other')).toEqual([])
  })

  test('of a list with a new sender each time finds its domain, and its words stay few', async () => {
    const installation = await anInstallation()
    for (let count = 0; count < 200; count += 1)
      await mail(installation, ADDRESS, `bounce-${count}@list.example`)
    expect(await found(installation, 'list.example')).toEqual([ADDRESS])
    expect(await found(installation, 'bounce-3@')).toEqual([ADDRESS])
    expect(await found(installation, 'bounce-199@')).toEqual([])
  })

  test.each([
    ['Ölwechsel', 'ölwechsel'],
    ['ölwechsel', 'ÖLWECHSEL'],
    ['Café Ñandú', 'CAFÉ ñ'],
    ['Привет', 'привет'],
    ['naïve 100%_\\', 'NAÏVE 100%_\\'],
    ['日本 😀', '本 😀'],
  ])('finds the note %j by %j', async (note, search) => {
    const installation = await anInstallation()
    granted(await installation.addresses.note(ADDRESS, note))
    expect(await found(installation, search)).toEqual([ADDRESS])
    expect(granted(await installation.book.page({ search })).counts.all).toBe(1)
    expect(await found(installation, search.replace(/[^ -~]/u, 'ü'))).toEqual([])
  })
})

describe('an address in the book', () => {
  test('is signed when its seal is right', async () => {
    const installation = await anInstallation()
    const { address } = granted(await installation.addresses.issue({ prefix: 'djb', site: 'shop.example' }))
    granted(await installation.addresses.note(ADDRESS, 'made up'))
    expect(granted(await installation.book.show(address))).toMatchObject({
      address,
      signed: true,
      site: 'shop.example',
    })
    expect(granted(await installation.book.show(ADDRESS))).toMatchObject({ signed: false, state: 'works' })
  })

  test('that has no record cannot be shown', async () => {
    expect(objection(await (await anInstallation()).book.show(ADDRESS)).kind).toBe('not-found')
  })

  test('says why it is refused whatever its dates say', async () => {
    const installation = await anInstallation()
    granted(await installation.addresses.note(ADDRESS, 'x'))
    const barred = async () => granted(await installation.book.page()).rows[0]?.barred
    expect(await barred()).toBeUndefined()
    granted(await installation.prefixes.setEnabled('djb', false))
    expect(await barred()).toBe('The prefix djb is disabled.')
    granted(await installation.prefixes.change('djb', { enabled: true, signed: true }))
    expect(await barred()).toContain('takes sealed addresses only')
    granted(await installation.prefixes.remove('djb'))
    expect(await barred()).toBe('The prefix djb is gone.')
  })

  test('leaked when another organisation writes: not the site itself, its other hosts, or a bounce', async () => {
    const installation = await anInstallation()
    granted(await installation.addresses.annotate(ADDRESS, { site: 'www.printshop.example' }))
    const leak = async () => granted(await installation.book.show(ADDRESS)).leak
    await mail(installation, ADDRESS, 'order@mail.printshop.example')
    await mail(installation, ADDRESS, '')
    expect(await leak()).toBeUndefined()
    await mail(installation, ADDRESS, 'promo@news.mailblast.example', 'forward', NOON + 1)
    await mail(installation, ADDRESS, 'x@third.example', 'forward', NOON + 2)
    expect(await leak()).toEqual({
      to: 'mailblast.example',
      sender: 'promo@news.mailblast.example',
      since: NOON + 1,
    })
    granted(await installation.addresses.annotate(ADDRESS, { site: '' }))
    expect(await leak()).toBeUndefined()
  })

  test('still tried tells who, of late, the latest first', async () => {
    const installation = await anInstallation()
    const ended = 'djb2026010110@td.example.com'
    await mail(installation, ended, 'old@old.example', 'expired', NOON - 40 * 86_400_000)
    await mail(installation, ended, 'a@one.example', 'expired', NOON - 2)
    await mail(installation, ended, 'b@two.example', 'expired', NOON - 1)
    const { total, rows } = await installation.book.stillTrying()
    expect(total).toBe(1)
    expect(rows[0]?.senders.map(({ domain, refused }) => [domain, refused])).toEqual([
      ['two.example', 1],
      ['one.example', 1],
    ])
  })
})

describe('the file', () => {
  test('is read back as it was written', async () => {
    const installation = await anInstallation()
    const { addresses, book } = installation
    granted(await addresses.annotate(ADDRESS, { site: 'shop.example', note: 'a "lamp", 2 m' }))
    granted(await addresses.note('djb2026112046', "'=1+1"))
    granted(await addresses.note('djb2026112047', '-5 %'))
    granted(await addresses.revoke('djb2026112048'))
    granted(await addresses.extend('djb2026010110', '2027-12-24'))
    const csv = await csvOf(installation)
    expect(granted(await book.importCsv(csv))).toEqual({ added: 0, changed: 0, unchanged: 5 })
    const other = await anInstallation()
    expect(granted(await other.book.importCsv(csv))).toEqual({ added: 5, changed: 0, unchanged: 0 })
    const cut = (text: string) => text.replace(/,\d+,\d+,[^,]*,[^,]*$/gm, '')
    expect(cut(await csvOf(other))).toBe(cut(csv))
  })

  test('computes nothing in a spreadsheet, whoever wrote what is in it', async () => {
    const installation = await anInstallation()
    await mail(installation, ADDRESS, '=cmd|"/C calc"!A1@evil.example')
    granted(await installation.addresses.note('djb2026112046', '@SUM(1)'))
    const csv = await csvOf(installation)
    expect(csv).toContain('"\'=cmd|""/C calc""!A1@evil.example"')
    expect(csv).toContain("'@SUM(1)")
    expect(csv).not.toMatch(/(^|,)"?[=+@-]/m)
  })

  test.each([
    'x;=1+1',
    'x,-1',
    'x;  @SUM(1)',
    'say "=1+1"; "+2", \'-3',
    "'=1;''=2;'''x",
    '=1;=2',
    '＝1+1',
    'x;＋1;－2;＠3',
    'a-b + c=d, e@f.example',
    "it's; o'clock",
    '"',
    ';',
  ])('holds the note %j where nothing is computed, and reads it back unchanged', async (note) => {
    const installation = await anInstallation()
    granted(await installation.addresses.note(ADDRESS, note))
    const csv = await csvOf(installation)
    // However a spreadsheet divides it, and whether or not it keeps to the quotes.
    expect(csv).not.toMatch(/(^|[",;\t])\s*[=+@＝＋－＠-]/m)
    const other = await anInstallation()
    granted(await other.book.importCsv(csv))
    expect(granted(await other.book.show(ADDRESS)).note).toBe(note)
  })

  test('puts cells with a separator of any spreadsheet into quotes', async () => {
    const installation = await anInstallation()
    granted(await installation.addresses.note(ADDRESS, 'a;b'))
    expect(await csvOf(installation)).toContain(',"a;b",')
  })

  test('may have any order of columns, semicolons, a mark in front, and few columns', async () => {
    const installation = await anInstallation()
    const text = `\uFEFFNote;Address\r\n"two\r\nlines"; ${ADDRESS}\r\n`
    expect(objection(await installation.book.importCsv(text)).message).toContain('Line 2: A note is one line')
    expect(
      granted(await installation.book.importCsv(`\uFEFFNote;Address\r\nlamp; ${ADDRESS} \r\n\r\n`)),
    ).toMatchObject({
      added: 1,
    })
    expect(granted(await installation.book.show(ADDRESS)).note).toBe('lamp')
  })

  test.each([
    ['', 'Line 1: the column "address" is missing.'],
    ['site,note\na.example,x\n', 'Line 1: the column "address" is missing.'],
    [`address\n${ADDRESS}\nnonsense@td.example.com\n`, 'Line 3:'],
    [`address\n${ADDRESS}\nfoo2026112045@td.example.com\n`, 'Line 3: There is no prefix "foo"'],
    [
      `address\n${ADDRESS}\n${ADDRESS.toUpperCase()}\n`,
      'Line 3: djb2026112045@td.example.com stands in line 2 already.',
    ],
    [`address,site\n${ADDRESS},not a host\n`, 'Line 2: "not a host" is no host name.'],
    [`address,revoked_at\n${ADDRESS},yesterday\n`, 'Line 2: "yesterday" is no time.'],
    [`address,extended_through\n${ADDRESS},2027-02-30\n`, 'Line 2: "2027-02-30" is no date'],
    [`address,note\n${ADDRESS},"lamp\n`, 'Line 2: a quote is opened and never closed.'],
    [`"address,note\n${ADDRESS},lamp\n`, 'Line 1: a quote is opened and never closed.'],
    [`address${',x'.repeat(1000)}\n`, 'Line 1: it has more than 100 columns.'],
    [`address\n${ADDRESS}${','.repeat(1000)}\n`, 'Line 2: it has more than 100 columns.'],
  ])('%j is refused with its line, and nothing is imported', async (text, sentence) => {
    const installation = await anInstallation()
    const { message, field } = objection(await installation.book.importCsv(text))
    expect(message).toContain(sentence)
    expect(message).toContain('Nothing was imported.')
    expect(field).toBe('list')
    expect(granted(await installation.book.page()).counts.all).toBe(0)
  })
})

describe('several addresses at once', () => {
  test('differ by their salts, are kept with site and note, and work', async () => {
    const { addresses, book } = await anInstallation()
    const made = granted(
      await addresses.issueSeveral({ prefix: 'djb', site: 'shop.example', note: 'x', count: 5 }),
    )
    expect(new Set(made.map(({ address }) => address)).size).toBe(5)
    expect(made.every(({ salted, signed }) => salted && signed)).toBe(true)
    expect(granted(await book.page()).rows.map(({ signed, barred }) => [signed, barred])).toEqual(
      Array(5).fill([true, undefined]),
    )
    const { sentences } = granted(await addresses.explainText(made[0]!.address))[0]!
    expect(sentences.join(' ')).toContain('made for that site')
  })

  test('are only shown by a preview, the same each time where a site decides', async () => {
    const { addresses, book } = await anInstallation()
    const wishes = { prefix: 'djb', site: 'shop.example', note: 'x' }
    const [one] = granted(await addresses.preview(wishes))
    expect(granted(await addresses.preview(wishes))).toEqual([one])
    expect(granted(await addresses.issue(wishes)).address).toBe(one?.address)
    expect(granted(await book.page()).counts.all).toBe(1)
    expect(granted(await addresses.preview({ prefix: 'djb', site: '', count: 3 }))).toHaveLength(3)
  })

  test.each([
    [{ count: 0 }, 'count'],
    [{ count: 51 }, 'count'],
    [{ count: 1.5 }, 'count'],
    [{ count: 2, signed: false }, 'signed'],
    [{ site: 'no host' }, 'site'],
  ])('cannot be %j', async (wishes, field) => {
    const { addresses, store } = await anInstallation()
    expect(objection(await addresses.issueSeveral({ prefix: 'djb', note: 'x', ...wishes })).field).toBe(field)
    expect((await store.addresses()).total).toBe(0)
  })
})
