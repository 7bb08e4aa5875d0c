// Addresses as a CSV file (RFC 4180): what the export writes and the import reads back.

import { setImmediate as turn } from 'node:timers/promises'
import { type Day, formatDay, parseDay } from '../address/index.ts'
import type { AddressEntry, AddressStanding } from '../store/store.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'
import { type Found, lastDayOf } from './found-address.ts'
import { readNote } from './inputs.ts'
import { readSiteOrNone } from './issue.ts'

type Column = readonly [name: string, cell: (row: AddressStanding) => string | number]

const instant = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString())

const COLUMNS: readonly Column[] = [
  ['address', ({ localPart, domain }) => `${localPart}@${domain}`],
  ['site', ({ site }) => site],
  ['note', ({ note }) => note],
  ['state', ({ state }) => state],
  ['first_day', ({ firstDay }) => formatDay(firstDay)],
  ['last_day', ({ lastDay }) => formatDay(lastDay)],
  [
    'extended_through',
    ({ extendedThrough }) => (extendedThrough === undefined ? '' : formatDay(extendedThrough)),
  ],
  ['revoked_at', ({ revokedAt }) => instant(revokedAt)],
  ['accepted', ({ accepted }) => accepted],
  ['refused', ({ refused }) => refused],
  ['last_sender', ({ lastSender }) => lastSender],
  ['last_seen_at', ({ lastSeenAt }) => instant(lastSeenAt)],
]

export async function* formatAddressFile(
  slices: AsyncIterable<readonly AddressStanding[]>,
): AsyncGenerator<string> {
  yield csvLines([COLUMNS.map(([name]) => name)])
  for await (const rows of slices)
    yield csvLines(rows.map((row) => COLUMNS.map(([, cell]) => csvCell(String(cell(row))))))
}

function csvLines(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.join(',')}\r\n`).join('')
}

/**
 * What a spreadsheet takes for a formula: senders and notes are other people's text. Also behind what another spreadsheet
 * takes for the end of a cell, and in the wide forms of East Asia. An apostrophe in front makes it text.
 */
const FORMULAS = /(^|[",;\t\r\n])([ \u00A0]*)('*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g
const GUARDED = /(^|[",;\t\r\n])([ \u00A0]*)'('*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g

function csvCell(text: string): string {
  const guarded = text.replace(FORMULAS, "$1$2'$3")
  return /[",;\t\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Lines that are checked at a stretch: then others have their turn. */
const STRETCH = 200

/** Where whose an address is can be asked. */
export interface AddressFinder {
  /** Which addresses `find` will be asked for next. */
  expect(addresses: readonly string[]): Promise<void>
  find(address: string): Promise<Answer<Found>>
}

type Cells = ReadonlyMap<string, string | undefined>

/** Reads an export, or a list with at least a column `address`. */
export async function readAddressFile(
  text: string,
  finder: AddressFinder,
): Promise<Answer<readonly AddressEntry[]>> {
  const lines = parseCsv(text.replace(/^\uFEFF/, ''))
  const header = lines.next().value
  if (header?.fault !== undefined) return fault(header.line, header.fault)
  const names = header?.cells.map(columnName) ?? []
  if (!names.includes('address')) return fault(header?.line ?? 1, 'the column "address" is missing.')
  const entries: AddressEntry[] = []
  const known = new Map<string, number>()
  for (;;) {
    const stretch = take(lines, STRETCH)
    if (stretch.length === 0) return granted(entries)
    const rows = stretch.map(({ cells, ...more }) => ({
      ...more,
      cells: new Map(names.map((name, index) => [name, cells[index]])),
    }))
    await finder.expect(rows.map(({ cells }) => cellOf(cells, 'address') ?? ''))
    for (const { line, cells, fault: unreadable } of rows) {
      if (unreadable !== undefined) return fault(line, unreadable)
      const read = await readRow(cells, finder)
      if (!read.ok) return fault(line, read.objection.message)
      const key = `${read.value.localPart}@${read.value.domain}`
      const before = known.get(key)
      if (before !== undefined) return fault(line, `${key} stands in line ${before} already.`)
      known.set(key, line)
      entries.push(read.value)
    }
    await turn()
  }
}

function take<T>(from: Iterator<T, undefined>, most: number): T[] {
  const taken: T[] = []
  while (taken.length < most) {
    const { done, value } = from.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

function columnName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}

/** Without what guards a cell from spreadsheets; nothing where there is no such column. */
function cellOf(cells: Cells, name: string): string | undefined {
  return cells.get(name)?.trim().replace(GUARDED, '$1$2$3')
}

async function readRow(cells: Cells, finder: AddressFinder): Promise<Answer<AddressEntry>> {
  const given = (name: string): string | undefined => cellOf(cells, name)
  const found = await finder.find(given('address') ?? '')
  if (!found.ok) return found
  const { judged, record } = found.value
  const site = optional(given('site'), readSiteOrNone)
  if (!site.ok) return site
  const note = optional(given('note'), readNote)
  if (!note.ok) return note
  const revokedAt = optional(given('revoked_at'), readInstant)
  if (!revokedAt.ok) return revokedAt
  const extended = optional(given('extended_through'), (text) => readExtension(text, lastDayOf(judged)))
  if (!extended.ok) return extended
  return granted({
    domain: judged.domain.name,
    localPart: judged.localPart,
    prefix: record?.prefix ?? judged.address.prefix,
    ...(site.value === undefined ? {} : { site: site.value }),
    ...(note.value === undefined ? {} : { note: note.value }),
    ...(revokedAt.value === undefined ? {} : { revokedAt: revokedAt.value ?? undefined }),
    ...(extended.value === undefined ? {} : { extendedThrough: extended.value ?? undefined }),
  })
}

/** A column that is missing changes nothing. */
function optional<T>(text: string | undefined, read: (text: string) => Answer<T>): Answer<T | undefined> {
  return text === undefined ? granted(undefined) : read(text)
}

/** Nothing, as null: it is not revoked, whatever it was before. */
function readInstant(text: string): Answer<number | null> {
  if (text === '') return granted(null)
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return granted(at)
  return declined('invalid', `${quoted(text)} is no time. Write one like 2026-11-20T15:30:00Z.`)
}

/** A day on which it works anyway is no extension. */
function readExtension(text: string, lastDay: Day): Answer<Day | null> {
  if (text === '') return granted(null)
  const day = parseDay(text)
  if (day !== undefined) return granted(day > lastDay ? day : null)
  return declined('invalid', `${quoted(text)} is no date in the calendar. Write one like 2026-11-20.`)
}

function fault(line: number, what: string): Answer<never> {
  return declined('invalid', `Line ${line}: ${what} Nothing was imported.`, 'list')
}

interface CsvLine {
  /** Counts from 1; where the record begins. */
  readonly line: number
  readonly cells: readonly string[]
  /** Why it and what follows cannot be read. */
  readonly fault?: string
}

/** Cells of one record. The export has 12; what has thousands is no table of addresses, and would only take memory. */
const MOST_CELLS = 100

/** The records that are not blank, one after the other: a file of many need not be held twice. */
function* parseCsv(text: string): Generator<CsvLine, undefined> {
  const separator = separatorOf(text)
  let [line, start, cell, quotes, index] = [1, 1, '', false, 0]
  let cells: string[] = []
  const endRecord = (): CsvLine[] => {
    const record = [...cells, cell]
    cells = []
    cell = ''
    return record.some((one) => one.trim() !== '') ? [{ line: start, cells: record }] : []
  }
  const faulty = (fault: string): CsvLine => ({ line: start, cells: [], fault })
  for (; index < text.length; index += 1) {
    const here = text.charAt(index)
    if (here === '\n') line += 1
    if (quotes) {
      if (here !== '"') cell += here
      else if (text.charAt(index + 1) === '"') {
        cell += '"'
        index += 1
      } else quotes = false
    } else if (here === '"' && cell === '') quotes = true
    else if (here === separator) {
      cells.push(cell)
      cell = ''
      if (cells.length >= MOST_CELLS) return yield faulty(`it has more than ${MOST_CELLS} columns.`)
    } else if (here === '\n') {
      yield* endRecord()
      start = line
    } else if (here !== '\r' || text.charAt(index + 1) !== '\n') cell += here
  }
  if (quotes) yield faulty('a quote is opened and never closed.')
  else yield* endRecord()
}

/** Spreadsheets of many countries write semicolons, because their numbers have commas. */
function separatorOf(text: string): string {
  const [header = ''] = text.split('\n', 1)
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ','
}
