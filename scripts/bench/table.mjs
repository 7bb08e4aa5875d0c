// Plain tables, as they are quoted in the README (they are Markdown too).

/** Numbers are set to the right. `rows` are arrays of texts, as long as `head`. */
export function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column].length)),
  )
  const right = head.map((_, column) => rows.every((row) => /^[<>~]?[\d.,]|^–|^$/.test(row[column])))
  const line = (cells) =>
    `| ${cells.map((cell, column) => (right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`
  const rule = widths.map((width, column) =>
    right[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return `${[line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')}\n`
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Three figures that mean something; thousands apart. */
export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (value >= 999.5 || Number.isInteger(value)) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

export const ratio = (value) => (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(2))
