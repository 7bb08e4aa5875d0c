// What every engine must do about addresses in the console: states, order, search, senders, import.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AddressSearch, Store } from '../../src/store/store.ts'
import { aDomain, anEvent, aPrefix, DJB, day, domainName, NOON, prefixName, TD } from '../store/build.ts'

const TODAY = day('2026-11-22')
const today = new Map([[TD, TODAY]])
const FOO = prefixName('foo')
const DAY = 86_400_000

/** Each works, or does not, in its own way on 2026-11-22. */
const WORKS = 'djb2026112030'
const SOON = 'djb2026112005'
const LAST_DAY = 'djb2026112003'
const ENDED = 'djb2026112002'
const LONG_ENDED = 'djb2026010110'
const WAITING = 'djb2026112310'
const REVOKED = 'foo2026112099'

export function addressBookContract(engine: string, open: () => Promise<Store>): void {
  describe(`the address book on ${engine}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
      await store.addDomain(aDomain(), NOON)
      await store.addPrefix(aPrefix(), NOON)
      await store.addPrefix(aPrefix({ name: FOO }), NOON)
    })
    afterEach(() => store.close())

    const save = (localPart: string, change: Parameters<Store['saveAddress']>[1] = {}, domain = TD) =>
      store.saveAddress({ domain, localPart, prefix: prefixName(localPart.slice(0, 3)) }, change, NOON)

    async function saveAll(): Promise<void> {
      for (const localPart of [ENDED, WORKS, WAITING, SOON, LONG_ENDED, LAST_DAY]) await save(localPart)
      await save(REVOKED, { revokedAt: NOON })
    }

    const page = (search: Partial<AddressSearch> = {}) => store.addressPage({ today, ...search })
    const names = async (search: Partial<AddressSearch> = {}) =>
      (await page(search)).rows.map(({ localPart }) => localPart)

    describe('states', () => {
      test('are counted for the whole search, and filter the rows', async () => {
        await saveAll()
        const { total, counts } = await page()
        expect(total).toBe(7)
        expect(counts).toEqual({ all: 7, works: 1, soon: 2, ended: 2, revoked: 1, waiting: 1, leaked: 0 })
        expect(await names({ state: 'works' })).toEqual([WORKS])
        expect(await names({ state: 'soon' })).toEqual([LAST_DAY, SOON])
        const ended = await page({ state: 'ended', limit: 1 })
        expect(ended).toMatchObject({ total: 2, counts: { all: 7 }, rows: [{ localPart: ENDED }] })
      })

      test('come with first day, last day and days left, today included', async () => {
        await saveAll()
        const { rows } = await page()
        const of = (localPart: string) => rows.find((row) => row.localPart === localPart)
        expect(of(LAST_DAY)).toMatchObject({
          state: 'soon',
          firstDay: day('2026-11-20'),
          lastDay: TODAY,
          daysLeft: 1,
        })
        expect(of(WORKS)).toMatchObject({ state: 'works', daysLeft: 28 })
        expect(of(ENDED)).toMatchObject({ state: 'ended', lastDay: day('2026-11-21'), daysLeft: 0 })
        expect(of(WAITING)).toMatchObject({ state: 'waiting', daysLeft: 0 })
        expect(of(REVOKED)).toMatchObject({ state: 'revoked', lastDay: day('2027-02-26'), daysLeft: 0 })
      })

      test('seven days left is soon, eight is not', async () => {
        await save('djb2026112207')
        await save('djb2026112208')
        expect(await names({ state: 'soon' })).toEqual(['djb2026112207'])
        expect(await names({ state: 'works' })).toEqual(['djb2026112208'])
      })

      test('follow an extension, which begins at once, and its end', async () => {
        await save(LONG_ENDED, { extendedThrough: day('2026-11-24') })
        await save(WAITING, { extendedThrough: day('2026-12-24') })
        expect((await page()).rows).toMatchObject([
          { localPart: LONG_ENDED, state: 'soon', daysLeft: 3, lastDay: day('2026-01-10') },
          { localPart: WAITING, state: 'works', daysLeft: 33 },
        ])
        await save(LONG_ENDED, { extendedThrough: undefined })
        expect(await names({ state: 'ended' })).toEqual([LONG_ENDED])
      })

      test("follow the prefix's maximum, when it changes, and when the prefix goes and comes back", async () => {
        await save(WORKS)
        await store.record([anEvent({ localPart: 'djb2026112040' })])
        await store.changePrefix(TD, DJB, { maxDays: 2, defaultDays: 1 })
        expect((await page()).rows).toMatchObject([
          { state: 'ended', lastDay: day('2026-11-21') },
          { state: 'ended', lastDay: day('2026-11-21') },
        ])
        await save('djb2026112050')
        expect((await page()).counts).toMatchObject({ all: 3, ended: 3 })
        await store.removePrefix(TD, DJB)
        expect((await page()).counts).toMatchObject({ works: 3, ended: 0 })
        await store.addPrefix(aPrefix({ maxDays: 2, defaultDays: 1 }), NOON)
        expect((await page()).counts).toMatchObject({ works: 0, ended: 3 })
        await store.changePrefix(TD, DJB, { maxDays: 99 })
        expect((await page()).rows[0]).toMatchObject({ lastDay: day('2026-12-19'), state: 'works' })
      })

      test('are of the day in the zone of each domain', async () => {
        const other = domainName('ads.example.com')
        await store.addDomain(aDomain({ name: other }), NOON)
        await store.addPrefix(aPrefix({ domain: other }), NOON)
        await save(LAST_DAY)
        await save(LAST_DAY, {}, other)
        const days = new Map([
          [TD, TODAY],
          [other, day('2026-11-23')],
        ])
        const { rows } = await page({ today: days })
        expect(rows.map(({ domain, state }) => [domain, state])).toEqual([
          [TD, 'soon'],
          [other, 'ended'],
        ])
      })

      test('of an address of 00 days is ended, or waiting before its day', async () => {
        await save('djb2026112200')
        await save('djb2026112300')
        expect((await page()).rows.map(({ localPart, state }) => [localPart, state])).toEqual([
          ['djb2026112300', 'waiting'],
          ['djb2026112200', 'ended'],
        ])
      })
    })

    describe('order', () => {
      test('is what ends next, what waits, what ended last, what was revoked', async () => {
        await saveAll()
        expect(await names()).toEqual([LAST_DAY, SOON, WORKS, WAITING, ENDED, LONG_ENDED, REVOKED])
        expect(await names({ limit: 2, offset: 3 })).toEqual([WAITING, ENDED])
        expect(await names({ offset: 7 })).toEqual([])
      })

      test('is the same for everything as for all there is in the only domain, on every page', async () => {
        for (let first = 1; first <= 30; first += 1) {
          for (const days of [3, 12, 40]) {
            const localPart = `djb202611${String(first).padStart(2, '0')}${String(days).padStart(2, '0')}`
            await save(localPart, first % 7 === 0 ? { revokedAt: NOON } : {})
          }
        }
        // Rows that end on the same day may stand in any order, as long as no page repeats or leaves out one.
        const told = async (search: Partial<AddressSearch>) => {
          const pages = []
          for (let offset = 0; offset < 100; offset += 7)
            pages.push(await page({ limit: 7, offset, ...search }))
          const rows = pages.flatMap((one) => one.rows)
          return {
            counts: pages.map(({ counts, total }) => [total, counts]),
            order: rows.map(({ state, lastDay, firstDay }) => [
              state,
              state === 'waiting' ? firstDay : lastDay,
            ]),
            names: rows.map(({ localPart }) => localPart).sort(),
          }
        }
        for (const state of [undefined, 'works', 'soon', 'ended', 'revoked', 'waiting'] as const) {
          const search = state === undefined ? {} : { state }
          const all = await told(search)
          expect(all).toEqual(await told({ ...search, domain: TD }))
          expect(new Set(all.names).size).toBe(all.names.length)
        }
      })

      test('may be by site, address and counts', async () => {
        await save(WORKS, { site: 'b.example' })
        await save(SOON, { site: 'a.example' })
        await save(ENDED)
        await store.record([anEvent({ localPart: SOON }), anEvent({ localPart: ENDED, verdict: 'expired' })])
        expect(await names({ sort: 'site' })).toEqual([SOON, WORKS, ENDED])
        expect(await names({ sort: 'address', order: 'down' })).toEqual([WORKS, SOON, ENDED])
        expect((await names({ sort: 'accepted' }))[0]).toBe(SOON)
        expect((await names({ sort: 'refused' }))[0]).toBe(ENDED)
        expect((await names({ sort: 'seen', order: 'up' }))[0]).toBe(WORKS)
      })
    })

    describe('a search', () => {
      beforeEach(async () => {
        await saveAll()
        await save(WORKS, { site: 'Hotel-Sonne.example', note: 'Zimmer 4 — "Süd" 100%' })
        await store.record([anEvent({ localPart: SOON, sender: 'news@mail.printshop.example' })])
      })

      test.each([
        ['hotel', [WORKS]],
        ['HOTEL-s', [WORKS]],
        ['zimmer', [WORKS]],
        ['"Süd"', [WORKS]],
        ['100%', [WORKS]],
        ['0_0', []],
        ['printshop', [SOON]],
        ['news@mail', [SOON]],
        ['20261120', [LAST_DAY, SOON, WORKS, ENDED, REVOKED]],
        ['hotle', []],
        ['hotel AND zimmer', []],
        ['ho', [SOON, WORKS]],
        ['ot', [WORKS]],
        ['ü', [WORKS]],
        ['f', [REVOKED]],
      ])('for %s finds parts of site, note, sender and address', async (search, found) => {
        expect(await names({ search })).toEqual(found)
      })

      test('counts in all states and shows one', async () => {
        const search = { search: '20261120', state: 'soon' as const, limit: 1 }
        expect(await page(search)).toMatchObject({
          total: 2,
          counts: { all: 5, works: 1, soon: 2, ended: 1, revoked: 1, waiting: 0 },
          rows: [{ localPart: LAST_DAY }],
        })
        expect(await page({ ...search, offset: 5 })).toMatchObject({ total: 2, counts: { all: 5 }, rows: [] })
      })

      test('forgets what was written over', async () => {
        await save(WORKS, { site: '', note: '' })
        expect(await names({ search: 'hotel' })).toEqual([])
      })
    })

    describe('whose they are', () => {
      test('narrows pages, what tries, decisions and counts to the prefixes of a person', async () => {
        await store.addPerson({ name: 'dan', role: 'owner', password: 'x' }, NOON)
        const { id: owner } = (await store.findPerson('dan'))!
        await store.changePrefix(TD, FOO, { owner })
        await saveAll()
        await store.record([
          anEvent({ localPart: ENDED, verdict: 'expired' }),
          anEvent({ localPart: REVOKED, prefix: FOO, verdict: 'revoked' }),
        ])
        expect(await names({ owner })).toEqual([REVOKED])
        expect((await page({ owner })).counts).toMatchObject({ all: 1, revoked: 1 })
        expect(await names({ owner, search: '2026' })).toEqual([REVOKED])
        expect((await store.addresses({ owner })).total).toBe(1)
        expect(await store.stillTrying({ today, owner }, NOON)).toMatchObject({
          total: 1,
          rows: [{ prefix: 'foo' }],
        })
        expect(await store.decisions({ owner })).toMatchObject([{ prefix: 'foo' }])
        expect(await store.dailyCounts(day('2026-11-01'), TODAY, owner)).toMatchObject([{ prefix: 'foo' }])
        expect(await names({ owner: owner + 1 })).toEqual([])
      })
    })

    describe('who writes', () => {
      const from = (sender: string, at: number, verdict = 'forward') =>
        anEvent({ localPart: WORKS, sender, at, verdict })

      async function senders() {
        const { id } = (await store.addressStanding(today, TD, WORKS))!
        return (await store.senders([id])).get(id)!
      }

      test('is kept by organisation, with the first, the last and how often', async () => {
        await store.record([from('a@mail.shop.co.uk', NOON), from('b@news.shop.co.uk', NOON + 1)])
        await store.record([from('c@other.example', NOON + 2), from('d@shop.co.uk', NOON + 3, 'expired')])
        expect(await senders()).toEqual([
          {
            domain: 'shop.co.uk',
            firstSender: 'a@mail.shop.co.uk',
            lastSender: 'd@shop.co.uk',
            accepted: 2,
            refused: 1,
            firstAt: NOON,
            lastAt: NOON + 3,
            lastRefusedAt: NOON + 3,
          },
          expect.objectContaining({
            domain: 'other.example',
            accepted: 1,
            refused: 0,
            lastRefusedAt: undefined,
          }),
        ])
      })

      test('is bounded, and whoever came first is never forgotten', async () => {
        await store.record([from('a@site.example', NOON), from('b@leak.example', NOON + 1)])
        for (let count = 0; count < 60; count += 1) {
          await store.record([from(`x@o${count}.example`, NOON + 2 + count)])
          // Not the ones silent longest either.
          if (count === 5)
            await store.record([from('a@site.example', NOON + 8), from('b@leak.example', NOON + 8)])
        }
        const kept = await senders()
        expect(kept).toHaveLength(20)
        expect(kept.slice(0, 2).map(({ domain }) => domain)).toEqual(['site.example', 'leak.example'])
        expect(kept.at(-1)?.domain).toBe('o59.example')
      })

      test('is bounded in one batch, too', async () => {
        const many = Array.from({ length: 60 }, (_, count) => from(`x@o${count}.example`, NOON + 2 + count))
        await store.record([
          from('', NOON),
          from('a@site.example', NOON),
          from('b@leak.example', NOON + 1),
          ...many,
        ])
        const kept = await senders()
        expect(kept).toHaveLength(20)
        expect(kept.slice(0, 2).map(({ domain }) => domain)).toEqual(['site.example', 'leak.example'])
        expect(kept.at(-1)?.domain).toBe('o59.example')
        expect(await names({ search: 'b@leak' })).toEqual([WORKS])
        expect(await names({ search: 'x@o59' })).toEqual([WORKS])
      })

      test('from elsewhere than the site makes an address leaked, whichever of the two came first', async () => {
        const leaked = async (search: Partial<AddressSearch> = {}) => {
          const { counts, total } = await page({ ...search, state: 'leaked' })
          expect(total).toBe(counts.leaked)
          return names({ ...search, state: 'leaked' })
        }
        await saveAll()
        await save(WORKS, { site: 'shop.example.co.uk' })
        await store.record([from('a@mail.example.co.uk', NOON), from('', NOON)])
        expect(await leaked()).toEqual([])
        await store.record([from('spam@elsewhere.example', NOON + 1)])
        expect(await leaked()).toEqual([WORKS])
        expect(await leaked({ search: 'elsewhere', sort: 'site' })).toEqual([WORKS])
        expect(await leaked({ prefix: FOO })).toEqual([])
        // A name that merely ends like the site is another one.
        await save(SOON, { site: 'anotherelsewhere.example' })
        await store.record([anEvent({ localPart: SOON, sender: 'x@elsewhere.example' })])
        expect(await leaked()).toEqual([SOON, WORKS])
        await save(WORKS, { site: 'elsewhere.example' })
        expect(await leaked({ sort: 'address' })).toEqual([SOON, WORKS].sort())
        await save(SOON, { site: '' })
        expect(await leaked()).toEqual([WORKS])
      })

      test('still trying is what ended or was revoked and refused mail of late', async () => {
        await saveAll()
        await store.record([
          anEvent({ localPart: ENDED, verdict: 'expired', at: NOON - 31 * DAY }),
          anEvent({ localPart: LONG_ENDED, verdict: 'expired', at: NOON - 2 * DAY }),
          anEvent({ localPart: REVOKED, prefix: FOO, verdict: 'revoked', at: NOON - DAY }),
          anEvent({ localPart: WORKS, verdict: 'expired', at: NOON }),
          anEvent({ localPart: WAITING, verdict: 'not-yet-valid', at: NOON }),
        ])
        const { total, rows } = await store.stillTrying({ today }, NOON - 30 * DAY)
        expect(total).toBe(2)
        expect(rows.map(({ localPart }) => localPart)).toEqual([REVOKED, LONG_ENDED])
        await save(LONG_ENDED, { extendedThrough: day('2026-12-24') })
        expect((await store.stillTrying({ today, limit: 1 }, NOON - 30 * DAY)).rows).toHaveLength(1)
        const second = await store.stillTrying({ today, offset: 1 }, NOON - 30 * DAY)
        expect(second).toEqual({ total: 1, rows: [] })
        expect(await store.countTrying({ today }, NOON - 30 * DAY)).toBe(1)
      })
    })

    describe('export and import', () => {
      test('an export gives every row once, in order', async () => {
        await saveAll()
        const rows: string[] = []
        for await (const slice of store.eachAddress({ today }))
          rows.push(...slice.map(({ localPart }) => localPart))
        expect(rows).toEqual(await names())
      })

      test('an import adds, changes and leaves alone; what a row does not name stays', async () => {
        await save(WORKS, { site: 'a.example', note: 'old' })
        await save(SOON, { site: 'b.example' })
        const entry = { domain: TD, prefix: DJB }
        const imported = await store.importAddresses(
          [
            { ...entry, localPart: WORKS, note: 'new' },
            { ...entry, localPart: SOON, site: 'b.example' },
            { ...entry, localPart: ENDED, revokedAt: NOON },
          ],
          NOON,
        )
        expect(imported).toEqual({ added: 1, changed: 1, unchanged: 1 })
        expect(await store.findAddress(TD, WORKS)).toMatchObject({ site: 'a.example', note: 'new' })
        expect(await store.findAddress(TD, ENDED)).toMatchObject({ revokedAt: NOON })
      })

      test('an import with an unknown domain changes nothing', async () => {
        const entries = [
          { domain: TD, localPart: WORKS, prefix: DJB, note: 'x' },
          { domain: domainName('no.example'), localPart: WORKS, prefix: DJB, note: 'x' },
        ]
        expect(await store.importAddresses(entries, NOON)).toBe('no-domain')
        expect((await page()).counts.all).toBe(0)
      })
    })

    test('decisions are told from a number on, oldest first, before a number, and of one address', async () => {
      for (let at = 1; at <= 5; at += 1)
        await store.record([anEvent({ at, localPart: at === 3 ? SOON : WORKS })])
      const all = await store.decisions()
      const id = all[2]!.id
      const times = async (query: Parameters<Store['decisions']>[0]) =>
        (await store.decisions(query)).map(({ at }) => at)
      expect(await times({ after: id, limit: 1 })).toEqual([4])
      expect(await times({ after: id })).toEqual([4, 5])
      expect(await times({ before: id, limit: 1 })).toEqual([2])
      expect(await times({ domain: TD, localPart: SOON })).toEqual([3])
    })

    test('a prefix is not changed when somebody else changed it meanwhile', async () => {
      const { revision } = (await store.findPrefix(TD, DJB))!
      expect(await store.changePrefix(TD, DJB, { note: 'a' }, revision)).toBe('changed')
      expect(await store.changePrefix(TD, DJB, { note: 'b' }, revision)).toBe('stale')
      expect(await store.findPrefix(TD, DJB)).toMatchObject({ note: 'a', revision: revision + 1 })
    })
  })
}
