import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseDomainName, parseMailbox, parsePrefixName, parseTimeZone } from '../../../src/address/index.ts'
import { type RunningService, startService } from '../../../src/app.ts'
import { type Config, readConfig } from '../../../src/config.ts'
import { openLog } from '../../../src/log.ts'
import { type DoctorOptions, examine, type Finding, localMachine } from '../../../src/service/doctor/index.ts'
import type { Machine } from '../../../src/service/doctor/machine.ts'
import { mtaConfiguration } from '../../../src/service/mta/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import type { Store } from '../../../src/store/store.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const TD = parseDomainName('td.example.com')!
const UTC = parseTimeZone('UTC')!
const DEADLINE = 8000

/** Depend on the machine that runs the tests, and on nothing that they set up. */
const OF_THIS_MACHINE = new Set(['disk-space', 'time-zone-data'])

let home: string
let service: RunningService | undefined
let loop: Server | undefined
let loopPort = 0

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'timedelay-doctor-'))
  await mkdir(join(home, 'data'), { mode: 0o700 })
})
afterEach(async () => {
  await service?.stop()
  service = undefined
  await new Promise<unknown>((resolve) => (loop ? loop.close(resolve) : resolve(undefined)))
  loop = undefined
  await rm(home, { recursive: true, force: true })
})

function configure(listener: string): Config {
  const surroundings = { environment: {}, directory: home, systemFile: join(home, 'none.toml') }
  const options = {
    database: join(home, 'data/td.db'),
    milter: [listener],
    milterSocketMode: '600',
    http: false as const,
  }
  const answer = readConfig(options, surroundings)
  if (!answer.ok) throw new Error(answer.faults.join('\n'))
  return answer.config
}

/** A running service with the domain td.example.com and the prefix djb; where it listens. */
async function serve(listener = 'inet:0@127.0.0.1'): Promise<string> {
  const config = configure(listener)
  const store = openSqliteStore(config.database, { create: true })
  const postmaster = mailbox('pm@example.com')
  await store.addDomain({ name: TD, timeZone: UTC, postmaster, maxPrefixLength: 3 }, Date.now())
  await store.addPrefix(
    {
      domain: TD,
      name: parsePrefixName('djb')!,
      mailboxes: [mailbox('dredd@example.com')],
      maxDays: 99,
      defaultDays: 30,
      signed: false,
      enabled: true,
      note: '',
    },
    Date.now(),
  )
  await store.close()
  service = await startService(config, openLog('fatal').log)
  return service.listening[0]!
}

function mailbox(text: string) {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.fault)
  return parsed.mailbox
}

/** Something that accepts connections where unrewritten mail is sent back to. */
async function listenForTheLoop(): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  loopPort = typeof address === 'object' && address !== null ? address.port : 0
  loop = server
}

/** The printed configuration of a server, written where it belongs; the folder it lies in. */
async function paste(mta: 'sendmail' | 'postfix', listener: string, more = ''): Promise<string> {
  const directory = join(home, mta)
  await mkdir(directory)
  await listenForTheLoop()
  const made = mtaConfiguration(mta, {
    domains: [TD],
    listeners: [listener],
    handlerDeadline: DEADLINE,
    directory,
    loopPort,
    queueDirectory: home,
  })
  if (made.kind === 'refused') throw new Error(made.says)
  const texts = new Map<string, string>([[join(directory, 'main.cf'), more]])
  for (const { file, text } of made.blocks) texts.set(file, (texts.get(file) ?? '') + text)
  for (const [file, text] of texts) await writeFile(file, text)
  return directory
}

function options(listeners: readonly string[], change: Partial<DoctorOptions> = {}): DoctorOptions {
  return { listeners, database: join(home, 'data/td.db'), handlerDeadline: DEADLINE, ...change }
}

async function openStore(): Promise<Store> {
  return openSqliteStore(join(home, 'data/td.db'))
}

/** The real machine without whatever mail server it may have. */
function bareMachine(change: Partial<Machine> = {}): Machine {
  const machine = localMachine(Date.now)
  return {
    ...machine,
    // More patience with a slow machine than an operator would have.
    pause: (milliseconds) => machine.pause(3 * milliseconds),
    run: async (command) => ({ ok: false, why: 'missing', says: `there is no program ${command}` }),
    readText: (path) =>
      path.startsWith('/etc/mail/') || path.startsWith('/etc/postfix/')
        ? Promise.resolve({ ok: false, why: 'missing', says: `there is no ${path}` })
        : machine.readText(path),
    ...change,
  }
}

function complaints(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ check, level }) => level !== 'ok' && !OF_THIS_MACHINE.has(check))
}

function find(findings: readonly Finding[], check: string): Finding {
  const found = findings.find((finding) => finding.check === check)
  if (found === undefined) throw new Error(`no ${check} among ${findings.map((one) => one.check).join(', ')}`)
  return found
}

describe('an examination', () => {
  test('has no complaint about a running service with the Postfix configuration that we print', async () => {
    const listener = await serve()
    const postfixConfig = await paste('postfix', listener)
    const findings = await examine(options([listener], { postfixConfig }), {
      machine: bareMachine(),
      openStore,
    })
    expect(complaints(findings)).toEqual([])
    // It was asked as Postfix asks, and what it answered has arrived in the database.
    expect(find(findings, 'milter-answers').says).toContain('Postfix')
    expect(find(findings, 'event-backlog').level).toBe('ok')
    // Whoever finds its questions among the mail sees whose they were.
    const store = await openStore()
    const senders = (await store.decisions()).map(({ sender }) => sender)
    await store.close()
    expect(senders).not.toEqual([])
    expect(new Set(senders)).toEqual(new Set(['postmaster@timedelay-doctor.invalid']))
  })

  test('says of every fault and warning what to do', async () => {
    const findings = await examine(options(['inet:1@127.0.0.1'], { sendmailCf: join(home, 'no.cf') }), {
      machine: bareMachine(),
      openStore,
    })
    expect(complaints(findings)).not.toEqual([])
    for (const finding of complaints(findings)) expect(finding.todo).toMatch(/\w{3}/)
  })

  test('goes on when the milter is down', async () => {
    const listener = await serve()
    await service?.stop()
    service = undefined
    const postfixConfig = await paste('postfix', listener)
    const findings = await examine(options([listener], { postfixConfig }), {
      machine: bareMachine(),
      openStore,
    })
    expect(complaints(findings).map(({ check }) => check)).toEqual(['milter-answers'])
    expect(find(findings, 'postfix-route').level).toBe('ok')
  })

  test('finds out that the service uses another database', async () => {
    const listener = await serve()
    const database = join(home, 'data/other.db')
    const other = openSqliteStore(database, { create: true })
    const name = parseDomainName('td.example.org')!
    await other.addDomain({ name, timeZone: UTC, postmaster: undefined, maxPrefixLength: 3 }, Date.now())
    const findings = await examine(options([listener], { database }), {
      machine: bareMachine(),
      openStore: async () => other,
    })
    expect(find(findings, 'milter-own-domain')).toMatchObject({
      level: 'fault',
      todo: expect.stringContaining('--database'),
    })
  })

  test('does not make a database where there is none', async () => {
    let opened = false
    const findings = await examine(options(['inet:1@127.0.0.1']), {
      machine: bareMachine(),
      openStore: () => {
        opened = true
        return openStore()
      },
    })
    expect(opened).toBe(false)
    expect(find(findings, 'database-file')).toMatchObject({ level: 'fault' })
  })

  test('goes on when the database cannot be opened', async () => {
    const listener = await serve()
    const findings = await examine(options([listener]), {
      machine: bareMachine(),
      openStore: () => Promise.reject(new Error('this database was made by a newer program')),
    })
    expect(find(findings, 'database-open').says).toContain('newer program')
    expect(find(findings, 'milter-answers').level).toBe('ok')
  })

  test('tells how to name the configuration when it finds no mail server', async () => {
    const findings = await examine(options(['inet:1@127.0.0.1']), { machine: bareMachine(), openStore })
    const found = find(findings, 'mail-server')
    expect(found.todo).toContain('--sendmail-cf FILE')
    expect(found.todo).toContain('--postfix-config DIR')
  })

  test('takes a file that may not be read for a finding', async () => {
    const denied = { ok: false, why: 'denied', says: 'this user may not read it' } as const
    const machine = bareMachine({ readText: async () => denied, inspect: async () => denied })
    const findings = await examine(options(['unix:/run/td.sock'], { sendmailCf: '/etc/mail/sendmail.cf' }), {
      machine,
      openStore,
    })
    expect(find(findings, 'sendmail-configuration')).toMatchObject({
      level: 'fault',
      todo: expect.stringContaining('root'),
    })
    expect(find(findings, 'database-file').todo).toContain('root')
    expect(find(findings, 'socket-file').level).toBe('warn')
  })

  test('takes a fault of its own for a finding', async () => {
    const machine = bareMachine({ talk: () => Promise.reject(new TypeError('boom')) })
    const findings = await examine(options(['inet:1@127.0.0.1']), { machine, openStore })
    expect(find(findings, 'milter-answers')).toMatchObject({
      level: 'warn',
      says: expect.stringContaining('boom'),
    })
  })

  test('says which listener is no socket', async () => {
    const findings = await examine(options(['tcp:8895']), { machine: bareMachine(), openStore })
    expect(find(findings, 'listener').level).toBe('fault')
  })
})

describe('a Unix socket on this machine', () => {
  test('that Postfix may not write is found by its mode', async () => {
    await chmod(home, 0o755)
    const listener = await serve(`unix:${join(home, 'td.sock')}`)
    const postfixConfig = await paste('postfix', listener, `queue_directory = ${home}\nmail_owner = nobody\n`)
    const findings = await examine(options([listener], { postfixConfig }), {
      machine: bareMachine(),
      openStore,
    })
    expect(find(findings, 'postfix-milters').says).toContain('unix:td.sock')
    expect(find(findings, 'milter-answers').level).toBe('ok')
    expect(find(findings, 'socket-access-postfix')).toMatchObject({
      level: 'fault',
      says: expect.stringContaining('mode 600'),
    })

    await chmod(join(home, 'td.sock'), 0o666)
    const again = await examine(options([listener], { postfixConfig }), { machine: bareMachine(), openStore })
    expect(find(again, 'socket-access-postfix').level).toBe('ok')
  })
})

describe("sendmail's files on this machine", () => {
  test('are read from the cf file on: classes, tables and mailers', async () => {
    const listener = await serve()
    const directory = await paste('sendmail', listener)
    const cf = [
      `Xtimedelay, S=${listener}, F=T, T=R:30s;E:2m`,
      'O InputMailFilters=timedelay',
      `Fw${directory}/local-host-names`,
      'C{R}td.example.com',
      `Kmailertable hash -o ${directory}/mailertable.db`,
      `Kvirtuser hash -o ${directory}/virtusertable.db`,
      `O AliasFile=${directory}/aliases`,
      `Mtdloop, P=[IPC], F=mDFMuXk, A=TCP $h ${loopPort}`,
    ].join('\n')
    const sendmailCf = join(directory, 'sendmail.cf')
    await writeFile(sendmailCf, cf)
    await writeFile(join(directory, 'local-host-names'), 'example.com\n')
    await writeFile(join(directory, 'aliases'), 'postmaster: root\n')
    await writeFile(join(directory, 'mailertable.db'), '')
    const look = () => examine(options([listener], { sendmailCf }), { machine: bareMachine(), openStore })
    expect(complaints(await look())).toEqual([])

    await writeFile(join(directory, 'local-host-names'), 'example.com\ntd.example.com\n')
    expect(find(await look(), 'sendmail-own-names').level).toBe('fault')
    await writeFile(join(directory, 'local-host-names'), 'example.com\n')
    await rm(join(directory, 'mailertable.db'))
    expect(find(await look(), 'sendmail-map').level).toBe('fault')
  })
})
