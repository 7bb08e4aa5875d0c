// The table of settings: for each its check, default and description. The help, the errors and the three spellings
// (`--drain-seconds`, TIMEDELAY_DRAIN_SECONDS, drain-seconds) all come from it; `config.ts` reads what was written.

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseSocketSpec } from './milter/index.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** The outcome of a check: the value, or what is wrong with the text, as the rest of a sentence. */
export type Checked<T> = { readonly value: T } | { readonly fault: string }

export interface Setting<T> {
  /** Stands for the value in the help. */
  readonly placeholder: string
  /** A few words, without full stop. */
  readonly description: string
  readonly fallback: string | undefined
  /** How the TOML file writes it. A mode is text, since 660 and 0o660 are different numbers. */
  readonly type: 'text' | 'integer'
  /** May be given several times; in a variable, with blanks between; in the file, as an array. */
  readonly repeatable?: true
  /** What `no-<name>` does, where the setting can be switched off. */
  readonly off?: string
  /** `base` is the directory that a relative path starts from. */
  check(text: string, base: string): Checked<T>
}

const anyText = (value: string): Checked<string> => ({ value })
const path = (value: string, base: string): Checked<string> => ({ value: resolve(base, value) })

function oneOf<const T extends string>(values: readonly T[]): (given: string) => Checked<T> {
  return (given) => {
    const value = values.find((one) => one === given)
    return value === undefined ? { fault: `"${given}" is not one of ${values.join(', ')}` } : { value }
  }
}

function wholeNumber(from: number, through: number): (given: string) => Checked<number> {
  return (given) => {
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (value >= from && value <= through) return { value }
    return { fault: `"${given}" is not a whole number from ${from} to ${through}` }
  }
}

function checkMode(given: string): Checked<number> {
  if (/^0?[0-7]{3}$/.test(given)) return { value: Number.parseInt(given, 8) }
  return { fault: `"${given}" is not a file mode in octal, such as 0660` }
}

function checkHostPort(given: string): Checked<HostPort> {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(given) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host !== undefined && port <= 65535) return { value: { host, port } }
  return { fault: `"${given}" is not HOST:PORT, such as 127.0.0.1:8896 or [::1]:8896` }
}

/** An address or a range in CIDR notation, as it is written. */
function checkNetwork(given: string): Checked<string> {
  const [, address = '', length] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(given) ?? []
  const version = isIP(address)
  const longest = version === 4 ? 32 : 128
  if (version !== 0 && Number(length ?? longest) <= longest) return { value: given }
  return { fault: `"${given}" is no IP address or range, such as 127.0.0.1 or 10.0.0.0/8` }
}

/** '' for the root, else `/td`: it begins with a slash and ends without one. */
function checkBasePath(given: string): Checked<string> {
  const path = given.replace(/\/+$/, '')
  const segments = path.split('/').slice(1)
  const plain = segments.every((segment) => /^[\w~.-]+$/.test(segment) && !/^\.+$/.test(segment))
  if ((path === '' || path.startsWith('/')) && plain) return { value: path }
  return { fault: `"${given}" is no path of an address, such as /td` }
}

function checkOrigin(given: string): Checked<string> {
  const fault = { fault: `"${given}" is no address of a site, such as https://td.example.com` }
  if (!/^https?:\/\/[^\s/?#@\\]+\/?$/i.test(given)) return fault
  return URL.canParse(given) ? { value: new URL(given).origin } : fault
}

/** Kept as it is written: whoever listens or connects reads it again. */
function checkSpec(given: string): Checked<string> {
  try {
    parseSocketSpec(given)
    return { value: given }
  } catch (error) {
    // SpecError, whose message is a sentence.
    return { fault: (error as Error).message.replace(/\.$/, '') }
  }
}

function setting<T>(row: Setting<T>): Setting<T> {
  return row
}

/** By the name in `Config`: `milterSocketMode` is `--milter-socket-mode`. */
export const SETTINGS = {
  database: setting({
    placeholder: 'FILE',
    description: 'the SQLite database',
    fallback: 'data/timedelay.db',
    type: 'text',
    check: path,
  }),
  milter: setting({
    placeholder: 'SPEC',
    description: 'where the mail server reaches the filter: inet:PORT@HOST or unix:PATH',
    fallback: 'inet:8895@127.0.0.1',
    type: 'text',
    repeatable: true,
    off: 'do not run the filter',
    check: checkSpec,
  }),
  milterSocketMode: setting({
    placeholder: 'MODE',
    description: 'permissions of a Unix socket, in octal',
    fallback: '0660',
    type: 'text',
    check: checkMode,
  }),
  milterSocketGroup: setting({
    placeholder: 'GROUP',
    description: 'group that a Unix socket is given to',
    fallback: undefined,
    type: 'text',
    check: anyText,
  }),
  sendmailCf: setting({
    placeholder: 'FILE',
    description: "take the socket from sendmail's configuration; needs --name",
    fallback: undefined,
    type: 'text',
    check: path,
  }),
  name: setting({
    placeholder: 'NAME',
    description: "name of the filter in sendmail's configuration (its X line)",
    fallback: undefined,
    type: 'text',
    check: anyText,
  }),
  http: setting({
    placeholder: 'HOST:PORT',
    description: 'where the console and its API listen',
    fallback: '127.0.0.1:8896',
    type: 'text',
    off: 'do not run the console',
    check: checkHostPort,
  }),
  publicUrl: setting({
    placeholder: 'URL',
    description: 'address at which browsers see the console, without its path',
    fallback: undefined,
    type: 'text',
    check: checkOrigin,
  }),
  basePath: setting({
    placeholder: 'PATH',
    description: 'path below which a web server shows the console, such as /td',
    fallback: undefined,
    type: 'text',
    check: checkBasePath,
  }),
  trustedProxy: setting({
    placeholder: 'NETWORK',
    description: 'web server whose X-Forwarded-* fields are believed: an IP address or a range',
    fallback: undefined,
    type: 'text',
    repeatable: true,
    check: checkNetwork,
  }),
  trustedRelay: setting({
    placeholder: 'NETWORK',
    description:
      'mail server, such as a backup MX, that is not put off when its clients guess: an IP address or a range',
    fallback: undefined,
    type: 'text',
    repeatable: true,
    check: checkNetwork,
  }),
  refusalCode: setting({
    placeholder: 'CODE',
    description: 'SMTP code of a refusal, 551 or 550',
    fallback: '551',
    type: 'integer',
    check: oneOf(['550', '551']),
  }),
  logLevel: setting({
    placeholder: 'LEVEL',
    description: LOG_LEVELS.join(', '),
    fallback: 'info',
    type: 'text',
    check: oneOf(LOG_LEVELS),
  }),
  drainSeconds: setting({
    placeholder: 'SECONDS',
    description: 'how long SIGTERM waits for conversations in progress',
    fallback: '30',
    type: 'integer',
    check: wholeNumber(0, 3600),
  }),
  keepDecisions: setting({
    placeholder: 'NUMBER',
    description: 'how many verdicts to remember',
    fallback: '100000',
    type: 'integer',
    check: wholeNumber(0, 10_000_000),
  }),
}

export type SettingName = keyof typeof SETTINGS
export type ValueOf<K extends SettingName> = (typeof SETTINGS)[K] extends Setting<infer T> ? T : never

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[] // Safe: the table's own keys.

/** `drainSeconds` in the spelling of options and of the file: `drain-seconds`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `drainSeconds` in the spelling of the environment: `TIMEDELAY_DRAIN_SECONDS`. */
export function variable(name: string): string {
  return `TIMEDELAY_${kebab(name).replaceAll('-', '_').toUpperCase()}`
}

/** The known name that is the fewest changed, added or left out characters away. */
export function nearest(given: string, known: readonly string[]): string {
  const distance = (name: string): number => editDistance(given.toLowerCase(), name.toLowerCase())
  return known.reduce((best, name) => (distance(name) < distance(best) ? name : best))
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = row[j - 1]! + (letter === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
