import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openLog } from '../src/log.ts'

let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'timedelay-log-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

function aFile(): { fd: number; lines: () => Record<string, unknown>[] } {
  const file = join(directory, 'log')
  const fd = openSync(file, 'w')
  onTestFinished(() => closeSync(fd))
  return {
    fd,
    lines: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  }
}

/** What the pipe cannot take at once it refuses with EAGAIN. */
function aPipe(): { reader: number; writer: number } {
  const path = join(directory, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  return { reader, writer }
}

test('a line is one JSON object with level, time and message', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  log.info({ queueId: '4XyZ', verdict: 'expired' }, 'verdict')
  log.debug('not asked for')
  await flush(5000)
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      queueId: '4XyZ',
      verdict: 'expired',
      msg: 'verdict',
    },
  ])
})

test('an event is such a line, too, and keeps its place among the others', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  log.info('before')
  log.event({ sender: 'a"b\n', targets: ['x', 'y'], because: undefined }, 'verdict')
  log.event({}, 'nothing')
  await flush(5000)
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(lines()).toEqual([
    { level: 'info', time, msg: 'before' },
    { level: 'info', time, sender: 'a"b\n', targets: ['x', 'y'], msg: 'verdict' },
    { level: 'info', time, msg: 'nothing' },
  ])
  for (let number = 0; number < 1200; number += 1) log.event({ number }, 'many')
  log.info('after')
  await flush(5000)
  const many = lines().slice(3)
  expect(many.map(({ number }) => number)).toEqual([...Array(1200).keys(), undefined])
  const quiet = openLog('warn', fd)
  quiet.log.event({}, 'not asked for')
  await quiet.flush(5000)
  expect(lines()).toHaveLength(1204)
})

test('lines keep their order however fast they come', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  for (let number = 0; number < 2000; number += 1) log.info({ number })
  await flush(5000)
  expect(lines().map(({ number }) => number)).toEqual(Array.from({ length: 2000 }, (_, number) => number))
})

test('secrets are never written', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  const secret = Buffer.alloc(32, 0x5a)
  log.info({
    secret,
    key: { id: '1', secret },
    settings: { key: { secret } },
    password: 'pw',
    headers: { cookie: 'c' },
  })
  log.info({ settings: { domains: 1, keys: [{ id: '1', secret }] } })
  log.info({ err: Object.assign(new Error('refused'), { token: 'tk', status: 401 }) })
  await flush(5000)
  const written = JSON.stringify(lines())
  expect(written).not.toContain('90,90')
  expect(written).not.toMatch(/"pw"|"c"|"tk"/)
  expect(written).toContain('(secret)')
  expect(lines()[2]).toMatchObject({ err: { type: 'Error', message: 'refused', status: 401 } })
})

test('what is logged is not changed, and keeps its shape where nothing is secret', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  const logged = { list: [{ token: 'tk' }, 'other'], deep: { deeper: { still: { fine: true } } } }
  log.info(logged)
  await flush(5000)
  expect(logged.list[0]).toEqual({ token: 'tk' })
  expect(lines()[0]).toMatchObject({ ...logged, list: [{ token: '(secret)' }, 'other'] })
})

test('the first line leaves at once, and those that follow soon leave together', async () => {
  const { fd, lines } = aFile()
  const { log, flush } = openLog('info', fd)
  log.info('first')
  await expect.poll(lines, { timeout: 5000 }).toHaveLength(1)
  for (let number = 0; number < 10; number += 1) log.info({ number })
  await expect.poll(lines, { timeout: 5000 }).toHaveLength(11)
  log.info('last')
  await flush(5000)
  expect(lines()).toHaveLength(12)
})

describe('a reader', () => {
  test('that has gone does no harm', async () => {
    const { reader, writer } = aPipe()
    closeSync(reader)
    const { log, flush } = openLog('info', writer)
    for (let number = 0; number < 100; number += 1) {
      log.info({ number })
      await flush(5000)
    }
    closeSync(writer)
  })

  test('that has stopped holds nobody up, and is told what it missed when it goes on', async () => {
    const { reader, writer } = aPipe()
    const { log, flush } = openLog('info', writer)
    const filler = 'x'.repeat(100_000)
    // 20 MB: more than the pipe and the backlog hold.
    for (let number = 0; number < 200; number += 1) log.info({ filler })
    await flush(10)
    const stream = new Socket({ fd: reader, readable: true, writable: false }).setEncoding('utf8')
    onTestFinished(() => void stream.destroy())
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    await flush(30_000)
    log.info('on we go')
    await flush(5000)
    await expect.poll(() => text.includes('on we go'), { timeout: 5000 }).toBe(true)
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const lost = lines.find(({ msg }) => msg === 'log lines were lost')
    expect(lost).toMatchObject({ level: 'warn' })
    expect(lost.lines + lines.filter((line) => 'filler' in line).length).toBe(200)
    closeSync(writer)
  })
})
