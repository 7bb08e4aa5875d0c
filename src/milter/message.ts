// What handlers see of the SMTP session and of the message in hand. Both are made new each time and let go of their
// macros when they end, so that a handler that is late cannot look into the message after its own.

import type { Client, Connection, EnvelopeAddress, Message } from './filter.ts'
import type { Macros } from './macros.ts'

export class OpenConnection implements Connection {
  readonly id: number
  client: Client | undefined
  helo: string | undefined
  #macros: Macros | undefined

  constructor(id: number, macros: Macros) {
    this.id = id
    this.#macros = macros
  }

  macro(name: string): string | undefined {
    return this.#macros?.find(name)
  }

  end(): void {
    this.#macros = undefined
  }
}

export class OpenMessage<State> implements Message<State> {
  readonly connection: OpenConnection
  readonly sender: EnvelopeAddress
  readonly state: State
  #macros: Macros | undefined
  #abort: AbortController | undefined

  constructor(connection: OpenConnection, sender: EnvelopeAddress, state: State, macros: Macros) {
    this.connection = connection
    this.sender = sender
    this.state = state
    this.#macros = macros
  }

  macro(name: string): string | undefined {
    return this.#macros?.find(name)
  }

  /** Made when somebody asks: most handlers answer at once and need none. */
  get signal(): AbortSignal {
    if (this.#macros === undefined) return AbortSignal.abort()
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  /** Nobody waits for the handler that runs now. One that runs later in the same message gets a new signal. */
  interrupt(): void {
    this.#abort?.abort()
    this.#abort = undefined
  }

  end(): void {
    this.#macros = undefined
  }
}
