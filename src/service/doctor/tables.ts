// The text tables of both mail servers: mailertable, virtusertable, transport, aliases.

/**
 * `key value` lines, keys in lower case. A line that begins with a blank continues the one before; `#` begins a
 * comment line. The first entry of a key holds, as it does for makemap and postmap.
 */
export function readTable(text: string): ReadonlyMap<string, string> {
  return collect(text, /^(\S+)\s+(.*)$/s)
}

/** `name: value, value` lines, names in lower case and without quotes. */
export function readAliases(text: string): ReadonlyMap<string, string> {
  return collect(text, /^("[^"]*"|[^:\s]+)\s*:\s*(.*)$/s)
}

function collect(text: string, entry: RegExp): ReadonlyMap<string, string> {
  const table = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const found = entry.exec(line)
    const key = found?.[1]?.replaceAll('"', '').toLowerCase()
    if (key !== undefined && !table.has(key)) table.set(key, (found?.[2] ?? '').trim())
  }
  return table
}

/** Comment lines and empty ones left out, continuation lines joined by one blank. */
export function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  for (const raw of text.split(/\r?\n/)) {
    if (raw.trim() === '' || /^\s*#/.test(raw)) continue
    if (/^\s/.test(raw) && lines.length > 0) lines[lines.length - 1] += ` ${raw.trim()}`
    else lines.push(raw.trim())
  }
  return lines
}

/** One name a line, `#` comments, in lower case: local-host-names, relay-domains. */
export function readNames(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim().toLowerCase())
    .filter((name) => name !== '')
}

/** Where an alias ends that throws mail away. */
export function isDiscard(target: string): boolean {
  return /^"?\|?"?\s*(?:\/dev\/null|(?:\/usr)?\/bin\/true)\b/.test(target) || /^discard(?::|$)/i.test(target)
}

/** The targets that a name leads to through the aliases, each followed to its end; at most 100 steps. */
export function followAliases(aliases: ReadonlyMap<string, string>, name: string): readonly string[] {
  const seen = new Set<string>()
  const ends: string[] = []
  const open = [name]
  while (open.length > 0 && seen.size < 100) {
    const next = open.pop()!
    if (seen.has(next)) continue
    seen.add(next)
    const value = aliases.get(next.toLowerCase())
    if (value === undefined) ends.push(next)
    else open.push(...value.split(',').map((target) => target.trim()))
  }
  return ends
}
