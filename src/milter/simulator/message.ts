// A message as a person hands it in: a file, or a few headers and a text.

import type { HeaderField } from './header-fields.ts'

export interface MessageContent {
  /** Folded lines are joined by LF and their blank. One character is one byte, or UTF-8 where it is more. */
  readonly headers: readonly HeaderField[]
  /** With CRLF line ends, not dot-stuffed. */
  readonly body: Buffer
}

/**
 * Takes a file apart: the header to the first empty line, then the body. LF alone counts as a line end and becomes
 * CRLF in the body. A line that is no header field ends the header, as it does for an MTA.
 */
export function parseMessage(file: Buffer): MessageContent {
  const text = file.toString('latin1')
  const headers: [string, string][] = []
  let at = 0
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at)
    const next = lineEnd < 0 ? text.length : lineEnd + 1
    const line = text.slice(at, next).replace(/\r?\n$/, '')
    const field = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(line)
    const last = headers.at(-1)
    if (/^[ \t]/.test(line) && last) last[1] += `\n${line}`
    else if (field) headers.push([field[1] ?? '', (field[2] ?? '').replace(/^ /, '')])
    else {
      if (line === '') at = next
      break
    }
    at = next
  }
  return { headers, body: withCrlf(file.subarray(at)) }
}

/** Every line end as CRLF, and nothing else changed. */
export function withCrlf(text: Buffer | string): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  return Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
}

/** The value of the first field of that name, which is in lower case. */
export function fieldValue({ headers }: MessageContent, name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
}
