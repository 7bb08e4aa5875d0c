// Reads the filters out of a sendmail.cf: where each listens, what happens when it is down, how long sendmail waits.
// Text in, values out; whoever calls reads the file. The grammar is that of sendmail's own reader for X lines, which
// Sendmail::Milter's auto_getconn met only in part: with both F= and T= present it took "path, F=T" for the path.

/** How long sendmail waits for this filter, in milliseconds. */
export interface MilterTimeouts {
  /** `C`: connecting. 0 is the system's own limit. */
  readonly connect: number
  /** `S`: sending one packet. */
  readonly send: number
  /** `R`: waiting for one reply. */
  readonly reply: number
  /** `E`: from end of message to the verdict, PROGRESS or not. */
  readonly endOfMessage: number
}

/** One X line. */
export interface CfMilter {
  readonly name: string
  /** The value of S=, for `parseSocketSpec`; undefined when there is none. */
  readonly spec: string | undefined
  /** `F=`: T defers, R refuses, 4 hangs up. Undefined: mail passes as if the filter did not exist. */
  readonly failure: 'T' | 'R' | '4' | undefined
  readonly timeouts: MilterTimeouts
  /** Whether `O InputMailFilters`, or a DaemonPortOptions line, names it. Otherwise sendmail never asks it. */
  readonly listed: boolean
}

const DEFAULT_TIMEOUTS: MilterTimeouts = {
  connect: 300_000,
  send: 10_000,
  reply: 10_000,
  endOfMessage: 300_000,
}

const TIMEOUT_LETTERS: Readonly<Record<string, keyof MilterTimeouts>> = {
  C: 'connect',
  S: 'send',
  R: 'reply',
  E: 'endOfMessage',
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * The filter of this name, or undefined. The whole name counts, in any case, as it does for sendmail. Where the file
 * defines it twice, the later line holds; sendmail itself refuses such a file.
 */
export function findMilter(cf: string, name: string): CfMilter | undefined {
  return listMilters(cf).find((milter) => sameName(milter.name) === sameName(name))
}

/** Every filter of the file, once, in the order of their first lines. */
export function listMilters(cf: string): CfMilter[] {
  const lines = logicalLines(cf)
  const listed = listedNames(lines)
  const milters = new Map<string, CfMilter>()
  for (const line of lines) {
    const found = /^X([^,\s]+)(.*)$/s.exec(line)
    if (found === null) continue
    const [, name = '', rest = ''] = found
    milters.set(sameName(name), readMilter(name, rest, listed.has(sameName(name))))
  }
  return [...milters.values()]
}

const sameName = (name: string): string => name.toLowerCase()

function readMilter(name: string, text: string, listed: boolean): CfMilter {
  const equates = readEquates(text)
  return {
    name,
    spec: equates.get('S') || undefined,
    failure: readFailure(equates.get('F') ?? ''),
    timeouts: readTimeouts(equates.get('T') ?? ''),
    listed,
  }
}

/**
 * sendmail joins a line that begins with a blank or tab to the one before. `#` begins a comment, also behind text and
 * in quotes, unless a backslash or `$` stands before it; a comment of its own line takes its continuation lines along.
 * (Seen on 8.17.1.9.)
 */
function logicalLines(cf: string): string[] {
  const lines: string[] = []
  for (const line of cf.split(/\r?\n/)) {
    const text = line.startsWith('#') ? '#' : line.replace(/(?<![\\$])#.*$/, '').trimEnd()
    if (/^[ \t]/.test(line) && lines.length > 0) lines[lines.length - 1] += `\n${text}`
    else lines.push(text)
  }
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** `key=value` pairs between commas; only the first letter of a key counts. A later one replaces an earlier. */
function readEquates(text: string): Map<string, string> {
  const equates = new Map<string, string>()
  for (const field of splitOutsideQuotes(text, ',')) {
    const found = /^\s*([A-Za-z])[^=]*=(.*)$/s.exec(field)
    if (found) equates.set(found[1] ?? '', unquote((found[2] ?? '').trim()))
  }
  return equates
}

/** Splits where `separator` stands outside double quotes. A backslash takes the next character's meaning away. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const fields: string[] = []
  let quoted = false
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (char === separator && !quoted) {
      fields.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...fields, text.slice(start)]
}

function unquote(text: string): string {
  return text.replace(/\\(.)|"/gs, '$1')
}

function readFailure(flags: string): CfMilter['failure'] {
  return (['R', 'T', '4'] as const).find((flag) => flags.includes(flag))
}

/** `C:1m;S:10s;R:30s;E:5m`. An item that makes no sense leaves the default alone. */
function readTimeouts(text: string): MilterTimeouts {
  const timeouts: Record<keyof MilterTimeouts, number> = { ...DEFAULT_TIMEOUTS }
  for (const item of text.split(/[;,]/)) {
    const [letter = '', ...rest] = item.split(':')
    const key = TIMEOUT_LETTERS[letter.trim()]
    const time = readTime(rest.join(':').trim())
    if (key !== undefined && time !== undefined) timeouts[key] = time
  }
  return timeouts
}

/** `90`, `90s`, `1h30m`: seconds where no unit stands. */
function readTime(text: string): number | undefined {
  const parts = /(\d+)\s*([smhdw]?)\s*/gi
  if (text === '' || text.replace(parts, '') !== '') return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(parts)) {
    total += Number(count) * (UNITS[(unit || 's').toLowerCase()] ?? 0)
  }
  return total
}

/** The names after the last `O InputMailFilters=`, and those that a listener names for itself. */
function listedNames(lines: readonly string[]): Set<string> {
  const perListener: string[] = []
  let global: string[] = []
  for (const line of lines) {
    const option = /^O\s+([A-Za-z]+)\s*=(.*)$/s.exec(line)
    if (option === null) continue
    const [, name = '', value = ''] = option
    if (name.toLowerCase() === 'inputmailfilters') global = splitNames(value)
    else if (name.toLowerCase() === 'daemonportoptions') {
      perListener.push(...splitNames(readEquates(value).get('I') ?? ''))
    }
  }
  return new Set([...global, ...perListener].map(sameName))
}

const splitNames = (text: string): string[] => text.split(/[,;\s]+/).filter((name) => name !== '')
