// The thread that writes what mail leaves behind, so that a commit, a checkpoint or a lock holds up nobody's mail.
// Started by `WorkerSink` with the database in `workerData`; each message is a batch and gets one answer.

import { parentPort, workerData } from 'node:worker_threads'
import { type MailEvent, StoreError } from '../store.ts'
import type { Bounds } from './events.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'

export interface RecorderData {
  readonly file: string
  readonly bounds: Bounds
}

/** An error does not cross threads with its class. */
export interface BatchAnswer {
  readonly failure: { readonly fault: StoreError['fault']; readonly message: string } | undefined
}

const { file, bounds } = workerData as RecorderData
let store: SqliteStore | undefined

async function answer(batch: readonly MailEvent[]): Promise<BatchAnswer> {
  try {
    // Opened at the first batch, and again at the next when that failed: a lock or a missing file may be for a moment.
    store ??= openSqliteStore(file, { ...bounds, door: 'recorder' })
    await store.record(batch)
    return { failure: undefined }
  } catch (error) {
    const fault = error instanceof StoreError ? error.fault : 'failed'
    return { failure: { fault, message: error instanceof Error ? error.message : String(error) } }
  }
}

parentPort?.on('message', (message: readonly MailEvent[] | 'close') => {
  if (message === 'close') {
    void store?.close()
    parentPort?.close()
  } else void answer(message).then((result) => parentPort?.postMessage(result))
})
