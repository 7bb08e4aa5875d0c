// What the examples have in common: the command line, one socket, and an end on SIGTERM.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Filter, formatSocketSpec, MilterServer, parseSocketSpec } from '../milter/index.ts'

/** Milliseconds that open messages get after SIGTERM. */
const LAST_WORDS = 5000

/** Throw one to end the program with its sentence. */
export class UsageError extends Error {}

/**
 * Runs the filter if the module at `url` is the program, and does nothing if it was only imported. The first argument is
 * the socket; `makeFilter` gets the others.
 */
export async function runIfMain<State>(
  url: string,
  usage: string,
  makeFilter: (args: readonly string[]) => Filter<State>,
): Promise<void> {
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  try {
    const [spec, ...args] = process.argv.slice(2)
    if (spec === undefined) throw new UsageError('the socket is missing')
    const listener = { spec: formatSocketSpec(parseSocketSpec(spec)) }
    const log = ({ text }: { text: string }): boolean => process.stderr.write(`${text}\n`)
    const server = new MilterServer({ filter: makeFilter(args), listeners: [listener], log })
    await server.listen()
    const stop = (): void => void server.stop(LAST_WORDS)
    process.once('SIGTERM', stop).once('SIGINT', stop)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(error instanceof UsageError ? `${why}. Usage: ${usage}\n` : `${why}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
