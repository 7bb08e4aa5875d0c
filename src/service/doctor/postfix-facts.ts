// Reads all that Postfix has been told about us. Only this file asks the machine; `postfix.ts` judges.

import { join } from 'node:path'
import type { DomainName } from '../../address/index.ts'
import type { Machine, Reading } from './machine.ts'
import {
  completeParameters,
  type MasterService,
  PARAMETERS,
  readList,
  readMaster,
  readParameters,
} from './postfix-config.ts'
import { readNames, readTable } from './tables.ts'

export interface PostfixFacts {
  readonly directory: string
  /** Every parameter of PARAMETERS, expanded. */
  readonly parameters: ReadonlyMap<string, string>
  /** Empty where master.cf could not be read; then `unread` says so. */
  readonly services: readonly MasterService[]
  readonly domains: readonly PostfixDomain[]
  /** What could not be read, as sentences. */
  readonly unread: readonly string[]
}

/** One of our domains, as Postfix sees it. */
export interface PostfixDomain {
  readonly name: DomainName
  /** Parameters of the address classes that have it: `relay_domains`, `mydestination`, ... */
  readonly classes: readonly string[]
  /** The answer of transport_maps, with the table it came from. */
  readonly transport: Lookup | undefined
  /** The answer of virtual_alias_maps for `@domain`. */
  readonly catchAll: Lookup | undefined
  /** Whether the port that a loop transport names accepts connections; undefined where there is none. */
  readonly loopListens: boolean | undefined
}

export interface Lookup {
  readonly value: string
  readonly table: string
  /** The text file has it and the compiled map does not: nobody ran postmap. */
  readonly stale: boolean
}

/** Tables that are made from a text of the same name. */
const HAS_TEXT = /^(?:hash|btree|lmdb|cdb|dbm|sdbm|texthash):(\/.*)$/

const CLASSES = ['relay_domains', 'mydestination', 'virtual_alias_domains', 'virtual_mailbox_domains']

export async function readPostfix(
  machine: Machine,
  directory: string,
  domains: readonly DomainName[],
): Promise<Reading<PostfixFacts>> {
  const unread: string[] = []
  const parameters = await readMain(machine, directory)
  if (!parameters.ok) return parameters
  const master = await machine.readText(join(directory, 'master.cf'))
  if (!master.ok) unread.push(master.says)
  const tables = new Tables(machine, directory, unread)
  return {
    ok: true,
    value: {
      directory,
      parameters: parameters.value,
      services: master.ok ? readMaster(master.value, chrootDefault(parameters.value)) : [],
      domains: await Promise.all(domains.map((name) => readDomain(name, parameters.value, tables, machine))),
      unread,
    },
  }
}

/** postconf knows everything; where it cannot run, main.cf with the defaults of 3.7 behind it must do. */
async function readMain(machine: Machine, directory: string): Promise<Reading<ReadonlyMap<string, string>>> {
  const said = await machine.run('postconf', ['-x', '-c', directory, ...PARAMETERS])
  if (said.ok) return { ok: true, value: readParameters(said.value) }
  const text = await machine.readText(join(directory, 'main.cf'))
  return text.ok ? { ok: true, value: completeParameters(readParameters(text.value)) } : text
}

/** Until compatibility level 1, `-` in the chroot column meant y. */
function chrootDefault(parameters: ReadonlyMap<string, string>): boolean {
  return Number.parseInt(parameters.get('compatibility_level') ?? '0', 10) < 1
}

async function readDomain(
  name: DomainName,
  parameters: ReadonlyMap<string, string>,
  tables: Tables,
  machine: Machine,
): Promise<PostfixDomain> {
  const classes: string[] = []
  for (const parameter of CLASSES) {
    if (await tables.lists(parameters.get(parameter) ?? '', name, parameter)) classes.push(parameter)
  }
  const transport = await tables.find(parameters.get('transport_maps') ?? '', name)
  const port = transport === undefined ? undefined : loopPort(transport.value)
  return {
    name,
    classes,
    transport,
    catchAll: await tables.find(parameters.get('virtual_alias_maps') ?? '', `@${name}`),
    loopListens: port === undefined ? undefined : (await machine.connects('127.0.0.1', port)).ok,
  }
}

/** The port of `smtp:[127.0.0.1]:10026`; 25 where none stands; nothing where it leads elsewhere. */
export function loopPort(transport: string): number | undefined {
  const found = /^(?:smtp|relay|lmtp)?:\[?(?:127\.0\.0\.1|localhost|::1|ipv6:::1)\]?(?::(\w+))?$/i.exec(
    transport,
  )
  if (found === null) return undefined
  return found[1] === undefined || found[1] === 'smtp' ? 25 : Number(found[1])
}

/** Asks Postfix's tables: by postmap where that runs, else by their text. */
class Tables {
  readonly #machine: Machine
  readonly #directory: string
  readonly #unread: string[]

  constructor(machine: Machine, directory: string, unread: string[]) {
    this.#machine = machine
    this.#directory = directory
    this.#unread = unread
  }

  /** The first answer of the tables of a list such as transport_maps. */
  async find(list: string, key: string): Promise<Lookup | undefined> {
    for (const table of readList(list)) {
      const found = await this.#ask(table, key)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Whether a domain list such as relay_domains has the domain, by name, file or table. */
  async lists(list: string, domain: string, parameter: string): Promise<boolean> {
    for (const item of readList(list)) {
      if (item.startsWith('!')) continue
      if (item.startsWith('/')) {
        const text = await this.#read(item)
        if (text !== undefined && readNames(text).includes(domain)) return true
      } else if (item.includes(':')) {
        if ((await this.#ask(item, domain)) !== undefined) return true
      } else if (matches(item.toLowerCase(), domain, parameter)) return true
    }
    return false
  }

  async #ask(table: string, key: string): Promise<Lookup | undefined> {
    const said = await this.#machine.run('postmap', ['-c', this.#directory, '-q', key, table])
    if (said.ok && said.value.trim() !== '') return { value: said.value.trim(), table, stale: false }
    if (!said.ok && said.why === 'missing' && !HAS_TEXT.test(table)) {
      this.#note(`Without postmap the table ${table} cannot be asked`)
    }
    const value = await this.#askText(table, key)
    // texthash has no compiled form: Postfix reads the text at its next start.
    return value === undefined
      ? undefined
      : { value, table, stale: said.ok && !table.startsWith('texthash:') }
  }

  /** The text beside a map that is made from one: hash:/etc/postfix/transport. */
  async #askText(table: string, key: string): Promise<string | undefined> {
    const file = HAS_TEXT.exec(table)?.[1]
    const text = file === undefined ? undefined : await this.#read(file)
    return text === undefined ? undefined : readTable(text).get(key.toLowerCase())
  }

  async #read(file: string): Promise<string | undefined> {
    const text = await this.#machine.readText(file)
    if (text.ok) return text.value
    this.#note(text.says)
    return undefined
  }

  #note(says: string): void {
    if (!this.#unread.includes(says)) this.#unread.push(says)
  }
}

/** `.example.com` matches below; so does `example.com` in relay_domains (parent_domain_matches_subdomains). */
function matches(item: string, domain: string, parameter: string): boolean {
  if (item === domain) return true
  if (item.startsWith('.')) return domain.endsWith(item)
  return parameter === 'relay_domains' && domain.endsWith(`.${item}`)
}
