// Appends a footer to plain text. A footer put behind a multipart, base64 or quoted-printable body is lost or breaks it,
// and behind a signed one it breaks the signature: such messages are left alone.

import { type BodyVerdict, CONTINUE, type Filter, SKIP } from '../milter/index.ts'
import { runIfMain, UsageError } from './run.ts'

/** A longer body is left alone, since all of it must be held to replace it. In bytes. */
const LONGEST_BODY = 1024 * 1024

export interface Draft {
  isPlain: boolean
  readonly chunks: Buffer[]
  size: number
}

export function footer(text: string): Filter<Draft> {
  if (!/^[ -~\n]+$/.test(text)) throw new UsageError('the footer must be some printable ASCII text')
  return {
    actions: ['replaceBody'],
    newMessage: () => ({ isPlain: true, chunks: [], size: 0 }),
    header(name, value, { state }) {
      if (breaksWithFooter(name.toLowerCase(), value.trim().toLowerCase())) state.isPlain = false
      return CONTINUE
    },
    body(chunk, { state }): BodyVerdict {
      state.size += chunk.length
      if (state.size > LONGEST_BODY) state.isPlain = false
      if (!state.isPlain) return SKIP
      state.chunks.push(Buffer.from(chunk))
      return CONTINUE
    },
    endOfMessage({ state }, changes) {
      if (!state.isPlain) return CONTINUE
      const body = Buffer.concat(state.chunks)
      const gap = body.length === 0 || body.subarray(-2).toString() === '\r\n' ? '' : '\r\n'
      changes.replaceBody(body)
      changes.replaceBody(`${gap}${text.replaceAll('\n', '\r\n')}\r\n`)
      return CONTINUE
    },
  }
}

function breaksWithFooter(name: string, value: string): boolean {
  if (name === 'content-type') return !/^text\/plain(?:\s*;|$)/.test(value)
  if (name === 'content-transfer-encoding') return !/^(?:7bit|8bit)$/.test(value)
  return name === 'dkim-signature'
}

await runIfMain(import.meta.url, 'footer.js SOCKET TEXT', ([text = '']) => footer(text))
