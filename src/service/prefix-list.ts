// Prefixes as mail people write lists: a line `PREFIX MAILBOX[,MAILBOX...]`, blanks or tabs between, `#` comments.

import { type Mailbox, type PrefixName, parsePrefixName } from '../address/index.ts'
import type { Prefix } from '../store/store.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import { readMailboxes } from './inputs.ts'

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

export function formatPrefixList(domain: string, prefixes: readonly Prefix[]): string {
  const width = Math.max(...prefixes.map(({ name }) => name.length))
  const lines = prefixes.map(({ name, mailboxes }) => `${name.padEnd(width)}  ${mailboxes.join(',')}\n`)
  return `# prefixes of ${domain}\n${lines.join('')}`
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
