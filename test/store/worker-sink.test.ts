import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BatchingRecorder } from '../../src/store/recorder.ts'
import { Sqlite } from '../../src/store/sqlite/engine.ts'
import { openSqliteStore, type SqliteStore, WorkerSink } from '../../src/store/sqlite/index.ts'
import { aDomain, anEvent, aPrefix, NOON, TD } from './build.ts'

// Other processes, threads and disks take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let file: string
let store: SqliteStore
let sink: WorkerSink

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'timedelay-worker-'))
  file = join(folder, 'timedelay.db')
  store = openSqliteStore(file)
  await store.addDomain(aDomain(), NOON)
  await store.addPrefix(aPrefix(), NOON)
  sink = new WorkerSink(file, { keepDecisions: 5 })
})
afterEach(async () => {
  await sink.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

test('a batch is in the database when its promise resolves, and the bounds hold', async () => {
  await sink.write([anEvent(), anEvent({ prefix: undefined, localPart: undefined, verdict: 'unknown' })])
  expect(await store.decisions()).toHaveLength(2)
  expect(await store.findAddress(TD, 'djb2026112045')).toMatchObject({ accepted: 1 })
  await sink.write(Array.from({ length: 10 }, () => anEvent()))
  expect(await store.decisions()).toHaveLength(5)
})

test('a batch of any length is stored whole', async () => {
  const long = new WorkerSink(file)
  for (const length of [249, 250, 251, 500, 1000]) {
    await long.write(Array.from({ length }, () => anEvent()))
  }
  expect(await store.findAddress(TD, 'djb2026112045')).toMatchObject({ accepted: 2250 })
  await long.close()
})

test('batches come one at a time', async () => {
  const first = sink.write([anEvent()])
  await expect(sink.write([anEvent()])).rejects.toThrow('one batch at a time')
  await first
  await sink.write([anEvent()])
  expect(await store.decisions()).toHaveLength(2)
})

test('a database that is away fails the batch, is not made anew, and takes it when it is back', async () => {
  await sink.write([anEvent()])
  renameSync(file, `${file}.away`)
  await expect(sink.write([anEvent()])).rejects.toMatchObject({ name: 'StoreError', fault: 'missing' })
  renameSync(`${file}.away`, file)
  await sink.write([anEvent()])
  expect(await store.decisions()).toHaveLength(2)
})

test('closing ends the thread, and needs none', async () => {
  await new WorkerSink(file).close()
  await sink.write([anEvent()])
  await sink.close()
  await sink.close()
})

test('a batch that cannot travel to the thread fails, and the next one goes', async () => {
  const uncloneable = { ...anEvent(), recipient: () => '' }
  await expect(sink.write([uncloneable as never])).rejects.toThrow('could not be cloned')
  await sink.write([anEvent()])
  expect(await store.decisions()).toHaveLength(1)
})

describe('through the recorder', () => {
  const post = () => vi.spyOn(Worker.prototype, 'postMessage')
  const recorderFor = (dropped: () => void) =>
    new BatchingRecorder({
      sink: (events) => sink.write(events),
      flushAfter: 1,
      retryAfter: 5,
      report: (trouble) => trouble.dropped > 0 && dropped(),
    })

  test('a lock delays events and loses none, while this thread goes on', async () => {
    const dropped = vi.fn()
    const recorder = recorderFor(dropped)
    const holder = new Sqlite(file)
    holder.exec('BEGIN IMMEDIATE')
    const posted = post()
    for (let count = 0; count < 4; count++) recorder.record(anEvent())
    await vi.waitFor(() => expect(posted).toHaveBeenCalled())
    expect(recorder.waiting).toBe(4)
    holder.exec('COMMIT')
    holder.close()
    await recorder.close(30_000)
    expect(await store.decisions()).toHaveLength(4)
    expect(dropped).not.toHaveBeenCalled()
  })

  test('a thread that dies under a batch loses no event', async () => {
    const dropped = vi.fn()
    const recorder = recorderFor(dropped)
    const posted = post()
    recorder.record(anEvent())
    await vi.waitFor(() => expect(posted).toHaveBeenCalled())
    await (posted.mock.contexts[0] as Worker).terminate()
    await recorder.close(30_000)
    expect((await store.decisions()).length).toBeGreaterThan(0)
    expect(posted.mock.calls.length).toBeGreaterThan(1)
    expect(dropped).not.toHaveBeenCalled()
  })

  test('a thread that dies idle is replaced', async () => {
    const posted = post()
    await sink.write([anEvent()])
    await (posted.mock.contexts[0] as Worker).terminate()
    await sink.write([anEvent()])
    expect(await store.decisions()).toHaveLength(2)
  })
})
