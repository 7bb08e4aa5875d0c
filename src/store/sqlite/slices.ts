// What passes between the mail path's thread and the recorder's.

import type { StoreError } from '../store.ts'
import type { Bounds } from './events.ts'

/** Events in one message. A batch is as many full ones as it has, and then one that is not full. */
export const SLICE = 250

export interface RecorderData {
  readonly file: string
  readonly bounds: Bounds
}

/** One for each batch. An error does not cross threads with its class. */
export interface BatchAnswer {
  readonly failure: { readonly fault: StoreError['fault']; readonly message: string } | undefined
}
