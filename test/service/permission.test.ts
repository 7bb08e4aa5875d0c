import { describe, expect, test } from 'vitest'
import { parseDay } from '../../src/address/index.ts'
import { type Actor, actorOf, type Desk, explainInWords } from '../../src/service/index.ts'
import { anInstallation, granted, type Installation, NOON, objection } from './installation.ts'

const DANS = 'djb2026112045@td.example.com'
const EVES = 'foo2026112045@td.example.com'

interface Two extends Installation {
  readonly dan: Desk
  readonly eve: Desk
  readonly danActor: Actor
}

/** Two owners with a prefix, an address and mail each. */
async function two(): Promise<Two> {
  const installation = await anInstallation()
  const { people, prefixes, addresses, store } = installation
  for (const name of ['dan', 'eve']) granted(await people.add(name, { password: 'correct horse battery' }))
  granted(await prefixes.change('djb', { owner: 'dan' }))
  granted(await prefixes.add('foo', { mailboxes: ['eve@example.com'], owner: 'eve' }))
  for (const address of [DANS, EVES]) {
    const { record } = granted(await addresses.annotate(address, { note: 'lamp', site: 'shop.example' }))
    const event = {
      at: NOON,
      day: parseDay('2026-11-22')!,
      queueId: 'Q',
      client: 'c',
      sender: 'a@shop.example',
      recipient: address,
      domain: record.domain,
      prefix: record.prefix,
      localPart: record.localPart,
    }
    await store.record([
      { ...event, verdict: 'forward' },
      { ...event, verdict: 'expired' },
    ])
  }
  const actor = async (name: string) => actorOf((await store.findPerson(name))!, '192.0.2.1')
  const danActor = await actor('dan')
  return Object.assign(installation, {
    dan: installation.as(danActor),
    eve: installation.as(await actor('eve')),
    danActor,
  })
}

describe('an owner sees only what is their own', () => {
  test('prefixes, addresses, mail and tokens', async () => {
    const { dan, addresses } = await two()
    granted(await dan.tokens.add({ name: 'laptop', prefix: 'djb' }))
    expect(granted(await dan.prefixes.list()).map(({ name }) => name)).toEqual(['djb'])
    expect(granted(await dan.book.page()).rows.map(({ address }) => address)).toEqual([DANS])
    expect(granted(await dan.addresses.list()).total).toBe(1)
    expect((await dan.activity.list()).map(({ prefix }) => prefix)).toEqual(['djb', 'djb'])
    expect((await dan.activity.since(0)).map(({ prefix }) => prefix)).toEqual(['djb', 'djb'])
    expect((await dan.activity.days()).at(-1)?.counts).toEqual({ forward: 1, expired: 1 })
    expect((await dan.tokens.list()).map(({ person }) => person)).toEqual(['dan'])
    granted(await addresses.revoke(DANS))
    granted(await addresses.revoke(EVES))
    expect((await dan.book.stillTrying()).rows.map(({ address }) => address)).toEqual([DANS])
    let csv = ''
    for await (const piece of granted(await dan.book.exportCsv())) csv += piece
    expect(csv).toContain(DANS)
    expect(csv).not.toContain(EVES)
  })

  test.each<readonly [string, (desk: Desk) => Promise<Parameters<typeof objection>[0]>]>([
    ['show an address', (desk) => desk.book.show(EVES)],
    ['revoke an address', (desk) => desk.addresses.revoke(EVES)],
    ['restore an address', (desk) => desk.addresses.restore(EVES)],
    ['extend an address', (desk) => desk.addresses.extend(EVES, '2027-12-24')],
    ['note an address', (desk) => desk.addresses.note(EVES, 'mine')],
    ['import an address', (desk) => desk.book.importCsv(`address\n${DANS}\n${EVES}\n`)],
    ['make an address', (desk) => desk.addresses.issue({ prefix: 'foo' })],
    ['try an address', (desk) => desk.addresses.preview({ prefix: 'foo' })],
    ['list by prefix', (desk) => desk.addresses.list({ prefix: 'foo' })],
    ['look through a prefix', (desk) => desk.book.page({ prefix: 'foo' })],
    ['find a prefix', (desk) => desk.prefixes.find('foo')],
    ['add a token', (desk) => desk.tokens.add({ name: 'x', prefix: 'foo' })],
    ['revoke a token', (desk) => desk.tokens.revoke(1)],
  ])(
    "and cannot %s of somebody else's, which is answered like one that does not exist",
    async (_verb, act) => {
      const { dan, eve, store } = await two()
      granted(await eve.tokens.add({ name: 'laptop', prefix: 'foo' }))
      const refused = objection(await act(dan))
      expect(refused.message).not.toMatch(/lamp|eve|mailbox|owner/)
      expect(['not-found', 'invalid']).toContain(refused.kind)
      expect(await store.findAddress('td.example.com' as never, 'foo2026112045')).toMatchObject({
        note: 'lamp',
        revokedAt: undefined,
      })
      expect(await store.tokens()).toMatchObject([{ revokedAt: undefined }])
    },
  )

  test('a prefix that is not there is answered in the same words', async () => {
    const { dan } = await two()
    const [theirs, none] = [
      await dan.addresses.revoke(EVES),
      await dan.addresses.revoke(EVES.replace('foo', 'zzz')),
    ]
    expect(objection(theirs).message.replace('foo', 'zzz')).toBe(objection(none).message)
  })

  test.each<readonly [string, (desk: Desk) => Promise<Parameters<typeof objection>[0]>]>([
    ['domains.add', (desk) => desk.domains.add('x.example.com')],
    ['domains.change', (desk) => desk.domains.change('td.example.com', { maxPrefixLength: 5 })],
    ['domains.remove', (desk) => desk.domains.remove('td.example.com')],
    ['prefixes.add', (desk) => desk.prefixes.add('bar', { mailboxes: ['a@example.com'] })],
    ['prefixes.change', (desk) => desk.prefixes.change('djb', { maxDays: 5 })],
    ['prefixes.setEnabled', (desk) => desk.prefixes.setEnabled('djb', false)],
    ['prefixes.remove', (desk) => desk.prefixes.remove('djb')],
    ['prefixes.import', (desk) => desk.prefixes.import('bar a@example.com')],
    ['prefixes.export', (desk) => desk.prefixes.export()],
    ['people.list', (desk) => desk.people.list()],
    ['people.find', (desk) => desk.people.find('eve')],
    ['people.add', (desk) => desk.people.add('bob', { password: 'correct horse battery' })],
    ['people.change', (desk) => desk.people.change('dan', { role: 'postmaster' })],
    ['people.remove', (desk) => desk.people.remove('eve')],
    ['audit.list', (desk) => desk.audit.list()],
    ['keys.list', (desk) => desk.keys.list()],
    ['keys.rotate', (desk) => desk.keys.rotate()],
  ])("%s is the postmaster's", async (_name, act) => {
    const { dan, store } = await two()
    const stored = async () =>
      JSON.stringify([
        await store.people(),
        await store.prefixes(),
        await store.domains(),
        await store.settings(),
      ])
    const before = await stored()
    expect(objection(await act(dan))).toMatchObject({ kind: 'forbidden' })
    expect(await stored()).toBe(before)
  })

  test("of somebody else's address an explanation tells what a sender could learn, and no more", async () => {
    const { dan, eve, prefixes } = await two()
    const [theirs] = granted(await dan.addresses.explainText(EVES))
    expect(theirs).toMatchObject({ ours: true, accepted: true, record: undefined, marks: [] })
    expect(JSON.stringify(theirs)).not.toMatch(/lamp|eve@|shop\.example/)
    const [own] = granted(await eve.addresses.explainText(EVES))
    expect(own).toMatchObject({
      accepted: true,
      record: { note: 'lamp' },
      marks: [{ accepted: true }, { accepted: false }],
    })
    // Why it is unknown stays as hidden as it is to a sender.
    granted(await prefixes.setEnabled('foo', false))
    const [disabled] = granted(await dan.addresses.explainText(EVES))
    const [missing] = granted(await dan.addresses.explainText(EVES.replace('foo', 'zzz')))
    expect(JSON.stringify(disabled).replaceAll('foo', 'zzz')).toBe(JSON.stringify(missing))
  })
})

describe("the postmaster's mailbox", () => {
  test.each(['postmaster', 'abuse'])('of %s@ is told to a postmaster, and to no owner', async (role) => {
    const { dan, addresses, domains } = await two()
    granted(await domains.change('td.example.com', { postmaster: 'pm@example.org' }))
    const recipient = `${role}@td.example.com`
    const [own] = granted(await dan.addresses.explainText(recipient))
    expect(JSON.stringify(own)).not.toContain('pm@')
    expect(own).toMatchObject({
      accepted: true,
      verdict: 'Delivered. It goes to the postmaster of td.example.com.',
      steps: [{}, { answer: 'yes, it goes to the postmaster of td.example.com', settles: true }],
    })
    const explained = granted(await dan.addresses.explain(recipient))
    expect(explained.mailboxes).toEqual([])
    expect(explainInWords(explained).headline).toBe(
      `${recipient} is accepted and goes to the postmaster of td.example.com.`,
    )
    const [whole] = granted(await addresses.explainText(recipient))
    expect(whole).toMatchObject({ verdict: 'Delivered. It goes to pm@example.org.' })
  })
})

describe('every change by a person', () => {
  test('is noted: who, when, what, from where', async () => {
    const { dan, audit } = await two()
    granted(await dan.addresses.revoke(DANS))
    granted(await dan.addresses.issue({ prefix: 'djb', note: 'new lamp' }))
    granted(await dan.tokens.add({ name: 'laptop', prefix: 'djb' }))
    const [token, made, revoked] = granted(await audit.list())
    expect(token).toMatchObject({
      person: 'dan',
      action: 'token added',
      subject: 'laptop',
      client: '192.0.2.1',
    })
    expect(made).toMatchObject({ action: 'address made', subject: 'djb2026112245@td.example.com' })
    expect(revoked).toMatchObject({ at: NOON, action: 'address revoked', subject: DANS })
  })

  test('at the terminal is noted as made there, and what changed nothing is not noted', async () => {
    const { addresses, audit, prefixes } = await two()
    const before = granted(await audit.list()).length
    objection(await prefixes.change('djb', { maxDays: 500 }))
    granted(await addresses.restore(DANS))
    granted(await addresses.preview({ prefix: 'djb', note: 'x' }))
    granted(await addresses.issue({ prefix: 'djb' }))
    expect(granted(await audit.list())).toHaveLength(before)
    granted(await prefixes.change('djb', { maxDays: 60 }))
    expect(granted(await audit.list({ limit: 1 }))).toMatchObject([
      { person: 'cli', client: 'terminal', action: 'prefix changed', detail: 'max days 60' },
    ])
  })
})
