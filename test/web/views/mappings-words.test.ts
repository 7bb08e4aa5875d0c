import { describe, expect, test } from 'vitest'
import { ofPrefixes, type PrefixDraft } from '../../../web/src/views/mappings/conflict.ts'
import {
  daysFault,
  mailboxesFault,
  passwordFault,
  splitMailboxes,
} from '../../../web/src/views/mappings/faults.ts'
import { tokenUses } from '../../../web/src/views/mappings/token-text.ts'

const base: PrefixDraft = {
  mailboxes: ['dan@mailbox.example'],
  defaultDays: 30,
  maxDays: 99,
  signed: false,
  owner: 'dan',
  note: '',
  enabled: true,
}

describe('two people change one prefix', () => {
  test('says what theirs says now, and mine where both spoke', () => {
    expect(ofPrefixes.words(base, { ...base, maxDays: 90 }, { ...base, maxDays: 60 })).toBe(
      'It now allows 60 days. Yours says 90.',
    )
  })

  test('says only theirs where I said nothing', () => {
    const theirs = { ...base, owner: '', mailboxes: ['a@b.example', 'c@d.example'] }
    expect(ofPrefixes.words(base, { ...base, maxDays: 90 }, theirs)).toBe(
      'Its mail now goes to a@b.example, c@d.example. It now belongs to nobody.',
    )
  })

  test('needs no word for what both said', () => {
    const both = { ...base, signed: true }
    expect(ofPrefixes.words(base, both, both)).toBe('It now says what yours says.')
  })

  test('saving mine keeps what they changed and I did not touch', () => {
    const mine = { ...base, maxDays: 90, note: 'shops' }
    const theirs = { ...base, maxDays: 60, owner: 'bea' }
    expect(ofPrefixes.mineOver(base, mine, theirs)).toEqual({
      ...base,
      maxDays: 90,
      note: 'shops',
      owner: 'bea',
    })
  })

  test('has words for every member', () => {
    const theirs: PrefixDraft = {
      mailboxes: ['x@y.example'],
      defaultDays: 1,
      maxDays: 2,
      signed: true,
      owner: 'eva',
      note: 'new',
      enabled: false,
    }
    const mine = { ...theirs, mailboxes: ['my@own.example'], defaultDays: 3, maxDays: 4, owner: '', note: '' }
    expect(ofPrefixes.words({ ...base, note: 'old' }, mine, theirs)).toBe(
      'Its mail now goes to x@y.example. Yours says my@own.example. It now gives 1 day unless told. Yours says 3. ' +
        'It now allows 2 days. Yours says 4. It now belongs to eva. Yours says nobody. ' +
        'Its note now says “new”. Yours says nothing.',
    )
    expect(ofPrefixes.words(base, base, { ...base, enabled: false, signed: true })).toBe(
      'It now takes sealed only. It is off now.',
    )
  })
})

describe('what is wrong with a field', () => {
  test('mailboxes are told apart by commas, also beside a quoted one', () => {
    expect(splitMailboxes(' a@b.example,  "c, d"@e.example ,')).toEqual(['a@b.example', '"c, d"@e.example'])
  })

  test('a mailbox in a domain of ours goes in circles, however it is spelt', () => {
    expect(mailboxesFault('dan@mailbox.example, bea@TD.example.com', ['td.example.com'])).toBe(
      'That domain is ours: its mail would go in circles. Give a mailbox on another domain.',
    )
    expect(mailboxesFault('dan@not-td.example.com', ['td.example.com'])).toBeUndefined()
  })

  test('no mailbox, and no mailbox at all', () => {
    expect(mailboxesFault(' , ', [])).toMatch(/^No mailbox is given\./)
    expect(mailboxesFault('dan', [])).toMatch(/^“dan” is no mailbox\./)
    expect(mailboxesFault('dan@', [])).toMatch(/is no mailbox/)
  })

  test('days are whole numbers from 1 to what is allowed', () => {
    expect(daysFault('45')).toBeUndefined()
    for (const text of ['0', '100', '', '4.5', '-1', 'ten']) expect(daysFault(text)).toMatch(/1 to 99/)
    expect(daysFault('31', 30)).toMatch(/from 1 to 30/)
  })

  test('a new password is long enough and typed twice', () => {
    expect(passwordFault('short', 'short')?.field).toBe('password')
    expect(passwordFault('long enough it is', 'long enough it was')?.field).toBe('again')
    expect(passwordFault('long enough it is', 'long enough it is')).toBeUndefined()
  })
})

describe('what to type into a password manager', () => {
  test('names the server without its last slash, the domain and the token', () => {
    const bitwarden = tokenUses('https://td.example.com/', 'td.example.com', 'tok')[0]
    expect(bitwarden?.fields).toContainEqual(['Self-host server URL', 'https://td.example.com'])
    expect(bitwarden?.fields).toContainEqual(['Email domain', 'td.example.com'])
    expect(bitwarden?.fields).toContainEqual(['API access token', 'tok'])
  })

  test('says "your token" later, when nobody knows it any longer', () => {
    const values = tokenUses('https://td.example.com', 'td.example.com').flatMap(({ fields }) =>
      fields.map(([, v]) => v),
    )
    expect(values).toContain('your token')
    expect(values).not.toContain('tok')
  })
})
