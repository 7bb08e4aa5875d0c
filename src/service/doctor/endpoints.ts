// When do two specs mean the same socket? A mail server and this program may spell it differently.

import { normalize } from 'node:path'
import { parseSocketSpec, type SocketSpec } from '../../milter/index.ts'

/** A spec, or the sentence that says what is wrong with it. */
export type ReadSpec =
  | { readonly ok: true; readonly spec: SocketSpec }
  | { readonly ok: false; readonly says: string }

export function readSpec(text: string): ReadSpec {
  try {
    return { ok: true, spec: parseSocketSpec(text) }
  } catch (error) {
    // parseSocketSpec throws SpecError only, and its message is a sentence for people.
    return { ok: false, says: error instanceof Error ? error.message : String(error) }
  }
}

/** Whether a client that connects to `client` reaches the listener. */
export function reaches(client: SocketSpec, listener: SocketSpec): boolean {
  if (client.kind === 'unix' || listener.kind === 'unix') {
    return (
      client.kind === 'unix' &&
      listener.kind === 'unix' &&
      canonicalPath(client.path) === canonicalPath(listener.path)
    )
  }
  if (client.port !== listener.port) return false
  if (isEveryAddress(listener.host)) return true
  return canonicalHost(client.host) === canonicalHost(listener.host)
}

/** /var/run has been a link to /run for years, and many configurations still say it. */
function canonicalPath(path: string): string {
  return normalize(path).replace(/^\/var\/run\//, '/run/')
}

function isEveryAddress(host: string | undefined): boolean {
  return host === undefined || host === '0.0.0.0' || host === '::'
}

function canonicalHost(host: string | undefined): string {
  const name = (host ?? '127.0.0.1').toLowerCase()
  return name === 'localhost' || name === '::1' ? '127.0.0.1' : name
}
