// The examination from beginning to end: collects facts, hands them to the checks, keeps the order. A part that
// cannot be examined becomes a finding, and the next part goes on.

import type { DomainName } from '../../address/index.ts'
import { formatSocketSpec, type SocketSpec } from '../../milter/index.ts'
import type { Decision, Domain, Prefix, SigningKey, Store } from '../../store/store.ts'
import { findAccount } from './access.ts'
import { checkClock } from './clock.ts'
import { checkDatabaseFiles, checkDisk, checkHealth, readDatabase, restoring } from './database.ts'
import { readSpec } from './endpoints.ts'
import { type Finding, fault, ok, warn } from './finding.ts'
import type { Machine } from './machine.ts'
import { type MailServers, questionsFor, readMailServers } from './mail-servers.ts'
import { askMilter, checkMilter, checkRecorded, type MadeUpNames, makeUpNames } from './milter.ts'
import { checkPostfix } from './postfix.ts'
import { checkRecords } from './records.ts'
import { checkSendmail, type OurSide } from './sendmail.ts'
import { checkSocket, type SocketUser, walkTo } from './socket.ts'

export interface DoctorOptions {
  /** Where the milter listens, as SPECs. */
  readonly listeners: readonly string[]
  /** Absolute path of the database. */
  readonly database: string
  /** Longest time in milliseconds that the milter takes for one answer. */
  readonly handlerDeadline: number
  /** `--sendmail-cf`; /etc/mail/sendmail.cf unless told. */
  readonly sendmailCf?: string
  /** `--postfix-config`; /etc/postfix unless told. */
  readonly postfixConfig?: string
}

export interface DoctorDeps {
  readonly machine: Machine
  /** Opens the database named in the options; called only when the file is there. Closed by the examination. */
  openStore(): Promise<Store>
}

/** What the examination knows of the database. */
interface Records {
  readonly domains: readonly Domain[]
  readonly prefixes: readonly Prefix[]
  readonly keys: readonly SigningKey[]
  readonly newest: Decision | undefined
}

/** How long a verdict may take into the database before we speak of a backlog, in milliseconds. */
const RECORD_WAIT = 5000
const RECORD_STEP = 200

/**
 * Looks at the database, the clock, the running milter and the mail server's configuration. Changes nothing, except
 * that the made-up recipients it asks the milter about appear in the decision log.
 */
export async function examine(options: DoctorOptions, deps: DoctorDeps): Promise<Finding[]> {
  const examination = new Examination(options, deps)
  return examination.run()
}

class Examination {
  readonly #options: DoctorOptions
  readonly #deps: DoctorDeps
  readonly #machine: Machine
  readonly #findings: Finding[] = []

  constructor(options: DoctorOptions, deps: DoctorDeps) {
    this.#options = options
    this.#deps = deps
    this.#machine = deps.machine
  }

  async run(): Promise<Finding[]> {
    const store = await this.#openDatabase()
    const records = store && (await this.#attempt('database-health', () => this.#readRecords(store)))
    await this.#attempt('clock', () => this.#examineClock(records))
    const ours = this.#ourSide(records)
    const servers = await this.#attempt('mail-server', () =>
      readMailServers(this.#machine, this.#options, ours),
    )
    if (servers !== undefined) this.#findings.push(...servers.findings)
    await this.#attempt('milter-answers', () => this.#examineMilter(ours, servers, store))
    await this.#attempt('socket-file', () => this.#examineSockets(ours, servers))
    if (servers?.sendmail) this.#findings.push(...checkSendmail(servers.sendmail, ours))
    if (servers?.postfix) this.#findings.push(...checkPostfix(servers.postfix, ours))
    await store?.close()
    return this.#findings
  }

  /** An exception in one part must not hide the findings of the others. */
  async #attempt<T>(check: string, part: () => Promise<T>): Promise<T | undefined> {
    try {
      return await part()
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error)
      this.#findings.push(
        warn(
          check,
          `This could not be examined: ${says}`,
          'Report this with the output of "timedelay doctor --json".',
        ),
      )
      return undefined
    }
  }

  async #openDatabase(): Promise<Store | undefined> {
    const passwd = await this.#text('/etc/passwd')
    const facts = await readDatabase(this.#machine, this.#options.database, passwd)
    this.#findings.push(...checkDatabaseFiles(facts))
    if (!facts.files[0]?.facts.ok) return undefined
    this.#findings.push(...checkDisk(facts))
    try {
      return await this.#deps.openStore()
    } catch (error) {
      // The store's messages are sentences for the operator.
      const says = error instanceof Error ? error.message : String(error)
      this.#findings.push(
        fault(
          'database-open',
          `The database cannot be opened: ${says}`,
          `Run "timedelay doctor" as the user of the service; if that fails too, ${restoring(this.#options.database)}`,
        ),
      )
      return undefined
    }
  }

  async #readRecords(store: Store): Promise<Records> {
    this.#findings.push(...checkHealth(await store.health(true), this.#options.database))
    const [newest] = await store.decisions({ limit: 1 })
    const { keys } = await store.settings()
    const records = { domains: await store.domains(), prefixes: await store.prefixes(), keys, newest }
    this.#findings.push(...checkRecords(records))
    return records
  }

  async #examineClock(records: Records | undefined): Promise<void> {
    const written = await this.#machine.inspect(this.#options.database)
    this.#findings.push(
      ...checkClock({
        now: this.#machine.now(),
        past: [
          ...(records?.newest ? [{ what: 'the newest verdict in the database', at: records.newest.at }] : []),
          ...(written.ok
            ? [{ what: 'the last change of the database file', at: written.value.modifiedAt }]
            : []),
        ],
        zoneData: this.#machine.zoneData,
        zones: (records?.domains ?? []).map(({ name, timeZone }) => ({
          domain: name,
          timeZone,
          known: this.#machine.knowsZone(timeZone),
        })),
      }),
    )
  }

  #ourSide(records: Records | undefined): OurSide {
    const listeners: SocketSpec[] = []
    for (const text of this.#options.listeners) {
      const read = readSpec(text)
      if (read.ok) listeners.push(read.spec)
      else
        this.#findings.push(
          fault('listener', read.says, 'Correct --milter, TIMEDELAY_MILTER or the configuration file.'),
        )
    }
    return {
      listeners,
      handlerDeadline: this.#options.handlerDeadline,
      domains: (records?.domains ?? []).map(({ name }) => name),
    }
  }

  async #examineMilter(
    ours: OurSide,
    servers: MailServers | undefined,
    store: Store | undefined,
  ): Promise<void> {
    const questions = questionsFor(ours, servers)
    if (questions.length === 0) {
      this.#findings.push(
        warn(
          'milter-answers',
          'No socket of a milter is known, so none was asked.',
          'timedelay doctor --milter inet:8895@127.0.0.1',
        ),
      )
      return
    }
    const names = makeUpNames()
    let expected = 0
    // One after the other: the round-trip times should not disturb each other.
    for (const question of questions) {
      const facts = await askMilter(this.#machine, question, names, ours.domains)
      this.#findings.push(...checkMilter(facts))
      if (facts.talk.ok)
        expected += facts.talk.value.verdicts.filter(({ smtp }) => smtp?.startsWith('5')).length
    }
    if (store !== undefined && expected > 0) await this.#awaitRecords(store, names, ours.domains, expected)
  }

  /** Watches the verdicts of this run arrive: proof that the milter writes into this very database. */
  async #awaitRecords(
    store: Store,
    names: MadeUpNames,
    domains: readonly DomainName[],
    expected: number,
  ): Promise<void> {
    const began = this.#machine.now()
    let seen = 0
    for (let waited = 0; waited <= RECORD_WAIT; waited += RECORD_STEP) {
      const lists = await Promise.all(domains.map((domain) => store.decisions({ domain, limit: 1000 })))
      seen = lists.flat().filter(({ recipient }) => recipient.includes(names.localPart)).length
      if (seen >= expected) break
      await this.#machine.pause(RECORD_STEP)
    }
    this.#findings.push(checkRecorded({ expected, seen, waited: this.#machine.now() - began }))
  }

  async #examineSockets(ours: OurSide, servers: MailServers | undefined): Promise<void> {
    const [passwd, groupFile] = [await this.#text('/etc/passwd'), await this.#text('/etc/group')]
    const users: readonly SocketUser[] = (servers?.users ?? []).map(({ server, name }) => ({
      server,
      name,
      account: findAccount(passwd, groupFile, name),
    }))
    for (const listener of ours.listeners) {
      if (listener.kind !== 'unix') {
        this.#findings.push(
          ok('socket-file', `${formatSocketSpec(listener)} is a TCP port: no file permissions matter.`),
        )
        continue
      }
      const trail = await walkTo(this.#machine, listener.path)
      const dontBlame = servers?.sendmail?.cf.dontBlame ?? []
      // A server that asks elsewhere needs no access here.
      const here = users.filter(({ server }) => servers?.asks(server, listener) ?? false)
      this.#findings.push(...checkSocket({ path: listener.path, trail, groupFile, users: here, dontBlame }))
    }
  }

  async #text(file: string): Promise<string> {
    const text = await this.#machine.readText(file)
    return text.ok ? text.value : ''
  }
}
