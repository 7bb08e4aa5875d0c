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

const noSets = (): Sets => new Array<string | undefined>(STAGES.length).fill(undefined)

export class Macros {
  /** Sent, but their command has not come. sendmail leaves orphans: recipients that it refuses after the packet. */
  readonly #pending = noSets()
  readonly #current = noSets()
  /** No set is narrower than this: usually there is little to forget. */
  #narrowest = -1

  /** Keeps a set until the command with this code arrives; replaces one that still waits. */
  hold(code: number, pairs: string): void {
    const stage = STAGE_BY_CODE[code]
    if (stage !== undefined) this.#put(this.#pending, stage, pairs)
  }

  /** For a command that negotiation switched off: both MTAs send its macros all the same. */
  set(code: number, pairs: string): void {
    const stage = STAGE_BY_CODE[code]
    if (stage !== undefined) this.#put(this.#current, stage, pairs)
  }

  /** The command has arrived: its set, or none, replaces the one before, and everything narrower is over. */
  enter(code: number): void {
    const stage = STAGE_BY_CODE[code]
    if (stage === undefined) return
    const pairs = this.#pending[stage]
    this.#forget(stage)
    if (pairs !== undefined) this.#put(this.#current, stage, pairs)
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
    for (let stage = this.#narrowest; stage >= 0; stage--) {
      const pairs = this.#current[stage]
      const value = pairs === undefined ? undefined : findIn(pairs, bare)
      if (value !== undefined) return value
    }
    return undefined
  }

  #put(sets: Sets, stage: number, pairs: string): void {
    sets[stage] = pairs
    if (stage > this.#narrowest) this.#narrowest = stage
  }

  #forget(from: number): void {
    for (; this.#narrowest >= from; this.#narrowest--) {
      this.#pending[this.#narrowest] = undefined
      this.#current[this.#narrowest] = undefined
    }
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
