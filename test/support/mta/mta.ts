// What the tests know of a mail server, whichever it is. Both rigs name the same mailboxes and the same td domain, so
// that one test can be run on both.

import type { ChildProcess } from 'node:child_process'
import { eventually } from './eventually.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { ProcessGroup } from './process-group.ts'
import { type ClientOptions, SmtpClient } from './smtp-client.ts'

/** The time-delay domain of every rig. */
export const TD = 'td.example.com'

/** Mailboxes of example.com; mail for anyone else there is refused with 550. */
export const USERS: readonly string[] = [
  'dredd',
  'anderson',
  'foo',
  'bar',
  'plain',
  'postmaster',
  'td-unrewritten',
  ...Array.from({ length: 50 }, (_, index) => `box${index}`),
]

/** Account and group of Postfix's daemons, so also the group that may use the filter's socket. */
export const POSTFIX_OWNER = 'news'

/** Seconds that a server waits for its filter. */
export interface Patience {
  readonly connect: number
  /** For one reply; Postfix's command_timeout. */
  readonly reply: number
  /** For everything after the final dot; Postfix's content_timeout. */
  readonly endOfMessage: number
}

export interface MtaOptions {
  /** The filter's socket in libmilter's words: `local:/path`, `inet:8895@127.0.0.1`. None unless told. */
  readonly milter?: string
  /** When the filter fails: put mail off (F=T, tempfail), which is what we teach, or let it pass (no F=, accept). */
  readonly failure?: 'tempfail' | 'accept'
  readonly patience?: Partial<Patience>
  /**
   * Where mail for the td domain goes that nobody rewrote. `loop`: back to the server by SMTP, which is what we teach.
   * `catch-all`: to one mailbox, by a map from every address of the domain.
   */
  readonly route?: 'loop' | 'catch-all'
  /** The mailbox behind the catch-all; td-unrewritten unless told. */
  readonly catchAll?: string
  /** Keeps what it accepts in its queue and delivers nothing. */
  readonly hold?: boolean
  /** Local names of example.com that lead elsewhere. */
  readonly aliases?: Readonly<Record<string, string>>
}

/** What each kind of server does in its own way. */
export interface Engine {
  readonly name: 'sendmail' | 'postfix'
  readonly version: string
  readonly port: number
  /** Everything that the server owns; gone after `stop`. */
  readonly folder: string
  readonly mailboxes: Mailboxes
  /** Hands a message to the sendmail command; its exit status. */
  submit(recipients: readonly string[], message: Buffer): Promise<number | null>
  /** Starts `sendmail -bs`, SMTP on standard input. */
  standardInput(): ChildProcess
  /** Who the queued messages are for, as the queue's own files say. */
  queuedRecipients(): Promise<readonly string[]>
  /** Messages in the queue, and how many of these were tried and put off. */
  queue(): Promise<{ readonly messages: number; readonly deferred: number }>
  /** Throws away whatever is queued. */
  purge(): Promise<void>
  /** Tries the whole queue again, now. */
  flush(): Promise<void>
  log(): Promise<string>
  stop(): Promise<void>
}

export const DEFAULT_PATIENCE: Patience = { connect: 10, reply: 10, endOfMessage: 30 }

/** Waits until a server that was just started greets; 554 is a greeting too, when its filter wants it so. */
export function greeting(port: number, server: ProcessGroup): Promise<true> {
  return eventually('its greeting', async () => {
    if (!server.alive) throw new Error('it ended at once')
    const client = SmtpClient.raw(port)
    try {
      return (await client.reply()).code > 0 ? true : undefined
    } catch {
      return undefined
    } finally {
      client.drop()
    }
  })
}

/** A private mail server. */
export class Mta {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get name(): 'sendmail' | 'postfix' {
    return this.#engine.name
  }

  /** As the program itself says: `8.17.1.9`. */
  get version(): string {
    return this.#engine.version
  }

  get port(): number {
    return this.#engine.port
  }

  get folder(): string {
    return this.#engine.folder
  }

  get mailboxes(): Mailboxes {
    return this.#engine.mailboxes
  }

  open(options?: ClientOptions): Promise<SmtpClient> {
    return SmtpClient.open(this.port, options)
  }

  submit(recipients: readonly string[], message: Buffer): Promise<number | null> {
    return this.#engine.submit(recipients, message)
  }

  /** A client of `sendmail -bs`. */
  openOnStandardInput(): Promise<SmtpClient> {
    return SmtpClient.onStandardInput(this.#engine.standardInput())
  }

  queuedRecipients(): Promise<readonly string[]> {
    return this.#engine.queuedRecipients()
  }

  flush(): Promise<void> {
    return this.#engine.flush()
  }

  log(): Promise<string> {
    return this.#engine.log()
  }

  /** Waits until everything accepted so far is delivered or bounced, so that what has not arrived never will. */
  async settled(seconds = 30): Promise<void> {
    const look = async () => ((await this.#engine.queue()).messages === 0 ? true : undefined)
    await this.#explained(eventually(`an empty queue of ${this.name}`, look, seconds))
  }

  /** Waits until exactly so many messages are left, all of them tried and put off. */
  async deferred(count: number, seconds = 30): Promise<void> {
    const look = async () => {
      const { messages, deferred } = await this.#engine.queue()
      return messages === count && deferred === count ? true : undefined
    }
    await this.#explained(eventually(`${count} deferred message(s) in ${this.name}`, look, seconds))
  }

  /** Who has how many messages, once nothing is under way any more. */
  async delivered(): Promise<Readonly<Record<string, number>>> {
    await this.settled()
    return this.mailboxes.counts()
  }

  /** Makes the server as good as new, whatever a failed test has left in it. */
  async clear(): Promise<void> {
    await this.settled(5).catch(() => this.#engine.purge())
    await this.mailboxes.empty()
  }

  stop(): Promise<void> {
    return this.#engine.stop()
  }

  async #explained(wait: Promise<unknown>): Promise<void> {
    try {
      await wait
    } catch (error) {
      throw new Error(`${(error as Error).message}; its log ends:\n${(await this.log()).slice(-3000)}`)
    }
  }
}
