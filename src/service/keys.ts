// The keys that sign addresses. Their secrets never leave this floor.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

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
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Newest first. */
  async list(): Promise<readonly KeyView[]> {
    const { keys } = await this.#store.settings()
    return keys.map(({ id, createdAt }, index) => ({ id, createdAt, signs: index === 0 }))
  }

  async rotate(): Promise<Rotation> {
    const [signing, verifying] = await this.list()
    const { id, createdAt } = await this.#store.rotateKey(randomBytes(32), this.#clock())
    return {
      added: { id, createdAt, signs: true },
      kept: signing && { ...signing, signs: false },
      dropped: verifying,
    }
  }
}
