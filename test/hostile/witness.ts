// A modest peer of the compiled service while others attack. How its waiting is measured: the same loop asks, in turns,
// our service and a process that only echoes. What both wait for is the machine; what ours takes longer is ours. "Within
// 10 ms" in the names of tests means within 10 ms of that echo, as `arePrompt` says.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { endOfMessage, mail, offer, rcpt } from '../milter/conversation.ts'
import { Peer } from '../milter/peer.ts'
import { freePorts } from '../support/mta/free-ports.ts'
import { localPart, Service } from '../support/mta/service.ts'

const ECHO = `require('node:net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(process.argv[1], () => console.log('ready')); process.stdin.resume().on('end', () => process.exit())`

/** Milliseconds that each answer took. */
interface Waits {
  readonly ours: readonly number[]
  readonly echoes: readonly number[]
}

/** Answers, so that one long pause of the machine is not most of them. */
const ENOUGH = 100

/** The time within which a share of all, 0 to 1, was answered. */
export const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN

/**
 * What "answered within 10 ms" means in these tests, on a machine that is not ours alone: p50 is at most 10 ms above that of
 * the echo, and p90 at most 10 ms above twice that of the echo. The worst hundredth is printed and not judged: on a busy
 * machine it belongs to the machine.
 */
function arePrompt({ ours, echoes }: Waits): boolean {
  if (percentile(ours, 0.5) > percentile(echoes, 0.5) + 10) return false
  return percentile(ours, 0.9) <= 2 * percentile(echoes, 0.9) + 10
}

/** Fit for a line: `p50 0.2 p90 0.4 p99 1.3 ms`. */
export function figures(times: readonly number[]): string {
  const shares = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${percentile(times, share).toFixed(1)}`)
  return `${shares.join(' ')} ms`
}

export class Witness {
  readonly #service: Service
  readonly #path: string
  readonly #stop: () => Promise<unknown>

  private constructor(service: Service, path: string, stop: () => Promise<unknown>) {
    this.#service = service
    this.#path = path
    this.#stop = stop
  }

  static async beside(service: Service): Promise<Witness> {
    const path = join(service.folder, 'echo.sock')
    // It ends with its standard input, so also when this process is killed.
    const child = spawn(process.execPath, ['--eval', ECHO, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return new Witness(service, path, () => {
      child.kill()
      return once(child, 'close')
    })
  }

  async stop(): Promise<void> {
    await this.#stop()
  }

  /** Bytes of memory that the service has in use. */
  memory(): number {
    const status = readFileSync(`/proc/${this.#service.id}/status`, 'utf8')
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
  }

  /**
   * That it is answered promptly (see `arePrompt`), for so many seconds; the times are printed. Other programs on the
   * machine only make it look worse, and a fault of ours is there every time: the best of three counts.
   */
  async expectsPromptness(seconds: number): Promise<void> {
    const seen: string[] = []
    for (let time = 0; time < 3; time++) {
      const waits = await this.waits(seconds)
      seen.push(`ours ${figures(waits.ours)}, echoes ${figures(waits.echoes)}`)
      if (!arePrompt(waits)) continue
      process.stdout.write(`${expect.getState().currentTestName}: ${seen.at(-1)}\n`)
      return
    }
    expect.fail(`not prompt: ${seen.join('; ')}`)
  }

  /** Messages, each answered as it should be, and echoes in turns, for so many seconds; more where they are slow. */
  async waits(seconds: number): Promise<Waits> {
    const peer = await Peer.reach(`unix:${join(this.#service.folder, 'td.sock')}`)
    const other = createConnection(this.#path)
    await once(other, 'connect')
    await peer.say(1, offer())
    const recipient = `<${localPart('djb')}@td.example.com>`
    const waits = { ours: [] as number[], echoes: [] as number[] }
    const end = performance.now() + seconds * 1000
    while (performance.now() < end || waits.ours.length < ENOUGH) {
      expect(await timed(waits.ours, () => peer.say(1, mail()))).toEqual(['c'])
      expect(await timed(waits.ours, () => peer.say(1, rcpt(recipient)))).toEqual(['c'])
      await timed(waits.echoes, () => {
        other.write('x')
        return once(other, 'data')
      })
      const [deleted, added] = await peer.say(5, endOfMessage())
      expect([deleted, added]).toEqual([`-${recipient}|`, '+<dredd@example.com>|'])
    }
    peer.socket.destroy()
    other.destroy()
    return waits
  }
}

async function timed<T>(times: number[], act: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await act()
  times.push(performance.now() - began)
  return result
}

/** The compiled service with its console at `port`, and a witness of its mail. */
export async function startWitnessed(): Promise<{
  readonly port: number
  readonly service: Service
  readonly witness: Witness
}> {
  const [port = 0] = await freePorts(1)
  const service = await Service.inNewFolder({ port })
  await service.makeDatabase()
  await service.start()
  return { port, service, witness: await Witness.beside(service) }
}
