// Reads the recorded sessions of this folder; README.md describes them.

import { readdirSync, readFileSync } from 'node:fs'

export interface Packet {
  readonly from: 'mta' | 'filter'
  /** The command or response letter. */
  readonly code: string
  readonly payload: Buffer
  /** As it was on the wire. */
  readonly frame: Buffer
}

export interface Capture {
  /** `sendmail-one-td` */
  readonly name: string
  readonly like: 'sendmail' | 'postfix'
  readonly note: string
  /** The SMTP dialogue; the middle of long ones is left out. */
  readonly smtp: readonly string[]
  /** In the order in which the recorder saw them. */
  readonly packets: readonly Packet[]
}

interface Line {
  readonly note?: string
  readonly smtp?: readonly string[]
  readonly dir?: 'mta>filter' | 'filter>mta'
  readonly cmd?: string
  readonly len?: number
  readonly hex?: string
}

const folder = new URL('.', import.meta.url)

export const captures: readonly Capture[] = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .sort()
  .map(readCapture)

export function captureNamed(name: string): Capture {
  const found = captures.find((capture) => capture.name === name)
  if (found === undefined) throw new Error(`no capture ${name}`)
  return found
}

function readCapture(file: string): Capture {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line) as Line)
  const name = file.replace('.jsonl', '')
  return {
    name,
    like: name.startsWith('sendmail') ? 'sendmail' : 'postfix',
    note: head?.note ?? '',
    smtp: head?.smtp ?? [],
    packets: lines.flatMap(readPacket),
  }
}

/** Lines about the end of a stream are no packets. */
function readPacket({ dir, cmd, len, hex }: Line): Packet[] {
  if (cmd === undefined || len === undefined || hex === undefined) return []
  const payload = Buffer.from(hex, 'hex')
  const head = Buffer.alloc(5)
  head.writeUInt32BE(len)
  head.write(cmd, 4, 'latin1')
  return [
    {
      from: dir === 'mta>filter' ? 'mta' : 'filter',
      code: cmd,
      payload,
      frame: Buffer.concat([head, payload]),
    },
  ]
}
