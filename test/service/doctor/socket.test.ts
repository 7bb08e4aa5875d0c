import { describe, expect, test } from 'vitest'
import { type Account, findAccount, mayUse, namesOnTheWay } from '../../../src/service/doctor/access.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import type { FileFacts } from '../../../src/service/doctor/machine.ts'
import { checkSocket, type SocketFacts } from '../../../src/service/doctor/socket.ts'

const PASSWD =
  'root:x:0:0::/root:/bin/sh\npostfix:x:101:102::/:/bin/false\ntimedelay:x:990:990::/:/bin/false\n'
const GROUP = 'root:x:0:\npostfix:x:102:\ntimedelay:x:990:postfix\n'

function file(change: Partial<FileFacts>): FileFacts {
  return { kind: 'directory', mode: 0o755, uid: 0, gid: 0, modifiedAt: 0, ...change }
}

function account(name: string): Account {
  const found = findAccount(PASSWD, GROUP, name)
  if (found === undefined) throw new Error(`no account ${name}`)
  return found
}

interface Change {
  readonly socket?: Partial<FileFacts>
  readonly folder?: Partial<FileFacts>
  readonly server?: 'sendmail' | 'Postfix'
  readonly user?: string
  readonly dontBlame?: readonly string[]
}

/** /run/timedelay/milter.sock, owned by the service and open to its group. */
function facts({
  socket = {},
  folder = {},
  server = 'Postfix',
  user = 'postfix',
  dontBlame = [],
}: Change): SocketFacts {
  const ours = { uid: 990, gid: 990 }
  return {
    path: '/run/timedelay/milter.sock',
    trail: [
      { path: '/', facts: { ok: true, value: file({}) } },
      { path: '/run', facts: { ok: true, value: file({}) } },
      { path: '/run/timedelay', facts: { ok: true, value: file({ ...ours, mode: 0o750, ...folder }) } },
      {
        path: '/run/timedelay/milter.sock',
        facts: { ok: true, value: file({ ...ours, kind: 'socket', mode: 0o660, ...socket }) },
      },
    ],
    groupFile: GROUP,
    users: [{ server, name: user, account: account(user) }],
    dontBlame,
  }
}

function find(findings: readonly Finding[], check: string): Finding {
  const found = findings.find((finding) => finding.check === check)
  if (found === undefined) throw new Error(`no ${check} among ${findings.map((one) => one.check).join(', ')}`)
  return found
}

describe('the way to the socket', () => {
  test('is in order when Postfix is in the group of directory and socket', () => {
    expect(checkSocket(facts({})).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok'])
  })

  test('is barred by a socket of mode 755: writing is what connecting needs', () => {
    const found = find(checkSocket(facts({ socket: { mode: 0o755 } })), 'socket-access-postfix')
    expect(found.level).toBe('fault')
    expect(found.todo).toContain('chmod 660 /run/timedelay/milter.sock')
  })

  test('is barred by a directory that Postfix may not enter, and the finding names the directory', () => {
    const found = find(checkSocket(facts({ folder: { gid: 0 } })), 'socket-access-postfix')
    expect(found.says).toContain('/run/timedelay (')
    expect(found.todo).toBe('chgrp postfix /run/timedelay && chmod 750 /run/timedelay')
  })

  test('is open to root whatever the modes', () => {
    const closed = facts({
      socket: { mode: 0o600 },
      folder: { mode: 0o700 },
      server: 'sendmail',
      user: 'root',
    })
    expect(find(checkSocket(closed), 'socket-access-sendmail').level).toBe('ok')
  })

  test('is a warning when this machine does not know the user', () => {
    const unknown = {
      ...facts({}),
      users: [{ server: 'Postfix' as const, name: 'mail', account: undefined }],
    }
    expect(find(checkSocket(unknown), 'socket-access-postfix').level).toBe('warn')
  })

  test('stops sendmail from starting where a directory is writable for its group', () => {
    const found = find(
      checkSocket(facts({ folder: { mode: 0o775 }, server: 'sendmail', user: 'root' })),
      'socket-directories',
    )
    expect(found).toMatchObject({ level: 'fault', todo: 'chmod go-w /run/timedelay' })
  })

  test('is only a warning for Postfix, which does not insist', () => {
    expect(find(checkSocket(facts({ folder: { mode: 0o775 } })), 'socket-directories').level).toBe('warn')
  })

  test('is in order where sendmail was told to trust the sticky bit or the group', () => {
    const change = { server: 'sendmail', user: 'root' } as const
    const sticky = facts({ ...change, folder: { mode: 0o1777 }, dontBlame: ['TrustStickyBit'] })
    expect(find(checkSocket(sticky), 'socket-directories').level).toBe('ok')
    const group = facts({ ...change, folder: { mode: 0o775 }, dontBlame: ['GroupWritableDirPathSafe'] })
    expect(find(checkSocket(group), 'socket-directories').level).toBe('ok')
    const neither = facts({ ...change, folder: { mode: 0o1777 } })
    expect(find(checkSocket(neither), 'socket-directories').level).toBe('fault')
  })

  test('ends at a socket, or there is a fault', () => {
    expect(find(checkSocket(facts({ socket: { kind: 'file' } })), 'socket-file').level).toBe('fault')
    const gone = facts({})
    const trail = [
      ...gone.trail.slice(0, -1),
      { path: gone.path, facts: { ok: false, why: 'missing', says: '' } as const },
    ]
    const findings = checkSocket({ ...gone, trail })
    expect(find(findings, 'socket-file').todo).toContain('systemctl start timedelay')
    // Nothing to connect to: who may is of no interest.
    expect(findings.map(({ check }) => check)).not.toContain('socket-access-postfix')
  })
})

describe('who may use a file', () => {
  const postfix = account('postfix')

  test('is the owner by the owner bits alone, even where others may more', () => {
    expect(mayUse({ ...postfix, uid: 990 }, file({ uid: 990, mode: 0o077 }), 2)).toBe(false)
  })

  test('is a member of the group, primary or not', () => {
    expect(postfix.groups).toEqual([102, 990])
    expect(mayUse(postfix, file({ gid: 990, mode: 0o020 }), 2)).toBe(true)
    expect(mayUse(postfix, file({ gid: 990, mode: 0o002 }), 2)).toBe(false)
  })

  test('names every directory on the way', () => {
    expect(namesOnTheWay('/run//td/s')).toEqual(['/', '/run', '/run/td', '/run/td/s'])
  })
})
