import { describe, expect, test } from 'vitest'
import { anEmptyInstallation, anInstallation, granted, objection } from './installation.ts'

describe('adding a domain', () => {
  test('takes its name in any case and with the dot of the root', async () => {
    const { domains } = anEmptyInstallation()
    expect(granted(await domains.add('TD.Example.COM.', { timeZone: 'UTC' })).name).toBe('td.example.com')
  })

  test('gives it the zone of this machine, prefixes of 3 letters and no postmaster unless told', async () => {
    const { domains } = anEmptyInstallation()
    expect(granted(await domains.add('td.example.com'))).toMatchObject({
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      maxPrefixLength: 3,
      postmaster: undefined,
    })
  })

  test.each([
    ['a name of one label', 'localhost', {}, 'name'],
    ['an address', '192.0.2.1', {}, 'name'],
    ['a blank', 'td example.com', {}, 'name'],
    ['an unknown zone', 'td.example.com', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['an offset for a zone', 'td.example.com', { timeZone: '+01:00' }, 'timeZone'],
    ['a postmaster without a domain', 'td.example.com', { postmaster: 'pm' }, 'postmaster'],
    ['a prefix of 1 letter', 'td.example.com', { maxPrefixLength: 1 }, 'maxPrefixLength'],
    ['a prefix of 17 letters', 'td.example.com', { maxPrefixLength: 17 }, 'maxPrefixLength'],
  ])('refuses %s and stores nothing', async (_, name, wishes, field) => {
    const { domains } = anEmptyInstallation()
    expect(objection(await domains.add(name, wishes))).toMatchObject({ kind: 'invalid', field })
    expect(await domains.list()).toEqual([])
  })

  test('refuses a name that is taken', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.add('TD.example.com')).kind).toBe('taken')
  })

  test('refuses a postmaster in the domain itself, and names it', async () => {
    const { domains } = anEmptyInstallation()
    const answer = objection(await domains.add('td.example.com', { postmaster: 'pm@td.example.com' }))
    expect(answer.kind).toBe('loop')
    expect(answer.message).toContain('pm@td.example.com lies in td.example.com, which is this very domain')
    expect(await domains.list()).toEqual([])
  })

  test('refuses a domain that a prefix forwards into already', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.add('example.com')).message).toContain('dredd@example.com')
  })
})

describe('naming a domain', () => {
  test('is not needed when there is one', async () => {
    const { domains } = await anInstallation()
    expect(granted(await domains.find(undefined)).name).toBe('td.example.com')
  })

  test('is needed when there are several, and the answer lists them', async () => {
    const { domains } = await anInstallation()
    await domains.add('td.example.org', { timeZone: 'UTC' })
    const { kind, message } = objection(await domains.find(undefined))
    expect(kind).toBe('invalid')
    expect(message).toContain('td.example.com, td.example.org')
  })

  test('says when there is none at all', async () => {
    const { domains } = anEmptyInstallation()
    expect(objection(await domains.find(undefined)).message).toContain('no domain yet')
  })

  test('does not take a name that merely ends alike', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.find('example.com')).kind).toBe('not-found')
  })
})

describe('changing a domain', () => {
  test('leaves alone what is not named', async () => {
    const { domains } = await anInstallation()
    granted(await domains.change('td.example.com', { postmaster: 'pm@example.com' }))
    const changed = granted(await domains.change('td.example.com', { maxPrefixLength: 8 }))
    expect(changed).toMatchObject({
      postmaster: 'pm@example.com',
      maxPrefixLength: 8,
      timeZone: 'Europe/Berlin',
    })
  })

  test('takes the postmaster away for an empty text', async () => {
    const { domains } = await anInstallation()
    await domains.change('td.example.com', { postmaster: 'pm@example.com' })
    expect(granted(await domains.change('td.example.com', { postmaster: '' })).postmaster).toBeUndefined()
  })

  test('refuses to make prefixes shorter than one that exists', async () => {
    const { domains } = await anInstallation()
    const answer = objection(await domains.change('td.example.com', { maxPrefixLength: 2 }))
    expect(answer).toMatchObject({ kind: 'conflict', field: 'maxPrefixLength' })
    expect(answer.message).toContain('djb has 3 letters')
  })

  test('refuses a postmaster in one of the domains', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.change('td.example.com', { postmaster: 'a@td.example.com' })).kind).toBe(
      'loop',
    )
  })
})

describe('removing a domain', () => {
  test('is refused while it has prefixes', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.remove('td.example.com')).message).toBe(
      'td.example.com still has 1 prefix. Remove it first.',
    )
  })

  test('is done once they are gone', async () => {
    const { domains, prefixes } = await anInstallation()
    await prefixes.remove('djb')
    expect(granted(await domains.remove('td.example.com')).name).toBe('td.example.com')
    expect(await domains.list()).toEqual([])
  })

  test('is refused for a domain that is not there', async () => {
    const { domains } = await anInstallation()
    expect(objection(await domains.remove('td.example.org')).kind).toBe('not-found')
  })
})
