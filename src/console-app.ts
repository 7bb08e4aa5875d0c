// The composition root of the console's process: its own database connection, the services, the HTTP service, and what
// it tells of the machine. Loaded by `console.ts` alone, so that the filter's process never pays for it.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DomainName } from './address/index.ts'
import { buildAdmin } from './admin/app.ts'
import type { AdminParts } from './admin/parts.ts'
import { HANDLER_DEADLINE } from './app.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { MilterFigures } from './figures.ts'
import type { Log } from './log.ts'
import { ListenError } from './milter/index.ts'
import type { Finding } from './service/doctor/index.ts'
import { type Answer, createServices } from './service/index.ts'
import { socketInSendmailCf } from './service/sendmail-socket.ts'
import { openSqliteStore } from './store/sqlite/index.ts'

export interface RunningConsole {
  /** Where it listens: `http://127.0.0.1:8896`. */
  readonly url: string
  stop(): Promise<void>
}

export interface ConsoleParts {
  /** What the filter's process counts; nothing where no filter runs beside this console. */
  readonly figures: () => Promise<MilterFigures | undefined>
}

/** Rejects with a `ListenError` or a `StoreError`. */
export async function startConsole(
  config: Config,
  log: Log,
  { figures }: ConsoleParts,
): Promise<RunningConsole> {
  const { http } = config
  if (http === undefined) throw new Error('the console is switched off')
  const store = openSqliteStore(config.database, { create: false, keepDecisions: config.keepDecisions })
  const services = createServices({ store, clock: systemClock, refusalCode: config.refusalCode })
  const parts: AdminParts = {
    services,
    clock: systemClock,
    log,
    version: version(),
    refusalCode: config.refusalCode,
    web: fileURLToPath(new URL('../dist/web', import.meta.url)),
    basePath: config.basePath,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    figures,
    checkWritable: () => store.checkWritable(),
    findings: () => examineInstallation(config),
    mtaText: async (mta) =>
      mtaText(
        mta,
        config,
        (await services.domains.list()).map(({ name }) => name),
      ),
  }
  try {
    const { app } = await buildAdmin(parts)
    await app.listen({ host: http.host, port: http.port }).catch((error: NodeJS.ErrnoException) => {
      throw new ListenError(listenFault(error, http.host, http.port))
    })
    return {
      url: urlOf(http.host, app.server.address()),
      stop: async () => {
        await app.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function urlOf(host: string, address: ReturnType<import('node:net').Server['address']>): string {
  const port = typeof address === 'object' ? address?.port : undefined
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function listenFault({ code = '', message }: NodeJS.ErrnoException, host: string, port: number): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there. Stop it, or choose another place with --http HOST:PORT',
    EACCES: 'this user may not listen there. Choose a port above 1023 with --http HOST:PORT',
    EADDRNOTAVAIL: 'this machine has no such address. Choose another with --http HOST:PORT',
    ENOTFOUND: 'there is no such host. Choose another with --http HOST:PORT',
  }
  return `The console cannot listen on ${host}:${port}: ${reasons[code] ?? message}.`
}

/** The specs that a mail server is told, with that of sendmail's X line. */
async function listenersOf({ milter, sendmailCf }: Config): Promise<readonly string[]> {
  if (sendmailCf === undefined) return milter
  const { file, name } = sendmailCf
  const socket = socketInSendmailCf(readFileSync(file, 'latin1'), file, name)
  return socket.ok ? [...milter, socket.value.spec] : milter
}

async function examineInstallation(config: Config): Promise<readonly Finding[]> {
  const { examine, localMachine } = await import('./service/doctor/index.ts')
  const options = {
    listeners: await listenersOf(config),
    database: config.database,
    handlerDeadline: HANDLER_DEADLINE,
    ...(config.sendmailCf === undefined ? {} : { sendmailCf: config.sendmailCf.file }),
  }
  const openStore = async () => openSqliteStore(config.database, { create: false, upgrade: false })
  return examine(options, { machine: localMachine(systemClock), openStore })
}

async function mtaText(
  mta: 'sendmail' | 'postfix',
  config: Config,
  domains: readonly DomainName[],
): Promise<Answer<string>> {
  const { formatMtaConfiguration, mtaConfiguration } = await import('./service/mta/index.ts')
  const listeners = await listenersOf(config)
  const configuration = mtaConfiguration(mta, { domains, listeners, handlerDeadline: HANDLER_DEADLINE })
  if (configuration.kind === 'refused') {
    return { ok: false, objection: { kind: 'conflict', message: configuration.says } }
  }
  return { ok: true, value: formatMtaConfiguration(configuration) }
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}
