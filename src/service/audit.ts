// The list of changes by people: who, when, what, from where.

import type { Clock } from '../clock.ts'
import type { AuditQuery, AuditRecord, Store } from '../store/store.ts'
import { type Answer, granted } from './answer.ts'
import type { Actor, Permission } from './permission.ts'

const LONGEST_TEXT = 500

/** Where one actor's changes are noted, after they were made. */
export class Journal {
  readonly #store: Store
  readonly #clock: Clock
  readonly #actor: Actor

  constructor(store: Store, clock: Clock, actor: Actor) {
    this.#store = store
    this.#clock = clock
    this.#actor = actor
  }

  /** `action` is a noun and a past participle: 'address revoked'. */
  async note(action: string, subject: string, detail = ''): Promise<void> {
    const { name, client } = this.#actor
    await this.#store.addAudit({
      at: this.#clock(),
      person: name,
      action,
      subject: subject.slice(0, LONGEST_TEXT),
      detail: detail.slice(0, LONGEST_TEXT),
      client,
    })
  }
}

export class AuditService {
  readonly #store: Store
  readonly #permission: Permission

  constructor({ store, permission }: { readonly store: Store; readonly permission: Permission }) {
    this.#store = store
    this.#permission = permission
  }

  /** Newest first. For postmasters. */
  async list(query: AuditQuery = {}): Promise<Answer<readonly AuditRecord[]>> {
    const allowed = this.#permission.administer()
    return allowed.ok ? granted(await this.#store.audit(query)) : allowed
  }
}
