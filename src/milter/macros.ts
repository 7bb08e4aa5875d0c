// Macro values, scoped to the command that they were sent for. A set arrives in a packet of its own (SMFIC_MACRO), waits
// for its command, and holds from there until an earlier command comes again. Kept raw; read only when somebody asks.

/**
 * Commands that have macros, from the widest scope to the narrowest. Those of L, B and U come from Postfix only.
 * At most 20 sets of one frame each are held, whatever a peer sends.
 */
const STAGES = 'CHMRTLNBEU'
const MAIL = STAGES.indexOf('M')

const STAGE_BY_CODE: Readonly<Record<number, number>> = Object.fromEntries(
  [...STAGES].map((letter, stage) => [letter.charCodeAt(0), stage]),
)

type Sets = (string | undefined)[]

export class Macros {
  /** Sent, but their command has not come. sendmail leaves orphans: recipients that it refuses after the packet. */
  readonly #pending: Sets = []
  readonly #current: Sets = []

  /** Keeps a set until the command with this code arrives; replaces one that still waits. */
  hold(code: number, pairs: string): void {
    const stage = STAGE_BY_CODE[code]
    if (stage !== undefined) this.#pending[stage] = pairs
  }

  /** For a command that negotiation switched off: both MTAs send its macros all the same. */
  set(code: number, pairs: string): void {
    const stage = STAGE_BY_CODE[code]
    if (stage !== undefined) this.#current[stage] = pairs
  }

  /** The command has arrived: its set, or none, replaces the one before, and everything narrower is over. */
  enter(code: number): void {
    const stage = STAGE_BY_CODE[code]
    if (stage === undefined) return
    const pairs = this.#pending[stage]
    this.#forget(stage)
    if (pairs !== undefined) this.#current[stage] = pairs
  }

  /** ABORT and end of message: MAIL and everything narrower is over; the connection's macros stay. */
  endMessage(): void {
    this.#forget(MAIL)
  }

  clear(): void {
    this.#forget(0)
  }

  /** The value, narrowest scope first. Braces are optional. */
  find(name: string): string | undefined {
    const bare = name.startsWith('{') && name.endsWith('}') ? name.slice(1, -1) : name
    for (let stage = this.#current.length - 1; stage >= 0; stage--) {
      const pairs = this.#current[stage]
      const value = pairs === undefined ? undefined : findIn(pairs, bare)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** The arrays end with the narrowest set there is, so that usually there is nothing to do. */
  #forget(from: number): void {
    if (this.#pending.length > from) this.#pending.length = from
    if (this.#current.length > from) this.#current.length = from
  }
}

/** Complete pairs only: a name without a value, or a value without its NUL, is as good as not sent. */
function findIn(pairs: string, bare: string): string | undefined {
  for (let at = 0; at < pairs.length; ) {
    const nameEnd = pairs.indexOf('\0', at)
    const valueEnd = nameEnd === -1 ? -1 : pairs.indexOf('\0', nameEnd + 1)
    if (valueEnd === -1) return undefined
    const braced = pairs[at] === '{' && pairs[nameEnd - 1] === '}' ? 1 : 0
    if (nameEnd - at - 2 * braced === bare.length && pairs.startsWith(bare, at + braced)) {
      return pairs.slice(nameEnd + 1, valueEnd)
    }
    at = valueEnd + 1
  }
  return undefined
}
