// Reads all that sendmail has been told about us. Only this file asks the machine; `sendmail.ts` judges.

import type { DomainName } from '../../address/index.ts'
import { type CfMilter, listMilters } from '../../milter/index.ts'
import { type NameClass, readSendmailCf, type SendmailCf } from './cf.ts'
import type { Machine, Reading } from './machine.ts'
import { readAliases, readNames, readTable } from './tables.ts'

export interface SendmailFacts {
  readonly file: string
  readonly cf: SendmailCf
  readonly milters: readonly CfMilter[]
  readonly ownNames: ReadonlySet<string>
  readonly relayNames: ReadonlySet<string>
  readonly virtualNames: ReadonlySet<string>
  readonly mailertable: Table
  readonly virtusertable: Table
  readonly access: Table
  readonly aliases: ReadonlyMap<string, string>
  /** Files that the cf file names and that could not be read, as sentences. */
  readonly unread: readonly string[]
  /** Ports of the loop mailers, and whether something accepts connections there. */
  readonly listening: ReadonlyMap<number, boolean>
}

/** A map's text file, and whether its .db is older than that text. */
export interface Table {
  readonly file: string | undefined
  readonly entries: ReadonlyMap<string, string>
  readonly stale: boolean
}

export async function readSendmail(
  machine: Machine,
  file: string,
  domains: readonly DomainName[],
): Promise<Reading<SendmailFacts>> {
  const text = await machine.readText(file)
  if (!text.ok) return text
  const cf = readSendmailCf(text.value)
  const unread: string[] = []
  const names = (one: NameClass) => readClass(machine, one, unread)
  const table = (name: string) => readMapText(machine, cf.maps.get(name), unread)
  const mailertable = await table('mailertable')
  return {
    ok: true,
    value: {
      file,
      cf,
      milters: listMilters(text.value),
      ownNames: await names(cf.ownNames),
      relayNames: await names(cf.relayNames),
      virtualNames: await names(cf.virtualNames),
      mailertable,
      virtusertable: await table('virtuser'),
      access: await table('access'),
      aliases: await readAliasFiles(machine, cf.aliasFiles, unread),
      unread,
      listening: await probePorts(machine, cf, mailertable, domains),
    },
  }
}

async function readClass(machine: Machine, one: NameClass, unread: string[]): Promise<Set<string>> {
  const names = new Set(one.names)
  for (const file of one.files) {
    const text = await machine.readText(file)
    if (text.ok) for (const name of readNames(text.value)) names.add(name)
    else if (text.why !== 'missing') unread.push(text.says)
  }
  return names
}

async function readMapText(machine: Machine, file: string | undefined, unread: string[]): Promise<Table> {
  if (file === undefined) return { file, entries: new Map(), stale: false }
  const text = await machine.readText(file)
  if (!text.ok) {
    if (text.why !== 'missing') unread.push(text.says)
    return { file, entries: new Map(), stale: false }
  }
  const [source, compiled] = [await machine.inspect(file), await machine.inspect(`${file}.db`)]
  const missing = !compiled.ok && compiled.why === 'missing'
  // One second of grace: makemap may run within the second of the last edit.
  const older = source.ok && compiled.ok && compiled.value.modifiedAt + 1000 < source.value.modifiedAt
  return { file, entries: readTable(text.value), stale: missing || older }
}

async function readAliasFiles(
  machine: Machine,
  files: readonly string[],
  unread: string[],
): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>()
  for (const file of files) {
    const text = await machine.readText(file)
    if (!text.ok) unread.push(text.says)
    else for (const [name, value] of readAliases(text.value)) if (!all.has(name)) all.set(name, value)
  }
  return all
}

/** Asks each port that a domain's mail is sent back to. */
async function probePorts(
  machine: Machine,
  cf: SendmailCf,
  mailertable: Table,
  domains: readonly DomainName[],
): Promise<ReadonlyMap<number, boolean>> {
  const ports = new Set<number>()
  for (const domain of domains) {
    const mailer = cf.mailers.get(mailertable.entries.get(domain)?.split(':')[0] ?? '')
    if (mailer?.port !== undefined) ports.add(mailer.port)
  }
  const answers = [...ports].map(
    async (port) => [port, (await machine.connects('127.0.0.1', port)).ok] as const,
  )
  return new Map(await Promise.all(answers))
}
