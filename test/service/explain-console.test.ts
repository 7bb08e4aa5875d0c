import { describe, expect, test } from 'vitest'
import { recipientsIn } from '../../src/service/header-recipients.ts'
import { explainInWords } from '../../src/service/index.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'
import { anInstallation, granted, type Installation, objection } from './installation.ts'

const ADDRESS = 'djb2026112045@td.example.com'

async function explained({ addresses }: Installation, text: string) {
  return granted(await addresses.explainText(text))[0]!
}

describe('the recipients in a text', () => {
  test.each([
    [ADDRESS, [ADDRESS]],
    ['djb2026112045', ['djb2026112045']],
    [`<${ADDRESS}>`, [`<${ADDRESS}>`]],
    [`To: Dan <${ADDRESS}>`, [`<${ADDRESS}>`]],
    ['To: a@x.example, b@y.example', ['a@x.example', 'b@y.example']],
    ['To: "Doe, Jane" <a@x.example>, B <b@y.example>', ['<a@x.example>', '<b@y.example>']],
    ['To: "a@b, <c@d>" <e@x.example>', ['<e@x.example>']],
    ['To: "quoted \\" <q@q>" <e@x.example>', ['<e@x.example>']],
    ['To: a@x.example (Jane, (of) <c@d>), b@y.example', ['a@x.example', 'b@y.example']],
    [
      'To: Friends: a@x.example, B <b@y.example>;, c@z.example',
      ['a@x.example', '<b@y.example>', 'c@z.example'],
    ],
    ['To: undisclosed-recipients:;', []],
    ['To: Dan\r\n <a@x.example>,\r\n\tb@y.example', ['<a@x.example>', 'b@y.example']],
    ['To: =?utf-8?Q?J=C3=B6rg=2C_x=40y?= <a@x.example>', ['<a@x.example>']],
    [
      'From: n@n.example\nCc: a@x.example\nDelivered-To: b@y.example',
      ['n@n.example', 'a@x.example', 'b@y.example'],
    ],
    ['a@x.example; b@y.example', ['a@x.example', 'b@y.example']],
    ['a@x.example, a@x.example', ['a@x.example']],
    ['Dan a@x.example', ['a@x.example']],
    ['<@r.example,@s.example:a@x.example>', ['<@r.example,@s.example:a@x.example>']],
    ['"a b"@x.example', ['"a b"@x.example']],
    ['To:', []],
    ['   ', []],
    [', ; ,', []],
    ['<', ['<>']],
    ['"never closed <a@x.example>', ['"never closed <a@x.example>']],
  ])('%j are %j', (text, recipients) => {
    expect(recipientsIn(text)).toEqual(recipients)
  })

  test('of 20,000 hostile characters are found at once', () => {
    for (const piece of ['(', '"', '<', '\\', ':', '@', ',<', 'a@b,', '=?', ' \t', '\r\n ']) {
      expect(cpuTimeOf(() => recipientsIn(piece.repeat(20_000 / piece.length)))).toBeLessThan(1000)
    }
  })
})

describe('an explanation for the console', () => {
  test('takes an address apart and gives the day in its zone', async () => {
    const installation = await anInstallation()
    const { address } = granted(await installation.addresses.issue({ prefix: 'djb', site: 'shop.example' }))
    expect(await explained(installation, address.toUpperCase())).toMatchObject({
      recipient: address,
      ours: true,
      accepted: true,
      verdict: 'Delivered. It works through 2027-01-05, 45 days left.',
      smtp: '250, in the words of the mail server.',
      parts: {
        prefix: 'djb',
        date: '20261122',
        days: '45',
        seal: address.slice(13, 22),
        domain: 'td.example.com',
      },
      timeZone: 'Europe/Berlin',
      record: { site: 'shop.example', signed: true },
    })
  })

  test('asks the questions of the verdict in order, up to the one that settles it', async () => {
    const installation = await anInstallation()
    const questions = async (text: string) =>
      (await explained(installation, text)).steps.map(
        ({ question, answer, settles }) => `${question} ${answer}${settles ? ' <-' : ''}`,
      )
    expect(await questions('djb2026090645')).toEqual([
      'Is the domain ours? td.example.com, yes',
      'Can it be read? prefix, date and days, without a seal',
      'Is the prefix known? djb, enabled, seal optional',
      'Is the seal genuine? it has none',
      'Was it revoked? no',
      'Was it extended? no',
      'Has it begun? yes, on 2026-09-06',
      'Has it ended? yes, it ended 32 days ago <-',
    ])
    granted(await installation.addresses.extend('djb2026090645', '2026-12-24'))
    expect((await questions('djb2026090645')).at(-1)).toBe('Was it extended? through 2026-12-24 <-')
    granted(await installation.addresses.revoke('djb2026090645'))
    expect((await questions('djb2026090645')).at(-1)).toMatch(
      /^Was it revoked\? yes, on 2026-11-22 12:15 .* <-$/,
    )
    expect((await questions(ADDRESS)).at(-1)).toBe('Has it ended? no, it works through 2027-01-03 <-')
    expect((await questions('djb2026112310')).at(-1)).toBe('Has it begun? no, it begins tomorrow <-')
    expect((await questions('djb2026112300')).at(-1)).toBe('Has it begun? no, it begins tomorrow <-')
    expect((await questions('djb2026112200')).at(-1)).toMatch(/^Has it ended\? yes, it says 00 days/)
    expect((await questions('foo2026112045')).at(-1)).toBe('Is the prefix known? foo, no <-')
    expect((await questions('djb2026112045aaaaaa')).at(-1)).toBe('Is the seal genuine? no <-')
    expect((await questions('djb2026113145')).at(-1)).toBe(
      'Can it be read? no, its date is in no calendar <-',
    )
    expect((await questions('hello')).at(-1)).toBe('Can it be read? no <-')
    expect(await questions('a@elsewhere.example')).toEqual(['Is the domain ours? no <-'])
    expect((await questions('abuse@td.example.com')).at(-1)).toBe(
      "Is it the postmaster's? yes, and it has no mailbox <-",
    )
    granted(await installation.prefixes.change('djb', { signed: true }))
    expect((await questions(ADDRESS)).at(-1)).toBe('Is the seal genuine? it has none <-')
    granted(await installation.prefixes.setEnabled('djb', false))
    expect((await questions(ADDRESS)).at(-1)).toBe('Is the prefix known? djb, disabled, seal demanded <-')
  })

  test.each([
    ['djb2026090645', 'Refused. It ended 32 days ago.', '551 5.7.1 Expiration Reached.'],
    ['djb2026112310', 'Refused. It begins tomorrow.', '551 5.7.1 Expiration Reached.'],
    ['djb2026113145', 'Refused. Its date is in no calendar.', '551 5.7.1 Address not understood.'],
    ['foo2026112045', 'Refused. There is no prefix foo.', '551 5.7.1 No such address.'],
    [
      'a@elsewhere.example',
      'Not ours. The filter lets it pass untouched.',
      'Whatever the mail server says: the filter lets it pass.',
    ],
  ])('of %s says %s, and what a sender hears', async (text, verdict, smtp) => {
    expect(await explained(await anInstallation(), text)).toMatchObject({ verdict, smtp })
  })

  test('has the sentences of the command line', async () => {
    const installation = await anInstallation()
    const { sentences } = explainInWords(granted(await installation.addresses.explain(ADDRESS)))
    expect((await explained(installation, ADDRESS)).sentences).toEqual(sentences)
  })

  test('of a header has one for each recipient, foreign ones too', async () => {
    const { addresses } = await anInstallation()
    const text = `To: "Doe, Jane" <jane@elsewhere.example>,\r\n Dan <${ADDRESS}>`
    expect(
      granted(await addresses.explainText(text)).map(({ recipient, ours }) => [recipient, ours]),
    ).toEqual([
      ['jane@elsewhere.example', false],
      [ADDRESS, true],
    ])
  })

  test.each(['', 'To: ;', 'To: Dan, Jane', Array.from({ length: 51 }, (_, n) => `a${n}@x.example`).join()])(
    'of %j is refused with what to do',
    async (text) => {
      expect(objection(await (await anInstallation()).addresses.explainText(text)).field).toBe('text')
    },
  )
})
