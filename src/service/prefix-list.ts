// Prefixes as mail people write lists: a line `PREFIX MAILBOX[,MAILBOX...]`, blanks or tabs between, `#` comments.

import { type Mailbox, type PrefixName, parsePrefixName } from '../address/index.ts'
import type { Prefix } from '../store/store.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import { readMailboxes } from './inputs.ts'

/** Longest lifetime of an address, in days: two digits. */
export const MOST_DAYS = 99

export interface ListedPrefix {
  /** Counts from 1. */
  readonly line: number
  readonly name: PrefixName
  readonly mailboxes: readonly Mailbox[]
}

/** Reads the whole list, or names the first line that cannot be read. Line ends may be LF or CRLF. */
export function parsePrefixList(text: string, maxPrefixLength: number): Answer<readonly ListedPrefix[]> {
  const listed: ListedPrefix[] = []
  const lines = new Map<PrefixName, number>()
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = withoutComment(raw).trim()
    if (content === '') continue
    const line = index + 1
    const parsed = parseLine(content, maxPrefixLength)
    if (typeof parsed === 'string') return fault(line, parsed)
    const before = lines.get(parsed.name)
    if (before !== undefined) return fault(line, `${parsed.name} stands in line ${before} already.`)
    lines.set(parsed.name, line)
    listed.push({ line, ...parsed })
  }
  return granted(listed)
}

/** The list of these prefixes. What it cannot carry stands in comments; a disabled prefix is one altogether. */
export function formatPrefixList(domain: string, prefixes: readonly Prefix[]): string {
  const width = Math.max(...prefixes.map(({ name }) => name.length))
  const lines = prefixes.map((prefix) => {
    const { name, mailboxes, enabled } = prefix
    const rules = rulesOf(prefix).join(', ')
    const comment = rules === '' ? '' : `  # ${rules}`
    return `${enabled ? '' : '# '}${name.padEnd(width)}  ${mailboxes.join(',')}${comment}\n`
  })
  return `# prefixes of ${domain}\n${lines.join('')}`
}

/** What sets a prefix apart from one that `import` makes of its line. */
export function rulesOf({ signed, maxDays, enabled }: Prefix): string[] {
  return [
    ...(enabled ? [] : ['disabled']),
    ...(signed ? ['signed'] : []),
    ...(maxDays === MOST_DAYS ? [] : [`${maxDays} days at most`]),
  ]
}

function fault(line: number, what: string): Answer<never> {
  return declined('invalid', `Line ${line}: ${what} Nothing was imported.`, 'list')
}

/** What the line says, or what is wrong with it. */
function parseLine(content: string, maxPrefixLength: number): Omit<ListedPrefix, 'line'> | string {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(content) ?? []
  const name = parsePrefixName(word)
  if (name === undefined || name.length > maxPrefixLength) {
    return `${quoted(word)} is no prefix of 2 to ${maxPrefixLength} letters.`
  }
  const texts = splitOutsideQuotes(rest, ',').map((text) => text.trim())
  if (texts.includes('')) return `a mailbox is missing after ${quoted(word)}.`
  const mailboxes = readMailboxes(texts)
  return mailboxes.ok ? { name, mailboxes: mailboxes.value } : mailboxes.objection.message
}

/** A `#` starts a comment at the beginning of a line or after a blank: `a#b@example.com` is a mailbox. */
function withoutComment(line: string): string {
  const at = [...indexesOutsideQuotes(line, '#')].find((index) => /^\s?$/.test(line.charAt(index - 1)))
  return at === undefined ? line : line.slice(0, at)
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const ends = [...indexesOutsideQuotes(text, separator), text.length]
  return ends.map((end, index) => text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end))
}

/** A quoted local part may hold anything: RFC 5321 §4.1.2. */
function* indexesOutsideQuotes(text: string, character: string): Generator<number> {
  let quotes = false
  for (let index = 0; index < text.length; index += 1) {
    const here = text.charAt(index)
    if (quotes && here === '\\') index += 1
    else if (here === '"') quotes = !quotes
    else if (here === character && !quotes) yield index
  }
}
