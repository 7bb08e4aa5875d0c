// Where a milter listens, as text: libmilter's spelling (`inet:8895@127.0.0.1`) and Postfix's (`inet:127.0.0.1:8895`).
// Pure: nothing is looked up and nothing is opened, so that a bad spec is refused before anything is half done.

import { isIPv4, isIPv6, type NetConnectOpts } from 'node:net'
import { SpecError } from './errors.ts'

export type SocketSpec =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'inet' | 'inet6'
      /** Undefined when listening: every address. */
      readonly host: string | undefined
      /** 0 to 65535; 0 when listening: whichever is free. */
      readonly port: number
    }

type InternetKind = 'inet' | 'inet6'

/** Linux keeps 108 bytes for the path, the NUL included. Node cuts a longer one off and binds the wrong name. */
const LONGEST_PATH = 107

/**
 * Reads a spec, with the protocol in any case: `inet:8895`, `inet:8895@host`, `inet6:8895@[::1]`, `unix:/path`,
 * `local:/path`, `:/path`, `/path`, and Postfix's `inet:host:8895` and `inet:[::1]:8895`.
 * @throws SpecError with one sentence that says what to write instead.
 */
export function parseSocketSpec(text: string): SocketSpec {
  const spec = text.trim()
  const colon = spec.indexOf(':')
  if (colon < 0) return parseBarePath(spec)
  const protocol = spec.slice(0, colon).toLowerCase()
  const address = spec.slice(colon + 1)
  switch (protocol) {
    case '':
    case 'unix':
    case 'local':
      return unixSpec(spec, address)
    case 'inet':
    case 'inet6':
      return parseInternet(spec, protocol, address)
    default:
      throw unknownProtocol(spec)
  }
}

/** The spec as libmilter, sendmail and this program write it. */
export function formatSocketSpec(spec: SocketSpec): string {
  if (spec.kind === 'unix') return `unix:${spec.path}`
  return spec.host === undefined
    ? `${spec.kind}:${spec.port}`
    : `${spec.kind}:${spec.port}@${bracketed(spec.host)}`
}

/** The spec as Postfix's `smtpd_milters` wants it, host before port. A listener on every address is named by its loopback one. */
export function formatPostfixSpec(spec: SocketSpec): string {
  return spec.kind === 'unix' ? `unix:${spec.path}` : `inet:${bracketed(clientHost(spec))}:${spec.port}`
}

/**
 * What `net.connect` needs to reach the milter. A spec without a host means the loopback address.
 * @throws SpecError for port 0, which only a listener may use.
 */
export function connectOptions(spec: SocketSpec): NetConnectOpts {
  if (spec.kind === 'unix') return { path: spec.path }
  if (spec.port === 0) {
    throw new SpecError(
      `${formatSocketSpec(spec)} names no port to connect to: write the port number the milter listens on.`,
    )
  }
  return { host: clientHost(spec), port: spec.port, family: spec.kind === 'inet' ? 4 : 6 }
}

function parseBarePath(spec: string): SocketSpec {
  if (spec === '')
    throw new SpecError('The socket is empty: write inet:8895@127.0.0.1 or unix:/run/timedelay/milter.sock.')
  if (/^\d+$/.test(spec)) {
    throw new SpecError(
      `${quote(spec)} is only a number: write inet:8895@127.0.0.1, with your port, or unix:/path/to/socket.`,
    )
  }
  // libmilter would take any word for a path. A word without a slash is a slip, far more often than a file beside us.
  if (!spec.includes('/')) {
    throw new SpecError(
      `${quote(spec)} is neither a port nor a path: write inet:8895@127.0.0.1 or unix:/path/to/socket.`,
    )
  }
  return unixSpec(spec, spec)
}

function unixSpec(spec: string, path: string): SocketSpec {
  if (path === '') throw new SpecError(`${quote(spec)} has no path: write unix:/run/timedelay/milter.sock.`)
  if (path.includes('\0'))
    throw new SpecError(`${quote(spec)} has a NUL in its path: write the path without it.`)
  if (path.endsWith('/')) {
    throw new SpecError(
      `${quote(spec)} names a directory: write the socket's own name after it, as in ${quote(`unix:${path}milter.sock`)}.`,
    )
  }
  const bytes = Buffer.byteLength(path)
  if (bytes > LONGEST_PATH) {
    throw new SpecError(
      `The socket path is ${bytes} bytes long and the system takes ${LONGEST_PATH}: choose a shorter path than ${quote(path)}.`,
    )
  }
  return { kind: 'unix', path }
}

function parseInternet(spec: string, kind: InternetKind, address: string): SocketSpec {
  const at = address.indexOf('@')
  if (at >= 0) {
    const port = parsePort(spec, address.slice(0, at))
    return { kind, host: parseHost(spec, kind, address.slice(at + 1)), port }
  }
  const colon = address.lastIndexOf(':')
  if (colon < 0) {
    if (isPortLike(address)) return { kind, host: undefined, port: parsePort(spec, address) }
    throw new SpecError(
      `${quote(spec)} has no port number: write ${quote(`${kind}:8895@${address || 'host'}`)}.`,
    )
  }
  const port = parsePort(spec, address.slice(colon + 1))
  const host = address.slice(0, colon)
  // Postfix has one word for both families.
  const family = kind === 'inet' && /^\[.*:.*\]$/.test(host) ? 'inet6' : kind
  return { kind: family, host: parseHost(spec, family, host), port }
}

// A leading digit means a number to libmilter; what has none may be a service name or a host.
const isPortLike = (text: string): boolean => /^\d+$/.test(text)

function parsePort(spec: string, text: string): number {
  if (!isPortLike(text)) {
    throw new SpecError(
      `${quote(text)} in ${quote(spec)} is no port number: write the number itself, such as 8895.`,
    )
  }
  const port = Number(text)
  if (port > 65535)
    throw new SpecError(`Port ${text} in ${quote(spec)} is too large: write a number up to 65535.`)
  return port
}

function parseHost(spec: string, kind: InternetKind, text: string): string {
  const host = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text
  if (host === '') {
    throw new SpecError(
      `${quote(spec)} has no host: write one, such as ${kind === 'inet' ? '127.0.0.1' : '[::1]'}, or leave the sign before it out.`,
    )
  }
  if (isIPv6(host)) {
    // Postfix splits at the last colon, so an address without brackets could hide its port.
    if (host === text && !spec.includes('@'))
      throw new SpecError(
        `${quote(spec)} is ambiguous: write the address in brackets, as in inet6:8895@[::1].`,
      )
    if (kind === 'inet6') return host
    throw new SpecError(`${host} in ${quote(spec)} is an IPv6 address: write inet6: instead of inet:.`)
  }
  if (isIPv4(host)) {
    if (kind === 'inet') return host
    throw new SpecError(`${host} in ${quote(spec)} is an IPv4 address: write inet: instead of inet6:.`)
  }
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(host) || /^[\d.]+$/.test(host)) {
    throw new SpecError(
      `${quote(host)} in ${quote(spec)} is neither a host name nor an address: write one, such as ${kind === 'inet' ? '127.0.0.1' : '[::1]'}.`,
    )
  }
  return host
}

function unknownProtocol(spec: string): SpecError {
  if (spec.startsWith('/')) {
    return new SpecError(`${quote(spec)} is a path with a colon in it: write ${quote(`unix:${spec}`)}.`)
  }
  const hostAndPort =
    /^tcp:()(\d{1,5})$/i.exec(spec) ?? /^(?:tcp:)?([A-Za-z0-9.-]{1,64}):(\d{1,5})$/i.exec(spec)
  if (hostAndPort) {
    return new SpecError(
      `${quote(spec)} does not say what kind of socket it is: write inet:${hostAndPort[2]}@${hostAndPort[1] || '127.0.0.1'}.`,
    )
  }
  return new SpecError(
    `${quote(spec)} begins with no known kind of socket: write inet:, inet6: or unix: before the address.`,
  )
}

/** As a client writes it: a listener on every address is reached on the loopback one. */
function clientHost(spec: Extract<SocketSpec, { port: number }>): string {
  return spec.host ?? (spec.kind === 'inet' ? '127.0.0.1' : '::1')
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** In messages: one line, of bounded length. */
function quote(text: string): string {
  const shown = JSON.stringify(text)
  return shown.length > 160 ? `${shown.slice(0, 156)}..."` : shown
}
