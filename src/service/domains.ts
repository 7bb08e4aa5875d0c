// The domains whose recipients are judged.

import {
  DEFAULT_MAX_PREFIX_LENGTH,
  type DomainName,
  LONGEST_PREFIX_LENGTH,
  type Mailbox,
  MIN_PREFIX_LENGTH,
  parseDomainName,
  parseTimeZone,
  type TimeZone,
} from '../address/index.ts'
import type { Domain, Loop } from '../store/store.ts'
import { type Answer, counted, declined, described, granted, quoted, stale } from './answer.ts'
import type { DeskParts } from './desk.ts'
import { readMailbox } from './inputs.ts'

/** A setting that is left out keeps its value, or takes its default in a new domain. */
export interface DomainWishes {
  /** IANA name. A new domain takes this machine's zone. */
  readonly timeZone?: string | undefined
  /** Where postmaster@ and abuse@ go; '' for nowhere: they then pass untouched. */
  readonly postmaster?: string | undefined
  /** 2 to 16 letters; 3 unless told. */
  readonly maxPrefixLength?: number | undefined
  /** Change it only if it still is at that revision: 'stale' otherwise. */
  readonly revision?: number | undefined
}

interface CheckedWishes {
  readonly timeZone?: TimeZone
  readonly postmaster?: Mailbox | undefined
  readonly maxPrefixLength?: number
}

export class DomainService {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Everybody's: their names and zones are part of every address. */
  list(): Promise<readonly Domain[]> {
    return this.#parts.store.domains()
  }

  /** The domain of that name; without a name, the only one there is. */
  async find(name: string | undefined): Promise<Answer<Domain>> {
    const domains = await this.#parts.store.domains()
    if (name === undefined) return onlyDomain(domains)
    const wanted = parseDomainName(name)
    const domain = domains.find((one) => one.name === wanted)
    return domain === undefined ? noSuchDomain(name) : granted(domain)
  }

  async add(name: string, wishes: DomainWishes = {}): Promise<Answer<Domain>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const parsed = parseDomainName(name)
    if (parsed === undefined) {
      const what = name.trim() === '' ? 'The domain is missing.' : `${quoted(name)} is no domain name.`
      return declined('invalid', `${what} Write one like td.example.com.`, 'name')
    }
    const checked = checkWishes({ timeZone: systemTimeZone(), ...wishes })
    if (!checked.ok) return checked
    const domain = {
      name: parsed,
      // A wish for the zone of a machine that has none: days in UTC.
      timeZone: checked.value.timeZone ?? ('UTC' as TimeZone),
      postmaster: checked.value.postmaster,
      maxPrefixLength: checked.value.maxPrefixLength ?? DEFAULT_MAX_PREFIX_LENGTH,
    }
    const answer = await this.#parts.store.addDomain(domain, this.#parts.clock())
    if (answer === 'taken') return declined('taken', `${parsed} is one of the domains already.`, 'name')
    if (answer !== 'added') return loopThrough(answer, parsed)
    await this.#parts.journal.note('domain added', parsed)
    return this.find(parsed)
  }

  async change(name: string, wishes: DomainWishes): Promise<Answer<Domain>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const found = await this.find(name)
    if (!found.ok) return found
    const checked = checkWishes(wishes)
    if (!checked.ok) return checked
    const tooLong = await this.#prefixLongerThan(found.value.name, checked.value.maxPrefixLength)
    if (tooLong !== undefined) {
      const message = `The prefix ${tooLong} has ${tooLong.length} letters. Remove it first, or allow as many.`
      return declined('conflict', message, 'maxPrefixLength')
    }
    const { revision, ...wished } = wishes
    const answer = await this.#parts.store.changeDomain(found.value.name, checked.value, revision)
    if (answer === 'not-found') return noSuchDomain(name)
    if (answer === 'stale') return stale(found.value.name)
    if (answer !== 'changed') return loopThrough(answer, found.value.name)
    await this.#parts.journal.note('domain changed', found.value.name, described(wished))
    return this.find(found.value.name)
  }

  /** Refused while the domain has prefixes: their owners are to be told first. */
  async remove(name: string): Promise<Answer<Domain>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const found = await this.find(name)
    if (!found.ok) return found
    const answer = await this.#parts.store.removeDomain(found.value.name)
    if (answer === 'removed') {
      await this.#parts.journal.note('domain removed', found.value.name)
      return found
    }
    if (answer === 'not-found') return noSuchDomain(name)
    const prefixes = await this.#parts.store.prefixes(found.value.name)
    const them = prefixes.length === 1 ? 'it' : 'them'
    const count = counted(prefixes.length, 'prefix', 'prefixes')
    return declined('conflict', `${found.value.name} still has ${count}. Remove ${them} first.`)
  }

  async #prefixLongerThan(domain: DomainName, length: number | undefined): Promise<string | undefined> {
    if (length === undefined) return undefined
    const prefixes = await this.#parts.store.prefixes(domain)
    return prefixes.find(({ name }) => name.length > length)?.name
  }
}

function systemTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

function onlyDomain(domains: readonly Domain[]): Answer<Domain> {
  const [first, second] = domains
  if (first === undefined) return declined('not-found', 'There is no domain yet. Add one first.', 'domain')
  if (second === undefined) return granted(first)
  const names = domains.map(({ name }) => name).join(', ')
  return declined(
    'invalid',
    `There are several domains: ${names}. Say which one is meant (in the terminal: --domain).`,
    'domain',
  )
}

function noSuchDomain(name: string): Answer<never> {
  return declined('not-found', `${quoted(name)} is not one of the domains.`, 'domain')
}

/** The sentence for a target that would lead back to us. */
export function loopThrough({ mailbox }: Loop, added?: DomainName): Answer<never> {
  const own = mailbox.slice(mailbox.lastIndexOf('@') + 1)
  const reason = `${mailbox} lies in ${own}, which is ${own === added ? 'this very domain' : 'one of the domains judged here'}`
  return declined(
    'loop',
    `${reason}: mail to it would come back for ever. Choose a mailbox elsewhere.`,
    'mailbox',
  )
}

function checkWishes(wishes: DomainWishes): Answer<CheckedWishes> {
  const timeZone = checkTimeZone(wishes.timeZone)
  if (!timeZone.ok) return timeZone
  const postmaster = checkPostmaster(wishes.postmaster)
  if (!postmaster.ok) return postmaster
  const length = checkPrefixLength(wishes.maxPrefixLength)
  if (!length.ok) return length
  return granted({ ...timeZone.value, ...postmaster.value, ...length.value })
}

function checkTimeZone(name: string | undefined): Answer<CheckedWishes> {
  if (name === undefined) return granted({})
  const timeZone = parseTimeZone(name)
  if (timeZone !== undefined) return granted({ timeZone })
  const message = `${quoted(name)} is no time zone known here. Write one like Europe/Berlin or UTC.`
  return declined('invalid', message, 'timeZone')
}

function checkPostmaster(text: string | undefined): Answer<CheckedWishes> {
  if (text === undefined) return granted({})
  if (text === '') return granted({ postmaster: undefined })
  const mailbox = readMailbox(text, 'postmaster')
  return mailbox.ok ? granted({ postmaster: mailbox.value }) : mailbox
}

function checkPrefixLength(length: number | undefined): Answer<CheckedWishes> {
  if (length === undefined) return granted({})
  if (Number.isInteger(length) && length >= MIN_PREFIX_LENGTH && length <= LONGEST_PREFIX_LENGTH) {
    return granted({ maxPrefixLength: length })
  }
  const range = `${MIN_PREFIX_LENGTH} to ${LONGEST_PREFIX_LENGTH}`
  return declined('invalid', `The longest prefix must have ${range} letters.`, 'maxPrefixLength')
}
