// The thread that writes what mail leaves behind, so that a commit, a checkpoint or a lock holds up nobody's mail.
// Started by `WorkerSink` with the database in `workerData`; messages are slices of batches, and each batch gets one answer.

import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { type MailEvent, StoreError } from '../store.ts'
import { type BatchAnswer, type RecorderData, SLICE } from './slices.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'

/** Mail goes first where the processor is short. */
const NICENESS = 10

const { file, bounds } = workerData as RecorderData
let store: SqliteStore | undefined
let batch: MailEvent[] = []

async function answer(events: readonly MailEvent[]): Promise<BatchAnswer> {
  try {
    // Opened at the first batch, and again at the next when that failed: a lock or a missing file may be for a moment.
    store ??= openSqliteStore(file, { ...bounds, door: 'recorder' })
    await store.record(events)
    return { failure: undefined }
  } catch (error) {
    const fault = error instanceof StoreError ? error.fault : 'failed'
    // SQLite opens a file that may not be written for reading only, and stays so when that has changed.
    if (fault === 'read-only') forget()
    return { failure: { fault, message: error instanceof Error ? error.message : String(error) } }
  }
}

function forget(): void {
  void store?.close()
  store = undefined
}

function take(slice: readonly MailEvent[]): void {
  batch = batch.concat(slice)
  if (slice.length === SLICE) return
  const whole = batch
  batch = []
  void answer(whole).then((result) => parentPort?.postMessage(result))
}

function yieldToMail(): void {
  // On Linux a priority belongs to the thread that sets it; elsewhere it would be the whole process's.
  if (process.platform !== 'linux') return
  try {
    setPriority(NICENESS)
  } catch {
    // Not allowed: then it competes like any other thread.
  }
}

yieldToMail()
parentPort?.on('message', (message: readonly MailEvent[] | 'close') => {
  if (message === 'close') {
    void store?.close()
    parentPort?.close()
  } else take(message)
})
