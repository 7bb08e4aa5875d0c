// The examples as their reader starts them: compiled, by one command.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { simulate } from '../../src/milter/simulator/index.ts'

const folder = fileURLToPath(new URL('../../dist/examples/', import.meta.url))
const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

interface Program {
  readonly child: ChildProcess
  /** What it has written to stderr so far. */
  readonly said: () => string
  /** Resolves when stderr matches, or has ended. */
  readonly says: (pattern: RegExp) => Promise<string | undefined>
  readonly exitCode: Promise<number | null>
}

function start(file: string, ...args: string[]): Program {
  const child = spawn(process.execPath, [`${folder}${file}`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.push(child)
  let text = ''
  const { stderr } = child
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const says = async (pattern: RegExp): Promise<string | undefined> => {
    while (!pattern.test(text) && !stderr.readableEnded) {
      await Promise.race([once(stderr, 'data'), once(stderr, 'end')])
    }
    return pattern.exec(text)?.[1]
  }
  const exitCode = once(child, 'close').then(([code]) => code as number | null)
  return { child, said: () => text, says, exitCode }
}

// Two cores and a busy machine: starting Node may take seconds.
describe('an example', { timeout: 30_000 }, () => {
  it.each([
    ['footer.js', ['foot'], 'Hello\r\nfoot\r\n'],
    ['own-domain-footer.js', ['example.com', 'foot'], 'Hello\r\nfoot\r\n'],
    ['body-pattern.js', ['reject', 'sircam'], 'Hello\r\n'],
  ])('%s listens, filters, and stops on SIGTERM', async (file, args, body) => {
    const program = start(file, 'inet:0@127.0.0.1', ...args)
    const milter = await program.says(/listening on (\S+)/)
    expect(program.said()).toContain('listening')
    const message = { from: 'a@example.com', to: ['r@remote.example'], body: 'Hello\r\n' }
    const { messages } = await simulate({ milter: milter ?? '', messages: [message] })
    expect(messages[0]?.end?.body.toString()).toBe(body)
    program.child.kill('SIGTERM')
    expect(await program.exitCode).toBe(0)
  })

  it.each([
    ['footer.js', [], 2, 'the socket is missing. Usage: footer.js SOCKET TEXT'],
    ['footer.js', ['inet:0@127.0.0.1'], 2, 'Usage: footer.js SOCKET TEXT'],
    [
      'own-domain-footer.js',
      ['inet:0@127.0.0.1', '@', 'x'],
      2,
      'Usage: own-domain-footer.js SOCKET DOMAIN TEXT',
    ],
    [
      'body-pattern.js',
      ['inet:0@127.0.0.1', 'x', 'y'],
      2,
      'Usage: body-pattern.js SOCKET reject|discard TEXT',
    ],
    ['footer.js', ['tcp:8895', 'foot'], 1, 'write inet:8895@127.0.0.1'],
    ['footer.js', ['unix:/no/such/folder/x.sock', 'foot'], 1, '/no/such/folder'],
  ])('%s %j ends with %i and one sentence', async (file, args, code, sentence) => {
    const program = start(file, ...args)
    expect(await program.exitCode).toBe(code)
    expect(program.said()).toContain(sentence)
    expect(program.said().trimEnd().split('\n')).toHaveLength(1)
  })
})
