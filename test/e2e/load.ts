// Senders that keep at it, as real ones do: what is not accepted goes back to the pile and is tried again. Every message
// has a number, so that what went in can be counted when it comes out.

import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Mta } from '../support/mta/mta.ts'
import { address } from '../support/mta/service.ts'
import { aMessage, type SmtpReply } from '../support/mta/smtp-client.ts'

const PLAIN = 'plain@example.com'
/** Milliseconds before a message that was put off is tried again. */
const AGAIN = 50

export interface LoadOptions {
  readonly messages: number
  /** How many send at one time; 4 unless told. */
  readonly senders?: number
  /** Milliseconds between two messages of one sender; none unless told. */
  readonly every?: number
}

/** Each message is for djb or for joe in turn, and for a mailbox that is none of ours. */
export class Load {
  readonly #mta: Mta
  readonly #options: LoadOptions
  readonly #left: number[]
  readonly #times: number[] = []
  #accepted = 0
  #putOff = 0
  #stopped = false

  constructor(mta: Mta, options: LoadOptions) {
    this.#mta = mta
    this.#options = options
    this.#left = Array.from({ length: options.messages }, (_, number) => number)
  }

  /** Messages that were answered with 250. */
  get accepted(): number {
    return this.#accepted
  }

  /** Tries that ended otherwise. */
  get putOff(): number {
    return this.#putOff
  }

  get done(): boolean {
    return this.#accepted === this.#options.messages
  }

  /** Milliseconds that each reply of the server took, from MAIL to the last one. */
  get times(): readonly number[] {
    return this.#times
  }

  /** Gives up what is left: whoever counts on it has failed already, and the next test wants the server for itself. */
  stop(): void {
    this.#left.length = 0
    this.#stopped = true
  }

  /** Resolves when every message has been accepted once. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.senders ?? 4 }, () => this.#send()))
  }

  /** Each message arrived once, at its own owner and at the stranger, and nowhere else. */
  async expectAllDelivered(): Promise<void> {
    const { messages } = this.#options
    const half = messages / 2
    const delivered = await this.#mta.delivered()
    expect(delivered).toEqual({ anderson: Math.floor(half), dredd: Math.ceil(half), plain: messages })
    const numbers = async (mailbox: string): Promise<number[]> => {
      const found = await this.#mta.mailboxes.in(mailbox)
      return found.flatMap((message) => message.header('subject').map(Number)).sort((a, b) => a - b)
    }
    const all = Array.from({ length: messages }, (_, number) => number)
    expect(await numbers('dredd')).toEqual(all.filter((number) => number % 2 === 0))
    expect(await numbers('anderson')).toEqual(all.filter((number) => number % 2 === 1))
    expect(await numbers('plain')).toEqual(all)
    // Whoever is none of ours sees nothing of us.
    for (const message of await this.#mta.mailboxes.in('plain')) {
      expect(message.body.toString()).toBe('Thank you.\n')
      expect(message.headers.filter(([name]) => /timedelay/i.test(name))).toEqual([])
    }
  }

  async #send(): Promise<void> {
    for (let number = this.#left.shift(); number !== undefined; number = this.#left.shift()) {
      const code = await this.#try(number).catch(() => 451)
      // Never refused for good: that would be a message lost.
      expect([250, 421, 451, 452, 454], `message ${number}`).toContain(code)
      if (code === 250) {
        this.#accepted += 1
        await pause(this.#options.every ?? 0)
      } else {
        this.#putOff += 1
        if (!this.#stopped) this.#left.push(number)
        await pause(AGAIN)
      }
    }
  }

  /** The reply that decides: 250 only when all of it was taken. */
  async #try(number: number): Promise<number> {
    const client = await this.#mta.open()
    try {
      const { code } = await this.#timed(client.mail())
      if (code !== 250) return code
      for (const to of [address(number % 2 === 0 ? 'djb' : 'joe'), PLAIN]) {
        const reply = await this.#timed(client.rcpt(to))
        if (reply.code !== 250) return reply.code
      }
      return (await this.#timed(client.data(aMessage({ subject: String(number) })))).code
    } finally {
      client.drop()
    }
  }

  async #timed(asked: Promise<SmtpReply>): Promise<SmtpReply> {
    const began = performance.now()
    const reply = await asked
    this.#times.push(performance.now() - began)
    return reply
  }
}
