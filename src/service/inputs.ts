// What people type, checked.

import { type Mailbox, parseMailbox } from '../address/index.ts'
import { type Answer, declined, granted, quoted } from './answer.ts'

const MOST_MAILBOXES = 50
const LONGEST_NOTE = 500

export function readMailbox(text: string, field: string): Answer<Mailbox> {
  const parsed = parseMailbox(text)
  if (parsed.ok) return granted(parsed.mailbox)
  return declined('invalid', `${quoted(text)} is no mailbox: ${parsed.fault}.`, field)
}

/** 1 to 50 mailboxes, each once, in the order given. */
export function readMailboxes(texts: readonly string[]): Answer<readonly Mailbox[]> {
  const mailboxes = new Set<Mailbox>()
  for (const text of texts) {
    const mailbox = readMailbox(text, 'mailboxes')
    if (!mailbox.ok) return mailbox
    mailboxes.add(mailbox.value)
  }
  if (mailboxes.size === 0) return declined('invalid', 'A prefix needs at least one mailbox.', 'mailboxes')
  if (mailboxes.size <= MOST_MAILBOXES) return granted([...mailboxes])
  return declined('invalid', `A prefix takes at most ${MOST_MAILBOXES} mailboxes.`, 'mailboxes')
}

/** A line of text for people. */
export function readNote(text: string): Answer<string> {
  const note = text.trim()
  if (note.length > LONGEST_NOTE) {
    return declined('invalid', `A note takes at most ${LONGEST_NOTE} characters.`, 'note')
  }
  if (/\p{Cc}/u.test(note))
    return declined('invalid', 'A note is one line, without control characters.', 'note')
  return granted(note)
}
