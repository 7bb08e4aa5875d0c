// HTTP as bytes on a socket, for what no client would send.

import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

/** Sends bytes as they are; everything that comes back until the other side hangs up. */
export async function exchangeWith(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  let heard = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    heard += chunk
  })
  await once(socket, 'connect')
  socket.write(text, 'latin1')
  // A server that has heard enough hangs up with the rest unread, and the connection breaks behind its answer.
  await new Promise((resolve) => socket.once('close', resolve))
  return heard
}

/** The statuses of all answers in it. */
export function statuses(heard: string): number[] {
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}
