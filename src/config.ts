// Where settings may be written, and the only reader of the environment. An option wins over a TIMEDELAY_* variable,
// which wins over the TOML file. Everything is checked at once, so that one run shows every fault. What there is to
// set stands in `settings.ts`.

import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import {
  type HostPort,
  kebab,
  type LogLevel,
  nearest,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type ValueOf,
  variable,
} from './settings.ts'

/** The checked configuration. Paths are absolute. */
export interface Config {
  readonly database: string
  /** Socket specs to listen on, libmilter's or Postfix's spelling. Empty: none besides `sendmailCf`'s. */
  readonly milter: readonly string[]
  /** Permission bits of a Unix socket. */
  readonly milterSocketMode: number
  readonly milterSocketGroup: string | undefined
  /** Listen where this filter's X line in sendmail's configuration says. */
  readonly sendmailCf: { readonly file: string; readonly name: string } | undefined
  /** Nothing: no console. */
  readonly http: HostPort | undefined
  /** Origin at which browsers see the console, `https://td.example.com`. */
  readonly publicUrl: string | undefined
  /** Path below which they see it, '' or `/td`. */
  readonly basePath: string
  /** IP addresses and CIDR ranges whose X-Forwarded-* fields are believed. */
  readonly trustedProxies: readonly string[]
  /** IP addresses and CIDR ranges of mail servers that are not put off for the guesses of their clients. */
  readonly trustedRelays: readonly string[]
  readonly refusalCode: 550 | 551
  readonly logLevel: LogLevel
  /** How long SIGTERM waits for conversations in progress. */
  readonly drainSeconds: number
  /** Rows of the decision log. */
  readonly keepDecisions: number
  /** Where each setting was written: `--http`, `TIMEDELAY_HTTP`, `timedelay.toml:3`. Defaults are not in it. */
  readonly origins: ReadonlyMap<SettingName, string>
}

export type ConfigAnswer =
  | { readonly ok: true; readonly config: Config }
  /** Each fault is a sentence that begins with the place where it was written. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** What the command line gave, by setting; `false` for `--no-…`. `config` is the path of the TOML file. */
export type GivenOptions = {
  readonly [K in SettingName | 'config']?: string | readonly string[] | false | undefined
}

/** Where the settings are read from; tests hand in their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  /** Read when neither `--config` nor ./timedelay.toml is there. */
  readonly systemFile: string
}

const here = (): Surroundings => ({
  environment: process.env,
  directory: process.cwd(),
  systemFile: '/etc/timedelay/timedelay.toml',
})

/** The configuration for these options, or every fault in it. Never throws. */
export function readConfig(options: GivenOptions = {}, surroundings = here()): ConfigAnswer {
  const faults: string[] = []
  const { directory } = surroundings
  const read = new Precedence(
    [
      fromOptions(options, directory),
      fromEnvironment(surroundings, faults),
      fromFile(options, surroundings, faults),
    ],
    directory,
    faults,
  )
  const sendmailCf = socketOfSendmail(read, faults)
  const milter = read.all('milter')
  const config = {
    database: read.one('database'),
    // The default is for those who name no socket at all.
    milter: milter === false || (sendmailCf !== undefined && !read.origins.has('milter')) ? [] : milter,
    milterSocketMode: read.one('milterSocketMode'),
    milterSocketGroup: read.one('milterSocketGroup'),
    sendmailCf: milter === false ? undefined : sendmailCf,
    http: read.one('http'),
    publicUrl: read.one('publicUrl'),
    basePath: read.one('basePath') ?? '',
    trustedProxies: read.all('trustedProxy') || [],
    trustedRelays: read.all('trustedRelay') || [],
    refusalCode: read.one('refusalCode') === '550' ? 550 : 551,
    logLevel: read.one('logLevel'),
    drainSeconds: read.one('drainSeconds'),
    keepDecisions: read.one('keepDecisions'),
    origins: read.origins,
  }
  // Without a fault no setting that has a default is undefined.
  return faults.length === 0 ? { ok: true, config: config as Config } : { ok: false, faults }
}

/** The texts given for one setting, or false where it is switched off. */
interface Given {
  readonly texts: readonly string[] | false
  readonly origin: string
}

/** One place where settings may be written. Relative paths in it start from `base`. */
interface Source {
  readonly base: string
  readonly settings: ReadonlyMap<SettingName, Given>
}

/** Takes each setting from the first source that has it, checks it, and collects the faults. */
class Precedence {
  readonly #sources: readonly Source[]
  readonly #faults: string[]
  readonly #directory: string
  readonly origins = new Map<SettingName, string>()

  constructor(sources: readonly Source[], directory: string, faults: string[]) {
    this.#sources = sources
    this.#directory = directory
    this.#faults = faults
  }

  /** Every value of a setting, or false where it is switched off. A text with a fault has no value. */
  all<K extends SettingName>(name: K): readonly ValueOf<K>[] | false {
    const setting = SETTINGS[name] as Setting<ValueOf<K>> // Safe: that row of the table.
    const source = this.#sources.find(({ settings }) => settings.has(name))
    const given = source?.settings.get(name)
    if (given !== undefined) this.origins.set(name, given.origin)
    const texts = given?.texts ?? (setting.fallback === undefined ? [] : [setting.fallback])
    if (texts === false) return false
    return texts.flatMap((text) => {
      const checked =
        text === '' ? { fault: 'a value is missing' } : setting.check(text, source?.base ?? this.#directory)
      if ('value' in checked) return [checked.value]
      this.#faults.push(`${given?.origin}: ${checked.fault}.`)
      return []
    })
  }

  one<K extends SettingName>(name: K): ValueOf<K> | undefined {
    const values = this.all(name)
    return values === false ? undefined : values.at(-1)
  }
}

function socketOfSendmail(read: Precedence, faults: string[]): Config['sendmailCf'] {
  const file = read.one('sendmailCf')
  const name = read.one('name')
  if (file !== undefined && name !== undefined) return { file, name }
  if (file !== undefined) {
    faults.push(`${read.origins.get('sendmailCf')}: say which filter of that file, with --name NAME.`)
  }
  if (name !== undefined) {
    faults.push(`${read.origins.get('name')}: the name is of use only together with --sendmail-cf FILE.`)
  }
  return undefined
}

function fromOptions(options: GivenOptions, base: string): Source {
  const settings = new Map<SettingName, Given>()
  for (const name of SETTING_NAMES) {
    const given = options[name]
    if (given === undefined) continue
    const texts = typeof given === 'string' ? [given] : given
    settings.set(name, { texts, origin: texts === false ? `--no-${kebab(name)}` : `--${kebab(name)}` })
  }
  return { base, settings }
}

function fromEnvironment({ environment, directory }: Surroundings, faults: string[]): Source {
  const collected = new Collected(faults, variable)
  for (const [key, value] of Object.entries(environment)) {
    // An empty variable is how a unit file or a shell says "not set".
    if (!key.startsWith('TIMEDELAY_') || key === 'TIMEDELAY_CONFIG' || !value) continue
    collected.add(key, value, key)
  }
  return { base: directory, settings: collected.settings }
}

function fromFile(options: GivenOptions, surroundings: Surroundings, faults: string[]): Source {
  const collected = new Collected(faults, kebab)
  const found = findFile(options, surroundings, faults)
  if (found === undefined) return { base: surroundings.directory, settings: collected.settings }
  const { file, content } = found
  try {
    for (const [key, value] of Object.entries(parseToml(content))) {
      collected.add(key, value, `${file}:${lineOf(key, content)}`)
    }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '')
    faults.push(`${file}:${error.line}:${error.column}: this is not TOML: ${reason}.`)
  }
  return { base: dirname(file), settings: collected.settings }
}

const negative = (name: string): string => `no${name.charAt(0).toUpperCase()}${name.slice(1)}`
const NEGATABLE = SETTING_NAMES.filter((name) => SETTINGS[name].off !== undefined)

/** The settings of one source, as they are met under that source's spelling. */
class Collected {
  readonly settings = new Map<SettingName, Given>()
  readonly #faults: string[]
  readonly #spell: (name: string) => string

  constructor(faults: string[], spell: (name: string) => string) {
    this.#faults = faults
    this.#spell = spell
  }

  add(key: string, value: unknown, origin: string): void {
    const name = SETTING_NAMES.find((one) => this.#spell(one) === key)
    const off = NEGATABLE.find((one) => this.#spell(negative(one)) === key)
    if (name !== undefined) this.#set(name, textsOf(name, value), origin)
    else if (off !== undefined) this.#switch(off, value, origin)
    else this.#faults.push(`${origin}: there is no setting ${key}; did you mean ${this.#nearest(key)}?`)
  }

  #set(name: SettingName, texts: readonly string[] | string, origin: string): void {
    if (typeof texts === 'string') this.#faults.push(`${origin}: ${this.#spell(name)} ${texts}.`)
    else if (this.settings.get(name)?.texts === false) this.#contradiction(name, origin)
    else this.settings.set(name, { texts, origin })
  }

  #switch(name: SettingName, value: unknown, origin: string): void {
    const [said, yes] = /^(?:(true|1|yes|on)|false|0|no|off)$/i.exec(String(value)) ?? []
    if (said === undefined) this.#faults.push(`${origin}: "${value}" is neither true nor false.`)
    else if (yes !== undefined && this.settings.has(name)) this.#contradiction(name, origin)
    else if (yes !== undefined) this.settings.set(name, { texts: false, origin })
  }

  #contradiction(name: SettingName, origin: string): void {
    const [on, off] = [this.#spell(name), this.#spell(negative(name))]
    this.#faults.push(`${origin}: ${on} and ${off} contradict each other; keep one of them.`)
  }

  #nearest(key: string): string {
    const known = [...SETTING_NAMES, ...NEGATABLE.map(negative)].map(this.#spell)
    return nearest(key, known)
  }
}

/** The texts that a variable or a TOML value stands for; as a string, what is wrong with it. */
function textsOf(name: SettingName, value: unknown): readonly string[] | string {
  const { type, repeatable } = SETTINGS[name]
  if (repeatable) {
    if (typeof value === 'string') return value.split(/\s+/).filter((text) => text !== '')
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    return 'must be text in quotes, or an array of such texts'
  }
  if (typeof value === 'string') return [value]
  if (type === 'integer' && typeof value === 'number') return [String(value)]
  return type === 'integer' ? 'must be a whole number' : 'must be text in quotes'
}

/** The file to read, with its content. One that was named must be there; the others are read when they are. */
function findFile(
  options: GivenOptions,
  { environment, directory, systemFile }: Surroundings,
  faults: string[],
): { readonly file: string; readonly content: string } | undefined {
  const option = typeof options.config === 'string' ? options.config : undefined
  const { TIMEDELAY_CONFIG: fromVariable } = environment
  const named = option ?? (fromVariable || undefined)
  const origin = option === undefined ? 'TIMEDELAY_CONFIG: ' : '--config: '
  const files =
    named === undefined ? [join(directory, 'timedelay.toml'), systemFile] : [resolve(directory, named)]
  for (const file of files) {
    try {
      return { file, content: readFileSync(file, 'utf8') }
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException // What readFileSync throws.
      const unseen = code === 'EACCES' && file !== systemFile && isClosed(directory)
      if (named === undefined && (ABSENT.has(code) || unseen)) continue
      faults.push(
        `${named === undefined ? '' : origin}${file} ${READ_FAULTS[code] ?? `cannot be read (${code})`}.`,
      )
      return undefined
    }
  }
  return undefined
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

/** Whoever runs a command as the service's account stands in a directory of somebody else's: nothing there is meant. */
function isClosed(directory: string): boolean {
  try {
    statSync(`${directory}/.`)
    return false
  } catch {
    return true
  }
}

const READ_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a directory, not a file',
}

/** The line where a key of the file stands, from 1; smol-toml does not tell. */
function lineOf(key: string, content: string): number {
  const keyOf = (line: string): string | undefined => /^\s*\[*\s*["']?([\w-]+)["']?/.exec(line)?.[1]
  return content.split('\n').findIndex((line) => keyOf(line) === key) + 1
}
