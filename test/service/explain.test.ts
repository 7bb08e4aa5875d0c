import { describe, expect, test } from 'vitest'
import { parseDay } from '../../src/address/index.ts'
import { explainInWords } from '../../src/service/index.ts'
import { anInstallation, granted, type Installation, NOON, objection } from './installation.ts'

const ADDRESS = 'djb2026112045@td.example.com'

async function words({ addresses }: Installation, text: string, wishes = {}): Promise<string> {
  const { headline, sentences } = explainInWords(granted(await addresses.explain(text, wishes)))
  return [headline, ...sentences].join('\n')
}

describe('an address that works', () => {
  test('is taken apart, with its days in the zone of the domain', async () => {
    expect(await words(await anInstallation(), '<DJB2026112045@TD.Example.com>')).toBe(
      `djb2026112045@td.example.com is accepted and goes to dredd@example.com: it works through 2027-01-03, 43 days left.
It belongs to djb.
It was made for 2026-11-20 through 2027-01-03: 45 days in Europe/Berlin.
It is not sealed: anybody who has seen such an address can make another.`,
    )
  })

  test('is told on its last day that it is the last', async () => {
    const installation = await anInstallation()
    installation.now = Date.parse('2027-01-03T23:59:59+01:00')
    expect(await words(installation, ADDRESS)).toContain(': today is its last day.')
    installation.now += 1000
    expect(await words(installation, ADDRESS)).toContain('is refused: it ended today.')
  })

  test('is told when it claims more days than its prefix allows', async () => {
    const installation = await anInstallation()
    await installation.prefixes.change('djb', { maxDays: 10 })
    expect(await words(installation, ADDRESS)).toContain(
      '2026-11-20 through 2026-11-29: 10 days in Europe/Berlin. It says 45 days, and its prefix allows 10.',
    )
  })

  test('is told when it works only because it was extended', async () => {
    const installation = await anInstallation()
    await installation.addresses.extend('djb2026010110', '2026-12-24')
    expect(await words(installation, 'djb2026010110')).toContain('Its owner extended it through 2026-12-24.')
  })

  test('is told with its note and the mail that came', async () => {
    const installation = await anInstallation()
    const { record } = granted(await installation.addresses.note(ADDRESS, 'lamp'))
    await installation.store.record([
      {
        at: NOON,
        day: parseDay('2026-11-22')!,
        queueId: '4XyZ',
        client: 'shop.example [192.0.2.7]',
        sender: 'news@shop.example',
        recipient: ADDRESS,
        domain: record.domain,
        prefix: record.prefix,
        localPart: record.localPart,
        verdict: 'forward',
      },
    ])
    const said = await words(installation, ADDRESS)
    expect(said).toContain('Its note says: lamp')
    expect(said).toContain(
      'So far 1 message accepted and 0 refused, last on 2026-11-22 12:15 Europe/Berlin from news@shop.example.',
    )
  })
})

describe('an address that is refused', () => {
  const TOLD_EXPIRED = 'The sender is told: 551 5.7.1 Expiration Reached.'
  const TOLD_UNKNOWN = 'The sender is told: 551 5.7.1 No such address.'
  const TOLD_NONSENSE = 'The sender is told: 551 5.7.1 Address not understood.'

  test.each([
    ['ended', 'djb2026111505', 'it ended 2 days ago', TOLD_EXPIRED],
    ['not begun', 'djb2026112345', 'it begins tomorrow', TOLD_EXPIRED],
    ['far off', 'djb2026120145', 'it begins in 9 days', TOLD_EXPIRED],
    ['of no days', 'djb2026112200', 'it says 00 days and never works', TOLD_EXPIRED],
    ['of nobody', 'abc2026112045', 'there is no prefix abc', TOLD_UNKNOWN],
    ['with a wrong tag', 'djb2026112045aaaaaa', 'its seal is wrong', TOLD_UNKNOWN],
    ['of an impossible date', 'djb2026023045', 'its date is in no calendar', TOLD_NONSENSE],
    ['of another form', 'xxdjb2026112045yy', 'it is not a prefix, a date', TOLD_NONSENSE],
  ])('%s says why, and what the sender is told', async (_, text, reason, told) => {
    const said = await words(await anInstallation(), text)
    expect(said).toContain(`is refused: ${reason}`)
    expect(said.split('\n').at(-1)).toBe(told)
  })

  test('for its prefix or its owner says so to the owner, and to the sender only what tells no guesser anything', async () => {
    const installation = await anInstallation()
    await installation.addresses.revoke(ADDRESS)
    expect(await words(installation, ADDRESS)).toContain('it was revoked on 2026-11-22 12:15 Europe/Berlin')
    await installation.prefixes.change('djb', { signed: true })
    expect(await words(installation, 'djb2026112046')).toContain(
      'it is not sealed, and the prefix djb takes sealed',
    )
    await installation.prefixes.setEnabled('djb', false)
    const disabled = await words(installation, 'djb2026112046')
    expect(disabled).toContain('the prefix djb is disabled')
    expect(disabled).toContain(TOLD_UNKNOWN)
  })
})

describe('the exact reply', () => {
  test('is that of the filter, verdict by verdict', async () => {
    const { addresses } = await anInstallation()
    const { accepted, verdict, because, reply } = granted(await addresses.explain('djb2026010110'))
    expect({ accepted, verdict, because, reply }).toEqual({
      accepted: false,
      verdict: 'expired',
      because: 'expired',
      reply: { code: 551, enhanced: '5.7.1', text: 'Expiration Reached.' },
    })
  })
})

describe('other recipients', () => {
  test('of foreign domains pass, also where the domain only looks like ours', async () => {
    const installation = await anInstallation()
    for (const text of ['a@example.com', 'djb2026112045@td.example.com.evil.example']) {
      const explanation = granted(await installation.addresses.explain(text))
      expect(explanation).toMatchObject({ accepted: true, verdict: 'pass', meaning: undefined })
      expect(await words(installation, text)).toContain('in none of the domains judged here')
    }
  })

  test('postmaster and abuse pass, or go where the domain says', async () => {
    const installation = await anInstallation()
    expect(await words(installation, 'postmaster')).toContain('goes round until it bounces. Name a mailbox')
    await installation.domains.change('td.example.com', { postmaster: 'pm@example.com' })
    expect(await words(installation, 'Abuse@td.example.com')).toContain(
      'is accepted and goes to pm@example.com',
    )
  })
})

describe('another time', () => {
  test.each([
    ['2027-01-04', '2027-01-03T23:00:00Z'],
    ['20270104', '2027-01-03T23:00:00Z'],
    ['2027-01-04T12:30', '2027-01-04T11:30:00Z'],
    ['2027-01-04 12:30:15', '2027-01-04T11:30:15Z'],
    ['2027-07-04T12:30', '2027-07-04T10:30:00Z'],
    ['2027-01-04T12:30:00Z', '2027-01-04T12:30:00Z'],
    ['2027-01-04T12:30:00-05:00', '2027-01-04T17:30:00Z'],
    // The clocks go from two to three.
    ['2027-03-28T02:30', '2027-03-28T01:30:00Z'],
  ])('%s is %s', async (at, instant) => {
    const { addresses } = await anInstallation()
    expect(new Date(granted(await addresses.explain(ADDRESS, { at })).at).toISOString()).toBe(
      new Date(instant).toISOString(),
    )
  })

  test.each(['yesterday', '2026-02-30', '2026-02-30T10:00:00Z', '2027-01-04T25:00', '12:00', ''])(
    '%j is none',
    async (at) => {
      const { addresses } = await anInstallation()
      expect(objection(await addresses.explain(ADDRESS, { at }))).toMatchObject({
        kind: 'invalid',
        field: 'at',
      })
    },
  )

  test('is judged as of then, and told so', async () => {
    const said = await words(await anInstallation(), ADDRESS, { at: '2027-01-04' })
    expect(said).toContain('would be refused at 2027-01-04 00:00 Europe/Berlin: it ended that day.')
  })

  test('is now unless one is given', async () => {
    const { addresses } = await anInstallation()
    expect(granted(await addresses.explain(ADDRESS))).toMatchObject({ at: NOON, present: true })
  })
})

describe('the site', () => {
  test('is recognised by the salt', async () => {
    const installation = await anInstallation()
    const { address } = granted(await installation.addresses.issue({ prefix: 'djb', site: 'shop.example' }))
    expect(await words(installation, address, { site: 'SHOP.example' })).toContain(
      'it was made for that site',
    )
    expect(await words(installation, address, { site: 'other.example' })).toContain('it was made for another')
    expect(await words(installation, address)).toContain('Its salt is')
    expect(await words(installation, ADDRESS, { site: 'shop.example' })).toContain('It names no site')
  })

  test('goes on being recognised after a rotation of the keys', async () => {
    const installation = await anInstallation()
    const { address } = granted(await installation.addresses.issue({ prefix: 'djb', site: 'shop.example' }))
    await installation.keys.rotate()
    expect(await words(installation, address, { site: 'shop.example' })).toContain('made for that site')
  })

  test('must be a host name', async () => {
    const { addresses } = await anInstallation()
    expect(objection(await addresses.explain(ADDRESS, { site: 'a shop' })).field).toBe('site')
  })
})
