// A bare socket on the MTA's side: sends what it is told, well formed or not, and reads the answers as text.

import { connect, type Socket } from 'node:net'
import type { Command } from '../../src/milter/commands.ts'
import { FrameDecoder } from '../../src/milter/frame.ts'
import { connectOptions, parseSocketSpec } from '../../src/milter/socket-spec.ts'
import { wire } from './conversation.ts'

export class Peer {
  readonly socket: Socket
  /** Resolves when the connection is gone, with what was not read by then. */
  readonly closed: Promise<string[]>
  readonly #decoder = new FrameDecoder(0xffff_ffff)
  readonly #answers: string[] = []
  #waiting: (() => void) | undefined
  #ended = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true
        this.#waiting?.()
        resolve(this.#answers)
      })
    })
  }

  static async reach(spec: string | undefined): Promise<Peer> {
    if (spec === undefined) throw new Error('the server does not listen')
    const socket = connect(connectOptions(parseSocketSpec(spec)))
    const peer = new Peer(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return peer
  }

  /** Sends in one write and reads as many answers as given. */
  async say(count: number, ...commands: readonly Command[]): Promise<string[]> {
    this.socket.write(wire(...commands))
    return this.read(count)
  }

  /** The next answers; fewer only when the connection ends before. */
  async read(count: number): Promise<string[]> {
    while (this.#answers.length < count && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
    return this.#answers.splice(0, count)
  }

  /** Sends bytes, and resolves when the other side, which lives in this process, has had its turn to read them. */
  async bytes(input: Buffer): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(input, () => resolve()))
    await turns()
  }

  #read(chunk: Buffer): void {
    this.#decoder.push(chunk)
    while (this.#decoder.next()) {
      const payload = this.#decoder.payload.latin1().replaceAll('\0', '|')
      this.#answers.push(String.fromCharCode(this.#decoder.code) + payload)
    }
    this.#waiting?.()
  }
}

/** Lets the event loop look at its sockets: what is in the kernel by now has been read after this. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
