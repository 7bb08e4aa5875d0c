// Taking a socket for our own, and giving it back. A live socket is never stolen, a stale one is replaced, and anything
// that is not a socket is left alone.

import { lookup } from 'node:dns/promises'
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { ListenError } from './errors.ts'
import { formatSocketSpec, type SocketSpec } from './socket-spec.ts'

export interface SocketAccess {
  /** Mode of a Unix socket; 0660 unless told. */
  readonly socketMode?: number | undefined
  /** Group of a Unix socket, by name or number: the MTA's. */
  readonly socketGroup?: string | number | undefined
}

export interface BoundSocket {
  /** What is listened on: port 0 has become a real one. */
  readonly spec: SocketSpec
  /** Accepts no more; resolves when every connection made here has ended. The socket file is gone at once. */
  close(): Promise<void>
}

/** As many as the system lets us have: a full backlog makes a client on a Unix socket fail at once (EAGAIN). */
const BACKLOG = 4096
const DEFAULT_MODE = 0o660
/** A socket between `bind` and `listen` refuses connections, too: asked again after this, it is really dead. */
const SECOND_LOOK = 100

/**
 * Listens.
 * @throws ListenError with one sentence that says what to do; then nothing of ours is left behind.
 */
export async function listenOn(
  spec: SocketSpec,
  access: SocketAccess,
  accept: (socket: Socket) => void,
  failed: (error: Error) => void,
): Promise<BoundSocket> {
  // sendmail writes macros and their command apart: without noDelay each answer would wait for the delayed ACK.
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, accept)
  const listener =
    spec.kind === 'unix' ? await bindUnix(server, spec.path, access) : await bindInet(server, spec)
  server.on('error', failed)
  return listener
}

type InetSpec = Extract<SocketSpec, { port: number }>

async function bindInet(server: Server, spec: InetSpec): Promise<BoundSocket> {
  const host = spec.host === undefined ? anyAddress(spec) : await addressOf(spec, spec.host)
  try {
    await listening(server, { host, port: spec.port, ipv6Only: true, backlog: BACKLOG })
  } catch (error) {
    throw inetError(spec, error)
  }
  const { port } = server.address() as AddressInfo
  return { spec: { ...spec, port }, close: () => closed(server) }
}

const anyAddress = (spec: InetSpec): string => (spec.kind === 'inet' ? '0.0.0.0' : '::')

async function addressOf(spec: InetSpec, host: string): Promise<string> {
  try {
    const { address } = await lookup(host, { family: spec.kind === 'inet' ? 4 : 6 })
    return address
  } catch {
    const family = spec.kind === 'inet' ? 'IPv4' : 'IPv6'
    throw new ListenError(
      `Cannot listen on ${formatSocketSpec(spec)}: ${host} has no ${family} address here.`,
    )
  }
}

async function bindUnix(server: Server, path: string, access: SocketAccess): Promise<BoundSocket> {
  const group = access.socketGroup === undefined ? undefined : groupId(path, access.socketGroup)
  const mode = access.socketMode ?? DEFAULT_MODE
  try {
    await bindPath(server, path, mode)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw unixError(path, error)
    await removeStale(path)
    await bindPath(server, path, mode).catch((again: unknown) => {
      throw unixError(path, again)
    })
  }
  const own = lstatSync(path, { bigint: true })
  const listener: BoundSocket = { spec: { kind: 'unix', path }, close: () => closeUnix(server, path, own) }
  if (group !== undefined) await giveToGroup(listener, path, group)
  return listener
}

/** The mode is right from the first instant: `bind` happens inside `listen`, under our umask. */
async function bindPath(server: Server, path: string, mode: number): Promise<void> {
  // A worker thread may not set the umask. There the mode follows at once; the usual umask errs on the safe side.
  const umask = isMainThread ? process.umask(0o777 & ~mode) : undefined
  let bound: Promise<void>
  try {
    bound = listening(server, { path, backlog: BACKLOG })
  } finally {
    if (umask !== undefined) process.umask(umask)
  }
  await bound
  if (umask === undefined) chmodSync(path, mode)
}

async function giveToGroup(listener: BoundSocket, path: string, group: number): Promise<void> {
  try {
    chownSync(path, -1, group)
  } catch {
    await listener.close()
    throw new ListenError(
      `Cannot give ${path} to group ${group}: run as root, or as a user who is a member of that group.`,
    )
  }
}

/** Node removes the path when it closes, whoever made it; a socket that a newer instance has bound there is saved. */
async function closeUnix(server: Server, path: string, own: BigIntStats): Promise<void> {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (there === undefined || isSame(there, own)) return closed(server)
  const aside = `${path}.${process.pid}.keep`
  renameSync(path, aside)
  const done = closed(server)
  renameSync(aside, path)
  return done
}

/** Resolves only when nobody listens behind the path. Two starting at once cannot both come to that conclusion. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) {
    throw new ListenError(`${path} exists and is not a socket: remove it, or choose another path.`)
  }
  if (await isAlive(path)) throw alreadyRunning(path)
  await sleep(SECOND_LOOK)
  if (await isAlive(path)) throw alreadyRunning(path)
  removeIfSame(path, found)
}

/** Renamed first: what is then in hand is looked at again, and given back if somebody else has just put it there. */
function removeIfSame(path: string, found: BigIntStats): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw unixError(path, error)
  }
  const stale = isSame(lstatSync(aside, { bigint: true }), found)
  if (!stale) giveBack(aside, path)
  unlinkSync(aside)
  if (!stale) throw alreadyRunning(path)
}

function giveBack(aside: string, path: string): void {
  try {
    linkSync(aside, path)
  } catch (error) {
    // A third one has taken the path in this instant: that one has it now.
    if (codeOf(error) !== 'EEXIST') throw unixError(path, error)
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path })
    const settle = (alive: boolean): void => {
      probe.destroy()
      resolve(alive)
    }
    probe.on('connect', () => settle(true))
    // Anything but a plain refusal (a full backlog, no permission) may hide a live one.
    probe.on('error', (error) => settle(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')))
  })
}

/** A number alone proves nothing: the file system gives that of a removed socket to the next one made. */
const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.mtimeNs === b.mtimeNs

/** Node looks up no groups, so the name is read from the system's own file. */
function groupId(path: string, group: string | number): number {
  if (typeof group === 'number' || /^\d+$/.test(group)) return Number(group)
  const lines = readGroups().split('\n')
  const id = lines.find((line) => line.startsWith(`${group}:`))?.split(':')[2]
  if (id !== undefined) return Number(id)
  throw new ListenError(
    `Cannot give ${path} to group ${group}: there is no such group; a number would do, too.`,
  )
}

function readGroups(): string {
  try {
    return readFileSync('/etc/group', 'latin1')
  } catch {
    return ''
  }
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function alreadyRunning(path: string): ListenError {
  return new ListenError(`Another program already listens on ${path}: stop it first, or choose another path.`)
}

function inetError(spec: InetSpec, error: unknown): ListenError {
  const where = `Cannot listen on ${formatSocketSpec(spec)}`
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ListenError(
        `${where}: another program already listens there; stop it, or choose another port.`,
      )
    case 'EACCES':
      return new ListenError(`${where}: this user may not; choose a port from 1024 up.`)
    case 'EADDRNOTAVAIL':
      return new ListenError(`${where}: this machine does not have that address.`)
    case 'EAFNOSUPPORT':
      return new ListenError(`${where}: this machine does not speak IPv6; use inet: instead.`)
    default:
      return new ListenError(`${where}: ${(error as Error).message}.`)
  }
}

function unixError(path: string, error: unknown): ListenError {
  const directory = dirname(path)
  // Node reports a missing directory as EACCES.
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    return new ListenError(`Cannot listen on ${path}: there is no directory ${directory}; create it first.`)
  }
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ListenError(`Cannot listen on ${path}: this user may not write to ${directory}.`)
    case 'EADDRINUSE':
      return alreadyRunning(path)
    default:
      return new ListenError(`Cannot listen on ${path}: ${(error as Error).message}.`)
  }
}
