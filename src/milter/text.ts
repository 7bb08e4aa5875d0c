// Between text that people read and the byte strings of the wire, where one character is one byte.

const BEYOND_ASCII = /[^\0-\x7f]/
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as a person reads them: UTF-8 if they are, latin1 if not. For display; never send the result back. */
export function utf8(bytes: string): string {
  // ASCII is both already, and nearly everything is.
  if (!BEYOND_ASCII.test(bytes)) return bytes
  try {
    return STRICT_UTF8.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return bytes
  }
}

/** Text as the bytes of its UTF-8, ready for `Changes`. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
