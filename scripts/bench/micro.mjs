// The parts of a message's way, one by one and without a socket, so that a regression can be located.
import { randomBytes } from 'node:crypto'
import { Bench } from 'tinybench'
import { parseDay, parseLocalPart, parseRecipient, Signer } from '../../dist/address/index.js'
import { decide, identify } from '../../dist/filter/decide.js'
import { Judge } from '../../dist/filter/judge.js'
import { RecipientFilter } from '../../dist/filter/recipient-filter.js'
import { FrameDecoder } from '../../dist/milter/frame.js'
import { decodeAgreement } from '../../dist/milter/negotiation.js'
import { Session } from '../../dist/milter/session.js'
import { encodeOffer, FULL_OFFER, messagePlans } from './plan.mjs'
import { figure, table } from './table.mjs'
import { DOMAIN, recipientNumber } from './world.mjs'

const PREFIXES = 1000
const domain = {
  id: 1,
  name: DOMAIN,
  timeZone: 'UTC',
  postmaster: undefined,
  maxPrefixLength: 3,
  createdAt: 0,
}
const settings = { domains: new Map([[DOMAIN, domain]]), keys: [{ id: '1', secret: randomBytes(32) }] }
const prefix = {
  id: 1,
  domain: DOMAIN,
  name: 'aaa',
  mailboxes: ['dredd@example.com'],
  maxDays: 99,
  enabled: true,
  signed: false,
  note: '',
}
const facts = { prefix, revoked: false, extendedThrough: undefined }
const today = Math.floor(Date.now() / 86_400_000)

/** Takes one thing after the other, so that nothing is measured that only works because the last time was the same. */
function inTurn(things) {
  let next = 0
  return () => things[next++ % things.length]
}

/** A whole message in the session and the filter; store, log and recorder answer at once. */
function messageParts() {
  const judge = new Judge({ settings: () => settings, facts: () => facts }, Date.now)
  const quiet = { recorder: { record: () => undefined }, onVerdict: () => undefined, onFault: console.error }
  const filter = new RecipientFilter({ judge, clock: Date.now, refusalCode: 551, ...quiet })
  const host = {
    answered: () => undefined,
    report: console.error,
    mayGoOn: () => true,
    nextConnectionId: () => 1,
  }
  const session = new Session(filter, host)
  session.receive(encodeOffer(FULL_OFFER))
  const decoder = new FrameDecoder()
  decoder.push(session.takeOutput()[0])
  decoder.next()
  const shape = { recipients: 1, headers: 8, body: 2048, prefixes: PREFIXES }
  const plans = messagePlans(decodeAgreement(decoder.payload), shape, PREFIXES)
  const messages = plans.map(({ steps }) => steps.map(({ writes }) => Buffer.concat(writes)))
  return { session, messages }
}

function addParts(add) {
  const recipients = Array.from({ length: 1000 }, (_, serial) =>
    recipientNumber(serial, { prefixes: PREFIXES }),
  )
  const ours = recipients.filter(({ kind }) => kind !== 'foreign').map(({ argument }) => argument)
  const argument = inTurn(ours)
  add('parse a recipient and decide', () => {
    const identity = identify(parseRecipient(argument()), settings.domains)
    return decide(identity.address, facts, 'none', today)
  })
  const signer = new Signer(settings.keys)
  const unsigned = {
    prefix: 'aaa',
    issued: parseDay('2026-11-20'),
    days: 45,
    salt: undefined,
    tag: undefined,
  }
  const days = inTurn(Array.from({ length: 99 }, (_, index) => index + 1))
  add('sign an address', () => signer.sign(DOMAIN, { ...unsigned, days: days() }))
  const signed = signer.sign(DOMAIN, unsigned)
  add('verify a tag', () => signer.verify(DOMAIN, signed))
  const text = inTurn(ours.map((one) => one.slice(1, one.indexOf('@'))))
  add('read a local part', () => parseLocalPart(text(), 3))

  const { session, messages } = messageParts()
  const chunk = inTurn(messages.map((chunks) => Buffer.concat(chunks)))
  const decoder = new FrameDecoder()
  add('take the frames of a message apart', () => {
    decoder.push(chunk())
    while (decoder.next());
  })
  const message = inTurn(messages)
  add('a whole message in session and filter', () => {
    for (const bytes of message()) {
      session.receive(bytes)
      session.takeOutput()
    }
  })
}

/** The clock's steps are too coarse for one. */
const AT_ONCE = 100

/** `time`: milliseconds for each part. */
export async function measureParts(time = 500) {
  const bench = new Bench({ time, warmupTime: time / 2, throws: true })
  addParts((name, part) => {
    bench.add(name, () => {
      for (let times = 0; times < AT_ONCE; times += 1) part()
    })
  })
  await bench.run()
  const rows = bench.tasks.map(({ name, result }) => {
    const { samples, min } = result
    const middle = samples[samples.length >> 1]
    return [name, figure((min * 1000) / AT_ONCE), figure((middle * 1000) / AT_ONCE)]
  })
  return `Parts, without sockets, in microseconds.\n\n${table(['part', 'least', 'median'], rows)}`
}
