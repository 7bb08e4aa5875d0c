// Refuses, or drops, messages whose body has a text in it. The 2002 article looked at each chunk by itself, and at the
// first one only. Blanks and line ends count as one blank; base64 and quoted-printable are not decoded.

import { CONTINUE, DISCARD, type Filter, reply } from '../milter/index.ts'
import { runIfMain, UsageError } from './run.ts'

const VERDICTS = {
  reject: reply(550, '5.7.1', 'This message was refused because of a text in its body.'),
  // The sender is told 250, and nobody gets the message.
  discard: DISCARD,
} as const

/** `tail` is the end of what was seen, long enough for a text that goes on in the next chunk. */
export function bodyPattern(action: string, text: string): Filter<{ tail: string }> {
  if (action !== 'reject' && action !== 'discard')
    throw new UsageError('the action must be reject or discard')
  const wanted = oneBlank(Buffer.from(text, 'utf8').toString('latin1')).trim()
  if (wanted === '') throw new UsageError('the text to look for is missing')
  return {
    newMessage: () => ({ tail: '' }),
    body(chunk, { state }) {
      const seen = oneBlank(state.tail + chunk.toString('latin1'))
      if (seen.includes(wanted)) return VERDICTS[action]
      state.tail = seen.slice(-wanted.length)
      return CONTINUE
    },
  }
}

function oneBlank(text: string): string {
  return text.replace(/[ \t\r\n]+/g, ' ')
}

await runIfMain(import.meta.url, 'body-pattern.js SOCKET reject|discard TEXT', ([action = '', text = '']) =>
  bodyPattern(action, text),
)
