import { connect } from 'node:net'
import { eventually } from './eventually.ts'
import type { ProcessGroup } from './process-group.ts'

/** Waits until a program that was just started answers on its Unix socket. */
export function listening(path: string, program: ProcessGroup): Promise<true> {
  return eventually('an answer on its socket', async () => {
    if (!program.alive) throw new Error(`the program ended at once: ${program.output}`)
    return (await answers(path)) || undefined
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}
