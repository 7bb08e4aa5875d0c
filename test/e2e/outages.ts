// What the machine does to us while mail comes in: restarts, a second instance, a full disk, a database that may not be
// written, is locked, broken or restored, no descriptors left, nobody who reads the log. The database lies on a small
// disk of its own, in memory. Whatever happens, each message arrives once, at its owner, and foreign mail with it.

import { copyFile, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventually } from '../support/mta/eventually.ts'
import type { Mta, MtaOptions } from '../support/mta/mta.ts'
import { mustRun, ProcessGroup, run } from '../support/mta/process-group.ts'
import { address, Service } from '../support/mta/service.ts'
import { aMessage } from '../support/mta/smtp-client.ts'
import { Load } from './load.ts'

const PLAIN = 'plain@example.com'
const MESSAGES = 30
const SENDERS = 4
/** Seconds after which the servers give up a filter that does not answer. */
const PATIENCE = 3
/** Mounting needs a right that root has not everywhere; no mail server runs without it here. */
const SIZE = '6m'

/** The engine that this Node can load. */
const ENGINE = new URL('../../dist/store/sqlite/engine.js', import.meta.url).href
/** Takes SQLite's one write lock, says so, and keeps it until its input ends. */
const LOCKER = `
const { Sqlite } = await import(process.argv[2])
const db = new Sqlite(process.argv[1], { timeout: 25_000 })
db.exec('BEGIN EXCLUSIVE')
console.log('locked')
process.stdin.resume().on('end', () => { db.exec('ROLLBACK'); db.close() })`

export interface OutageOptions {
  /** Seconds that the database stays locked. */
  readonly locked: number
  readonly restarts: number
}

export function outagesBehind(
  start: (options: MtaOptions) => Promise<Mta>,
  { locked, restarts }: OutageOptions,
): void {
  let service: Service
  let mta: Mta

  beforeAll(async () => {
    service = await Service.inNewFolder()
    await mustRun('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'none', service.folder])
    await service.makeDatabase()
    await service.start()
    const patience = { connect: PATIENCE, reply: PATIENCE, endOfMessage: PATIENCE }
    mta = await start({ milter: service.spec, patience })
  })
  afterAll(async () => {
    await mta?.stop()
    if (service === undefined) return
    await service.stop()
    await run('umount', ['--lazy', service.folder])
    await service.remove()
  })
  beforeEach(async () => {
    await service.start()
    await mta.clear()
  })

  /** Sends while something happens; then counts. */
  async function through(
    happens: (load: Load) => Promise<unknown>,
    { messages = MESSAGES, every = 20 } = {},
  ): Promise<Load> {
    const load = new Load(mta, { messages, every, senders: SENDERS })
    const sent = load.run()
    // Without this a failure would be hidden behind senders that never end, in this test and the next.
    await happens(load).catch(async (fault) => {
      load.stop()
      await sent
      throw fault
    })
    await sent
    await load.expectAllDelivered()
    return load
  }

  const accepted = (load: Load, count: number) =>
    eventually(
      `${count} messages accepted`,
      () => (load.accepted >= count || load.done ? true : undefined),
      60,
    )

  /** What an address of ours and a foreign one hear, and what became of the message. */
  async function ask(ours: string): Promise<readonly number[]> {
    const client = await mta.open()
    const sent = await client.send({ to: [ours, PLAIN], message: aMessage() })
    client.drop()
    return [...sent.rcpt, sent.end].map(({ code }) => code)
  }

  /** Until the recorder has written what happened to an address. */
  const recorded = (recipient: string) =>
    eventually(
      `the record of ${recipient}`,
      async () => (await service.cli('address', 'list', '--json')).includes(recipient) || undefined,
    )

  it(`restarted under load, times: ${restarts}. Open messages are finished, the others come again`, async () => {
    await through(async (load) => {
      for (let time = 1; time <= restarts; time++) {
        await accepted(load, 6 * time)
        await service.stop()
        await service.start(5)
      }
    })
  })

  it('a second instance on the same socket goes away with a sentence, and the first never notices', async () => {
    const load = await through(async (load) => {
      await accepted(load, 5)
      await expect(service.cli('serve', '--no-http', '--milter', service.spec)).rejects.toThrow(
        /Another program already listens on/,
      )
    })
    expect(load.putOff).toBe(0)
  })

  it('disk full: mail goes on, changes are declined with a sentence, and what happened is recorded later', async () => {
    const filler = join(service.folder, 'filler')
    const load = await through(async (load) => {
      await accepted(load, 5)
      await fill(filler)
      await expect(service.cli('prefix', 'add', 'new', 'foo@example.com')).rejects.toThrow(
        /ended with 1: timedelay: The disk .* is full: make room there\./,
      )
      await accepted(load, 20)
      await rm(filler)
    })
    expect(load.putOff).toBe(0)

    const fresh = address('djb', 23)
    await fill(filler)
    expect(await ask(fresh)).toEqual([250, 250, 250])
    await rm(filler)
    await recorded(fresh)
  })

  it('database not writable: mail goes on, and what happened is recorded when it is again', async () => {
    const { database } = service
    const fresh = address('djb', 29)
    await service.stop()
    const earlier = service.output.length
    // A read-only file over the file itself; root would write to anything else.
    await mustRun('mount', ['--bind', database, database])
    try {
      await mustRun('mount', ['-o', 'remount,bind,ro', database])
      await service.start()
      const told = () =>
        service.output.slice(earlier).includes('verdicts could not be recorded yet') || undefined
      const load = await through(() => eventually('a word that nothing can be recorded', told))
      expect(load.putOff).toBe(0)
      expect(await ask(fresh)).toEqual([250, 250, 250])
      expect(await service.cli('address', 'list', '--json')).not.toContain(fresh)
      await mustRun('mount', ['-o', 'remount,bind,rw', database])
      await recorded(fresh)
    } finally {
      // The service still holds it.
      await mustRun('umount', ['--lazy', database])
    }
  })

  const lockedMessages = Math.max(MESSAGES, locked * 10)
  it(`database locked by another program for ${locked} s: mail goes on`, async () => {
    const load = await through(
      async (load) => {
        await accepted(load, 5)
        const locker = await ProcessGroup.start(
          process.execPath,
          ['--input-type=module', '--eval', LOCKER, service.database, ENGINE],
          { stdin: 'pipe' },
        )
        await eventually('the lock', () => (locker.output.includes('locked') ? true : undefined))
        const until = performance.now() + locked * 1000
        await eventually('the time', () => (performance.now() > until ? true : undefined), locked + 30)
        await locker.stop()
      },
      // Mail comes all the time, and some after it.
      { messages: lockedMessages, every: (1100 * locked * SENDERS) / lockedMessages },
    )
    expect(load.putOff).toBe(0)
  })

  it('database broken: ours is put off or judged rightly, never lost, and the backup brings it back', async () => {
    const { database } = service
    const backup = `${database}.backup`
    await rm(backup, { force: true })
    await service.cli('backup', backup)
    await through(async (load) => {
      await accepted(load, 5)
      // Under it first: what it has in memory may do for a while. Restarted, it cannot even open it.
      await spoil(database)
      const tried = load.accepted + load.putOff
      await eventually('more mail', () => (load.accepted + load.putOff > tried + 3 ? true : undefined))
      await service.kill()
      await spoil(database)
      await service.start()
      await service.said('the database cannot be used')
      const before = load.putOff
      await eventually('mail that is put off', () => (load.putOff > before ? true : undefined))
      await copyFile(backup, `${database}.new`)
      await rename(`${database}.new`, database)
      await service.said('the database is back')
    })
  })

  it('no descriptors left: sessions are put off, and all is well when there are some again', async () => {
    const limit = async (files: number) =>
      mustRun('prlimit', ['--pid', String(service.id), `--nofile=${files}:`])
    const load = await through(
      async (load) => {
        await accepted(load, 5)
        // Fewer than are open already: no new one can be had.
        await limit(10)
        await eventually('sessions that are put off', () => (load.putOff >= SENDERS ? true : undefined))
        await limit(1024)
      },
      { messages: 60 },
    )
    expect(load.done && service.alive).toBe(true)
  })

  it('nobody reads the log any more: mail goes on', async () => {
    const load = await through(async (load) => {
      await accepted(load, 5)
      service.deafen()
    })
    expect(load.putOff).toBe(0)
    expect(service.alive).toBe(true)
    await service.stop()
  })
}

/** Until nothing more goes in. */
async function fill(file: string): Promise<void> {
  await writeFile(file, Buffer.alloc(32 * 1024 * 1024)).catch((error: NodeJS.ErrnoException) => {
    expect(error.code).toBe('ENOSPC')
  })
  // The last pages, too small for a big write.
  const handle = await open(file, 'a')
  try {
    for (;;) await handle.write(Buffer.alloc(512))
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
  } finally {
    await handle.close()
  }
}

/** Overwrites all of it but the first bytes, as a failing disk might; good pages in its log must not mend it again. */
async function spoil(database: string): Promise<void> {
  const handle = await open(database, 'r+')
  const { size } = await handle.stat()
  await handle.write(Buffer.alloc(size - 100, 0xff), 0, size - 100, 100)
  await handle.close()
  for (const rest of [`${database}-wal`, `${database}-shm`]) await rm(rest, { force: true })
}
