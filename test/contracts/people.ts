// What every engine must do about people, sessions, tokens and the list of changes.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KnownPerson, Store } from '../../src/store/store.ts'
import { aDomain, aPrefix, DJB, NOON, prefixName, TD } from '../store/build.ts'

const HOUR = 3_600_000
const BOUNDS = { lifetime: 30 * 24 * HOUR, idle: 7 * 24 * HOUR }
const hash = (byte: number): Buffer => Buffer.alloc(32, byte)

export function peopleContract(
  engine: string,
  open: (bounds?: { keepAudit: number }) => Promise<Store>,
): void {
  describe(`people on ${engine}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    async function add(name: string, role: 'postmaster' | 'owner' = 'owner'): Promise<KnownPerson> {
      expect(await store.addPerson({ name, role, password: `hash of ${name}` }, NOON)).toBe('added')
      return (await store.findPerson(name))!
    }

    const session = (personId: number, byte = 1, at = NOON) =>
      store.openSession({ personId, hash: hash(byte), client: '192.0.2.1', agent: 'Browser' }, at, BOUNDS)

    describe('accounts', () => {
      test('are kept as they were given, and found in any case', async () => {
        const dan = await add('Dan', 'postmaster')
        expect(dan).toMatchObject({
          name: 'Dan',
          role: 'postmaster',
          enabled: true,
          totp: false,
          createdAt: NOON,
        })
        expect((await store.findPerson('dAN'))?.id).toBe(dan.id)
        expect((await store.findPerson(dan.id))?.name).toBe('Dan')
        expect(await store.findPerson('nobody')).toBeUndefined()
      })

      test('have a name of their own, in every alphabet', async () => {
        await add('Øyvind')
        expect(await store.addPerson({ name: 'øYVIND', role: 'owner', password: 'x' }, NOON)).toBe('taken')
        expect((await store.people()).map(({ name }) => name)).toEqual(['Øyvind'])
      })

      test('are listed without their secrets', async () => {
        const { id } = await add('dan', 'postmaster')
        await store.changePerson(id, { totpSecret: 'ABCDEFGH' })
        const [listed] = await store.people()
        expect(listed).toMatchObject({ totp: true })
        expect(JSON.stringify(listed)).not.toMatch(/hash of|ABCDEFGH/)
      })

      test('change in what is named and keep the rest', async () => {
        await add('root', 'postmaster')
        const { id } = await add('dan', 'postmaster')
        expect(await store.changePerson(id, { role: 'owner', totpOffer: 'OFFER' })).toBe('changed')
        expect(await store.findPerson(id)).toMatchObject({
          role: 'owner',
          totpOffer: 'OFFER',
          password: 'hash of dan',
          enabled: true,
        })
        expect(await store.changePerson(99, { role: 'owner' })).toBe('not-found')
      })

      test('change only if nobody else changed them meanwhile; what they do themselves is in nobody’s way', async () => {
        await add('root', 'postmaster')
        const { id, revision } = await add('dan', 'owner')
        await store.changePerson(id, { password: 'their own' }, 1)
        expect(await store.changePerson(id, { role: 'postmaster' }, undefined, revision)).toBe('changed')
        expect(await store.changePerson(id, { enabled: false }, undefined, revision)).toBe('stale')
        expect(await store.findPerson(id)).toMatchObject({ role: 'postmaster', enabled: true })
      })

      test('keep one postmaster who can sign in', async () => {
        const dan = await add('dan', 'postmaster')
        const eve = await add('eve', 'postmaster')
        expect(await store.changePerson(eve.id, { enabled: false })).toBe('changed')
        expect(await store.changePerson(dan.id, { enabled: false })).toBe('last-postmaster')
        expect(await store.changePerson(dan.id, { role: 'owner' })).toBe('last-postmaster')
        expect(await store.removePerson(dan.id)).toBe('last-postmaster')
        expect(await store.changePerson(dan.id, { password: 'new' })).toBe('changed')
        expect(await store.changePerson(eve.id, { enabled: true })).toBe('changed')
        expect(await store.removePerson(dan.id)).toBe('removed')
        expect(await store.removePerson(dan.id)).toBe('not-found')
      })

      test('leave their prefixes to nobody when they go, and take sessions and tokens along', async () => {
        await store.addDomain(aDomain(), NOON)
        await add('root', 'postmaster')
        const { id } = await add('dan')
        await store.addPrefix(aPrefix({ owner: id }), NOON)
        await session(id)
        const token = { name: 'x', personId: id, domain: TD, prefix: DJB, days: 30, hash: hash(2) }
        expect(await store.addToken(token, NOON)).toMatchObject({ person: 'dan', days: 30 })
        expect((await store.findPrefix(TD, DJB))?.owner).toBe(id)
        expect(await store.removePerson(id)).toBe('removed')
        expect((await store.findPrefix(TD, DJB))?.owner).toBeUndefined()
        expect(await store.findSession(hash(1), NOON, BOUNDS)).toBeUndefined()
        expect(await store.findToken(hash(2))).toBeUndefined()
      })

      test('use the code of a time step once, and none before it', async () => {
        const { id } = await add('dan')
        expect(await store.useTotpStep(id, 100)).toBe(true)
        expect(await store.useTotpStep(id, 100)).toBe(false)
        expect(await store.useTotpStep(id, 99)).toBe(false)
        expect(await store.useTotpStep(id, 101)).toBe(true)
      })
    })

    describe('the first visit', () => {
      const first = { name: 'dan', password: 'x' }

      test('makes one postmaster with the latest code, once', async () => {
        expect(await store.offerSetUp(hash(1), NOON + HOUR)).toBe(true)
        expect(await store.offerSetUp(hash(2), NOON + HOUR)).toBe(true)
        expect(await store.completeSetUp(hash(1), first, NOON)).toBe('wrong-code')
        const tries = [
          store.completeSetUp(hash(2), first, NOON),
          store.completeSetUp(hash(2), { ...first, name: 'eve' }, NOON),
        ]
        expect(await Promise.all(tries)).toEqual(['done', 'set-up-already'])
        expect(await store.people()).toMatchObject([{ name: 'dan', role: 'postmaster' }])
        expect(await store.offerSetUp(hash(3), NOON + HOUR)).toBe(false)
      })

      test('takes no code that has expired, and none that was never offered', async () => {
        expect(await store.completeSetUp(hash(1), first, NOON)).toBe('wrong-code')
        await store.offerSetUp(hash(1), NOON + HOUR)
        expect(await store.completeSetUp(hash(1), first, NOON + HOUR)).toBe('expired')
        expect(await store.people()).toEqual([])
      })

      test('is over when somebody got an account another way, even once they are gone', async () => {
        await store.offerSetUp(hash(1), NOON + HOUR)
        await add('dan', 'owner')
        expect(await store.completeSetUp(hash(1), first, NOON)).toBe('set-up-already')
        await store.removePerson((await store.findPerson('dan'))!.id)
        expect(await store.completeSetUp(hash(1), first, NOON)).toBe('wrong-code')
      })
    })

    describe('sessions', () => {
      test('are found by their hash, with their person, until they are too old or too long unused', async () => {
        const dan = await add('dan')
        const opened = await session(dan.id)
        expect(await store.findSession(hash(1), NOON, BOUNDS)).toMatchObject({
          session: { id: opened.id, client: '192.0.2.1', agent: 'Browser', createdAt: NOON },
          person: { name: 'dan', lastSeenAt: NOON },
        })
        expect(await store.findSession(hash(1), NOON + BOUNDS.idle, BOUNDS)).toBeUndefined()
        for (let at = NOON; at < NOON + BOUNDS.lifetime; at += 24 * HOUR)
          await store.touchSession(opened.id, at, '::1')
        const late = NOON + BOUNDS.lifetime - 1
        expect((await store.findSession(hash(1), late, BOUNDS))?.session.client).toBe('::1')
        expect(await store.findSession(hash(1), late + 1, BOUNDS)).toBeUndefined()
      })

      test('that have ended by age are not listed, and are forgotten when another opens', async () => {
        const dan = await add('dan')
        await session(dan.id, 1)
        const later = NOON + BOUNDS.idle
        expect(await store.sessions(dan.id, later, BOUNDS)).toEqual([])
        await session(dan.id, 2, later)
        expect(await store.sessions(dan.id, NOON, BOUNDS)).toHaveLength(1)
      })

      test('end one by one or all at once, and only for their own person', async () => {
        const [dan, eve] = [await add('dan'), await add('eve')]
        const opened = [await session(dan.id, 1), await session(dan.id, 2), await session(dan.id, 3)]
        await session(eve.id, 4)
        expect(await store.endSession(eve.id, opened[0]!.id)).toBe('not-found')
        expect(await store.endSession(dan.id, opened[0]!.id)).toBe('ended')
        expect(await store.endSessions(dan.id, opened[1]!.id)).toBe(1)
        expect((await store.sessions(dan.id, NOON, BOUNDS)).map(({ id }) => id)).toEqual([opened[1]!.id])
        expect(await store.sessions(eve.id, NOON, BOUNDS)).toHaveLength(1)
      })

      test('end with a new password but for the one it was given in, and all when the person is disabled', async () => {
        await add('root', 'postmaster')
        const dan = await add('dan')
        const [one] = [await session(dan.id, 1), await session(dan.id, 2)]
        await store.changePerson(dan.id, { password: 'new' }, one.id)
        expect((await store.sessions(dan.id, NOON, BOUNDS)).map(({ id }) => id)).toEqual([one.id])
        await store.changePerson(dan.id, { enabled: false })
        expect(await store.sessions(dan.id, NOON, BOUNDS)).toEqual([])
      })
    })

    describe('tokens', () => {
      test('belong to a person and a prefix, and are revoked once', async () => {
        await store.addDomain(aDomain(), NOON)
        await store.addPrefix(aPrefix(), NOON)
        const [dan, eve] = [await add('dan'), await add('eve')]
        const wished = { name: 'laptop', personId: dan.id, domain: TD, prefix: DJB, days: 7, hash: hash(1) }
        const token = await store.addToken(wished, NOON)
        if (typeof token === 'string') throw new Error(token)
        expect(await store.findToken(hash(1))).toMatchObject({
          token: { id: token.id },
          person: { name: 'dan' },
        })
        await store.touchToken(token.id, NOON + HOUR)
        expect(await store.tokens(dan.id)).toMatchObject([{ name: 'laptop', lastUsedAt: NOON + HOUR }])
        expect(await store.tokens(eve.id)).toEqual([])
        expect(await store.revokeToken(token.id, NOON, eve.id)).toBe('not-found')
        expect(await store.revokeToken(token.id, NOON + HOUR, dan.id)).toBe('revoked')
        expect(await store.revokeToken(token.id, NOON, dan.id)).toBe('unchanged')
        expect((await store.findToken(hash(1)))?.token.revokedAt).toBe(NOON + HOUR)
      })

      test('need a prefix and a person, and go with the prefix', async () => {
        await store.addDomain(aDomain(), NOON)
        await store.addPrefix(aPrefix(), NOON)
        const dan = await add('dan')
        const wished = { name: 'x', personId: dan.id, domain: TD, prefix: DJB, days: 7, hash: hash(1) }
        expect(await store.addToken({ ...wished, prefix: prefixName('no') }, NOON)).toBe('no-prefix')
        expect(await store.addToken({ ...wished, personId: 99 }, NOON)).toBe('no-person')
        await store.addToken(wished, NOON)
        await store.removePrefix(TD, DJB)
        expect(await store.tokens()).toEqual([])
      })
    })

    describe('the list of changes', () => {
      const entry = (at: number) => ({
        at,
        person: 'dan',
        action: 'a',
        subject: 's',
        detail: '',
        client: '::1',
      })

      test('is told newest first, page by page', async () => {
        for (let at = 1; at <= 5; at += 1) await store.addAudit(entry(at))
        const page = await store.audit({ limit: 2 })
        expect(page.map(({ at }) => at)).toEqual([5, 4])
        expect((await store.audit({ limit: 2, before: page[1]!.id })).map(({ at }) => at)).toEqual([3, 2])
      })

      test('forgets the oldest beyond its bound', async () => {
        await store.close()
        store = await open({ keepAudit: 3 })
        for (let at = 1; at <= 5; at += 1) await store.addAudit(entry(at))
        expect((await store.audit()).map(({ at }) => at)).toEqual([5, 4, 3])
      })
    })
  })
}
