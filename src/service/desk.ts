// What every service of one actor's desk is made of.

import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import type { Journal } from './audit.ts'
import type { Actor, Permission } from './permission.ts'

export interface DeskParts {
  readonly store: Store
  readonly clock: Clock
  readonly actor: Actor
  readonly permission: Permission
  readonly journal: Journal
}
