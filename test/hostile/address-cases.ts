// Local parts by the million, judged by the service and by the twin.

import {
  type Day,
  type DomainName,
  formatLocalPart,
  type Mailbox,
  type PrefixName,
  parseLocalPart,
} from '../../src/address/index.ts'
import { decide, type Seal } from '../../src/filter/decide.ts'
import { REFUSALS } from '../../src/filter/replies.ts'
import type { Prefix, RecipientFacts } from '../../src/store/store.ts'
import { type Circumstances, read, verdict } from './address-twin.ts'
import { Dice } from './dice.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
const DIGITS = [...'0123456789']
const SEAL = [...'0123456789abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZoOiIlL']
/** What a mutation puts in: look-alikes, other digits, what other alphabets lower to ASCII, blanks, NUL. */
const ODD = [...'uU0O1lI+-._ "\\@%\0\n\r', 'ı', 'K', 'ſ', '٣', '２', 'é', '🙂', '', 'ab', '00', '20261120']
const DATES = [
  '20261120',
  '20261122',
  '20260229',
  '20240229',
  '19000229',
  '20000229',
  '00000101',
  '99991231',
  '20261301',
]

/** Runs so many; throws at the first on which the two disagree. Tells how often each verdict came. */
export function runAddresses(count: number, seed: number): ReadonlyMap<string, number> {
  const dice = new Dice(seed)
  const tally = new Map<string, number>()
  for (let number = 0; number < count; number++) {
    const text = localPart(dice)
    const about = circumstances(dice)
    const [ours, theirs] = [judged(text, about), judgedByTwin(text, about)]
    if (ours !== theirs) {
      const case_ = `case ${number} of seed ${seed}: ${JSON.stringify(text)} ${JSON.stringify(about)}`
      throw new Error(`${case_}\nours: ${ours}\ntwin: ${theirs}`)
    }
    const [name = ''] = ours.split(' ')
    tally.set(name, (tally.get(name) ?? 0) + 1)
  }
  return tally
}

const word = (dice: Dice, alphabet: readonly string[], length: number): string =>
  Array.from({ length }, () => dice.pick(alphabet)).join('')

/** Mostly an address, often with something wrong. */
function localPart(dice: Dice): string {
  const letters = dice.below(8) === 0 ? dice.below(20) : 2 + dice.below(3)
  const roll = dice.below(8)
  const date = roll === 0 ? dice.pick(DATES) : roll === 1 ? word(dice, DIGITS, 8) : near(dice)
  const days = dice.below(20) === 0 ? '00' : word(dice, DIGITS, 2)
  const seal = dice.below(2) === 0 ? '' : word(dice, SEAL, dice.pick([3, 5, 6, 6, 6, 6, 9, 9, 9, 9, 10]))
  let text = word(dice, LETTERS, letters) + date + days + seal
  for (let times = dice.below(3) - 1; times > 0; times--) {
    const at = dice.below(text.length + 1)
    text = text.slice(0, at) + dice.pick(ODD) + text.slice(at + dice.below(2))
  }
  return text
}

/** A day of 2026, or one that it does not have. */
function near(dice: Dice): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  return `2026${two(dice.below(14))}${two(dice.below(33))}`
}

function circumstances(dice: Dice): Circumstances {
  const today = 20_454 + dice.below(400)
  return {
    prefixExists: dice.below(8) !== 0,
    enabled: dice.below(8) !== 0,
    signed: dice.below(4) === 0,
    maxDays: dice.below(2) === 0 ? 99 : 1 + dice.below(99),
    maxPrefixLength: dice.below(2) === 0 ? 3 : 2 + dice.below(15),
    tagIsRight: dice.below(4) !== 0,
    revoked: dice.below(8) === 0,
    extendedThrough: dice.below(6) === 0 ? today - 3 + dice.below(6) : undefined,
    today,
  }
}

function judged(text: string, about: Circumstances): string {
  const parsed = parseLocalPart(text, about.maxPrefixLength)
  if (!parsed.ok) return `not-understood ${parsed.reason}`
  const { address } = parsed
  const seal: Seal = address.tag === undefined ? 'none' : about.tagIsRight ? 'right' : 'wrong'
  const decision = decide(address, factsOf(about), seal, about.today as Day)
  const name = decision.kind === 'forward' ? 'forward' : REFUSALS[decision.because].verdict
  return `${name} ${formatLocalPart(address)} ${address.prefix} ${address.issued} ${address.days}`
}

function factsOf(about: Circumstances): RecipientFacts {
  const prefix: Prefix = {
    id: 1,
    domain: 'td.example.com' as DomainName,
    name: 'djb' as PrefixName,
    mailboxes: ['dredd@example.com' as Mailbox],
    maxDays: about.maxDays,
    defaultDays: 1,
    signed: about.signed,
    enabled: about.enabled,
    note: '',
    owner: undefined,
    revision: 1,
    createdAt: 0,
  }
  return {
    prefix: about.prefixExists ? prefix : undefined,
    revoked: about.revoked,
    extendedThrough: about.extendedThrough as Day | undefined,
  }
}

function judgedByTwin(text: string, about: Circumstances): string {
  const reading = read(text, about.maxPrefixLength)
  const name = verdict(reading, about)
  if (typeof reading === 'string') return `${name} ${reading}`
  return `${name} ${reading.canonical} ${reading.prefix} ${reading.issued} ${reading.days}`
}
