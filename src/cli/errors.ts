// The one place where a failure becomes a sentence and an exit code: 1 for no, 2 for wrong usage.

import { CommanderError } from 'commander'
import type { Answer, Objection } from '../service/index.ts'
import { plain } from './output.ts'
import type { Terminal } from './terminal.ts'

/** Wrong usage that commander cannot see. Each fault is a sentence. */
export class UsageError extends Error {
  readonly faults: readonly string[]

  constructor(...faults: readonly string[]) {
    super(faults.join(' '))
    this.faults = faults
  }
}

/** The answer is no, for a reason that is a sentence for people. */
export class Declined extends Error {
  readonly exitCode: 1 | 2

  constructor({ kind, message }: Pick<Objection, 'kind' | 'message'>) {
    super(message)
    this.exitCode = kind === 'invalid' ? 2 : 1
  }
}

/** The value of a granted request; a request that is turned down ends the command. */
export function ensure<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Declined(answer.objection)
}

/** Errors whose message is written for people: what is wrong and what to do. By name, so that none is loaded for it. */
const FOR_PEOPLE: Readonly<Record<string, 1 | 2>> = {
  StoreError: 1,
  SimulatorError: 1,
  ListenError: 1,
  SpecError: 2,
}

/** Says what went wrong, on standard error, and returns the exit code. */
export function report(error: unknown, terminal: Terminal, withStack: boolean): number {
  // commander has said its own already; --help and --version come this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    for (const fault of error.faults) say(terminal, fault)
    return 2
  }
  if (error instanceof Declined) {
    say(terminal, error.message)
    return error.exitCode
  }
  const known = error instanceof Error ? FOR_PEOPLE[error.name] : undefined
  say(terminal, known === undefined ? unexpected(error) : (error as Error).message)
  if (withStack && error instanceof Error) terminal.err(`${error.stack}\n`)
  return known ?? 1
}

function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `Something unexpected failed: ${message}. Set TIMEDELAY_LOG_LEVEL=debug for the details.`
}

function say(terminal: Terminal, sentence: string): void {
  terminal.err(`timedelay: ${plain(sentence)}\n`)
}
