// Where this installation's filter listens, for the commands that talk to it or about it.

import type { Config } from '../config.ts'
import { Declined } from './errors.ts'
import { readNamedFile } from './named-file.ts'

/** Every spec of the configuration, that of sendmail's X line too. */
export async function listenersOf({ milter, sendmailCf }: Config): Promise<readonly string[]> {
  if (sendmailCf === undefined) return milter
  const { findMilter } = await import('../milter/index.ts')
  const { file, name } = sendmailCf
  const found = findMilter((await readNamedFile(file)).toString('latin1'), name)
  if (found?.spec !== undefined) return [...milter, found.spec]
  const what = found === undefined ? `no line X${name}` : `no S= in its line X${name}`
  throw new Declined({ kind: 'not-found', message: `${file} has ${what}.` })
}
