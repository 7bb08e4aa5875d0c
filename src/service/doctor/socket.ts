// A Unix socket: is it there, may the mail server reach it, and is the way to it safe?

import { type Account, firstObstacle, modeText, nameOfId, namesOnTheWay, type PathStep } from './access.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Machine } from './machine.ts'

/** Who will connect: sendmail as root or as its RunAsUser, Postfix as its mail_owner. */
export interface SocketUser {
  readonly server: 'sendmail' | 'Postfix'
  readonly account: Account | undefined
  /** The account's name, also where this machine does not know it. */
  readonly name: string
}

export interface SocketFacts {
  readonly path: string
  readonly trail: readonly PathStep[]
  /** The text of /etc/group, or '' where it could not be read. */
  readonly groupFile: string
  readonly users: readonly SocketUser[]
  /** Words of sendmail's DontBlameSendmail that lift its check of directories. */
  readonly dontBlame: readonly string[]
}

/** Looks at every name on the way to the socket. Links are followed, as the kernel does. */
export async function walkTo(machine: Machine, path: string): Promise<readonly PathStep[]> {
  const real = await machine.realPath(path)
  return Promise.all(
    namesOnTheWay(real).map(async (name) => ({ path: name, facts: await machine.inspect(name) })),
  )
}

export function checkSocket(facts: SocketFacts): Finding[] {
  const presence = checkPresence(facts)
  return [
    ...presence,
    ...checkDirectories(facts),
    ...(presence.some(({ level }) => level === 'fault')
      ? []
      : facts.users.map((user) => checkAccess(facts, user))),
  ]
}

function checkPresence({ path, trail }: SocketFacts): Finding[] {
  const socket = trail.at(-1)!.facts
  if (!socket.ok) {
    return [
      socket.why === 'denied'
        ? warn('socket-file', `${path} cannot be seen by this user.`, 'Run "timedelay doctor" as root.')
        : fault(
            'socket-file',
            `There is no socket ${path}: mail is put off or passes unfiltered.`,
            'Start the service: npm start, or systemctl start timedelay',
          ),
    ]
  }
  if (socket.value.kind !== 'socket') {
    return [
      fault('socket-file', `${path} is no socket.`, `mv ${path} ${path}.old, then start the service again`),
    ]
  }
  return [ok('socket-file', `The socket ${path} is there, mode ${modeText(socket.value.mode)}.`)]
}

/** sendmail refuses to start over such a directory; for Postfix it only lets others put their own socket there. */
function checkDirectories({ path, trail, users, dontBlame }: SocketFacts): Finding[] {
  const insists = users.some((user) => user.server === 'sendmail')
  const trusted = new Set(dontBlame.map((word) => word.toLowerCase()))
  const unsafe = trail.slice(0, -1).filter(({ facts }) => {
    if (!facts.ok) return false
    const { mode } = facts.value
    const sticky = (mode & 0o1000) !== 0 && trusted.has('truststickybit')
    const byGroup = (mode & 0o020) !== 0 && !trusted.has('groupwritabledirpathsafe')
    return !sticky && (byGroup || (mode & 0o002) !== 0)
  })
  if (unsafe.length === 0) {
    return [
      ok('socket-directories', `No directory on the way to ${path} is writable for its group or for others.`),
    ]
  }
  return unsafe.map((step) => {
    const mode = step.facts.ok ? modeText(step.facts.value.mode) : '?'
    const says = `The directory ${step.path} on the way to the socket has mode ${mode}, writable for its group or for others`
    return insists
      ? fault(
          'socket-directories',
          `${says}: sendmail calls that unsafe and does not start.`,
          sharedDirectory(step.path)
            ? `Let the milter listen elsewhere, as in --milter unix:/run/timedelay/milter.sock`
            : `chmod go-w ${step.path}`,
        )
      : warn(
          'socket-directories',
          `${says}: another user could put a socket of theirs in its place.`,
          sharedDirectory(step.path)
            ? `Let the milter listen in a directory of its own, as in --milter unix:/run/timedelay/milter.sock`
            : `chmod go-w ${step.path}`,
        )
  })
}

/** Directories that are writable for all on purpose: nobody should be told to change them. */
function sharedDirectory(path: string): boolean {
  return ['/tmp', '/var/tmp', '/dev/shm', '/run/lock'].includes(path)
}

function checkAccess({ path, trail, groupFile }: SocketFacts, user: SocketUser): Finding {
  const check = `socket-access-${user.server.toLowerCase()}`
  if (user.account === undefined) {
    return warn(
      check,
      `${user.server} connects as user ${user.name}, whom this machine does not know.`,
      `Run "timedelay doctor" on the machine of the mail server.`,
    )
  }
  const obstacle = firstObstacle(user.account, trail)
  if (obstacle === undefined) return ok(check, `${user.server} (user ${user.name}) may connect to ${path}.`)
  const facts = obstacle.facts.ok ? obstacle.facts.value : undefined
  const group = facts === undefined ? '?' : nameOfId(groupFile, facts.gid)
  const isSocket = obstacle === trail.at(-1)
  return fault(
    check,
    `${user.server} connects as user ${user.name}, who may not ${isSocket ? 'write' : 'enter'} ${obstacle.path} ` +
      `(group ${group}, mode ${modeText(facts?.mode ?? 0)}): it says "Permission denied" and puts all mail off.`,
    isSocket
      ? `Start the service with --milter-socket-mode 660 --milter-socket-group ${user.name}; until then: chgrp ${user.name} ${path} && chmod 660 ${path}`
      : `chgrp ${user.name} ${obstacle.path} && chmod 750 ${obstacle.path}`,
  )
}
