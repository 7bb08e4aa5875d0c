// JSON as it comes from outside, read strictly: what two readers could understand differently is refused. `JSON.parse`
// takes the last of two members with one name, and replaces bytes that are no UTF-8.

const UTF8 = new TextDecoder('utf-8', { fatal: true })
/** Members that assignments elsewhere could turn into changes of a prototype. */
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor'])

/** The body cannot be read. The message is a sentence for people. */
export class BadJson extends Error {}

/**
 * The value of a body; nothing for an empty one, which clients send together with a content type (alias-api-contracts 1.4).
 * @throws BadJson
 */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  const text = readUtf8(body)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BadJson('The body is not JSON.')
  }
  checkMembers(text)
  return value
}

/** @throws BadJson for bytes that are no UTF-8. */
export function readUtf8(body: Buffer): string {
  try {
    return UTF8.decode(body)
  } catch {
    throw new BadJson('The body is not UTF-8.')
  }
}

/** Walks through `text`, which is JSON, and looks at the names of members and at escaped characters. */
function checkMembers(text: string): void {
  /** One for each open bracket: the names seen in an object, nothing for an array. */
  const open: (Set<string> | undefined)[] = []
  let naming = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '{' || letter === '[') {
      open.push(letter === '{' ? new Set() : undefined)
      naming = letter === '{'
    } else if (letter === '}' || letter === ']') {
      open.pop()
      naming = false
    } else if (letter === ',') {
      naming = open.at(-1) !== undefined
    } else if (letter === ':') {
      naming = false
    } else if (letter === '"') {
      const end = endOfString(text, at)
      const value = stringValue(text.slice(at, end + 1))
      const names = open.at(-1)
      if (naming && names !== undefined) checkName(value, names)
      at = end
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
}

function stringValue(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  const value: string = JSON.parse(literal)
  if (/\p{Surrogate}/u.test(value)) throw new BadJson('The body has half a character in it.')
  return value
}

function checkName(name: string, seen: Set<string>): void {
  if (FORBIDDEN.has(name)) throw new BadJson('The body has a member with a name that is not allowed.')
  if (seen.has(name)) throw new BadJson('The body has two members with one name.')
  seen.add(name)
}
