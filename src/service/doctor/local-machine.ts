// The machine that the doctor really runs on: the only file here that touches files, programs and sockets.

import { execFile } from 'node:child_process'
import { readFile, realpath, stat, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../clock.ts'
import { MilterClient, type MilterVerdict, SimulatorError } from '../../milter/simulator/index.ts'
import type { Machine, MilterTalk, Reading } from './machine.ts'

/** Longest wait for a connection, an answer or a program, in milliseconds. */
const PATIENCE = 10_000

/** Version of the time zone data that this Node was built with. */
const { tz } = process.versions

export function localMachine(now = systemClock): Machine {
  return {
    inspect: (path) =>
      reading(path, async () => {
        const found = await stat(path)
        const kind = found.isFile()
          ? 'file'
          : found.isDirectory()
            ? 'directory'
            : found.isSocket()
              ? 'socket'
              : 'other'
        return { kind, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, modifiedAt: found.mtimeMs }
      }),
    realPath: (path) => realpath(path).catch(() => path),
    readText: (path) => reading(path, () => readFile(path, 'utf8')),
    run,
    connects,
    talk: (spec, as, recipients) => talk(spec, as, recipients),
    freeSpace: (path) =>
      reading(path, async () => {
        const found = await statfs(path)
        // btrfs and some network file systems count no files and say 0.
        return {
          freeBytes: found.bavail * found.bsize,
          freeFiles: found.files === 0 ? undefined : found.ffree,
        }
      }),
    knowsZone,
    zoneData: tz ?? 'unknown',
    now,
    pause: async (milliseconds) => {
      await sleep(milliseconds)
    },
  }
}

/** A system error as a reading, in words. */
async function reading<T>(path: string, ask: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { ok: true, value: await ask() }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { ok: false, why: 'missing', says: `there is no ${path}` }
    if (code === 'EACCES' || code === 'EPERM')
      return { ok: false, why: 'denied', says: `this user may not read ${path}` }
    return { ok: false, why: 'failed', says: `${path} cannot be read (${code ?? String(error)})` }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Postfix's tools lie in /usr/sbin, which is not on every user's search path. */
async function run(command: string, args: readonly string[]): Promise<Reading<string>> {
  const found = await runFile(command, args)
  return found.ok || found.why !== 'missing' ? found : runFile(`/usr/sbin/${command}`, args)
}

function runFile(command: string, args: readonly string[]): Promise<Reading<string>> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: PATIENCE, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, value: stdout })
      else if (codeOf(error) === 'ENOENT')
        resolve({ ok: false, why: 'missing', says: `there is no program ${command}` })
      else resolve({ ok: false, why: 'failed', says: `${command} says: ${stderr.trim() || error.message}` })
    })
  })
}

function connects(host: string, port: number): Promise<Reading<true>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (answer: Reading<true>): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PATIENCE, () =>
      end({ ok: false, why: 'failed', says: `${host}:${port} does not answer` }),
    )
    socket.once('connect', () => end({ ok: true, value: true }))
    socket.once('error', () => end({ ok: false, why: 'missing', says: `nothing listens on ${host}:${port}` }))
  })
}

async function talk(
  spec: string,
  as: 'sendmail' | 'postfix',
  recipients: readonly string[],
): Promise<Reading<MilterTalk>> {
  const timeouts = { connect: PATIENCE, negotiation: PATIENCE, command: PATIENCE }
  let client: MilterClient | undefined
  try {
    const began = performance.now()
    client = await MilterClient.open(spec, { like: as, timeouts })
    const { version } = await client.negotiate()
    const verdicts = await converse(client, recipients)
    const roundTrip = performance.now() - began
    await client.abort()
    await client.quit()
    return { ok: true, value: { version, roundTrip, verdicts } }
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error
    const code = codeOf(error.cause)
    const why =
      code === 'EACCES' || code === 'EPERM' ? 'denied' : error.fault === 'unreachable' ? 'missing' : 'failed'
    return { ok: false, why, says: error.message.replace(/\.$/, '') }
  } finally {
    client?.drop()
  }
}

/** Whose questions these are, for the log and the console. Nobody has it: .invalid (RFC 2606 section 2). */
const ASKER = 'timedelay-doctor.invalid'

/** From a name that the log and the console show, so that one sees at once that this was no mail. No message follows. */
async function converse(
  client: MilterClient,
  recipients: readonly string[],
): Promise<MilterTalk['verdicts']> {
  await client.connect({ host: ASKER, family: 'ipv4', address: '127.0.0.1', port: 0 })
  await client.helo(ASKER)
  await client.mail(`<postmaster@${ASKER}>`)
  const verdicts: { kind: string; smtp: string | undefined }[] = []
  for (const recipient of recipients) verdicts.push(shown(await client.rcpt(recipient)))
  return verdicts
}

function shown(verdict: MilterVerdict): MilterTalk['verdicts'][number] {
  if (verdict.kind !== 'reply') return { kind: verdict.kind, smtp: undefined }
  return { kind: verdict.kind, smtp: verdict.text.split(/\r?\n/)[0]?.replaceAll('%%', '%') }
}

function knowsZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
