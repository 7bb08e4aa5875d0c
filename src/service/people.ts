// People with an account: the postmaster's business.

import type { KnownPerson, Person, Prefix, Role } from '../store/store.ts'
import { type Answer, declined, granted, quoted, stale } from './answer.ts'
import type { DeskParts } from './desk.ts'
import { checkPassword, type Passwords } from './passwords.ts'
import { checkPersonName } from './person-name.ts'

export interface ListedPerson extends Person {
  /** `name@domain`, in order. */
  readonly prefixes: readonly string[]
}

export interface PersonWishes {
  readonly role?: Role | undefined
  /** At least 10 characters. */
  readonly password?: string | undefined
  readonly enabled?: boolean | undefined
  /** Switches a lost second factor off. */
  readonly totp?: false | undefined
  /** Change the account only if it still is at that revision: 'stale' otherwise. */
  readonly revision?: number | undefined
}

export interface PeopleParts extends DeskParts {
  readonly passwords: Passwords
}

export class PeopleService {
  readonly #parts: PeopleParts

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  /** In order of their names. */
  async list(): Promise<Answer<readonly ListedPerson[]>> {
    const { store, permission } = this.#parts
    const allowed = permission.administer()
    if (!allowed.ok) return allowed
    const [people, prefixes] = [await store.people(), await store.prefixes()]
    return granted(people.map((person) => listed(person, prefixes)))
  }

  async find(name: string): Promise<Answer<ListedPerson>> {
    const found = await this.#find(name)
    return found.ok ? granted(await this.#listed(found.value)) : found
  }

  /** `role` is 'owner' unless told. */
  async add(
    name: string,
    { password, role = 'owner' }: { readonly password: string; readonly role?: Role | undefined },
  ): Promise<Answer<ListedPerson>> {
    const { store, clock, permission, passwords, journal } = this.#parts
    const allowed = permission.administer()
    if (!allowed.ok) return allowed
    const checked = checkPersonName(name)
    if (!checked.ok) return checked
    const taken = declined('taken', `${quoted(checked.value)} has an account already.`, 'name')
    if ((await store.findPerson(checked.value)) !== undefined) return taken
    const good = checkPassword(password, checked.value)
    if (!good.ok) return good
    const person = { name: checked.value, role, password: await passwords.hash(password) }
    if ((await store.addPerson(person, clock())) === 'taken') return taken
    await journal.note('person added', checked.value, role)
    return this.find(checked.value)
  }

  /** A new password, or being disabled, ends the person's sessions. The last enabled postmaster stays one. */
  async change(name: string, wishes: PersonWishes): Promise<Answer<ListedPerson>> {
    const { store, passwords, journal } = this.#parts
    const found = await this.#find(name)
    if (!found.ok) return found
    const { password, role, enabled, totp } = wishes
    const good = password === undefined ? granted('') : checkPassword(password, found.value.name)
    if (!good.ok) return good
    const change = {
      ...(role === undefined ? {} : { role }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(password === undefined ? {} : { password: await passwords.hash(password) }),
      ...(totp === undefined ? {} : { totpSecret: undefined, totpOffer: undefined }),
    }
    const answer = await store.changePerson(found.value.id, change, undefined, wishes.revision)
    if (answer === 'not-found') return noSuchPerson(name)
    if (answer === 'stale') return stale(found.value.name)
    if (answer === 'last-postmaster')
      return lastPostmaster(found.value, enabled === false ? 'enabled' : 'role')
    await journal.note('person changed', found.value.name, described(wishes))
    return this.find(found.value.name)
  }

  /** Sessions and tokens go along; the person's prefixes have no owner then. Answers with who it was. */
  async remove(name: string): Promise<Answer<ListedPerson>> {
    const { store, journal } = this.#parts
    const found = await this.#find(name)
    if (!found.ok) return found
    const was = await this.#listed(found.value)
    const answer = await store.removePerson(found.value.id)
    if (answer === 'not-found') return noSuchPerson(name)
    if (answer === 'last-postmaster') return lastPostmaster(found.value)
    await journal.note('person removed', was.name)
    return granted(was)
  }

  async #find(name: string): Promise<Answer<KnownPerson>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const person = await this.#parts.store.findPerson(name.trim())
    return person === undefined ? noSuchPerson(name) : granted(person)
  }

  async #listed(person: Person): Promise<ListedPerson> {
    return listed(person, await this.#parts.store.prefixes())
  }
}

/** Without what only the store needs: no hash and no secret leaves this floor. */
function listed(person: Person, prefixes: readonly Prefix[]): ListedPerson {
  const { id, name, role, enabled, totp, revision, createdAt, lastSeenAt } = person
  const own = prefixes.filter(({ owner }) => owner === id)
  const names = own.map((prefix) => `${prefix.name}@${prefix.domain}`)
  return { id, name, role, enabled, totp, revision, createdAt, lastSeenAt, prefixes: names }
}

function noSuchPerson(name: string): Answer<never> {
  return declined('not-found', `${quoted(name)} has no account.`, 'name')
}

function lastPostmaster({ name }: Person, field?: string): Answer<never> {
  const message = `${name} is the only postmaster who can sign in. Make somebody else postmaster first.`
  return declined('conflict', message, field)
}

function described({ role, enabled, password, totp }: PersonWishes): string {
  const parts = [
    role,
    enabled === undefined ? undefined : enabled ? 'enabled' : 'disabled',
    password === undefined ? undefined : 'new password',
    totp === undefined ? undefined : 'second factor switched off',
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}
