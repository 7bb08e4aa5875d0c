// Where this installation's filter listens, for the commands that talk to it or about it.

import type { Config } from '../config.ts'
import { ensure } from './errors.ts'
import { readNamedFile } from './named-file.ts'

/** Every spec of the configuration, that of sendmail's X line too. */
export async function listenersOf({ milter, sendmailCf }: Config): Promise<readonly string[]> {
  if (sendmailCf === undefined) return milter
  const { socketInSendmailCf } = await import('../service/sendmail-socket.ts')
  const { file, name } = sendmailCf
  const cf = (await readNamedFile(file)).toString('latin1')
  return [...milter, ensure(socketInSendmailCf(cf, file, name)).spec]
}
