// Tokens for password managers and scripts: each makes addresses of one prefix.

import type { Person, Prefix, TokenRecord } from '../store/store.ts'
import { type Answer, counted, declined, granted, quoted } from './answer.ts'
import type { DeskParts } from './desk.ts'
import type { PrefixService } from './prefixes.ts'
import { newToken, secretHash } from './sessions.ts'

export interface TokenWishes {
  /** What it is for, 1 to 64 characters. */
  readonly name: string
  readonly prefix: string
  readonly domain?: string | undefined
  /** Lifetime when a request does not say; the prefix's default unless told. */
  readonly days?: number | undefined
  /** Whose it is; the actor's own unless told. Only a postmaster can say so; who has no account must. */
  readonly person?: string | undefined
}

export interface TokenParts extends DeskParts {
  readonly prefixes: PrefixService
}

export class TokenService {
  readonly #parts: TokenParts

  constructor(parts: TokenParts) {
    this.#parts = parts
  }

  /** One's own; everybody's for a postmaster. Newest first. */
  list(): Promise<readonly TokenRecord[]> {
    return this.#parts.store.tokens(this.#parts.permission.owner)
  }

  /** `secret` is `td1` and 45 letters and digits: shown now and never again. */
  async add(wishes: TokenWishes): Promise<Answer<{ readonly secret: string; readonly token: TokenRecord }>> {
    const { store, clock, prefixes, journal } = this.#parts
    const name = checkName(wishes.name)
    if (!name.ok) return name
    const prefix = await prefixes.find(wishes.prefix, wishes.domain)
    if (!prefix.ok) return prefix
    const person = await this.#person(wishes.person, prefix.value)
    if (!person.ok) return person
    const days = checkDays(wishes.days, prefix.value)
    if (!days.ok) return days
    const secret = newToken()
    const token = await store.addToken(
      {
        name: name.value,
        personId: person.value.id,
        domain: prefix.value.domain,
        prefix: prefix.value.name,
        days: days.value,
        hash: secretHash(secret),
      },
      clock(),
    )
    if (token === 'no-prefix') return declined('not-found', 'The prefix was removed meanwhile.', 'prefix')
    if (token === 'no-person') return declined('not-found', 'The person was removed meanwhile.', 'person')
    await journal.note('token added', token.name, `${token.prefix}@${token.domain}, for ${token.person}`)
    return granted({ secret, token })
  }

  /** From now on it is unknown. */
  async revoke(id: number): Promise<Answer<TokenRecord>> {
    const { store, clock, permission, journal } = this.#parts
    const answer = await store.revokeToken(id, clock(), permission.owner)
    const token = (await store.tokens(permission.owner)).find((one) => one.id === id)
    if (answer === 'not-found' || token === undefined) {
      return declined('not-found', `There is no token ${id}.`, 'id')
    }
    if (answer === 'revoked') await journal.note('token revoked', token.name, `of ${token.person}`)
    return granted(token)
  }

  /** Whose token it will be. It could do nothing for somebody whose prefix it is not. */
  async #person(name: string | undefined, prefix: Prefix): Promise<Answer<Person>> {
    const { store, actor, permission } = this.#parts
    const allowed = name === undefined ? granted(undefined) : permission.administer()
    if (!allowed.ok) return allowed
    const who = name?.trim() ?? actor.personId
    if (who === undefined) return declined('invalid', 'Say whose token it is to be.', 'person')
    const person = await store.findPerson(who)
    if (person === undefined) return declined('not-found', `${quoted(String(who))} has no account.`, 'person')
    if (person.role === 'postmaster' || prefix.owner === person.id) return granted(person)
    const message = `The prefix ${prefix.name} does not belong to ${person.name}. Make ${person.name} its owner first.`
    return declined('conflict', message, 'person')
  }
}

function checkName(text: string): Answer<string> {
  const name = text.trim()
  if (name.length >= 1 && name.length <= 64 && !/\p{Cc}/u.test(name)) return granted(name)
  return declined('invalid', 'Say in 1 to 64 characters what the token is for.', 'name')
}

function checkDays(days: number | undefined, { name, maxDays, defaultDays }: Prefix): Answer<number> {
  const wanted = days ?? defaultDays
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= maxDays) return granted(wanted)
  return declined('invalid', `The prefix ${name} allows 1 to ${counted(maxDays, 'day')}.`, 'days')
}
