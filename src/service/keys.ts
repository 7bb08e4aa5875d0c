// The keys that sign addresses: a postmaster's business. Their secrets never leave this floor.

import { randomBytes } from 'node:crypto'
import { type Answer, granted } from './answer.ts'
import type { DeskParts } from './desk.ts'

/** A key as people may see it. */
export interface KeyView {
  readonly id: string
  readonly createdAt: number
  /** The newest signs and verifies; the one before it only verifies. */
  readonly signs: boolean
}

export interface Rotation {
  /** Signs from now on. */
  readonly added: KeyView
  /** Its addresses go on working. */
  readonly kept: KeyView | undefined
  /** Its addresses are refused from now on. */
  readonly dropped: KeyView | undefined
}

export class KeyService {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Newest first. */
  async list(): Promise<Answer<readonly KeyView[]>> {
    const allowed = this.#parts.permission.administer()
    if (!allowed.ok) return allowed
    const { keys } = await this.#parts.store.settings()
    return granted(keys.map(({ id, createdAt }, index) => ({ id, createdAt, signs: index === 0 })))
  }

  async rotate(): Promise<Answer<Rotation>> {
    const before = await this.list()
    if (!before.ok) return before
    const [signing, verifying] = before.value
    const { store, clock, journal } = this.#parts
    const { id, createdAt } = await store.rotateKey(randomBytes(32), clock())
    await journal.note('key rotated', id)
    return granted({
      added: { id, createdAt, signs: true },
      kept: signing && { ...signing, signs: false },
      dropped: verifying,
    })
  }
}
