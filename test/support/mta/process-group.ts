// Programs that start programs of their own, as mail servers do. Each runs in a process group of its own, and only
// that group is ever signalled.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { eventually } from './eventually.ts'

/**
 * A test run may end in any way, and vitest ends its workers without a word; no server may be left behind then. So each
 * group has a member that waits for the end of a pipe whose other end is in our hands, and then kills the group.
 * (The kernel's parent-death signal does not do: Postfix loses it when it changes its user.)
 */
const GUARDED = '(cat <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$@" 3<&-'

interface Finished {
  readonly status: number | null
  readonly output: string
}

interface GroupOptions extends SpawnOptions {
  /** `pipe` stays open until the group ends. */
  readonly stdin?: 'ignore' | 'pipe'
}

/** A started program with all its children. */
export class ProcessGroup {
  readonly #leader: ChildProcess
  readonly #id: number
  readonly #name: string
  #output = ''

  private constructor(name: string, leader: ChildProcess, id: number) {
    this.#name = name
    this.#leader = leader
    this.#id = id
    for (const stream of [leader.stdout, leader.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
  }

  static async start(
    command: string,
    args: readonly string[],
    options: GroupOptions = {},
  ): Promise<ProcessGroup> {
    const leader = spawn('sh', ['-c', GUARDED, 'sh', command, ...args], {
      ...options,
      stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    await once(leader, 'spawn')
    if (leader.pid === undefined) throw new Error(`${command} has no process id`)
    return new ProcessGroup(command, leader, leader.pid)
  }

  /** The leader's process id, which is the group's too. */
  get id(): number {
    return this.#id
  }

  /** What the programs printed so far. */
  get output(): string {
    return this.#output
  }

  /** What they printed since the last time; a long run would fill our own memory with it. */
  takeOutput(): string {
    const output = this.#output
    this.#output = ''
    return output
  }

  /** True until the leader has ended. */
  get alive(): boolean {
    return this.#leader.exitCode === null && this.#leader.signalCode === null
  }

  /** Nobody reads any more what it prints. */
  deafen(): void {
    this.#leader.stdout?.destroy()
    this.#leader.stderr?.destroy()
  }

  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.#id, name)
    } catch (error) {
      // Nobody is left in the group.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /** Ends every process of the group and waits until they are gone; kills those that do not go by themselves. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal)
    try {
      await this.#gone(10)
    } catch {
      this.signal('SIGKILL')
      await this.#gone(10)
    }
  }

  #gone(seconds: number): Promise<true> {
    const look = () => (members(this.#id).length === 0 ? true : undefined)
    return eventually(`the end of ${this.#name} (process group ${this.#id})`, look, seconds)
  }
}

/** Living processes of a group. A zombie that its parent has not fetched yet counts as gone. */
function members(group: number): readonly number[] {
  const found: number[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      // pid (name) state parent group ...; the name may hold blanks and brackets.
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(pgrp) === group && state !== 'Z') found.push(Number(entry))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** Runs a program to its end. Output is stdout and stderr together. */
export async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly input?: string | Buffer } = {},
): Promise<Finished> {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  // A program that does not read its input is no fault of ours; its exit status tells.
  child.stdin.on('error', () => {}).end(options.input ?? '')
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve).once('error', reject)
  })
  return { status, output }
}

/** As `run`, for programs whose failure is a fault of the rig. */
export async function mustRun(...call: Parameters<typeof run>): Promise<string> {
  const { status, output } = await run(...call)
  if (status !== 0) throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${status}:\n${output}`)
  return output
}
