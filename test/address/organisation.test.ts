import { describe, expect, test } from 'vitest'
import { organisationOf, organisationOfSender } from '../../src/address/index.ts'

describe('the organisation behind a host', () => {
  test.each([
    ['shop.example', 'shop.example'],
    ['mail.news.shop.example', 'shop.example'],
    ['shop.co.uk', 'shop.co.uk'],
    ['mail.shop.co.uk', 'shop.co.uk'],
    ['MAIL.Shop.Co.UK.', 'shop.co.uk'],
    ['www.shop.com', 'shop.com'],
    // Two customers of one hoster are two organisations.
    ['jane.github.io', 'jane.github.io'],
    ['www.jane.github.io', 'jane.github.io'],
    ['co.uk', 'co.uk'],
    ['localhost', 'localhost'],
    ['192.0.2.1', '192.0.2.1'],
    ['[192.0.2.1]', '[192.0.2.1]'],
    ['_dmarc.shop.com', 'shop.com'],
    ['', ''],
  ])('%s is %s', (host, organisation) => {
    expect(organisationOf(host)).toBe(organisation)
  })
})

describe('the organisation of a sender', () => {
  test.each([
    ['news@mail.shop.co.uk', 'shop.co.uk'],
    ['"a@b"@mail.shop.com', 'shop.com'],
    ['bounce+dan=td.example.com@mailer.shop.com', 'shop.com'],
    ['', ''],
    ['postmaster', ''],
    ['a@', ''],
    ['a@shop.com> SIZE=1', 'shop.com'],
  ])('%s is %s', (sender, organisation) => {
    expect(organisationOfSender(sender)).toBe(organisation)
  })

  test('is found for anything that a client may have written', () => {
    for (const sender of ['@', '@@', 'a@..', 'a@\u0000', 'a@xn--', `a@${'x.'.repeat(200)}com`, 'a@é.example'])
      expect(typeof organisationOfSender(sender)).toBe('string')
  })
})
