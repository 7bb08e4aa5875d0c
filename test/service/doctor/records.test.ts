import { describe, expect, test } from 'vitest'
import {
  type Mailbox,
  parseDomainName,
  parseMailbox,
  parsePrefixName,
  parseTimeZone,
} from '../../../src/address/index.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import { checkRecords, type RecordFacts } from '../../../src/service/doctor/records.ts'
import type { Domain, Prefix } from '../../../src/store/store.ts'

const TD = parseDomainName('td.example.com')!

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.fault)
  return parsed.mailbox
}

function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((finding) => finding.check === check).map(({ level }) => level)
}

describe('what has been configured', () => {
  function aDomain(change: Partial<Domain> = {}): Domain {
    return {
      id: 1,
      name: TD,
      timeZone: parseTimeZone('Europe/Berlin')!,
      postmaster: mailbox('pm@example.com'),
      maxPrefixLength: 3,
      revision: 1,
      createdAt: 0,
      ...change,
    }
  }

  function aPrefix(change: Partial<Prefix> = {}): Prefix {
    return {
      id: 1,
      domain: TD,
      name: parsePrefixName('djb')!,
      mailboxes: [mailbox('dredd@example.com')],
      maxDays: 99,
      defaultDays: 30,
      signed: false,
      enabled: true,
      note: '',
      owner: undefined,
      revision: 1,
      createdAt: 0,
      ...change,
    }
  }

  const examine = (change: Partial<RecordFacts> = {}) =>
    checkRecords({ domains: [aDomain()], prefixes: [aPrefix()], keys: [], ...change })

  test('is in order with a postmaster and a prefix', () => {
    expect(examine().filter(({ level }) => level !== 'ok')).toEqual([])
  })

  test('is nothing without a domain', () => {
    expect(levels(examine({ domains: [] }), 'domains')).toEqual(['fault'])
  })

  test('lacks a postmaster', () => {
    expect(levels(examine({ domains: [aDomain({ postmaster: undefined })] }), 'postmaster')).toEqual(['warn'])
  })

  test('lacks a prefix, or an enabled one', () => {
    expect(levels(examine({ prefixes: [] }), 'prefixes')).toEqual(['warn'])
    expect(levels(examine({ prefixes: [aPrefix({ enabled: false })] }), 'prefixes')).toEqual(['warn'])
  })

  test('has a target in our own domain, by a prefix or a postmaster', () => {
    const loop = mailbox('djb@td.example.com')
    expect(levels(examine({ prefixes: [aPrefix({ mailboxes: [loop] })] }), 'targets')).toEqual(['fault'])
    expect(levels(examine({ domains: [aDomain({ postmaster: loop })] }), 'targets')).toEqual(['fault'])
  })

  test('wants signed addresses and has no key', () => {
    expect(levels(examine({ prefixes: [aPrefix({ signed: true })] }), 'signing-key')).toEqual(['fault'])
  })

  test('says what to look up in the DNS by hand', () => {
    const [found] = examine().filter(({ check }) => check === 'dns')
    expect(found).toMatchObject({ level: 'ok', todo: 'dig +short MX td.example.com' })
  })
})
