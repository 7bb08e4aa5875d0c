// Prefixes: whose addresses they are, and where their mail goes.

import { type PrefixName, parsePrefixName } from '../address/index.ts'
import type { Clock } from '../clock.ts'
import type { Domain, Loop, NewPrefix, Prefix, Store } from '../store/store.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import { type DomainService, loopThrough } from './domains.ts'
import { readMailboxes, readNote } from './inputs.ts'
import { formatPrefixList, type ListedPrefix, parsePrefixList } from './prefix-list.ts'

/** Longest lifetime in days that two digits can say. */
const MOST_DAYS = 99
/** Lifetime in days of a new address when nobody says: the article's. */
const USUAL_DAYS = 45

/** A setting that is left out keeps its value, or takes its default in a new prefix. */
export interface PrefixWishes {
  /** At least one. */
  readonly mailboxes?: readonly string[] | undefined
  /** 1 to 99; 99 unless told. */
  readonly maxDays?: number | undefined
  /** 1 to `maxDays`; 45 unless told, or `maxDays` where that is less. */
  readonly defaultDays?: number | undefined
  /** Refuse addresses without a tag. */
  readonly signed?: boolean | undefined
  readonly note?: string | undefined
  /** While false its addresses are refused as unknown. */
  readonly enabled?: boolean | undefined
  /** Name of the person who makes its addresses; '' for nobody. */
  readonly owner?: string | undefined
  /** Change it only if it still is at that revision: 'stale' otherwise. */
  readonly revision?: number | undefined
}

export interface Imported {
  readonly added: number
  /** Known before; they have the mailboxes of the list now. */
  readonly changed: number
}

export class PrefixService {
  readonly #store: Store
  readonly #clock: Clock
  readonly #domains: DomainService

  constructor(store: Store, clock: Clock, domains: DomainService) {
    this.#store = store
    this.#clock = clock
    this.#domains = domains
  }

  /** Those of one domain, or all of them. */
  async list(domainName?: string): Promise<Answer<readonly Prefix[]>> {
    if (domainName === undefined) return granted(await this.#store.prefixes())
    const domain = await this.#domains.find(domainName)
    return domain.ok ? granted(await this.#store.prefixes(domain.value.name)) : domain
  }

  /** `domainName` may be left out when there is one domain; so in all methods here. */
  async find(name: string, domainName?: string): Promise<Answer<Prefix>> {
    const domain = await this.#domains.find(domainName)
    if (!domain.ok) return domain
    const parsed = parsePrefixName(name)
    const prefix = parsed && (await this.#store.findPrefix(domain.value.name, parsed))
    return prefix === undefined ? noSuchPrefix(name, domain.value) : granted(prefix)
  }

  async add(name: string, wishes: PrefixWishes, domainName?: string): Promise<Answer<Prefix>> {
    const domain = await this.#domains.find(domainName)
    if (!domain.ok) return domain
    const parsed = checkName(name, domain.value)
    if (!parsed.ok) return parsed
    const checked = checkWishes(wishes, newPrefix(domain.value, parsed.value))
    if (!checked.ok) return checked
    const answer = await this.#store.addPrefix(checked.value, this.#clock())
    if (answer === 'added') return this.find(parsed.value, domain.value.name)
    return this.#refused(answer, checked.value)
  }

  async change(name: string, wishes: PrefixWishes, domainName?: string): Promise<Answer<Prefix>> {
    const found = await this.find(name, domainName)
    if (!found.ok) return found
    const checked = checkWishes(wishes, found.value)
    if (!checked.ok) return checked
    const { mailboxes, maxDays, defaultDays, signed, note } = checked.value
    // Only what was wished for: somebody else may be changing the rest.
    return this.#changed(found.value, {
      ...(wishes.mailboxes === undefined ? {} : { mailboxes }),
      ...((wishes.maxDays ?? wishes.defaultDays) === undefined ? {} : { maxDays, defaultDays }),
      ...(wishes.signed === undefined ? {} : { signed }),
      ...(wishes.note === undefined ? {} : { note }),
    })
  }

  /** While it is disabled its addresses are refused as unknown. */
  async setEnabled(name: string, enabled: boolean, domainName?: string): Promise<Answer<Prefix>> {
    const found = await this.find(name, domainName)
    return found.ok ? this.#changed(found.value, { enabled }) : found
  }

  /** Answers with what it was. */
  async remove(name: string, domainName?: string): Promise<Answer<Prefix>> {
    const found = await this.find(name, domainName)
    if (!found.ok) return found
    const answer = await this.#store.removePrefix(found.value.domain, found.value.name)
    return answer === 'removed' ? found : noSuchPrefix(name, { name: found.value.domain })
  }

  /** Takes over a list, see `prefix-list.ts`: all of it, or, with the number of the first bad line, nothing. */
  async import(text: string, domainName?: string): Promise<Answer<Imported>> {
    const domain = await this.#domains.find(domainName)
    if (!domain.ok) return domain
    const lines = parsePrefixList(text, domain.value.maxPrefixLength)
    if (!lines.ok) return lines
    const prefixes = lines.value.map(({ name, mailboxes }) => ({
      ...newPrefix(domain.value, name),
      mailboxes,
    }))
    const answer = await this.#store.importPrefixes(prefixes, this.#clock())
    if (answer === 'no-domain') return this.#refused(answer, { domain: domain.value.name })
    if (answer.kind === 'loop') return loopInLine(answer, lines.value)
    return granted({ added: answer.added, changed: answer.changed })
  }

  /** The list that `import` reads back. */
  async export(domainName?: string): Promise<Answer<string>> {
    const domain = await this.#domains.find(domainName)
    if (!domain.ok) return domain
    return granted(formatPrefixList(domain.value.name, await this.#store.prefixes(domain.value.name)))
  }

  async #changed(
    { domain, name }: Prefix,
    change: Parameters<Store['changePrefix']>[2],
  ): Promise<Answer<Prefix>> {
    const answer = await this.#store.changePrefix(domain, name, change)
    if (answer === 'changed') return this.find(name, domain)
    return answer === 'not-found' ? noSuchPrefix(name, { name: domain }) : loopThrough(answer)
  }

  #refused(
    answer: 'taken' | 'no-domain' | Loop,
    prefix: Pick<NewPrefix, 'domain'> & { name?: string },
  ): Answer<never> {
    if (answer === 'taken') {
      return declined(
        'taken',
        `${prefix.domain} has a prefix ${prefix.name} already. Change that one.`,
        'name',
      )
    }
    if (answer === 'no-domain')
      return declined('not-found', `${prefix.domain} was removed meanwhile.`, 'domain')
    return loopThrough(answer)
  }
}

function newPrefix(domain: Domain, name: PrefixName): NewPrefix {
  return {
    domain: domain.name,
    name,
    mailboxes: [],
    maxDays: MOST_DAYS,
    defaultDays: USUAL_DAYS,
    signed: false,
    enabled: true,
    note: '',
  }
}

function noSuchPrefix(name: string, domain: Pick<Domain, 'name'>): Answer<never> {
  return declined('not-found', `There is no prefix ${quoted(name)} in ${domain.name}.`, 'prefix')
}

function checkName(text: string, { name: domain, maxPrefixLength }: Domain): Answer<PrefixName> {
  const name = parsePrefixName(text)
  if (name === undefined || name.length > maxPrefixLength) {
    const range = maxPrefixLength === 2 ? '2' : `2 to ${maxPrefixLength}`
    const message = `${quoted(text)} is no prefix: it takes ${range} letters from a to z in ${domain}.`
    return declined('invalid', message, 'name')
  }
  return granted(name)
}

/** `prefix` with what is wished for, or the first wish that cannot be. */
function checkWishes<T extends Omit<NewPrefix, 'domain' | 'name'>>(
  wishes: PrefixWishes,
  prefix: T,
): Answer<T> {
  const mailboxes = readMailboxes(wishes.mailboxes ?? prefix.mailboxes)
  if (!mailboxes.ok) return mailboxes
  const days = checkDays(wishes, prefix)
  if (!days.ok) return days
  const note = wishes.note === undefined ? granted(prefix.note) : readNote(wishes.note)
  if (!note.ok) return note
  const signed = wishes.signed ?? prefix.signed
  return granted({ ...prefix, ...days.value, mailboxes: mailboxes.value, signed, note: note.value })
}

function checkDays(
  wishes: PrefixWishes,
  before: Pick<NewPrefix, 'maxDays' | 'defaultDays'>,
): Answer<Pick<NewPrefix, 'maxDays' | 'defaultDays'>> {
  const maxDays = wishes.maxDays ?? before.maxDays
  if (!Number.isInteger(maxDays) || maxDays < 1 || maxDays > MOST_DAYS) {
    return declined('invalid', `The longest lifetime must be 1 to ${MOST_DAYS} days.`, 'maxDays')
  }
  // A shorter maximum takes the default along, unless that is wished for too.
  const defaultDays = wishes.defaultDays ?? Math.min(before.defaultDays, maxDays)
  if (!Number.isInteger(defaultDays) || defaultDays < 1 || defaultDays > maxDays) {
    return declined('invalid', `The usual lifetime must be 1 to ${maxDays} days.`, 'defaultDays')
  }
  return granted({ maxDays, defaultDays })
}

function loopInLine(loop: Loop, lines: readonly ListedPrefix[]): Answer<never> {
  const line = lines.find(({ mailboxes }) => mailboxes.includes(loop.mailbox))?.line
  const answer = loopThrough(loop)
  if (answer.ok || line === undefined) return answer
  return declined('loop', `Line ${line}: ${answer.objection.message} Nothing was imported.`, 'list')
}
