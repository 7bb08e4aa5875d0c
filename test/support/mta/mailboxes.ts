// What a rig has delivered: one file for each delivery, in a folder for each mailbox, written by a program of ours that
// the server calls as its local mailer. A file appears whole or not at all.

import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** Mailbox of everything that would leave the machine: bounces to the sender, mail for other domains. */
export const ELSEWHERE = '_elsewhere'

/** One message in one mailbox. */
export interface Delivery {
  /** Envelope, as the server gave it to its mailer. */
  readonly sender: string
  readonly recipient: string
  /** Header fields, unfolded, in order; names as written. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** With LF line ends, as both servers deliver. */
  readonly body: Buffer
  /** Values of a field, by any spelling of its name. */
  header(name: string): readonly string[]
}

export class Mailboxes {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Prepares a folder that any account may write to: servers deliver under accounts of their own. */
  static async make(folder: string): Promise<Mailboxes> {
    await mkdir(join(folder, '.new'), { recursive: true })
    await writeFile(
      join(folder, '.deliver'),
      `#!/bin/sh
# deliver MAILBOX SENDER RECIPIENT < message
umask 000
new=$(mktemp '${folder}/.new/XXXXXXXXXX') && mkdir -p "${folder}/$1" || exit 75
{ printf '%s\\n%s\\n' "$2" "$3" && cat; } > "$new" && mv "$new" "${folder}/$1/" || exit 75
`,
      { mode: 0o755 },
    )
    await chmod(folder, 0o777)
    await chmod(join(folder, '.new'), 0o777)
    return new Mailboxes(folder)
  }

  /** The program that delivers: `deliver MAILBOX SENDER RECIPIENT`. */
  get program(): string {
    return join(this.#folder, '.deliver')
  }

  /** Names of the mailboxes that hold something, with how many messages. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {}
    for (const name of (await readdir(this.#folder)).sort()) {
      if (!name.startsWith('.')) counts[name] = (await readdir(join(this.#folder, name))).length
    }
    return counts
  }

  /** Everything in one mailbox, in no order. */
  async in(mailbox: string): Promise<readonly Delivery[]> {
    const folder = join(this.#folder, mailbox)
    const names = await readdir(folder).catch(() => [])
    return Promise.all(names.map(async (name) => parse(await readFile(join(folder, name)))))
  }

  /** Waits until a mailbox holds so many messages. */
  arrived(mailbox: string, count = 1, seconds = 30): Promise<readonly Delivery[]> {
    const look = async () => {
      const found = await this.in(mailbox)
      return found.length >= count ? found : undefined
    }
    return eventually(`${count} message(s) in ${mailbox}`, look, seconds)
  }

  /** Forgets everything delivered so far. */
  async empty(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.startsWith('.')) await rm(join(this.#folder, name), { recursive: true })
    }
  }
}

function parse(file: Buffer): Delivery {
  const senderEnd = file.indexOf('\n')
  const recipientEnd = file.indexOf('\n', senderEnd + 1)
  const message = file.subarray(recipientEnd + 1)
  const headerEnd = message.indexOf('\n\n')
  const header = message.subarray(0, headerEnd < 0 ? undefined : headerEnd).toString('latin1')
  const headers = header
    .split(/\n(?![ \t])/)
    .map((field) => /^([^:]*):\s*(.*)$/s.exec(field))
    .map((match) => [match?.[1] ?? '', (match?.[2] ?? '').replaceAll(/\n[ \t]+/g, ' ')] as const)
  return {
    sender: file.toString('latin1', 0, senderEnd),
    recipient: file.toString('latin1', senderEnd + 1, recipientEnd),
    headers,
    body: headerEnd < 0 ? Buffer.alloc(0) : message.subarray(headerEnd + 2),
    header: (name) =>
      headers.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
  }
}
