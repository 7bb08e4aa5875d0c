// A console of some months, with nothing in it that is anybody's: what the screenshots show.

import type { Services } from '../../../src/service/index.ts'
import type { Store } from '../../../src/store/store.ts'
import { TD } from '../mta/mta.ts'
import { addPeople, digits, granted } from './console.ts'
import { type ArrivedMail, arrive, type GivenAway, give } from './records.ts'

interface Invented extends GivenAway {
  readonly mail?: readonly Omit<ArrivedMail, 'to'>[]
  /** Days ago. */
  readonly revoked?: number
}

/** What stands on the first page of the list, in its order. */
const SHOWN: readonly Invented[] = [
  {
    from: -51,
    days: 55,
    site: 'tickets.example',
    note: 'concert, row 14',
    mail: [{ from: 'service@tickets.example', ago: 4, times: 4 }],
  },
  {
    from: -25,
    days: 30,
    site: 'hotel-sonne.example',
    note: 'booking 4 December',
    mail: [{ from: 'rezeption@hotel-sonne.example', ago: 2, times: 5 }],
  },
  {
    prefix: 'bar',
    from: -14,
    days: 21,
    note: 'three-week trial',
    mail: [{ from: 'digest@gardeners.example', minutes: 38, times: 8 }],
  },
  {
    prefix: 'foo',
    from: -68,
    days: 90,
    site: 'printshop.example',
    note: 'posters',
    mail: [
      { from: 'orders@printshop.example', ago: 60, times: 14 },
      { from: 'promo@mailblast.example', ago: 13, times: 6 },
      { from: 'promo@mailblast.example', minutes: 15 },
    ],
  },
  { days: 30, site: 'daily.example', note: 'newsletter', mail: [{ from: 'nl@daily.example', minutes: 21 }] },
  {
    from: -2,
    site: 'shop.example',
    note: 'bicycle lamp, order 1182',
    mail: [
      { from: 'versand@shop.example', ago: 1, times: 11 },
      { from: 'versand@shop.example', minutes: 11 },
    ],
  },
  {
    prefix: 'foo',
    from: -1,
    days: 99,
    site: 'bikeparts.example',
    mail: [{ from: 'noreply@bikeparts.example', ago: 1, times: 3 }],
  },
  {
    prefix: 'bar',
    from: -9,
    days: 7,
    note: 'wifi at the airport',
    mail: [
      { from: 'offers@airport.example', ago: 8, times: 2 },
      { from: 'offers@airport.example', ago: 1, times: 8, verdict: 'expired' },
      { from: 'offers@airport.example', minutes: 21, verdict: 'expired' },
    ],
  },
  {
    from: -52,
    days: 30,
    site: 'daily.example',
    note: 'autumn raffle',
    mail: [
      { from: 'nl@daily.example', ago: 40, times: 6 },
      { from: 'nl@daily.example', ago: 19, times: 2, verdict: 'expired' },
    ],
  },
  {
    from: -77,
    site: 'classifieds.example',
    note: 'old desk',
    mail: [
      ...[76, 75, 74, 73, 70, 69, 64, 63, 56, 55, 48, 43, 36].map((ago) => ({
        from: 'reply@classifieds.example',
        ago,
      })),
      ...[31, 29, 28, 26, 25, 23, 21, 19, 18, 16, 14, 12, 10, 8, 6, 4, 2].map((ago) => ({
        from: 'reply@classifieds.example',
        ago,
        times: 2,
        verdict: 'expired',
      })),
    ],
  },
  {
    prefix: 'foo',
    from: -38,
    days: 90,
    site: 'sneakers.example',
    note: 'would not unsubscribe',
    revoked: 15,
    mail: [
      { from: 'deals@sneakers.example', ago: 30, times: 9 },
      ...[14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((ago) => ({
        from: 'deals@sneakers.example',
        ago,
        times: 8,
        verdict: 'revoked',
      })),
      { from: 'deals@sneakers.example', minutes: 10, verdict: 'revoked' },
    ],
  },
  {
    prefix: 'bar',
    from: -62,
    days: 60,
    note: 'survey at the station',
    revoked: 53,
    mail: [
      { from: 'panel@survey.example', ago: 60 },
      { from: 'panel@survey.example', ago: 10, times: 4, verdict: 'revoked' },
    ],
  },
]

export interface InventedConsole {
  readonly ended: string
  readonly works: string
}

/** dan is the postmaster; bea owns bar and eva. */
export async function invent(services: Services, store: Store): Promise<InventedConsole> {
  await furnish(services)
  const addresses: string[] = []
  for (const { mail = [], revoked, ...wishes } of SHOWN) {
    const address = await give(store, { signed: wishes.prefix !== 'bar', ...wishes })
    await arrive(
      store,
      mail.map((one) => ({ to: address, ...one })),
    )
    if (revoked !== undefined) await revoke(store, address, revoked)
    addresses.push(address)
  }
  await rest(store)
  granted(await services.prefixes.change('old', { enabled: false }))
  return { ended: addresses[9] ?? '', works: addresses[5] ?? '' }
}

async function furnish({ domains, prefixes, people, tokens }: Services): Promise<void> {
  granted(await domains.add(TD, { timeZone: 'Europe/Berlin', postmaster: 'postmaster@mailbox.example' }))
  await addPeople(people, { dan: 'postmaster', bea: 'owner', ole: 'owner' })
  const sealed = { signed: true }
  const mailbox = (name: string) => ({ mailboxes: [`${name}@mailbox.example`], owner: name })
  granted(await prefixes.add('djb', { ...mailbox('dan'), ...sealed, defaultDays: 45 }))
  granted(await prefixes.add('foo', { ...mailbox('dan'), defaultDays: 30 }))
  granted(await prefixes.add('bar', { ...mailbox('bea'), defaultDays: 14, maxDays: 60 }))
  granted(
    await prefixes.add('eva', {
      mailboxes: ['orders@studio.example'],
      owner: 'bea',
      ...sealed,
      defaultDays: 30,
      note: 'orders of the studio',
    }),
  )
  granted(await prefixes.add('old', { ...mailbox('dan'), defaultDays: 45, maxDays: 45 }))
  const token = { domain: TD, prefix: 'djb', person: 'dan' }
  granted(await tokens.add({ ...token, name: 'Bitwarden on the phone', days: 45 }))
  granted(await tokens.add({ ...token, name: 'addy.io in Firefox', days: 30 }))
  granted(await tokens.add({ name: 'script of the studio', domain: TD, prefix: 'eva', person: 'bea' }))
}

async function revoke(store: Store, address: string, ago: number): Promise<void> {
  const [localPart = '', domain = ''] = address.split('@')
  const [found] = (await store.addresses({ search: localPart })).rows
  if (found === undefined) throw new Error(`${address} has no record`)
  const at = Date.now() - ago * 86_400_000
  await store.saveAddress({ domain: found.domain, localPart, prefix: found.prefix }, { revokedAt: at }, at)
  if (domain !== found.domain) throw new Error(`${address} was not revoked`)
}

/** Mail of thirty days that nobody keeps a record of: fewer at weekends, and a wave of guesses. */
async function rest(store: Store): Promise<void> {
  const mails: ArrivedMail[] = []
  for (let ago = 29; ago >= 0; ago -= 1) {
    const weekday = new Date(Date.now() - ago * 86_400_000).getUTCDay()
    const weekend = weekday === 0 || weekday === 6
    const swing = (ago * 7) % 13
    const day = { ago, stray: true }
    const delivered = (weekend ? 22 : 55) + swing
    mails.push(
      { ...day, to: `djb${digits(-ago)}30@${TD}`, from: 'nl@daily.example', minutes: 300, times: delivered },
      { ...day, ...EXPIRED, minutes: 200, times: 6 + (swing % 5) },
      { ...day, ...GUESSED, minutes: 150, times: ago === 18 ? 26 : 1 + (swing % 3) },
    )
  }
  mails.push(
    { to: `info@${TD}`, from: 'sales@leads.example', minutes: 37, verdict: 'not-understood' },
    { ...GUESSED, minutes: 16 },
  )
  await arrive(
    store,
    mails.toSorted((one, other) => time(other) - time(one)),
  )
}

const PRIZES = 'win@prizes.example'
const EXPIRED = { to: `foo${digits(-60)}20@${TD}`, from: PRIZES, verdict: 'expired' }
const GUESSED = { to: `xqz${digits(-7)}30@${TD}`, from: PRIZES, verdict: 'unknown' }

const time = ({ ago = 0, minutes = 10 }: ArrivedMail): number => ago * 1440 + minutes
