import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openServices, type RunningService, startService } from '../src/app.ts'
import { type Config, readConfig } from '../src/config.ts'
import { formatSmtpReply, simulate } from '../src/milter/simulator/index.ts'

// The whole service in this process, on a real socket and a real database file, with a simulated sendmail.

const NOON = Date.parse('2026-11-22T12:00:00Z')
const OURS = 'djb2026112045@td.example.com'
const FOREIGN = 'joe@example.com'
const clock = (): number => NOON

let folder: string
let config: Config
let service: RunningService | undefined
let said: string[]

const remember = (...words: unknown[]): void => {
  said.push(String(words.at(-1)))
}
const log = {
  trace: remember,
  debug: remember,
  info: remember,
  warn: remember,
  error: remember,
  fatal: remember,
  event: remember,
  isLevelEnabled: () => true,
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'timedelay-'))
  said = []
  const answer = readConfig(
    { database: join(folder, 'td.db'), milter: [`unix:${join(folder, 'td.sock')}`], http: false },
    { environment: {}, directory: folder, systemFile: join(folder, 'none') },
  )
  if (!answer.ok) throw new Error(answer.faults.join())
  config = answer.config
  const services = await openServices(config, { create: true, clock })
  await services.domains.add('td.example.com', { timeZone: 'UTC' })
  await services.prefixes.add('djb', { mailboxes: ['dredd@example.com'] })
  await services.close()
})

afterEach(async () => {
  await service?.stop()
  service = undefined
  rmSync(folder, { recursive: true })
})

async function start(): Promise<void> {
  service = await startService(config, log, clock)
}

async function stop(): Promise<void> {
  await service?.stop()
  service = undefined
}

function loseDatabase(): void {
  for (const name of ['td.db', 'td.db-wal', 'td.db-shm']) rmSync(join(folder, name), { force: true })
}

async function ask(): Promise<{ readonly ours: string; readonly foreign: string }> {
  const { messages } = await simulate({
    milter: service?.listening[0] ?? '',
    messages: [{ to: [OURS, FOREIGN] }],
  })
  const [ours = '', foreign = ''] = messages[0]?.recipients.map(({ reply }) => formatSmtpReply(reply)) ?? []
  return { ours: ours.slice(0, 3), foreign: foreign.slice(0, 3) }
}

test('a service that ran before starts without its database: it defers ours and lets foreign mail pass', async () => {
  await start()
  expect(await ask()).toEqual({ ours: '250', foreign: '250' })
  await stop()
  cpSync(join(folder, 'td.db'), join(folder, 'backup.db'))
  loseDatabase()
  await start()
  expect(await ask()).toEqual({ ours: '451', foreign: '250' })
  expect(said).toContain('the database cannot be used; mail for our domains is deferred')
  cpSync(join(folder, 'backup.db'), join(folder, 'td.db'))
  await expect.poll(() => ask(), { timeout: 10_000 }).toEqual({ ours: '250', foreign: '250' })
})

test('a service that ran before starts on a damaged database, and defers ours', async () => {
  await start()
  await stop()
  loseDatabase()
  writeFileSync(join(folder, 'td.db'), 'this is no database')
  await start()
  expect(await ask()).toEqual({ ours: '451', foreign: '250' })
})

test('an empty database in place of one with domains is not taken for one: ours is deferred', async () => {
  await start()
  await stop()
  loseDatabase()
  // Where it was it cannot be made anew.
  await expect(openServices(config, { create: true, clock })).rejects.toThrow('put a backup in its place')
  const elsewhere = { ...config, database: join(folder, 'elsewhere.db') }
  await (await openServices(elsewhere, { create: true, clock })).close()
  renameSync(elsewhere.database, config.database)
  await start()
  expect(await ask()).toEqual({ ours: '451', foreign: '250' })
})

describe('a service that never ran', () => {
  test('does not start on a damaged database, and leaves nothing behind', async () => {
    loseDatabase()
    writeFileSync(join(folder, 'td.db'), 'this is no database')
    await expect(start()).rejects.toThrow('is not a database of timedelay')
  })

  test('makes its database', async () => {
    loseDatabase()
    await start()
    expect(await ask()).toEqual({ ours: '250', foreign: '250' })
  })
})

test('a domain that people removed is foreign again, also after a restart', async () => {
  await start()
  const services = await openServices(config, { clock })
  await services.prefixes.remove('djb')
  await services.domains.remove('td.example.com')
  await services.close()
  await ask()
  await expect
    .poll(
      async () => {
        await stop()
        await start()
        return ask()
      },
      { timeout: 10_000 },
    )
    .toEqual({ ours: '250', foreign: '250' })
})

test('a busy socket is one sentence, and nothing is left running', async () => {
  await start()
  const first = service
  await expect(startService(config, log, clock)).rejects.toThrow(/td\.sock/)
  service = first
  expect(await ask()).toEqual({ ours: '250', foreign: '250' })
})
