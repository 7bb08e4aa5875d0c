// Prefixes: whose addresses they are, and where their mail goes.

import { type PrefixName, parsePrefixName } from '../address/index.ts'
import type { Domain, Loop, NewPrefix, Prefix, Store } from '../store/store.ts'
import { type Answer, declined, described, granted, quoted, stale } from './answer.ts'
import type { DeskParts } from './desk.ts'
import { type DomainService, loopThrough } from './domains.ts'
import { readMailboxes, readNote } from './inputs.ts'
import { formatPrefixList, type ListedPrefix, MOST_DAYS, parsePrefixList, rulesOf } from './prefix-list.ts'

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

export interface PrefixParts extends DeskParts {
  readonly domains: DomainService
}

export interface Exported {
  /** As `import` reads it. */
  readonly text: string
  readonly prefixes: readonly Prefix[]
  /** Prefixes with rules that the list can only tell in comments. */
  readonly simplified: number
}

export interface Imported {
  readonly added: number
  /** Known before; they have the mailboxes of the list now. */
  readonly changed: number
  /** Had these mailboxes before. */
  readonly unchanged: number
}

export class PrefixService {
  readonly #parts: PrefixParts

  constructor(parts: PrefixParts) {
    this.#parts = parts
  }

  /** Those of one domain, or all of them; an owner's own. */
  async list(domainName?: string): Promise<Answer<readonly Prefix[]>> {
    const { store, domains, permission } = this.#parts
    const domain = domainName === undefined ? undefined : await domains.find(domainName)
    if (domain?.ok === false) return domain
    const prefixes = await store.prefixes(domain?.value.name)
    return granted(prefixes.filter((prefix) => permission.sees(prefix)))
  }

  /** `domainName` may be left out when there is one domain; so in all methods here. */
  async find(name: string, domainName?: string): Promise<Answer<Prefix>> {
    const { store, domains, permission } = this.#parts
    const domain = await domains.find(domainName)
    if (!domain.ok) return domain
    const parsed = parsePrefixName(name)
    const prefix = parsed && (await store.findPrefix(domain.value.name, parsed))
    if (prefix === undefined || !permission.sees(prefix)) return noSuchPrefix(name, domain.value)
    return granted(prefix)
  }

  async add(name: string, wishes: PrefixWishes, domainName?: string): Promise<Answer<Prefix>> {
    const { store, clock, journal } = this.#parts
    const domain = await this.#administered(domainName)
    if (!domain.ok) return domain
    const parsed = checkName(name, domain.value)
    if (!parsed.ok) return parsed
    const checked = checkWishes(wishes, newPrefix(domain.value, parsed.value))
    if (!checked.ok) return checked
    const owner = await this.#owner(wishes.owner)
    if (!owner.ok) return owner
    const answer = await store.addPrefix({ ...checked.value, ...owner.value }, clock())
    if (answer !== 'added') return this.#refused(answer, checked.value)
    await journal.note('prefix added', `${parsed.value}@${domain.value.name}`, described(wishes))
    return this.find(parsed.value, domain.value.name)
  }

  async change(name: string, wishes: PrefixWishes, domainName?: string): Promise<Answer<Prefix>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const found = await this.find(name, domainName)
    if (!found.ok) return found
    const checked = checkWishes(wishes, found.value)
    if (!checked.ok) return checked
    const owner = await this.#owner(wishes.owner)
    if (!owner.ok) return owner
    const { mailboxes, maxDays, defaultDays, signed, note, enabled } = checked.value
    // Only what was wished for: somebody else may be changing the rest.
    const change = {
      ...owner.value,
      ...(wishes.mailboxes === undefined ? {} : { mailboxes }),
      ...((wishes.maxDays ?? wishes.defaultDays) === undefined ? {} : { maxDays, defaultDays }),
      ...(wishes.signed === undefined ? {} : { signed }),
      ...(wishes.note === undefined ? {} : { note }),
      ...(wishes.enabled === undefined ? {} : { enabled }),
    }
    const { revision, ...wished } = wishes
    return this.#changed(found.value, change, described(wished), revision)
  }

  /** While it is disabled its addresses are refused as unknown. */
  setEnabled(name: string, enabled: boolean, domainName?: string): Promise<Answer<Prefix>> {
    return this.change(name, { enabled }, domainName)
  }

  /** Answers with what it was. */
  async remove(name: string, domainName?: string): Promise<Answer<Prefix>> {
    const { store, permission, journal } = this.#parts
    const allowed = permission.administer()
    if (!allowed.ok) return allowed
    const found = await this.find(name, domainName)
    if (!found.ok) return found
    const { domain, name: prefix } = found.value
    const answer = await store.removePrefix(domain, prefix)
    if (answer === 'not-found') return noSuchPrefix(name, { name: domain })
    await journal.note('prefix removed', `${prefix}@${domain}`)
    return found
  }

  /** Takes over a list, see `prefix-list.ts`: all of it, or, with the number of the first bad line, nothing. */
  async import(text: string, domainName?: string): Promise<Answer<Imported>> {
    const { store, clock, journal } = this.#parts
    const domain = await this.#administered(domainName)
    if (!domain.ok) return domain
    const lines = parsePrefixList(text, domain.value.maxPrefixLength)
    if (!lines.ok) return lines
    const prefixes = lines.value.map(({ name, mailboxes }) => ({
      ...newPrefix(domain.value, name),
      mailboxes,
    }))
    const answer = await store.importPrefixes(prefixes, clock())
    if (answer === 'no-domain') return this.#refused(answer, { domain: domain.value.name })
    if (answer.kind === 'loop') return loopInLine(answer, lines.value)
    await journal.note(
      'prefixes imported',
      domain.value.name,
      `${answer.added} added, ${answer.changed} changed`,
    )
    const { added, changed, unchanged } = answer
    return granted({ added, changed, unchanged })
  }

  /** The list that `import` reads back. */
  async export(domainName?: string): Promise<Answer<Exported>> {
    const domain = await this.#administered(domainName)
    if (!domain.ok) return domain
    const { name } = domain.value
    const prefixes = await this.#parts.store.prefixes(name)
    const simplified = prefixes.filter((prefix) => rulesOf(prefix).length > 0).length
    return granted({ text: formatPrefixList(name, prefixes), prefixes, simplified })
  }

  async #administered(domainName: string | undefined): Promise<Answer<Domain>> {
    const allowed = this.#parts.permission.administer()
    return allowed.ok ? this.#parts.domains.find(domainName) : allowed
  }

  /** The wish for an owner, as a change. */
  async #owner(name: string | undefined): Promise<Answer<{ readonly owner?: number | undefined }>> {
    if (name === undefined) return granted({})
    if (name.trim() === '') return granted({ owner: undefined })
    const person = await this.#parts.store.findPerson(name.trim())
    if (person !== undefined) return granted({ owner: person.id })
    return declined('not-found', `${quoted(name)} has no account. Add the person first.`, 'owner')
  }

  async #changed(
    { domain, name }: Prefix,
    change: Parameters<Store['changePrefix']>[2],
    detail: string,
    revision: number | undefined,
  ): Promise<Answer<Prefix>> {
    const answer = await this.#parts.store.changePrefix(domain, name, change, revision)
    if (answer === 'changed') {
      await this.#parts.journal.note('prefix changed', `${name}@${domain}`, detail)
      return this.find(name, domain)
    }
    if (answer === 'stale') return stale(name)
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
    const what = text.trim() === '' ? 'The prefix is missing' : `${quoted(text)} is no prefix`
    const message = `${what}: it takes ${range} letters from a to z in ${domain}.`
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
  const { signed = prefix.signed, enabled = prefix.enabled } = wishes
  return granted({ ...prefix, ...days.value, mailboxes: mailboxes.value, signed, enabled, note: note.value })
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
