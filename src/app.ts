// The composition root: it knows every concrete class, builds downwards and stops in the reverse order. `openServices`
// is for the doors of people, `startService` for the daemon. The console runs in a process of its own, whose root is
// `console-app.ts`.

import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { ConsoleProcess } from './console-process.ts'
import { FaultLog } from './fault-log.ts'
import { DurationTally, type MilterFigures, NameTally } from './figures.ts'
import { Judge } from './filter/judge.ts'
import { type Envelope, RecipientFilter, type RecipientFilterParts } from './filter/recipient-filter.ts'
import { REPORTED_VERDICTS } from './filter/replies.ts'
import type { Log } from './log.ts'
import {
  type Changes,
  DEFAULT_TIMEOUTS,
  type EnvelopeAddress,
  formatSocketSpec,
  ListenError,
  type Listener,
  type Message,
  type MilterLogEvent,
  MilterServer,
  parseSocketSpec,
  type Verdict,
} from './milter/index.ts'
import { createServices, type Services } from './service/index.ts'
import { socketInSendmailCf } from './service/sendmail-socket.ts'
import { keepKnownDomains, type OurDomains, readKnownDomains } from './store/known-domains.ts'
import { BatchingRecorder } from './store/recorder.ts'
import { LiveStore, openSqliteStore, WorkerSink } from './store/sqlite/index.ts'
import { type Awaitable, type MailStore, type Store, StoreError } from './store/store.ts'

/** Longest time in milliseconds for one answer: less than the 10 s that sendmail waits unless told. */
export const HANDLER_DEADLINE = DEFAULT_TIMEOUTS.handler
/** The filter has a bound of its own, beyond which foreign recipients still pass; the library's would put them off. */
const LIMITS = { recipients: 1_000_000, envelopeBytes: 64 * 1024 * 1024 }
/** How long the last events may take to be stored when the service stops, in milliseconds. */
const RECORDER_DEADLINE = 5000

export interface OpenServices extends Services {
  readonly store: Store
  close(): Promise<void>
}

/** How a database is opened. */
export interface Opening {
  /** Make it where it is missing; false unless told. */
  readonly create?: boolean
  /** Bring its schema up to date; true unless told. */
  readonly upgrade?: boolean
  readonly clock?: Clock
}

/** Opens the database. Rejects with a `StoreError`. */
export async function openServices(
  config: Config,
  { create = false, upgrade = true, clock = systemClock }: Opening = {},
): Promise<OpenServices> {
  const { database, keepDecisions } = config
  const store = openSqliteStore(database, { create, upgrade, keepDecisions, now: clock })
  const services = createServices({ store, clock, refusalCode: config.refusalCode })
  return { ...services, store, close: () => store.close() }
}

export interface RunningService {
  /** Specs that the mail server can be told; a port 0 is replaced by the real one. */
  readonly listening: readonly string[]
  /** Where the console listens; nothing where there is none, or where it is not up yet. */
  readonly console: string | undefined
  /** Lets open messages finish for as long as the configuration allows, then stores what is still to be stored. */
  stop(): Promise<void>
}

/**
 * Starts the filter and the console's process, as far as the configuration wants them. All of it or nothing: when it
 * rejects, with a `StoreError` or `ListenError`, nothing is left listening. From then on the filter outlives whatever
 * happens to the database or the console.
 */
export async function startService(
  config: Config,
  log: Log,
  clock: Clock = systemClock,
): Promise<RunningService> {
  const listeners = await listenersOf(config, log)
  const known = readKnownDomains(config.database)
  await prepareDatabase(config, log, clock, known)
  let filter: RunningFilter | undefined
  const console = config.http && new ConsoleProcess({ config, log, figures: () => filter?.figures() })
  try {
    // Mail first: it need not wait while the console's process starts. A console that cannot listen ends both.
    if (listeners.length > 0) filter = await startFilter(config, log, clock, { listeners, known })
    const url = await console?.start()
    return {
      listening: filter?.listening ?? [],
      console: url,
      stop: async () => {
        // Together: the console may be slow to end, and mail must not wait for it.
        await Promise.all([filter?.stop(), console?.stop()])
      },
    }
  } catch (error) {
    await Promise.all([filter?.stop(), console?.stop()])
    throw error
  }
}

interface RunningFilter extends Pick<RunningService, 'listening' | 'stop'> {
  figures(): MilterFigures
}

async function startFilter(
  config: Config,
  log: Log,
  clock: Clock,
  { listeners, known }: { readonly listeners: readonly Listener[]; readonly known: OurDomains },
): Promise<RunningFilter> {
  const faults = new FaultLog(log, clock)
  const figures = {
    verdicts: new NameTally(REPORTED_VERDICTS),
    replies: new DurationTally(),
    database: new DurationTally(),
  }
  const store = await LiveStore.open(config.database, {
    patient: known.size > 0,
    // Nobody can tell a change that counts a millisecond later from one that was made later.
    sureFor: 1,
    onChange: (outage) => {
      if (outage === undefined) log.info('the database is back; mail for our domains is judged again')
      else log.error({ reason: outage.message }, 'the database is gone; mail for our domains is deferred')
    },
  })
  const sink = new WorkerSink(config.database, { keepDecisions: config.keepDecisions })
  const recorder = new BatchingRecorder({
    sink: (events) => sink.write(events),
    report: ({ dropped, waiting, error }) => {
      const reason = error instanceof Error ? error.message : undefined
      log.warn({ dropped, waiting, reason }, 'verdicts could not be recorded yet')
    },
  })
  let kept = Promise.resolve()
  const judge = new Judge(timed(store, figures.database), clock, {
    known,
    onDomains: (domains) => {
      // One after the other: the last one stands.
      kept = kept
        .then(() => keepKnownDomains(config.database, domains))
        .catch((fault) => faults.report(fault, 'keeping our domains'))
    },
  })
  const close = async (): Promise<void> => {
    await kept
    await recorder.close(RECORDER_DEADLINE)
    await sink.close()
    await store.close()
  }
  const server = new MilterServer({
    filter: new TimedFilter(figures.replies, {
      judge,
      recorder,
      clock,
      refusalCode: config.refusalCode,
      trustedRelays: config.trustedRelays,
      onVerdict: (line) => {
        figures.verdicts.add(line.verdict)
        log.event(line, 'verdict')
      },
      onFault: (fault, doing) => faults.report(fault, doing),
    }),
    listeners,
    limits: LIMITS,
    log: (event) => logMilterEvent(log, event),
  })
  try {
    // A database that cannot be read is an outage that we start into, when we know which domains are ours.
    await judge.prime().catch((fault) => {
      if (known.size === 0) throw fault
    })
    await server.listen()
  } catch (error) {
    await close()
    throw error
  }
  return {
    listening: server.addresses,
    figures: () => ({
      listening: server.addresses.length,
      connections: server.connections,
      verdicts: figures.verdicts.counts,
      replies: figures.replies.histogram,
      database: figures.database.histogram,
      waiting: recorder.waiting,
      dropped: recorder.dropped,
    }),
    stop: async () => {
      await server.stop(config.drainSeconds * 1000)
      await close()
    },
  }
}

/** The recipient filter, timed: the two answers that the mail server waits for. */
class TimedFilter extends RecipientFilter {
  readonly #replies: DurationTally

  constructor(replies: DurationTally, parts: RecipientFilterParts) {
    super(parts)
    this.#replies = replies
  }

  override rcpt(recipient: EnvelopeAddress, message: Message<Envelope>): Awaitable<Verdict> {
    const began = performance.now()
    const verdict = super.rcpt(recipient, message)
    if (verdict instanceof Promise) return verdict.then((late) => this.#timed(began, late))
    return this.#timed(began, verdict)
  }

  override endOfMessage(message: Message<Envelope>, changes: Changes): Verdict {
    const began = performance.now()
    return this.#timed(began, super.endOfMessage(message, changes))
  }

  #timed(began: number, verdict: Verdict): Verdict {
    this.#replies.add(performance.now() - began)
    return verdict
  }
}

/** The store has done its work before it returns its promise, so the call is what takes time. */
function timed(store: MailStore, tally: DurationTally): MailStore {
  return {
    settings: () => store.settings(),
    facts: (domain, prefix, localPart) => {
      const began = performance.now()
      const facts = store.facts(domain, prefix, localPart)
      tally.add(performance.now() - began)
      return facts
    },
  }
}

/**
 * Opens the database as people do, once: that creates it, or brings it up to date, before mail depends on it. One that
 * is gone is not made anew: without its domains our mail would be taken for foreign, go round and bounce.
 */
async function prepareDatabase(config: Config, log: Log, clock: Clock, known: OurDomains): Promise<void> {
  try {
    await openSqliteStore(config.database, { now: clock, create: known.size === 0 }).close()
  } catch (error) {
    if (known.size === 0 || !(error instanceof StoreError)) throw error
    const domains = [...known.keys()]
    log.error(
      { reason: error.message, domains },
      'the database cannot be used; mail for our domains is deferred',
    )
  }
}

async function listenersOf(config: Config, log: Log): Promise<Listener[]> {
  const specs = config.milter.map(parseSocketSpec)
  if (config.sendmailCf !== undefined)
    specs.push(parseSocketSpec(await socketOfSendmail(config.sendmailCf, log)))
  return specs.map((spec) => ({
    spec: formatSocketSpec(spec),
    socketMode: config.milterSocketMode,
    ...(config.milterSocketGroup === undefined ? {} : { socketGroup: config.milterSocketGroup }),
  }))
}

/** The socket that sendmail will look for: what the article's auto_getconn does, without its two bugs. */
async function socketOfSendmail(
  { file, name }: NonNullable<Config['sendmailCf']>,
  log: Log,
): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'latin1')
  } catch {
    throw new ListenError(`${file} cannot be read; name sendmail's configuration with --sendmail-cf FILE.`)
  }
  const socket = socketInSendmailCf(text, file, name)
  if (!socket.ok) throw new ListenError(socket.objection.message)
  if (socket.value.failure === undefined) {
    log.warn(
      { file, name },
      'the X line has no F=: sendmail passes mail unfiltered while we are down; add F=T',
    )
  }
  return socket.value.spec
}

function logMilterEvent(log: Log, { level, text, error, ...event }: MilterLogEvent): void {
  log[level](error === undefined ? event : { ...event, err: error }, text)
}
