import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Config, type GivenOptions, readConfig } from '../src/config.ts'
import { kebab, SETTING_NAMES, variable } from '../src/settings.ts'

let directory = ''
let environment: Record<string, string> = {}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'timedelay-config-'))
  environment = {}
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

function read(options: GivenOptions = {}) {
  return readConfig(options, { environment, directory, systemFile: join(directory, 'etc', 'timedelay.toml') })
}

function config(options: GivenOptions = {}): Config {
  const answer = read(options)
  if (answer.ok) return answer.config
  throw new Error(answer.faults.join('\n'))
}

function faults(options: GivenOptions = {}): readonly string[] {
  const answer = read(options)
  return answer.ok ? [] : answer.faults
}

function writeToml(text: string, name = 'timedelay.toml'): string {
  const file = join(directory, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return file
}

describe('without any setting', () => {
  test('the defaults are those of the README', () => {
    expect(config()).toEqual({
      database: join(directory, 'data/timedelay.db'),
      milter: ['inet:8895@127.0.0.1'],
      milterSocketMode: 0o660,
      milterSocketGroup: undefined,
      sendmailCf: undefined,
      http: { host: '127.0.0.1', port: 8896 },
      publicUrl: undefined,
      basePath: '',
      trustedProxies: [],
      trustedRelays: [],
      refusalCode: 551,
      logLevel: 'info',
      drainSeconds: 30,
      keepDecisions: 100_000,
      origins: new Map(),
    })
  })
})

describe('the order of precedence', () => {
  test('is option, variable, file, default', () => {
    writeToml('drain-seconds = 1\nkeep-decisions = 1\nlog-level = "warn"')
    environment = { TIMEDELAY_DRAIN_SECONDS: '2', TIMEDELAY_KEEP_DECISIONS: '2' }
    expect(config({ drainSeconds: '3' })).toMatchObject({
      drainSeconds: 3,
      keepDecisions: 2,
      logLevel: 'warn',
      refusalCode: 551,
    })
  })

  test('lets an option switch on what a file switches off, and the other way round', () => {
    writeToml('no-milter = true\nhttp = "127.0.0.1:1"')
    expect(config({ milter: ['inet:1@127.0.0.1'], http: false })).toMatchObject({
      milter: ['inet:1@127.0.0.1'],
      http: undefined,
    })
  })

  test('remembers where each setting was written', () => {
    const file = writeToml('# ours\nlog-level = "warn"\n')
    environment = { TIMEDELAY_HTTP: '[::1]:80' }
    expect([...config({ refusalCode: '550', milter: false }).origins]).toEqual([
      ['milter', '--no-milter'],
      ['http', 'TIMEDELAY_HTTP'],
      ['refusalCode', '--refusal-code'],
      ['logLevel', `${file}:2`],
    ])
  })
})

describe('the file', () => {
  test('may set everything', () => {
    const file = writeToml(`
database = "db/td.db"
milter = ["inet:8895@127.0.0.1", "unix:/run/td.sock"]
milter-socket-mode = "0600"
milter-socket-group = "postfix"
sendmail-cf = "/etc/mail/sendmail.cf"
name = "timedelay"
http = "[::1]:8080"
public-url = "HTTPS://Td.example.com/"
base-path = "/td/"
trusted-proxy = ["127.0.0.1", "2001:db8::/32"]
trusted-relay = ["192.0.2.25"]
refusal-code = 550
log-level = "debug"
drain-seconds = 0
keep-decisions = 10
`)
    expect(config({ config: file })).toMatchObject({
      database: join(directory, 'db/td.db'),
      milter: ['inet:8895@127.0.0.1', 'unix:/run/td.sock'],
      milterSocketMode: 0o600,
      milterSocketGroup: 'postfix',
      sendmailCf: { file: '/etc/mail/sendmail.cf', name: 'timedelay' },
      http: { host: '::1', port: 8080 },
      publicUrl: 'https://td.example.com',
      basePath: '/td',
      trustedProxies: ['127.0.0.1', '2001:db8::/32'],
      trustedRelays: ['192.0.2.25'],
      refusalCode: 550,
      logLevel: 'debug',
      drainSeconds: 0,
      keepDecisions: 10,
    })
  })

  test('is the one named, else ./timedelay.toml, else that of the system', () => {
    writeToml('drain-seconds = 1', 'etc/timedelay.toml')
    expect(config().drainSeconds).toBe(1)
    writeToml('drain-seconds = 2')
    expect(config().drainSeconds).toBe(2)
    writeToml('drain-seconds = 3', 'three.toml')
    environment = { TIMEDELAY_CONFIG: 'three.toml' }
    expect(config().drainSeconds).toBe(3)
    expect(config({ config: writeToml('drain-seconds = 4', 'four.toml') }).drainSeconds).toBe(4)
  })

  test('means paths that start where it lies', () => {
    const file = writeToml('database = "td.db"', 'sub/timedelay.toml')
    expect(config({ config: file }).database).toBe(join(directory, 'sub/td.db'))
    expect(config({ config: file, database: 'td.db' }).database).toBe(join(directory, 'td.db'))
  })

  test('must be there when it is named', () => {
    expect(faults({ config: 'none.toml' })).toEqual([
      `--config: ${join(directory, 'none.toml')} does not exist.`,
    ])
    environment = { TIMEDELAY_CONFIG: directory }
    expect(faults()).toEqual([`TIMEDELAY_CONFIG: ${directory} is a directory, not a file.`])
  })

  test('that is not TOML is refused with line and column', () => {
    const file = writeToml('drain-seconds = 1\nlog-level = warn\n')
    const [fault = ''] = faults()
    expect(fault.startsWith(`${file}:2:13: this is not TOML: `)).toBe(true)
    expect(fault).not.toContain('\n')
  })

  test.each([
    ['log-level = 3', '1: log-level must be text in quotes.'],
    ['drain-seconds = "x"', '1: "x" is not a whole number from 0 to 3600.'],
    ['drain-seconds = true', '1: drain-seconds must be a whole number.'],
    // 660 and 0o660 are different numbers, and neither shows it.
    ['\nmilter-socket-mode = 0o660', '2: milter-socket-mode must be text in quotes.'],
    ['milter = [1]', '1: milter must be text in quotes, or an array of such texts.'],
    ['no-http = "perhaps"', '1: "perhaps" is neither true nor false.'],
    ['http = "a:1"\nno-http = true', '2: http and no-http contradict each other; keep one of them.'],
    ['no-http = true\nhttp = "a:1"', '2: http and no-http contradict each other; keep one of them.'],
    ['drain_seconds = 3', '1: there is no setting drain_seconds; did you mean drain-seconds?'],
    ['[milter]\nsocket = "x"', '1: milter must be text in quotes, or an array of such texts.'],
  ])('%j is refused, with its line', (text, fault) => {
    const file = writeToml(text)
    expect(faults()).toEqual([`${file}:${fault}`])
  })

  test('may say false to what it does not switch off', () => {
    writeToml('no-http = false\nhttp = "127.0.0.1:1"')
    expect(config().http).toEqual({ host: '127.0.0.1', port: 1 })
  })
})

describe('the environment', () => {
  test('names several sockets with blanks between', () => {
    environment = { TIMEDELAY_MILTER: ' inet:1@127.0.0.1  unix:/run/td.sock ' }
    expect(config().milter).toEqual(['inet:1@127.0.0.1', 'unix:/run/td.sock'])
  })

  test.each(['1', 'true', 'YES', 'on'])('switches off with %s', (value) => {
    environment = { TIMEDELAY_NO_MILTER: value, TIMEDELAY_NO_HTTP: value }
    expect(config()).toMatchObject({ milter: [], http: undefined })
  })

  test('means nothing by an empty variable', () => {
    environment = { TIMEDELAY_LOG_LEVEL: '', TIMEDELAY_BOGUS: '' }
    expect(config().logLevel).toBe('info')
  })

  test('is refused a variable that is none of ours, with the nearest that is', () => {
    environment = { TIMEDELAY_LOGLEVEL: 'debug', PATH: '/bin', OTHER_TIMEDELAY_X: '1' }
    expect(faults()).toEqual([
      'TIMEDELAY_LOGLEVEL: there is no setting TIMEDELAY_LOGLEVEL; did you mean TIMEDELAY_LOG_LEVEL?',
    ])
  })
})

describe('a value that cannot be', () => {
  test.each([
    [{ milterSocketMode: '999' }, '--milter-socket-mode: "999" is not a file mode in octal, such as 0660.'],
    [{ milterSocketMode: '1777' }, '--milter-socket-mode: "1777" is not a file mode in octal, such as 0660.'],
    [{ http: '8896' }, '--http: "8896" is not HOST:PORT, such as 127.0.0.1:8896 or [::1]:8896.'],
    [
      { http: '127.0.0.1:65536' },
      '--http: "127.0.0.1:65536" is not HOST:PORT, such as 127.0.0.1:8896 or [::1]:8896.',
    ],
    [{ http: '::1:80' }, '--http: "::1:80" is not HOST:PORT, such as 127.0.0.1:8896 or [::1]:8896.'],
    [
      { publicUrl: 'td.example.com' },
      '--public-url: "td.example.com" is no address of a site, such as https://td.example.com.',
    ],
    [
      { publicUrl: 'https://td.example.com/td' },
      '--public-url: "https://td.example.com/td" is no address of a site, such as https://td.example.com.',
    ],
    [{ basePath: 'td' }, '--base-path: "td" is no path of an address, such as /td.'],
    [{ basePath: '/a/../b' }, '--base-path: "/a/../b" is no path of an address, such as /td.'],
    [{ basePath: '/a"b' }, '--base-path: "/a"b" is no path of an address, such as /td.'],
    [
      { trustedProxy: ['10.0.0.0/8', 'localhost'] },
      '--trusted-proxy: "localhost" is no IP address or range, such as 127.0.0.1 or 10.0.0.0/8.',
    ],
    [
      { trustedProxy: ['10.0.0.0/33'] },
      '--trusted-proxy: "10.0.0.0/33" is no IP address or range, such as 127.0.0.1 or 10.0.0.0/8.',
    ],
    [{ refusalCode: '552' }, '--refusal-code: "552" is not one of 550, 551.'],
    [
      { logLevel: 'loud' },
      '--log-level: "loud" is not one of trace, debug, info, warn, error, fatal, silent.',
    ],
    [{ drainSeconds: '-1' }, '--drain-seconds: "-1" is not a whole number from 0 to 3600.'],
    [{ drainSeconds: '1.5' }, '--drain-seconds: "1.5" is not a whole number from 0 to 3600.'],
    [{ keepDecisions: '10000001' }, '--keep-decisions: "10000001" is not a whole number from 0 to 10000000.'],
    [{ database: '' }, '--database: a value is missing.'],
    [{ sendmailCf: '/x' }, '--sendmail-cf: say which filter of that file, with --name NAME.'],
    [{ name: 'x' }, '--name: the name is of use only together with --sendmail-cf FILE.'],
  ])('%j is refused in one sentence', (options, fault) => {
    expect(faults(options)).toEqual([fault])
  })

  test.each(['inet:8895@', 'inet:99999@127.0.0.1', 'tcp:8895', '8895', `unix:/${'x'.repeat(200)}`])(
    'the socket %s is refused, with the place where it was written',
    (spec) => {
      const [fault = '', ...others] = faults({ milter: ['inet:1@127.0.0.1', spec] })
      expect(fault).toMatch(/^--milter: .*[^.]\.$/)
      expect(others).toEqual([])
    },
  )

  test('is told together with all the others', () => {
    const file = writeToml('log-level = "loud"\nbogus = 1')
    environment = { TIMEDELAY_HTTP: 'x', TIMEDELAY_BOGUS: '1' }
    expect(faults({ refusalCode: '9' }).map((fault) => fault.replace(/: .*/, ''))).toEqual([
      'TIMEDELAY_BOGUS',
      `${file}:2`,
      'TIMEDELAY_HTTP',
      '--refusal-code',
      `${file}:1`,
    ])
  })
})

describe('the sockets to listen on', () => {
  test("are sendmail's alone when its file is named, and both when a socket is named too", () => {
    const sendmail = { sendmailCf: '/etc/mail/sendmail.cf', name: 'timedelay' }
    expect(config(sendmail)).toMatchObject({ milter: [], sendmailCf: { name: 'timedelay' } })
    expect(config({ ...sendmail, milter: ['unix:/run/td.sock'] })).toMatchObject({
      milter: ['unix:/run/td.sock'],
    })
  })

  test('are none at all with --no-milter', () => {
    expect(config({ sendmailCf: '/x', name: 'y', milter: false })).toMatchObject({
      milter: [],
      sendmailCf: undefined,
    })
  })
})

test('every setting has three spellings', () => {
  expect(kebab('milterSocketMode')).toBe('milter-socket-mode')
  expect(variable('milterSocketMode')).toBe('TIMEDELAY_MILTER_SOCKET_MODE')
  expect(new Set(SETTING_NAMES.map(variable)).size).toBe(SETTING_NAMES.length)
})

test('a directory that this user may not look into has no settings, but those of the system count', () => {
  const etc = mkdtempSync(join(tmpdir(), 'timedelay-etc-'))
  onTestFinished(() => rmSync(etc, { recursive: true, force: true }))
  chmodSync(etc, 0o755)
  const systemFile = join(etc, 'timedelay.toml')
  writeFileSync(systemFile, 'drain-seconds = 7\n')
  chmodSync(directory, 0)
  // Root may look anywhere, so for a moment it is nobody.
  const root = process.geteuid?.() === 0
  if (root) process.seteuid?.(65_534)
  try {
    const answer = readConfig({}, { environment, directory, systemFile })
    expect(answer).toMatchObject({ ok: true, config: { drainSeconds: 7 } })
  } finally {
    if (root) process.seteuid?.(0)
    chmodSync(directory, 0o700)
  }
})
