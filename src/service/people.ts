// People with an account: the postmaster's business.

import type { Person, Role } from '../store/store.ts'
import type { Answer } from './answer.ts'

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
}

export class PeopleService {
  /** In order of their names. */
  list(): Promise<Answer<readonly ListedPerson[]>> {
    throw new Error('not built yet')
  }

  find(_name: string): Promise<Answer<ListedPerson>> {
    throw new Error('not built yet')
  }

  /** `role` is 'owner' unless told. */
  add(
    _name: string,
    _wishes: { readonly password: string; readonly role?: Role | undefined },
  ): Promise<Answer<ListedPerson>> {
    throw new Error('not built yet')
  }

  /** A new password, or being disabled, ends the person's sessions. The last enabled postmaster stays one. */
  change(_name: string, _wishes: PersonWishes): Promise<Answer<ListedPerson>> {
    throw new Error('not built yet')
  }

  /** Sessions and tokens go along; the person's prefixes have no owner then. Answers with who it was. */
  remove(_name: string): Promise<Answer<ListedPerson>> {
    throw new Error('not built yet')
  }
}
