// The recipients in what somebody pasted: an address, several, or whole header fields (RFC 5322 §3.4) with names in
// quotes, comments, groups and folded lines. Nothing is decoded: encoded words stand in names, and names do not matter.

/** A field's name at the beginning of a line. */
const FIELD = /^(?:[A-Za-z][A-Za-z0-9-]*):(?=\s|$|.*@)/

/** Each as an RCPT argument, once, in order. Empty when nothing in the text could be a recipient. */
export function recipientsIn(text: string): readonly string[] {
  // RFC 5322 §2.2.3: a line that begins with a blank goes on with the one before.
  const lines = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const mailboxes = lines.flatMap((line) => mailboxesIn(line.replace(FIELD, '')))
  const found = mailboxes.filter((mailbox) => mailbox.includes('@'))
  // A local part alone is understood where it is the only thing.
  const only = mailboxes.length === 1 ? mailboxes : []
  return [...new Set(found.length > 0 ? found : only)]
}

function mailboxesIn(line: string): readonly string[] {
  const mailboxes: string[] = []
  let here = ''
  let [quoted, angle, comments] = [false, false, 0]
  const end = (): void => {
    const mailbox = bare(here.trim())
    if (mailbox !== '') mailboxes.push(mailbox)
    here = ''
  }
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index)
    if (character === '\\' && (quoted || comments > 0)) {
      if (comments === 0) here += line.slice(index, index + 2)
      index += 1
    } else if (comments === 0 && character === '"') {
      quoted = !quoted
      here += character
    } else if (quoted) here += character
    else if (character === '(') comments += 1
    else if (character === ')' && comments > 0) comments -= 1
    else if (comments > 0) continue
    else if (!angle && (character === ',' || character === ';')) end()
    // What stands before is the name of a group. In brackets it ends a source route.
    else if (!angle && character === ':') here = ''
    else {
      if (character === '<') angle = true
      if (character === '>') angle = false
      here += character
    }
  }
  end()
  return mailboxes
}

/** What stands in brackets; without them the word with the @, for a name may stand beside it. */
function bare(text: string): string {
  const open = openingBracket(text)
  if (open >= 0)
    return `<${text
      .slice(open + 1)
      .replace(/>.*$/s, '')
      .trim()}>`
  if (text.includes('"') || !/\s/.test(text)) return text
  return text.split(/\s+/).find((word) => word.includes('@')) ?? ''
}

function openingBracket(text: string): number {
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '\\') index += 1
    else if (character === '"') quoted = !quoted
    else if (character === '<' && !quoted) return index
  }
  return -1
}
