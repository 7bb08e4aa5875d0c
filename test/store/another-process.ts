// Runs a few lines in a Node process of their own, with the compiled store at hand: SQLite's locks and its
// `data_version` behave differently within one process.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const door = new URL('../../dist/store/sqlite/index.js', import.meta.url)
const engine = new URL('../../dist/store/sqlite/engine.js', import.meta.url)

/** Starts `source`, which has `openSqliteStore`, `Sqlite` (better-sqlite3), `file` and `say` (a line to the test). */
export function startProcess(file: string, source: string): ChildProcess {
  const prologue = `
    import { Sqlite } from ${JSON.stringify(engine.href)}
    import { openSqliteStore } from ${JSON.stringify(door.href)}
    const file = ${JSON.stringify(file)}
    const say = (line) => process.stdout.write(line + '\\n')
  `
  return spawn(process.execPath, ['--input-type=module', '-e', prologue + source], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** The next line that it says. */
export async function said(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString().trim()
}

/** Waits for its end; throws unless it ended well. */
export async function ended(child: ChildProcess): Promise<void> {
  const code = child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0]
  if (code !== 0) throw new Error(`the other process ended with ${code}`)
}

export async function runProcess(file: string, source: string): Promise<void> {
  const child = startProcess(file, source)
  child.stdout?.resume()
  await ended(child)
}
