// One connection to a milter, seen from the MTA: whole frames with a time limit. Every way in which it can fail ends
// here as one sentence; nobody above this file meets a socket error.

import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ProtocolError } from '../errors.ts'
import { FrameDecoder } from '../frame.ts'
import { connectOptions, formatSocketSpec, parseSocketSpec, type SocketSpec } from '../socket-spec.ts'
import { SimulatorError } from './errors.ts'

/** A spec as text or taken apart, or a stream that is connected already. */
export type MilterTarget = string | SocketSpec | Duplex

export interface Frame {
  readonly code: number
  readonly payload: Buffer
}

/** sendmail reads any length and Postfix a gigabyte; more than this is no milter that answers, but another protocol. */
const LONGEST_FRAME = 16 * 1024 * 1024

const WHY_UNREACHABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket, so the milter may not be running',
  ECONNREFUSED: 'nothing listens there, so the milter may not be running',
  EACCES: 'this user may not; check the mode and group of the socket and of the directories above it',
  EPERM: 'this user may not; check the mode and group of the socket and of the directories above it',
  ENOTSOCK: 'that file is no socket',
  EPROTOTYPE: 'that socket is of another type',
  ENOTDIR: 'a part of its path is no directory',
  ENOTFOUND: 'no host has that name',
  EAI_AGAIN: 'its host name cannot be looked up now',
  EADDRNOTAVAIL: 'this host has no address of that family',
  EHOSTUNREACH: 'no route leads to that host',
  ENETUNREACH: 'no route leads to that network',
}

/** Connects, or takes the stream that is given. SpecError for a spec that cannot be used. */
export async function openChannel(target: MilterTarget, timeout: number): Promise<Channel> {
  if (isStream(target)) return new Channel(target, 'the milter')
  const spec = typeof target === 'string' ? parseSocketSpec(target) : target
  const name = `the milter at ${formatSocketSpec(spec)}`
  const socket = connectSocket(connectOptions(spec))
  // Nagle's algorithm would hold back the second of two packets until the first is acknowledged.
  socket.setNoDelay(true)
  await new Promise<void>((resolve, reject) => {
    const giveUp = (why: string, cause?: unknown): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new SimulatorError('unreachable', `Cannot connect to ${name}: ${why}.`, { cause }))
    }
    const timer = setTimeout(() => giveUp(`it did not answer within ${seconds(timeout)}`), timeout)
    socket.once('error', (error: NodeJS.ErrnoException) => {
      giveUp(WHY_UNREACHABLE[error.code ?? ''] ?? error.code ?? 'the system refused', error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  socket.removeAllListeners('error')
  return new Channel(socket, name)
}

export class Channel {
  /** For messages: `the milter at inet:8895@127.0.0.1`. */
  readonly name: string
  readonly #stream: Duplex
  readonly #decoder = new FrameDecoder(LONGEST_FRAME)
  readonly #frames: Frame[] = []
  #failure: SimulatorError | undefined
  #wake: () => void = () => undefined

  constructor(stream: Duplex, name: string) {
    this.name = name
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('end', () => this.#fail('closed', `${capital(name)} closed the connection`))
    stream.on('close', () => this.#fail('closed', `${capital(name)} closed the connection`))
    stream.on('error', () => this.#fail('closed', `${capital(name)} broke the connection off`))
  }

  /** Frames that came and that nobody has read: an answer too many. */
  get unread(): readonly Frame[] {
    return this.#frames
  }

  /** True once nothing more can come. */
  get isClosed(): boolean {
    return this.#failure !== undefined
  }

  /** Resolves when the system has taken the bytes. */
  async write(bytes: Buffer, timeout: number, during: string): Promise<void> {
    if (this.#failure) throw this.#failureDuring(during)
    if (this.#stream.write(bytes)) return
    let drained = false
    const onDrain = (): void => {
      drained = true
      this.#wake()
    }
    this.#stream.once('drain', onDrain)
    try {
      await this.#until(() => drained, timeout, during)
    } finally {
      this.#stream.off('drain', onDrain)
    }
  }

  /** The next frame. What has already arrived is given out even after the milter has closed. */
  async read(timeout: number, during: string): Promise<Frame> {
    await this.#until(() => this.#frames.length > 0, timeout, during)
    const frame = this.#frames.shift()
    if (frame === undefined) throw new TypeError('two readers on one channel')
    return frame
  }

  /** Waits until the milter has ended its side, at most `timeout`. True if it did. */
  async closed(timeout: number): Promise<boolean> {
    try {
      await this.#until(() => this.isClosed, timeout, 'closing')
      return true
    } catch {
      return this.isClosed
    }
  }

  /** Ends our side and waits until the milter has ended its own, at most `timeout`. True if it did. */
  async end(timeout: number): Promise<boolean> {
    this.#stream.end()
    const closed = await this.closed(timeout)
    this.#stream.destroy()
    return closed
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#fail('closed', 'The connection was broken off on this side')
    this.#stream.destroy()
  }

  #take(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk)
      while (this.#decoder.next()) {
        this.#frames.push({ code: this.#decoder.code, payload: Buffer.from(this.#decoder.payload.rest()) })
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#fail('protocol', `${capital(this.name)} sent ${error.message}, which is no milter packet`)
      this.#stream.destroy()
    }
    this.#wake()
  }

  #fail(fault: 'closed' | 'protocol', message: string): void {
    this.#failure ??= new SimulatorError(fault, message)
    this.#wake()
  }

  #failureDuring(during: string): SimulatorError {
    const { fault, message } = this.#failure ?? new SimulatorError('closed', 'The connection is gone')
    return new SimulatorError(fault, `${message}, at ${during}.`)
  }

  /** Waits for `done`, for the failure of the connection or for the time limit, whichever comes first. */
  async #until(done: () => boolean, timeout: number, during: string): Promise<void> {
    let expired = false
    const timer = setTimeout(() => {
      expired = true
      this.#wake()
    }, timeout)
    try {
      while (!done()) {
        if (this.#failure) throw this.#failureDuring(during)
        if (expired) {
          throw new SimulatorError(
            'timeout',
            `${capital(this.name)} did not answer within ${seconds(timeout)}, at ${during}.`,
          )
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

function isStream(target: MilterTarget): target is Duplex {
  return typeof target === 'object' && 'write' in target
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const seconds = (ms: number): string => `${ms / 1000} s`
