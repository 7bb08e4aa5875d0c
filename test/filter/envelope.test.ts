import { describe, expect, test } from 'vitest'
import { type Mailbox, parseMailbox } from '../../src/address/index.ts'
import { type Accepted, addressesToShow, recipientKey, targetsToAdd } from '../../src/filter/envelope.ts'
import type { Domain } from '../../src/store/store.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.fault)
  return parsed.mailbox
}

function accepted(argument: string, ...mailboxes: string[]): Accepted {
  const domain = { name: 'td.example.com' } as Domain
  const address = {
    prefix: 'djb',
    localPart: argument.slice(1, 14),
    end: 0,
  } as unknown as Accepted['address']
  return { argument, domain, mailboxes: mailboxes.map(mailbox), address }
}

const one = '<djb2026112045@td.example.com>'
const two = '<djb2026112001@td.example.com>'

describe('the targets', () => {
  test('are added once each, and not when the sender named them too', () => {
    const recipients = [
      accepted(one, 'dredd@example.com', 'mum@example.com'),
      accepted(two, 'dredd@example.com'),
    ]
    expect(targetsToAdd(recipients, [])).toEqual(['dredd@example.com', 'mum@example.com'])
    expect(targetsToAdd(recipients, ['<mum@EXAMPLE.com>'])).toEqual(['dredd@example.com'])
  })

  test('whose local parts differ in case are two mailboxes: only their owner knows whether that matters', () => {
    expect(targetsToAdd([accepted(one, 'dredd@example.com')], ['<Dredd@example.com>'])).toEqual([
      'dredd@example.com',
    ])
  })

  test('that differ in quotes only are one', () => {
    expect(targetsToAdd([accepted(one, '"john doe"@example.com')], ['<"john\\ doe"@example.com>'])).toEqual(
      [],
    )
  })

  test('of ten thousand spellings of one address are found in no time', () => {
    const mailboxes = Array.from({ length: 50 }, (_, index) => mailbox(`box${index}@example.com`))
    const base = accepted(one)
    const recipients = Array.from({ length: 10_000 }, (_, index) => ({
      ...base,
      argument: `<@h${index}.example:x@y>`,
      mailboxes,
    }))
    let targets: readonly string[] = []
    const took = cpuTimeOf(() => {
      targets = targetsToAdd(recipients, [])
      addressesToShow(recipients, new Set())
    })
    expect(targets).toHaveLength(50)
    expect(took).toBeLessThan(500)
  })
})

describe('an address is shown', () => {
  test('only when every recipient leads to the same mailboxes, in whatever order they stand', () => {
    const same = [
      accepted(one, 'a@example.com', 'b@example.com'),
      accepted(two, 'b@example.com', 'a@example.com'),
    ]
    expect(addressesToShow(same, new Set())).toHaveLength(2)
    expect(addressesToShow([...same, accepted(one, 'a@example.com')], new Set())).toEqual([])
    expect(addressesToShow(same, new Set(['<joe@example.com>']))).toEqual([])
    expect(addressesToShow([], new Set())).toEqual([])
  })

  test('once, however it is spelled', () => {
    const spelled = [accepted(one, 'a@example.com'), accepted(one.toUpperCase(), 'a@example.com')]
    expect(addressesToShow(spelled, new Set())).toHaveLength(1)
  })
})

test('spellings of a recipient have one key, and other recipients have others', () => {
  const key = recipientKey(one)
  for (const spelling of [
    'djb2026112045@td.example.com',
    '<"DJB2026112045"@TD.example.com.>',
    '<@x.example:djb2026112045@td.example.com>',
  ])
    expect(recipientKey(spelling)).toBe(key)
  for (const other of [two, '<djb2026112045@td.example.org>', '<djb2026112045>', '<>'])
    expect(recipientKey(other)).not.toBe(key)
})
