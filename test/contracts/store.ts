// What every engine behind `Store` must do. Each engine's test runs this suite on a fresh, empty store.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import {
  aDomain,
  anEvent,
  aPrefix,
  DJB,
  day,
  domainName,
  mailbox,
  NOON,
  prefixName,
  TD,
} from '../store/build.ts'

export interface SmallBounds {
  readonly keepDecisions: number
  readonly keepStrays: number
}

/** `open` gives a new store without domains; the suite closes it. */
export function storeContract(engine: string, open: (bounds?: SmallBounds) => Promise<Store>): void {
  describe(`the store on ${engine}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    async function withPrefix(): Promise<void> {
      expect(await store.addDomain(aDomain(), NOON)).toBe('added')
      expect(await store.addPrefix(aPrefix(), NOON)).toBe('added')
    }

    async function reopenBounded(bounds: SmallBounds): Promise<void> {
      await store.close()
      store = await open(bounds)
      await withPrefix()
    }

    describe('domains', () => {
      test('are kept as they were given, in order of their names', async () => {
        await store.addDomain(aDomain({ postmaster: mailbox('root@example.com') }), NOON)
        await store.addDomain(aDomain({ name: domainName('ads.example.com'), maxPrefixLength: 16 }), NOON)
        const domains = await store.domains()
        expect(domains.map(({ name }) => name)).toEqual(['ads.example.com', 'td.example.com'])
        expect(domains[1]).toMatchObject({
          ...aDomain({ postmaster: mailbox('root@example.com') }),
          createdAt: NOON,
        })
      })

      test('are taken once', async () => {
        await store.addDomain(aDomain(), NOON)
        expect(await store.addDomain(aDomain({ maxPrefixLength: 4 }), NOON)).toBe('taken')
        expect((await store.domains())[0]?.maxPrefixLength).toBe(3)
      })

      test('change in what is named and keep the rest', async () => {
        await store.addDomain(aDomain({ postmaster: mailbox('root@example.com') }), NOON)
        expect(await store.changeDomain(TD, { maxPrefixLength: 8 })).toBe('changed')
        expect((await store.domains())[0]).toMatchObject({
          maxPrefixLength: 8,
          postmaster: 'root@example.com',
        })
        const [{ revision } = { revision: 0 }] = await store.domains()
        expect(await store.changeDomain(TD, { postmaster: undefined }, revision)).toBe('changed')
        expect(await store.changeDomain(TD, { maxPrefixLength: 9 }, revision)).toBe('stale')
        expect((await store.domains())[0]?.maxPrefixLength).toBe(8)
        expect((await store.domains())[0]?.postmaster).toBeUndefined()
        expect(await store.changeDomain(domainName('other.example'), { maxPrefixLength: 8 })).toBe(
          'not-found',
        )
      })

      test('go only when no prefix needs them', async () => {
        await withPrefix()
        expect(await store.removeDomain(TD)).toBe('in-use')
        await store.removePrefix(TD, DJB)
        expect(await store.removeDomain(TD)).toBe('removed')
        expect(await store.removeDomain(TD)).toBe('not-found')
        expect(await store.domains()).toEqual([])
      })

      test('take their address records along', async () => {
        await withPrefix()
        await store.record([anEvent()])
        await store.removePrefix(TD, DJB)
        await store.removeDomain(TD)
        expect((await store.addresses()).total).toBe(0)
        expect(await store.decisions()).toHaveLength(1)
      })
    })

    describe('prefixes', () => {
      test('are kept as they were given, mailboxes in order', async () => {
        await store.addDomain(aDomain(), NOON)
        const given = aPrefix({
          mailboxes: [mailbox('z@example.com'), mailbox('a@example.com'), mailbox('m@example.net')],
          maxDays: 30,
          defaultDays: 7,
          signed: true,
          enabled: false,
          note: 'Dan — «Bücher»',
        })
        expect(await store.addPrefix(given, NOON)).toBe('added')
        expect(await store.findPrefix(TD, DJB)).toMatchObject({ ...given, createdAt: NOON })
        expect(await store.prefixes()).toMatchObject([given])
      })

      test('are listed for one domain or for all', async () => {
        await withPrefix()
        const other = domainName('ads.example.com')
        await store.addDomain(aDomain({ name: other }), NOON)
        await store.addPrefix(aPrefix({ domain: other, name: prefixName('ab') }), NOON)
        await store.addPrefix(aPrefix({ domain: other }), NOON)
        const names = async (domain?: typeof other) =>
          (await store.prefixes(domain)).map((prefix) => `${prefix.name}@${prefix.domain}`)
        expect(await names()).toEqual(['ab@ads.example.com', 'djb@ads.example.com', 'djb@td.example.com'])
        expect(await names(TD)).toEqual(['djb@td.example.com'])
      })

      test('are taken once in a domain, and need a domain', async () => {
        await withPrefix()
        expect(await store.addPrefix(aPrefix({ mailboxes: [mailbox('x@example.com')] }), NOON)).toBe('taken')
        expect((await store.findPrefix(TD, DJB))?.mailboxes).toEqual(['dredd@example.com'])
        expect(await store.addPrefix(aPrefix({ domain: domainName('no.example') }), NOON)).toBe('no-domain')
      })

      test('change in what is named and keep the rest', async () => {
        await withPrefix()
        expect(await store.changePrefix(TD, DJB, { enabled: false })).toBe('changed')
        expect(await store.findPrefix(TD, DJB)).toMatchObject({ ...aPrefix(), enabled: false })
        const mailboxes = [mailbox('b@example.com'), mailbox('a@example.com')]
        expect(await store.changePrefix(TD, DJB, { mailboxes })).toBe('changed')
        expect((await store.findPrefix(TD, DJB))?.mailboxes).toEqual(mailboxes)
        expect(await store.changePrefix(TD, prefixName('no'), { enabled: true })).toBe('not-found')
      })

      test('never lose their last mailbox: mail for them would vanish', async () => {
        await withPrefix()
        await expect(store.changePrefix(TD, DJB, { mailboxes: [] })).rejects.toThrow('at least one mailbox')
        await expect(
          store.addPrefix(aPrefix({ name: prefixName('xy'), mailboxes: [] }), NOON),
        ).rejects.toThrow()
        expect(await store.prefixes()).toMatchObject([aPrefix()])
      })

      test('are removed, and what was revoked stays revoked when they come back', async () => {
        await withPrefix()
        const address = { domain: TD, localPart: 'djb2026112045', prefix: DJB }
        await store.saveAddress(address, { revokedAt: NOON }, NOON)
        expect(await store.removePrefix(TD, DJB)).toBe('removed')
        expect(await store.removePrefix(TD, DJB)).toBe('not-found')
        expect(await store.findPrefix(TD, DJB)).toBeUndefined()
        await store.addPrefix(aPrefix(), NOON)
        const domain = (await store.settings()).domains.get(TD)!
        expect((await store.facts(domain, DJB, 'djb2026112045')).revoked).toBe(true)
      })

      test('are imported: new ones added, known ones given the new mailboxes, others left alone', async () => {
        await withPrefix()
        await store.changePrefix(TD, DJB, { note: 'mine', maxDays: 50 })
        await store.addPrefix(aPrefix({ name: prefixName('same') }), NOON)
        await store.addPrefix(aPrefix({ name: prefixName('left') }), NOON)
        const result = await store.importPrefixes(
          [
            aPrefix({ mailboxes: [mailbox('new@example.com')] }),
            aPrefix({ name: prefixName('same') }),
            aPrefix({ name: prefixName('jim'), mailboxes: [mailbox('jim@example.com')] }),
          ],
          NOON,
        )
        expect(result).toEqual({ kind: 'imported', added: 1, changed: 1, unchanged: 1 })
        expect(await store.findPrefix(TD, DJB)).toMatchObject({
          mailboxes: ['new@example.com'],
          note: 'mine',
          maxDays: 50,
        })
        expect((await store.prefixes()).map(({ name }) => name)).toEqual(['djb', 'jim', 'left', 'same'])
      })

      test('are imported all or not at all', async () => {
        await withPrefix()
        const jim = aPrefix({ name: prefixName('jim') })
        const loop = aPrefix({ name: prefixName('dan'), mailboxes: [mailbox('x@td.example.com')] })
        expect(await store.importPrefixes([jim, loop], NOON)).toEqual({
          kind: 'loop',
          mailbox: 'x@td.example.com',
        })
        expect(await store.importPrefixes([jim, aPrefix({ domain: domainName('no.example') })], NOON)).toBe(
          'no-domain',
        )
        const broken = aPrefix({ name: prefixName('dan'), maxDays: 100 })
        await expect(store.importPrefixes([jim, broken], NOON)).rejects.toThrow()
        expect((await store.prefixes()).map(({ name }) => name)).toEqual(['djb'])
      })
    })

    describe('loops', () => {
      const ours = mailbox('who@TD.Example.COM')
      const loop = { kind: 'loop', mailbox: ours }

      test('of a prefix into our own domain are refused, in any case of letters', async () => {
        await withPrefix()
        const mailboxes = [mailbox('fine@example.com'), ours]
        expect(await store.addPrefix(aPrefix({ name: prefixName('xy'), mailboxes }), NOON)).toEqual(loop)
        expect(await store.changePrefix(TD, DJB, { mailboxes })).toEqual(loop)
        expect(await store.prefixes()).toMatchObject([aPrefix()])
      })

      test('of a postmaster into any of our domains are refused', async () => {
        expect(await store.addDomain(aDomain({ postmaster: ours }), NOON)).toEqual(loop)
        await store.addDomain(aDomain(), NOON)
        const second = aDomain({ name: domainName('ads.example.com'), postmaster: ours })
        expect(await store.addDomain(second, NOON)).toEqual(loop)
        expect(await store.changeDomain(TD, { postmaster: ours })).toEqual(loop)
        expect(await store.domains()).toMatchObject([aDomain()])
      })

      test('made by adding the domain that targets lie in are refused', async () => {
        await withPrefix()
        await store.changeDomain(TD, { postmaster: mailbox('root@example.org') })
        expect(await store.addDomain(aDomain({ name: domainName('example.com') }), NOON)).toEqual({
          kind: 'loop',
          mailbox: 'dredd@example.com',
        })
        expect(await store.addDomain(aDomain({ name: domainName('example.org') }), NOON)).toEqual({
          kind: 'loop',
          mailbox: 'root@example.org',
        })
      })

      test('are whole domains: what merely ends or begins like ours is another domain', async () => {
        await store.addDomain(aDomain(), NOON)
        for (const [name, target] of [
          ['aa', 'x@sub.td.example.com'],
          ['bb', 'x@xtd.example.com'],
          ['cc', 'x@td.example.com.example.org'],
          ['dd', 'x@example.com'],
        ] as const) {
          const prefix = aPrefix({ name: prefixName(name), mailboxes: [mailbox(target)] })
          expect(await store.addPrefix(prefix, NOON)).toBe('added')
        }
      })
    })

    describe('settings', () => {
      test('are the same object until a domain or a key changes', async () => {
        await withPrefix()
        const before = await store.settings()
        expect(before.domains.get(TD)).toMatchObject(aDomain())
        await store.record([anEvent()])
        await store.changePrefix(TD, DJB, { note: 'x' })
        await store.saveAddress({ domain: TD, localPart: 'djb2026112045', prefix: DJB }, { note: 'x' }, NOON)
        expect(await store.settings()).toBe(before)
        await store.changeDomain(TD, { maxPrefixLength: 9 })
        expect((await store.settings()).domains.get(TD)?.maxPrefixLength).toBe(9)
        await store.removePrefix(TD, DJB)
        await store.removeDomain(TD)
        expect((await store.settings()).domains.size).toBe(0)
      })

      test('hold a first key of 32 random bytes, and after rotations the newest two', async () => {
        const [first, ...others] = (await store.settings()).keys
        expect(others).toEqual([])
        expect(first).toMatchObject({ id: '1' })
        expect(first?.secret).toHaveLength(32)
        expect(first?.secret.equals(Buffer.alloc(32))).toBe(false)

        const second = await store.rotateKey(Buffer.alloc(32, 2), NOON)
        expect(second).toEqual({ id: '2', secret: Buffer.alloc(32, 2), createdAt: NOON })
        expect((await store.settings()).keys).toEqual([second, first])
        const third = await store.rotateKey(Buffer.alloc(32, 3), NOON)
        expect((await store.settings()).keys).toEqual([third, second])
      })

      test('never hold a key of another length', async () => {
        await expect(store.rotateKey(Buffer.alloc(31), NOON)).rejects.toThrow('32 bytes')
        expect((await store.settings()).keys).toHaveLength(1)
      })
    })

    describe('facts', () => {
      const localPart = 'djb2026112045'

      async function facts(prefix = DJB) {
        const domain = (await store.settings()).domains.get(TD)
        if (domain === undefined) throw new Error('no domain')
        return await store.facts(domain, prefix, localPart)
      }

      test('are the prefix with its mailboxes in order, and nothing about an address without a record', async () => {
        await withPrefix()
        const mailboxes = [mailbox('z@example.com'), mailbox('a@example.com')]
        await store.changePrefix(TD, DJB, { mailboxes })
        expect(await facts()).toEqual({
          prefix: await store.findPrefix(TD, DJB),
          revoked: false,
          extendedThrough: undefined,
        })
      })

      test('of an unknown prefix name none', async () => {
        await withPrefix()
        expect((await facts(prefixName('no'))).prefix).toBeUndefined()
      })

      test('follow each change at once', async () => {
        await withPrefix()
        const address = { domain: TD, localPart, prefix: DJB }
        expect((await facts()).revoked).toBe(false)
        await store.saveAddress(address, { revokedAt: NOON }, NOON)
        expect((await facts()).revoked).toBe(true)
        await store.saveAddress(address, { revokedAt: undefined, extendedThrough: day('2027-02-01') }, NOON)
        expect(await facts()).toMatchObject({ revoked: false, extendedThrough: day('2027-02-01') })
        await store.changePrefix(TD, DJB, { enabled: false })
        expect((await facts()).prefix?.enabled).toBe(false)
        await store.changePrefix(TD, DJB, { mailboxes: [mailbox('new@example.com')] })
        expect((await facts()).prefix?.mailboxes).toEqual(['new@example.com'])
        await store.removePrefix(TD, DJB)
        expect((await facts()).prefix).toBeUndefined()
      })

      test('of one domain say nothing about another', async () => {
        await withPrefix()
        const other = domainName('ads.example.com')
        await store.addDomain(aDomain({ name: other }), NOON)
        await store.addPrefix(aPrefix({ domain: other, mailboxes: [mailbox('ads@example.com')] }), NOON)
        await store.saveAddress({ domain: other, localPart, prefix: DJB }, { revokedAt: NOON }, NOON)
        const { domains } = await store.settings()
        const of = async (name: typeof TD) => await store.facts(domains.get(name)!, DJB, localPart)
        // Twice: an engine may remember its answers.
        for (const _ of [1, 2]) {
          expect(await of(TD)).toMatchObject({
            revoked: false,
            prefix: { domain: TD, mailboxes: ['dredd@example.com'] },
          })
          expect(await of(other)).toMatchObject({
            revoked: true,
            prefix: { domain: other, mailboxes: ['ads@example.com'] },
          })
        }
      })
    })

    describe('addresses', () => {
      const address = { domain: TD, localPart: 'djb2026112045', prefix: DJB }

      test('get a record when somebody names one, and keep what is not named again', async () => {
        await withPrefix()
        const saved = await store.saveAddress(address, { note: 'Shop', site: 'shop.example' }, NOON)
        expect(saved).toEqual({
          ...address,
          note: 'Shop',
          site: 'shop.example',
          createdAt: NOON,
          revokedAt: undefined,
          extendedThrough: undefined,
          accepted: 0,
          refused: 0,
          lastSender: '',
          lastSeenAt: undefined,
        })
        const revoked = await store.saveAddress(address, { revokedAt: NOON + 1 }, NOON + 1)
        expect(revoked).toMatchObject({ note: 'Shop', createdAt: NOON, revokedAt: NOON + 1 })
        expect(await store.findAddress(TD, address.localPart)).toEqual(revoked)
      })

      test('need a domain of ours', async () => {
        expect(await store.saveAddress(address, { note: 'x' }, NOON)).toBe('no-domain')
        expect(await store.findAddress(TD, address.localPart)).toBeUndefined()
      })

      test('are listed newest first, in pages, with the number of all', async () => {
        await withPrefix()
        const parts = ['djb2026112001', 'djb2026112002', 'djb2026112003']
        for (const localPart of parts) await store.saveAddress({ ...address, localPart }, {}, NOON)
        const page = await store.addresses({ limit: 2 })
        expect(page.total).toBe(3)
        expect(page.rows.map((row) => row.localPart)).toEqual(['djb2026112003', 'djb2026112002'])
        const next = await store.addresses({ limit: 2, offset: 2 })
        expect(next.rows.map((row) => row.localPart)).toEqual(['djb2026112001'])
      })

      test('are found by part of address, note or site, whatever the letters; % and _ are letters too', async () => {
        await withPrefix()
        const other = domainName('ads.example.com')
        await store.addDomain(aDomain({ name: other }), NOON)
        await store.saveAddress(address, { note: '100% Wolle', site: 'shop.example' }, NOON)
        await store.saveAddress(
          { ...address, localPart: 'jim2026112045', prefix: prefixName('jim') },
          {},
          NOON,
        )
        await store.saveAddress({ ...address, domain: other }, { note: 'a\\b_c' }, NOON)
        const total = async (query: Parameters<Store['addresses']>[0]) => (await store.addresses(query)).total
        expect(await total({ search: 'wOLLE' })).toBe(1)
        expect(await total({ search: 'SHOP.' })).toBe(1)
        expect(await total({ search: '20261120' })).toBe(3)
        expect(await total({ search: '0%' })).toBe(1)
        expect(await total({ search: 'b_c' })).toBe(1)
        expect(await total({ search: 'a\\b' })).toBe(1)
        expect(await total({ search: '_' })).toBe(1)
        expect(await total({ search: '' })).toBe(3)
        expect(await total({ prefix: DJB })).toBe(2)
        expect(await total({ domain: other })).toBe(1)
        expect(await total({ domain: TD, prefix: DJB, search: 'nothing' })).toBe(0)
      })
    })

    describe('record', () => {
      test('keeps decisions as they happened, newest first', async () => {
        await withPrefix()
        const bad = anEvent({
          at: NOON + 1,
          recipient: '??@td.example.com',
          prefix: undefined,
          localPart: undefined,
          verdict: 'not-understood',
        })
        await store.record([anEvent(), bad])
        const decisions = await store.decisions()
        expect(decisions).toMatchObject([bad, anEvent()])
        expect(decisions[0]!.id).toBeGreaterThan(decisions[1]!.id)
        expect(await store.decisions({ verdict: 'forward' })).toMatchObject([anEvent()])
        expect(await store.decisions({ prefix: DJB, domain: TD, limit: 5 })).toMatchObject([anEvent()])
        expect(await store.decisions({ domain: domainName('no.example') })).toEqual([])
        expect(await store.decisions({ limit: 1 })).toMatchObject([bad])
      })

      test('counts by day, domain, prefix and verdict, across batches', async () => {
        await withPrefix()
        const unknown = anEvent({ prefix: undefined, localPart: undefined, verdict: 'unknown' })
        await store.record([anEvent(), anEvent(), unknown])
        await store.record([anEvent(), anEvent({ day: day('2026-11-21') })])
        expect(await store.dailyCounts(day('2026-11-20'), day('2026-11-20'))).toEqual([
          { day: day('2026-11-20'), domain: TD, prefix: '', verdict: 'unknown', count: 1 },
          { day: day('2026-11-20'), domain: TD, prefix: 'djb', verdict: 'forward', count: 3 },
        ])
        expect(await store.dailyCounts(day('2026-11-21'), day('2026-12-31'))).toHaveLength(1)
      })

      test('adds up what a genuine address received, and remembers the last sender', async () => {
        await withPrefix()
        await store.record([
          anEvent({ verdict: 'not-yet-valid', at: NOON - 1 }),
          anEvent(),
          anEvent({ sender: 'other@shop.example', at: NOON + 5 }),
        ])
        await store.record([anEvent({ verdict: 'expired', sender: '', at: NOON + 9 })])
        expect(await store.findAddress(TD, 'djb2026112045')).toMatchObject({
          prefix: DJB,
          accepted: 2,
          refused: 2,
          lastSender: '',
          lastSeenAt: NOON + 9,
        })
      })

      test.each(['forward', 'expired', 'revoked'])(
        'makes a record for an address that is %s',
        async (verdict) => {
          await withPrefix()
          await store.record([anEvent({ verdict })])
          const accepted = verdict === 'forward' ? 1 : 0
          expect(await store.findAddress(TD, 'djb2026112045')).toMatchObject({
            accepted,
            refused: 1 - accepted,
            createdAt: NOON,
            note: '',
          })
        },
      )

      test.each(['not-yet-valid', 'unknown', 'defer'])(
        'makes none for %s, but counts it where there is one',
        async (verdict) => {
          await withPrefix()
          await store.record([anEvent({ verdict })])
          expect(await store.findAddress(TD, 'djb2026112045')).toBeUndefined()
          await store.saveAddress(
            { domain: TD, localPart: 'djb2026112045', prefix: DJB },
            { note: 'n' },
            NOON,
          )
          await store.record([anEvent({ verdict, at: NOON + 1 })])
          expect(await store.findAddress(TD, 'djb2026112045')).toMatchObject({
            note: 'n',
            accepted: 0,
            refused: 1,
            lastSeenAt: NOON + 1,
          })
        },
      )

      test('makes no record without a genuine local part, or in a domain that is gone', async () => {
        await withPrefix()
        await store.record([
          anEvent({ localPart: undefined }),
          anEvent({ domain: domainName('gone.example') }),
        ])
        expect((await store.addresses()).total).toBe(0)
        expect(await store.decisions()).toHaveLength(2)
      })

      test('takes hostile text as text', async () => {
        await withPrefix()
        const sender = `"'; DROP TABLE decisions; --\0\u{1F4A9}"@x.example`
        await store.record([anEvent({ sender, client: '\\' })])
        expect(await store.decisions()).toMatchObject([{ sender, client: '\\' }])
      })

      test('takes no events at all', async () => {
        await store.record([])
        expect(await store.decisions()).toEqual([])
      })

      test('keeps no more decisions than it was told, the newest', async () => {
        await reopenBounded({ keepDecisions: 10, keepStrays: 100 })
        for (let batch = 0; batch < 5; batch++) {
          await store.record(Array.from({ length: 7 }, (_, index) => anEvent({ at: batch * 7 + index })))
        }
        const decisions = await store.decisions({ limit: 1000 })
        expect(decisions.map(({ at }) => at)).toEqual([34, 33, 32, 31, 30, 29, 28, 27, 26, 25])
        expect((await store.dailyCounts(day('2026-11-20'), day('2026-11-20')))[0]?.count).toBe(35)
      })

      test('forgets strays beyond the bound, oldest first, but nothing that accepted mail or that a person touched', async () => {
        await reopenBounded({ keepDecisions: 100, keepStrays: 3 })
        const expired = (localPart: string, at: number) => anEvent({ localPart, at, verdict: 'expired' })
        await store.record([anEvent({ localPart: 'accepted', at: 0 })])
        await store.record(['noted', 'revoked', 'made'].map((name) => expired(name, 1)))
        const touch = (localPart: string, change: Parameters<Store['saveAddress']>[1]) =>
          store.saveAddress({ domain: TD, localPart, prefix: DJB }, change, NOON)
        await touch('noted', { note: 'x' })
        await touch('revoked', { revokedAt: NOON })
        await touch('made', {})
        for (let at = 10; at < 20; at++) await store.record([expired(`stray${at}`, at)])
        // Seen again, so no longer the oldest.
        await store.record([expired('stray17', 30), expired('last', 31)])
        const left = (await store.addresses({ limit: 1000 })).rows.map(({ localPart }) => localPart)
        expect(left.sort()).toEqual(['accepted', 'last', 'made', 'noted', 'revoked', 'stray17', 'stray19'])
      })
    })

    test('finds nothing wrong with a healthy database', async () => {
      await withPrefix()
      for (const thorough of [false, true]) {
        const health = await store.health(thorough)
        expect(health).toMatchObject({ faults: [], schemaVersion: expect.any(Number) })
        expect(health.bytes).toBeGreaterThan(4096)
      }
    })

    test('rejects every call after it was closed, and closes twice', async () => {
      const closed = await open()
      await closed.close()
      await expect(closed.settings()).rejects.toThrow('closed')
      await expect(closed.record([anEvent()])).rejects.toThrow('closed')
      await expect(closed.close()).resolves.toBeUndefined()
    })
  })
}
