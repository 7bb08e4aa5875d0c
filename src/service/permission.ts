// Who may do what: the one place where it is decided. Every service is made for one actor and asks here, at each verb.

import type { Person, Prefix, Role } from '../store/store.ts'
import { type Answer, declined, granted } from './answer.ts'

/** Who asks, and from where: for what may be seen, and for the list of changes. */
export interface Actor {
  readonly name: string
  readonly role: Role
  /** Number of the account; nothing for whoever has the machine. */
  readonly personId: number | undefined
  /** The client's address. */
  readonly client: string
}

/** Whoever can run the program on the machine may do everything. No account can have this name. */
export const OPERATOR: Actor = { name: 'cli', role: 'postmaster', personId: undefined, client: 'terminal' }

export function actorOf({ id, name, role }: Person, client: string): Actor {
  return { name, role, personId: id, client }
}

export class Permission {
  readonly #actor: Actor

  constructor(actor: Actor) {
    this.#actor = actor
  }

  /** What the store is told to narrow a search to: the number of an owner, or nothing for who sees everything. */
  get owner(): number | undefined {
    // An owner without a number cannot be; number 0 owns nothing.
    return this.#actor.role === 'postmaster' ? undefined : (this.#actor.personId ?? 0)
  }

  /** Domains, prefixes, people, keys and the server are the postmaster's. */
  administer(): Answer<void> {
    if (this.#actor.role === 'postmaster') return granted(undefined)
    return declined('forbidden', 'Only a postmaster may do that.')
  }

  /** What belongs to somebody else is answered like what does not exist. */
  sees(prefix: Pick<Prefix, 'owner'> | undefined): boolean {
    return this.owner === undefined || (prefix !== undefined && prefix.owner === this.owner)
  }
}
