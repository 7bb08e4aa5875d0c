// What is wrong with what was typed, before the service is asked: the first sentence says what, the second what to do.
// The service has the last word; these spare the way there for what the page can know.

/** The sentence and the field it belongs to. */
export interface Fault {
  readonly field: string
  readonly message: string
}

/** Commas between them; a quoted local part may hold one (RFC 5321 section 4.1.2). */
export function splitMailboxes(text: string): string[] {
  const parts = text.match(/(?:"(?:\\.|[^"\\])*"|[^,"]|")+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

export function mailboxesFault(text: string, ours: readonly string[]): string | undefined {
  const mailboxes = splitMailboxes(text)
  if (mailboxes.length === 0) return 'No mailbox is given. Give at least one, as in dan@mailbox.example.'
  for (const mailbox of mailboxes) {
    const fault = mailboxFault(mailbox, ours)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Domains are compared whole, as the service compares them. */
export function mailboxFault(mailbox: string, ours: readonly string[]): string | undefined {
  const at = mailbox.lastIndexOf('@')
  if (at < 1 || at === mailbox.length - 1) {
    return `“${mailbox}” is no mailbox. Write it as in dan@mailbox.example.`
  }
  const domain = mailbox.slice(at + 1).toLowerCase()
  if (ours.some((name) => name.toLowerCase() === domain)) {
    return 'That domain is ours: its mail would go in circles. Give a mailbox on another domain.'
  }
  return undefined
}

/** Two digits hold a lifetime, so 1 to 99. */
export function daysFault(text: string, most = 99): string | undefined {
  if (/^\s*\d+\s*$/.test(text) && Number(text) >= 1 && Number(text) <= most) return undefined
  return most === 99
    ? 'A lifetime is 1 to 99 days. Give a number between.'
    : `At most ${most} days are allowed. Give a number from 1 to ${most}.`
}

/** Code points, as the service counts them. */
export function lengthFault(password: string): string | undefined {
  if ([...password].length >= 10) return undefined
  return 'That is short. Give at least 10 characters; four words are good.'
}

export function passwordFault(password: string, again: string): Fault | undefined {
  const short = lengthFault(password)
  if (short !== undefined) return { field: 'password', message: short }
  return password === again
    ? undefined
    : { field: 'again', message: 'The two differ. Type the new password twice.' }
}
