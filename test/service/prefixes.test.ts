import { describe, expect, test, vi } from 'vitest'
import { type Mailbox, parseMailbox } from '../../src/address/index.ts'
import { anInstallation, granted, objection } from './installation.ts'

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (parsed.ok) return parsed.mailbox
  throw new Error(parsed.fault)
}

const TO = { mailboxes: ['foo@example.com'] }

describe('adding a prefix', () => {
  test('gives it 45 days of 99, any form, and takes its name in any case', async () => {
    const { prefixes } = await anInstallation()
    expect(granted(await prefixes.add('OPS', TO))).toMatchObject({
      name: 'ops',
      mailboxes: ['foo@example.com'],
      maxDays: 99,
      defaultDays: 45,
      signed: false,
      enabled: true,
    })
  })

  test('keeps several mailboxes in their order, each once', async () => {
    const { prefixes } = await anInstallation()
    const mailboxes = ['b@example.com', '<a@EXAMPLE.com>', 'b@example.com']
    expect(granted(await prefixes.add('ops', { mailboxes })).mailboxes).toEqual([
      'b@example.com',
      'a@example.com',
    ])
  })

  test('lowers the usual lifetime to a shorter maximum', async () => {
    const { prefixes } = await anInstallation()
    expect(granted(await prefixes.add('ops', { ...TO, maxDays: 30 })).defaultDays).toBe(30)
  })

  test.each([
    ['no mailbox', 'ops', { mailboxes: [] }, 'mailboxes'],
    ['a mailbox without a domain', 'ops', { mailboxes: ['dredd'] }, 'mailboxes'],
    ['a mailbox that is a route', 'ops', { mailboxes: ['a%b.example@example.com'] }, 'mailboxes'],
    ['a mailbox that is a program', 'ops', { mailboxes: ['"|/bin/sh"@example.com'] }, 'mailboxes'],
    ['a digit in the name', 'op5', TO, 'name'],
    ['a name of 1 letter', 'o', TO, 'name'],
    ['a name longer than the domain allows', 'shop', TO, 'name'],
    ['a maximum of 0 days', 'ops', { ...TO, maxDays: 0 }, 'maxDays'],
    ['a maximum of 100 days', 'ops', { ...TO, maxDays: 100 }, 'maxDays'],
    ['a usual lifetime above the maximum', 'ops', { ...TO, maxDays: 10, defaultDays: 11 }, 'defaultDays'],
    ['a note of two lines', 'ops', { ...TO, note: 'a\nb' }, 'note'],
    ['a note of 501 characters', 'ops', { ...TO, note: 'x'.repeat(501) }, 'note'],
  ])('refuses %s and stores nothing', async (_, name, wishes, field) => {
    const { prefixes } = await anInstallation()
    expect(objection(await prefixes.add(name, wishes))).toMatchObject({ kind: 'invalid', field })
    expect(granted(await prefixes.list())).toHaveLength(1)
  })

  test('refuses a mailbox in one of our own domains: its mail would come back', async () => {
    const { prefixes } = await anInstallation()
    const answer = objection(
      await prefixes.add('ops', { mailboxes: ['foo@example.com', 'djb@TD.example.com'] }),
    )
    expect(answer.kind).toBe('loop')
    expect(answer.message).toContain('djb@td.example.com')
    expect(granted(await prefixes.list())).toHaveLength(1)
  })

  test('refuses a name that is taken', async () => {
    const { prefixes } = await anInstallation()
    expect(objection(await prefixes.add('DJB', TO)).kind).toBe('taken')
  })
})

describe('changing a prefix', () => {
  test('leaves alone what is not named', async () => {
    const { prefixes } = await anInstallation()
    granted(await prefixes.change('djb', { note: 'Dredd', maxDays: 60 }))
    expect(granted(await prefixes.change('djb', { signed: true }))).toMatchObject({
      mailboxes: ['dredd@example.com'],
      note: 'Dredd',
      maxDays: 60,
      defaultDays: 45,
      signed: true,
    })
  })

  test('does not undo what somebody else changed meanwhile', async () => {
    const { prefixes, store } = await anInstallation()
    const findPrefix = store.findPrefix.bind(store)
    vi.spyOn(store, 'findPrefix').mockImplementationOnce(async (domain, name) => {
      const before = await findPrefix(domain, name)
      await store.changePrefix(domain, name, { maxDays: 50, mailboxes: [mailbox('foo@example.com')] })
      return before
    })
    granted(await prefixes.change('djb', { note: 'mine' }))
    expect(granted(await prefixes.find('djb'))).toMatchObject({
      note: 'mine',
      maxDays: 50,
      mailboxes: ['foo@example.com'],
    })
  })

  test('refuses a loop and keeps the old mailboxes', async () => {
    const { prefixes } = await anInstallation()
    expect(objection(await prefixes.change('djb', { mailboxes: ['x@td.example.com'] })).kind).toBe('loop')
    expect(granted(await prefixes.find('djb')).mailboxes).toEqual(['dredd@example.com'])
  })

  test('switches it off and on', async () => {
    const { prefixes } = await anInstallation()
    expect(granted(await prefixes.setEnabled('djb', false)).enabled).toBe(false)
    expect(granted(await prefixes.setEnabled('djb', true)).enabled).toBe(true)
  })

  test('says that there is no such prefix', async () => {
    const { prefixes } = await anInstallation()
    expect(objection(await prefixes.change('ops', { note: '' })).message).toBe(
      'There is no prefix "ops" in td.example.com.',
    )
    expect(objection(await prefixes.remove('ops')).kind).toBe('not-found')
  })
})

describe('a list of prefixes', () => {
  const LIST = `# who gets what
ops\tfoo@example.com, bar@example.com   # two of them
djb   dredd@example.org

abc "a, b"@example.com,x#y@example.com\r
`

  test('adds new prefixes and gives known ones the mailboxes of the list', async () => {
    const { prefixes } = await anInstallation()
    expect(granted(await prefixes.import(LIST))).toEqual({ added: 2, changed: 1, unchanged: 0 })
    const mailboxes = granted(await prefixes.list()).map((prefix) => [prefix.name, prefix.mailboxes])
    expect(Object.fromEntries(mailboxes)).toEqual({
      abc: ['"a, b"@example.com', 'x#y@example.com'],
      djb: ['dredd@example.org'],
      ops: ['foo@example.com', 'bar@example.com'],
    })
  })

  test('leaves the other settings of a known prefix alone', async () => {
    const { prefixes } = await anInstallation()
    await prefixes.change('djb', { signed: true, maxDays: 10, note: 'Dredd' })
    granted(await prefixes.import('djb x@example.org'))
    expect(granted(await prefixes.find('djb'))).toMatchObject({ signed: true, maxDays: 10, note: 'Dredd' })
  })

  test('comes back the same from export', async () => {
    const { prefixes } = await anInstallation()
    granted(await prefixes.import(LIST))
    const exported = granted(await prefixes.export()).text
    expect(granted(await prefixes.import(exported))).toEqual({ added: 0, changed: 0, unchanged: 3 })
    expect(granted(await prefixes.export()).text).toBe(exported)
  })

  test.each([
    ['ops foo@example.com\n\nx foo@example.com', 'Line 3: "x" is no prefix of 2 to 3 letters.'],
    ['ops foo@example.com\nabc', 'Line 2: a mailbox is missing after "abc".'],
    ['ops foo@example.com,', 'Line 1: a mailbox is missing after "ops".'],
    ['# list\nops foo@example.com bar', 'Line 2: "foo@example.com bar" is no mailbox: '],
    ['ops foo@example.com\nOPS bar@example.com', 'Line 2: ops stands in line 1 already.'],
    ['ops foo@example.com\nabc x@td.example.com', 'Line 2: x@td.example.com lies in td.example.com'],
  ])('%j imports nothing and names the line', async (list, beginning) => {
    const { prefixes } = await anInstallation()
    const { message } = objection(await prefixes.import(list))
    expect(message.slice(0, beginning.length)).toBe(beginning)
    expect(message).toMatch(/Nothing was imported\.$/)
    expect(granted(await prefixes.list()).map(({ name }) => name)).toEqual(['djb'])
  })
})
