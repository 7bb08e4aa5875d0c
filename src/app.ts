// The composition root: the only place that knows every concrete class. It builds downwards and stops in the reverse
// order. `openServices` is for the doors of people, `startService` for the daemon.

import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { FaultLog } from './fault-log.ts'
import { Judge } from './filter/judge.ts'
import { RecipientFilter } from './filter/recipient-filter.ts'
import type { Log } from './log.ts'
import {
  DEFAULT_TIMEOUTS,
  findMilter,
  formatSocketSpec,
  ListenError,
  type Listener,
  type MilterLogEvent,
  MilterServer,
  parseSocketSpec,
} from './milter/index.ts'
import { createServices, type Services } from './service/index.ts'
import { BatchingRecorder } from './store/recorder.ts'
import { LiveStore, openSqliteStore, WorkerSink } from './store/sqlite/index.ts'
import type { Store } from './store/store.ts'

/** Longest time in milliseconds for one answer: less than the 10 s that sendmail waits unless told. */
export const HANDLER_DEADLINE = DEFAULT_TIMEOUTS.handler
/** How long the last events may take to be stored when the service stops, in milliseconds. */
const RECORDER_DEADLINE = 5000

export interface OpenServices extends Services {
  readonly store: Store
  close(): Promise<void>
}

/** Opens the database, making it where it is missing if `create` says so. Rejects with a `StoreError`. */
export async function openServices(
  config: Config,
  { create = false, clock = systemClock }: { readonly create?: boolean; readonly clock?: Clock } = {},
): Promise<OpenServices> {
  const store = openSqliteStore(config.database, { create, keepDecisions: config.keepDecisions, now: clock })
  const services = createServices({ store, clock, refusalCode: config.refusalCode })
  return { ...services, store, close: () => store.close() }
}

export interface RunningService {
  /** Specs that the mail server can be told; a port 0 is replaced by the real one. */
  readonly listening: readonly string[]
  /** Lets open messages finish for as long as the configuration allows, then stores what is still to be stored. */
  stop(): Promise<void>
}

/**
 * Starts the filter. All of it or nothing: when it rejects, with a `StoreError` or `ListenError`, nothing is left
 * listening. From then on it outlives whatever happens to the database.
 */
export async function startService(
  config: Config,
  log: Log,
  clock: Clock = systemClock,
): Promise<RunningService> {
  const listeners = await listenersOf(config, log)
  // Opened as people do, once: that creates the database, or brings it up to date, before mail depends on it.
  await openSqliteStore(config.database, { now: clock }).close()
  const faults = new FaultLog(log, clock)
  const store = await LiveStore.open(config.database, {
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
  const judge = new Judge(store, clock)
  const close = async (): Promise<void> => {
    await recorder.close(RECORDER_DEADLINE)
    await sink.close()
    await store.close()
  }
  const server = new MilterServer({
    filter: new RecipientFilter({
      judge,
      recorder,
      clock,
      refusalCode: config.refusalCode,
      onVerdict: (line) => log.info(line, 'verdict'),
      onFault: (fault, doing) => faults.report(fault, doing),
    }),
    listeners,
    log: (event) => logMilterEvent(log, event),
  })
  try {
    await judge.prime()
    await server.listen()
  } catch (error) {
    await close()
    throw error
  }
  return {
    listening: server.addresses,
    stop: async () => {
      await server.stop(config.drainSeconds * 1000)
      await close()
    },
  }
}

async function listenersOf(config: Config, log: Log): Promise<Listener[]> {
  const specs = config.milter.map(parseSocketSpec)
  if (config.sendmailCf !== undefined)
    specs.push(parseSocketSpec(await socketInSendmailCf(config.sendmailCf, log)))
  return specs.map((spec) => ({
    spec: formatSocketSpec(spec),
    socketMode: config.milterSocketMode,
    ...(config.milterSocketGroup === undefined ? {} : { socketGroup: config.milterSocketGroup }),
  }))
}

/** The socket that sendmail will look for: what the article's auto_getconn does, without its two bugs. */
async function socketInSendmailCf(
  { file, name }: NonNullable<Config['sendmailCf']>,
  log: Log,
): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'latin1')
  } catch {
    throw new ListenError(`${file} cannot be read; name sendmail's configuration with --sendmail-cf FILE.`)
  }
  const milter = findMilter(text, name)
  if (milter?.spec === undefined) {
    throw new ListenError(`${file} has no line X${name} with S=; name the filter as INPUT_MAIL_FILTER does.`)
  }
  if (milter.failure === undefined) {
    log.warn(
      { file, name },
      'the X line has no F=: sendmail passes mail unfiltered while we are down; add F=T',
    )
  }
  return milter.spec
}

function logMilterEvent(log: Log, { level, text, ...event }: MilterLogEvent): void {
  log[level](event, text)
}
