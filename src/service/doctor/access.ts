// Who may use a path: the question that decides whether a mail server reaches a Unix socket.

import type { FileFacts, Reading } from './machine.ts'

/** A user as the kernel sees one. */
export interface Account {
  readonly name: string
  readonly uid: number
  /** The primary group and all others. */
  readonly groups: readonly number[]
}

/** One name on the way to a file, from `/` down, the file itself last. */
export interface PathStep {
  readonly path: string
  readonly facts: Reading<FileFacts>
}

/** The account of that name, read from the texts of /etc/passwd and /etc/group. */
export function findAccount(passwd: string, group: string, name: string): Account | undefined {
  const entry = rows(passwd).find(([user]) => user === name)
  if (entry === undefined) return undefined
  const others = rows(group)
    .filter(([, , , members]) => members?.split(',').includes(name))
    .map(([, , gid]) => Number(gid))
  return { name, uid: Number(entry[2]), groups: [Number(entry[3]), ...others] }
}

/** The name that a numeric id has in /etc/passwd or /etc/group, or the number itself. */
export function nameOfId(table: string, id: number): string {
  return rows(table).find((row) => Number(row[2]) === id)?.[0] ?? String(id)
}

function rows(table: string): string[][] {
  return table.split('\n').map((line) => line.split(':'))
}

/** Whether the account may do what `wanted` says: 4 read, 2 write, 1 search. Root may do all. */
export function mayUse(account: Account, facts: FileFacts, wanted: number): boolean {
  if (account.uid === 0) return true
  const shift = facts.uid === account.uid ? 6 : account.groups.includes(facts.gid) ? 3 : 0
  return ((facts.mode >> shift) & wanted) === wanted
}

/** The first step of the way that the account cannot take: search every directory, write the socket. */
export function firstObstacle(account: Account, trail: readonly PathStep[]): PathStep | undefined {
  return trail.find((step, at) => {
    const wanted = at === trail.length - 1 ? 2 : 1
    return step.facts.ok && !mayUse(account, step.facts.value, wanted)
  })
}

/** `/`, `/run`, `/run/timedelay`, `/run/timedelay/milter.sock`. */
export function namesOnTheWay(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)]
}

/** `rwxr-x---` as a person writes it for chmod: `750`. */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(3, '0')
}
