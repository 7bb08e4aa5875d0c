import { startPostfix } from './postfix.ts'
import { startSendmail } from './sendmail.ts'

/** For `describe.each`: what holds behind one server must hold behind the other. */
export const SERVERS = [
  ['sendmail', startSendmail],
  ['postfix', startPostfix],
] as const
