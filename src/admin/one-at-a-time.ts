// A route that takes much memory serves one request at a time.

import type { onRequestAsyncHookHandler } from 'fastify'
import { slowDown } from './problems.ts'

/** Seconds after which somebody who was turned away may ask again. */
const AGAIN = 5

/** Turns a request away before its body is read, while another one of the route has not been answered. */
export function oneAtATime(message: string): onRequestAsyncHookHandler {
  let busy = false
  return async (_request, reply) => {
    if (busy) throw slowDown(message, AGAIN)
    busy = true
    // However it ends: answered, refused, or gone.
    reply.raw.once('close', () => {
      busy = false
    })
  }
}
