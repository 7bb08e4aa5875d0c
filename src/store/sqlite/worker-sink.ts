// The sink of the service: batches go to a worker thread with its own connection. A worker that dies takes its batch's
// promise with it, not its events: the recorder still has them, and the next batch starts a new worker.

import { Worker } from 'node:worker_threads'
import { type MailEvent, StoreError } from '../store.ts'
import { databasePath } from './connection.ts'
import type { Bounds } from './events.ts'
import { type BatchAnswer, type RecorderData, SLICE } from './slices.ts'

interface Pending {
  resolve(): void
  reject(error: Error): void
}

export class WorkerSink {
  readonly #data: RecorderData
  #worker: Worker | undefined
  #pending: Pending | undefined

  /** `file` must be there already. */
  constructor(file: string, bounds: Bounds = {}) {
    this.#data = { file: databasePath(file), bounds }
  }

  /** Stores one batch. One at a time: wait for the promise before the next. */
  async write(events: readonly MailEvent[]): Promise<void> {
    if (this.#pending !== undefined) throw new Error('one batch at a time')
    this.#worker ??= this.#start()
    const worker = this.#worker
    try {
      await new Promise<void>((resolve, reject) => {
        this.#pending = { resolve, reject }
        // A batch under way keeps the process alive; an idle worker does not.
        worker.ref()
        this.#post(worker, events)
      })
    } finally {
      this.#pending = undefined
    }
  }

  /** In slices, because copying a whole batch would hold up mail; the last one, shorter or empty, ends it. */
  #post(worker: Worker, events: readonly MailEvent[], from = 0): void {
    if (worker !== this.#worker) return
    const slice = events.slice(from, from + SLICE)
    worker.postMessage(slice)
    if (slice.length === SLICE) setImmediate(() => this.#post(worker, events, from + SLICE))
  }

  /** Closes the database and ends the thread. A batch under way is finished first. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    worker.postMessage('close')
    await ended
  }

  #start(): Worker {
    // No flags of ours: those of a test runner or debugger would be repeated in the thread.
    const worker = new Worker(workerFile(), { workerData: this.#data, name: 'recorder', execArgv: [] })
    worker.on('message', ({ failure }: BatchAnswer) => {
      worker.unref()
      this.#settle(failure && new StoreError(failure.fault, failure.message))
    })
    const lost = (error: Error): void => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#settle(new StoreError('failed', `The recorder's thread ended: ${error.message}.`, error))
    }
    worker.on('error', lost)
    worker.on('exit', (code) => lost(new Error(`exit code ${code}`)))
    worker.unref()
    return worker
  }

  #settle(error: StoreError | undefined): void {
    if (error === undefined) this.#pending?.resolve()
    else this.#pending?.reject(error)
  }
}

/** Threads of Node 20 load no TypeScript, so even tests, which run from `src/`, use the compiled file in `dist/`. */
function workerFile(): URL {
  return new URL('../../../dist/store/sqlite/recorder-worker.js', import.meta.url)
}
