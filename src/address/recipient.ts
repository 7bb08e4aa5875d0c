// A recipient as SMTP gives it: RFC 5321 §4.1.1.3 and §4.1.2, read as tolerantly as sendmail and Postfix do. What is
// refused here is not ours to refuse: it has no domain, so it is foreign mail.

/** Where an RCPT argument really leads. */
export interface Recipient {
  /** Unquoted, case kept. */
  readonly localPart: string
  /** Lower case, no trailing dot; compared with the names of our domains, whole. */
  readonly domain: string
}

/** Index of the first character in `stops` outside quotes, from `start`; -1 when there is none. */
function findOutsideQuotes(text: string, stops: string, start: number): number {
  let quoted = false
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '\\') index += 1
    else if (character === '"') quoted = !quoted
    else if (!quoted && stops.includes(character)) return index
  }
  return -1
}

/** What stands between the brackets; without brackets, what stands before the first blank. */
function pathOf(argument: string): string {
  const text = argument.trim()
  const open = text.startsWith('<') ? 0 : findOutsideQuotes(text, '<', 0)
  const start = open + 1
  const end = findOutsideQuotes(text, open < 0 ? ' \t' : '>', start)
  if (end >= 0) return text.slice(start, end).trim()
  // No end: a quote was left open, and hides the bracket.
  return text.slice(start).replace(/>$/, '').trim()
}

/** Cuts off a source route, `@a,@b:`. RFC 5321 appendix C: accept it and ignore it. */
function withoutRoute(path: string): string {
  if (!path.startsWith('@')) return path
  return path.slice(findOutsideQuotes(path, ':', 0) + 1)
}

/** The last @ outside quotes. With a quote left open every @ counts: better to judge an address than to miss it. */
function lastAt(path: string): number {
  if (!path.includes('"')) return path.lastIndexOf('@')
  let found = -1
  for (let at = findOutsideQuotes(path, '@', 0); at >= 0; at = findOutsideQuotes(path, '@', at + 1))
    found = at
  return found < 0 ? path.lastIndexOf('@') : found
}

/** `"djb2026112045"` is the same mailbox as `djb2026112045`, RFC 5321 §4.1.2. */
function unquoted(localPart: string): string {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/s.exec(localPart) ?? []
  return quoted === undefined ? localPart : quoted.replace(/\\(.)/gs, '$1')
}

function canonicalDomain(text: string): string {
  const domain = text.trim()
  const name = domain.endsWith('.') ? domain.slice(0, -1) : domain
  // Lowered only when it is ASCII: other alphabets have letters whose lower case is ASCII.
  return /^[\x20-\x7e]*$/.test(name) ? name.toLowerCase() : name
}

/** What nearly all mail has: nothing in it that could mean anything else, and nothing to be made canonical. */
const PLAIN = /^<?([A-Za-z0-9._+=-]+)@([a-z0-9-]+(?:\.[a-z0-9-]+)*)>?$/

/** The recipient that an RCPT argument names, or nothing when it names no domain: `<postmaster>`, `<>`, `nonsense`. */
export function parseRecipient(argument: string): Recipient | undefined {
  const plain = PLAIN.exec(argument)
  // Both groups are in every match.
  if (plain !== null) return { localPart: plain[1] as string, domain: plain[2] as string }
  const path = withoutRoute(pathOf(argument))
  const at = lastAt(path)
  if (at < 0) return undefined
  return { localPart: unquoted(path.slice(0, at)), domain: canonicalDomain(path.slice(at + 1)) }
}
