import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MilterClient } from '../../src/milter/simulator/index.ts'
import { createServices } from '../../src/service/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { aDirectory, aService, MAIN, ProgramProcess, runProcess } from './program-process.ts'

const CONVERSATION = { host: 'client.example', family: 'ipv4', address: '192.0.2.7', port: 25_000 } as const

/** td.example.com with the prefix djb, made without the program: that is quicker. */
async function anInstallation(): Promise<string> {
  const directory = aDirectory()
  const store = openSqliteStore(join(directory, 'data/timedelay.db'))
  const { domains, prefixes } = createServices({ store, clock: Date.now, refusalCode: 551 })
  await domains.add('td.example.com', { timeZone: 'Europe/Berlin' })
  await prefixes.add('djb', { mailboxes: ['dredd@example.com'] })
  await store.close()
  return directory
}

describe('the service', { timeout: 30_000 }, () => {
  test('says in one line where it listens, and ends with 0 on SIGTERM', async () => {
    const directory = aDirectory()
    const { service, spec } = await aService(directory)
    expect(service.out).toBe(`listening on ${spec}\n`)
    expect(statSync(join(directory, 'data/timedelay.db')).mode & 0o777).toBe(0o600)
    await service.said(/There is no domain yet/)
    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
    expect(service.err).toMatch(/"signal":"SIGTERM"/)
  })

  test('judges what commands have changed since it was started', async () => {
    const directory = aDirectory()
    const { spec } = await aService(directory)
    await runProcess(directory, ['domain', 'add', 'td.example.com', '--time-zone', 'UTC'])
    await runProcess(directory, ['prefix', 'add', 'djb', 'dredd@example.com'])
    const address = (await runProcess(directory, ['address', 'new', 'djb'])).out.trim()
    const simulate = ['simulate', '--milter', spec, '--to', address]
    const accepted = await runProcess(directory, [...simulate, 'plain@example.com'])
    expect(accepted).toMatchObject({ code: 0, err: '' })
    expect(accepted.out).toContain(`delete the recipient <${address}>`)
    expect(accepted.out).toContain('The message goes to plain@example.com, dredd@example.com.')
    await runProcess(directory, ['address', 'revoke', address])
    const refused = await runProcess(directory, [...simulate, '--json', '--as', 'postfix'])
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.out)).toMatchObject({
      recipients: [{ recipient: `<${address}>`, accepted: false, reply: '551 5.7.1 Address withdrawn.' }],
      goesTo: [],
    })
  })

  test('logs one JSON line for each verdict', async () => {
    const directory = await anInstallation()
    const { service, spec } = await aService(directory)
    await runProcess(directory, ['simulate', '--milter', spec, '--to', 'djb2020010110@td.example.com'])
    const [line] = await service.said(/^\{.*"verdict":"expired".*$/m)
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      sender: 'sender@client.example',
      recipient: 'djb2020010110@td.example.com',
      prefix: 'djb',
      verdict: 'expired',
    })
  })

  test('lets an open message finish before it ends', async () => {
    const directory = await anInstallation()
    const { service, spec } = await aService(directory)
    const client = await MilterClient.open(spec)
    await client.negotiate()
    await client.connect(CONVERSATION)
    await client.helo('client.example')
    await client.mail('<a@client.example>')
    service.child.kill('SIGTERM')
    await service.said(/"signal":"SIGTERM"/)
    expect((await client.rcpt('<djb2020010110@td.example.com>')).kind).toBe('reply')
    expect(service.child.exitCode).toBeNull()
    client.drop()
    expect(await service.ended()).toBe(0)
  })

  test('ends at once on a second signal', async () => {
    const directory = await anInstallation()
    const { service, spec } = await aService(directory)
    const client = await MilterClient.open(spec)
    onTestFinished(() => client.drop())
    await client.negotiate()
    await client.connect(CONVERSATION)
    await client.helo('client.example')
    await client.mail('<a@client.example>')
    service.child.kill('SIGTERM')
    await service.said(/"signal":"SIGTERM"/)
    service.child.kill('SIGINT')
    expect(await service.ended()).toBe('SIGINT')
  })

  test('does not die with the reader of its log', async () => {
    const directory = await anInstallation()
    const { service, spec } = await aService(directory)
    service.child.stderr?.destroy()
    service.child.stdout?.destroy()
    const simulate = ['simulate', '--milter', spec, '--to', 'djb2020010110@td.example.com']
    for (let round = 0; round < 3; round += 1) {
      expect((await runProcess(directory, simulate)).out).toContain('551 5.7.1 Expiration Reached.')
    }
    expect(service.child.exitCode).toBeNull()
  })

  test('takes its socket from the X line of sendmail', async () => {
    const directory = aDirectory()
    const socket = join(directory, 'td.sock')
    writeFileSync(join(directory, 'sendmail.cf'), `Xtimedelay, S=local:${socket}, F=T, T=S:10s;R:10s\n`)
    const sendmail = ['--sendmail-cf', 'sendmail.cf', '--name', 'timedelay']
    const service = new ProgramProcess(directory, [
      'serve',
      ...sendmail,
      '--milter-socket-mode',
      '0600',
      '--no-http',
    ])
    await service.said(/^listening on (?:unix|local):.*td\.sock\n/m)
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    const asked = await runProcess(directory, ['simulate', ...sendmail, '--to', 'a@example.com'])
    expect(asked.code).toBe(0)
    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
    expect(existsSync(socket)).toBe(false)
  })
})

describe('a service that cannot start', { timeout: 30_000 }, () => {
  async function refused(directory: string, ...argv: readonly string[]) {
    const console = argv.some((word) => word.endsWith('http')) ? [] : ['--no-http']
    const { code, out, err } = await runProcess(directory, [
      'serve',
      '--log-level',
      'fatal',
      ...console,
      ...argv,
    ])
    expect(out).toBe('')
    expect(err).toMatch(/^timedelay: .*\n$/)
    expect(err).not.toMatch(/\n\s+at /)
    return { code, err }
  }

  test('for a busy port leaves the other service alone', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const { code, err } = await refused(aDirectory(), '--milter', `inet:${port}@127.0.0.1`)
    expect(code).toBe(1)
    expect(err).toContain(`inet:${port}@127.0.0.1`)
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
  })

  test('for a busy port of the console serves no mail either', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const directory = aDirectory()
    const socket = join(directory, 'td.sock')
    const { code, err } = await refused(
      directory,
      '--milter',
      `unix:${socket}`,
      '--http',
      `127.0.0.1:${port}`,
    )
    expect(code).toBe(1)
    expect(err).toBe(
      `timedelay: The console cannot listen on 127.0.0.1:${port}: another program listens there. Stop it, or choose ` +
        'another place with --http HOST:PORT.\n',
    )
    expect(existsSync(socket)).toBe(false)
  })

  test('for a bad spec has opened nothing', async () => {
    const directory = aDirectory()
    const { code, err } = await refused(directory, '--milter', 'inet:99999@127.0.0.1')
    expect(code).toBe(2)
    expect(err).toContain('--milter: ')
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })

  test('for an unwritable directory', async () => {
    const directory = aDirectory()
    writeFileSync(join(directory, 'file'), '')
    expect((await refused(directory, '--database', 'file/td.db')).code).toBe(1)
    if (process.getuid?.() === 0) return // Root may write anywhere.
    mkdirSync(join(directory, 'locked'))
    chmodSync(join(directory, 'locked'), 0o500)
    expect((await refused(directory, '--database', 'locked/td.db')).code).toBe(1)
  })

  test('for a corrupt database leaves the file as it is', async () => {
    const directory = await anInstallation()
    const file = join(directory, 'data/timedelay.db')
    const bytes = readFileSync(file)
    bytes.fill(0xff, 100, bytes.length)
    writeFileSync(file, bytes)
    const { code, err } = await refused(directory, '--milter', 'inet:0@127.0.0.1')
    expect(code).toBe(1)
    expect(err).toContain('timedelay.db')
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('for a socket directory that is not there', async () => {
    const { code, err } = await refused(aDirectory(), '--milter', 'unix:/nowhere/at/all/td.sock')
    expect(code).toBe(1)
    expect(err).toContain('/nowhere/at/all')
  })

  test('for a name that sendmail does not know', async () => {
    const directory = aDirectory()
    writeFileSync(join(directory, 'sendmail.cf'), 'Xother, S=inet:1@127.0.0.1\n')
    const { code, err } = await refused(directory, '--sendmail-cf', 'sendmail.cf', '--name', 'timedelay')
    expect(code).toBe(1)
    expect(err).toContain('Xtimedelay')
  })

  test('for want of anything to run', async () => {
    const { code, err } = await refused(aDirectory(), '--no-milter', '--no-http')
    expect(code).toBe(2)
    expect(err).toContain('nothing to run')
  })

  test('for a group that nobody has', async () => {
    const directory = aDirectory()
    const spec = `unix:${join(directory, 'td.sock')}`
    const { code } = await refused(directory, '--milter', spec, '--milter-socket-group', 'no-such-group')
    expect(code).toBe(1)
    expect(existsSync(join(directory, 'td.sock'))).toBe(false)
  })
})

describe('the program', { timeout: 30_000 }, () => {
  test('is executable by its first line', () => {
    expect(readFileSync(MAIN, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  test('prints its version and its help without opening anything', async () => {
    const directory = aDirectory()
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await runProcess(directory, ['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect((await runProcess(directory, ['--help'])).code).toBe(0)
  })

  test('does not mind a reader that has had enough', async () => {
    const directory = await anInstallation()
    const child = spawn(process.execPath, [MAIN, 'address', 'new', 'djb'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text
    })
    const [code] = await once(child, 'close')
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  test('says in a sentence that no filter answers', async () => {
    const directory = aDirectory()
    const asked = await runProcess(directory, [
      'simulate',
      '--milter',
      'inet:1@127.0.0.1',
      '--to',
      'a@example.com',
    ])
    expect(asked).toMatchObject({ code: 1, out: '' })
    expect(asked.err).toMatch(
      /^timedelay: Cannot connect to the milter at inet:1@127\.0\.0\.1: nothing listens.*\.\n$/,
    )
  })
})
