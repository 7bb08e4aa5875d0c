// How answers are written for people: lines and tables of plain text.

/** One line that a terminal shows and does not obey: senders and notes are other people's text. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
}

/** Columns in upper case, two blanks apart; a column without content is left out. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = columns.map((_, index) => index).filter((index) => rows.some((row) => row[index] !== ''))
  const cells = [columns, ...rows].map((row) => shown.map((index) => plain(row[index] ?? '')))
  const widths = shown.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** Names and values below each other. A value that is empty is left out. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const shown = pairs.filter(([, value]) => value !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${pad(name, width)}  ${plain(value)}\n`).join('')
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** RFC 3339 in UTC, or null. */
export function isoTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

/** Characters, not code units: notes may hold any script. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length))
}
