import { expect, test } from 'vitest'
import { type Day, type DomainName, formatDay, type PrefixName, parseDay } from '../../src/address/index.ts'
import { OPERATOR } from '../../src/service/index.ts'
import type { MailEvent } from '../../src/store/store.ts'
import { anInstallation, granted, type Installation, NOON } from './installation.ts'

const DOMAIN = 'td.example.com' as DomainName

function anEvent(
  verdict: string,
  localPart: string | undefined,
  sender = 'a@shop.example',
  at = NOON,
): MailEvent {
  return {
    at,
    day: parseDay('2026-11-22') as Day,
    queueId: '4Zx1',
    client: 'mx.shop.example [192.0.2.9]',
    sender,
    recipient: `${localPart ?? 'xqz2026111530'}@${DOMAIN}`,
    domain: DOMAIN,
    prefix: localPart === undefined ? undefined : ('djb' as PrefixName),
    localPart,
    verdict,
  }
}

async function told(installation: Installation, ...events: MailEvent[]) {
  await installation.store.record(events)
  const listed = await installation.as(OPERATOR).activity.list()
  return listed.map(({ on, leaked }) => ({ on: on && formatDay(on), leaked }))
}

test('mail to an ended address names the first day on which it no longer worked', async () => {
  const installation = await anInstallation()
  expect(await told(installation, anEvent('expired', 'djb2026110110'))).toEqual([{ on: '2026-11-11' }])
})

test('the days are capped as the prefix says', async () => {
  const installation = await anInstallation()
  granted(await installation.prefixes.change('djb', { maxDays: 5, defaultDays: 5 }))
  expect(await told(installation, anEvent('expired', 'djb2026110110'))).toEqual([{ on: '2026-11-06' }])
})

test('a refusal that no longer follows from what is known names no day', async () => {
  const installation = await anInstallation()
  granted(await installation.addresses.extend('djb2026110110@td.example.com', '2026-12-24'))
  expect(await told(installation, anEvent('expired', 'djb2026110110'))).toEqual([{}])
})

test('mail to a revoked address names the day it was revoked, in the zone of the domain', async () => {
  const installation = await anInstallation()
  installation.now = Date.parse('2026-11-06T23:30:00Z')
  granted(await installation.addresses.revoke('djb2026110199@td.example.com'))
  expect(await told(installation, anEvent('revoked', 'djb2026110199'))).toEqual([{ on: '2026-11-07' }])
})

test('a revocation later than the mail does not explain it', async () => {
  const installation = await anInstallation()
  granted(await installation.addresses.revoke('djb2026110199@td.example.com'))
  const before = anEvent('revoked', 'djb2026110199', 'a@shop.example', NOON - 1000)
  expect(await told(installation, before)).toEqual([{}])
})

test('mail that comes too soon names the day on which the address begins', async () => {
  const installation = await anInstallation()
  expect(await told(installation, anEvent('not-yet-valid', 'djb2026120110'))).toEqual([{ on: '2026-12-01' }])
})

test('delivered mail from another organisation than the one the address was made for has leaked', async () => {
  const installation = await anInstallation()
  const address = { domain: DOMAIN, localPart: 'djb2026112045', prefix: 'djb' as PrefixName }
  await installation.store.saveAddress(address, { site: 'www.shop.example' }, NOON)
  const events = ['a@news.shop.example', 'b@mailblast.example', ''].map((sender) =>
    anEvent('forward', 'djb2026112045', sender),
  )
  // Newest first.
  expect(await told(installation, ...events)).toEqual([{}, { leaked: true }, {}])
})

test('what is not genuine tells nothing more', async () => {
  const installation = await anInstallation()
  expect(await told(installation, anEvent('unknown', undefined))).toEqual([{}])
})

test('a group of verdicts stands for each of them', async () => {
  const installation = await anInstallation()
  const verdicts = [
    'forward',
    'postmaster',
    'expired',
    'revoked',
    'unknown',
    'not-understood',
    'not-yet-valid',
    'defer',
  ]
  await installation.store.record(verdicts.map((verdict) => anEvent(verdict, undefined)))
  const { activity } = installation.as(OPERATOR)
  const listed = async (verdict: string) =>
    (await activity.list({ verdict })).map((each) => each.verdict).reverse()
  expect(await listed('delivered')).toEqual(['forward', 'postmaster'])
  expect(await listed('refused')).toEqual([
    'expired',
    'revoked',
    'unknown',
    'not-understood',
    'not-yet-valid',
  ])
  expect(await listed('other')).toEqual(['unknown', 'not-understood', 'not-yet-valid'])
  expect(await listed('defer')).toEqual(['defer'])
})
