// The header fields that every answer carries: what a browser must not do with it.

import fastifyHelmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import type { Place } from './place.ts'
import { Refused, refuse } from './problems.ts'

/** Scripts, styles and requests of our own origin only, and no HTML made from strings. */
const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'require-trusted-types-for': ["'script'"],
}

export async function addHeaders(app: FastifyInstance, place: Place): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // The web server in front of us speaks TLS, so it is its promise to make.
    strictTransportSecurity: false,
  })
  app.addHook('onRequest', async (request, reply) => {
    if (isApi(request.url)) reply.headers(corsHeaders(request.headers['access-control-request-headers']))
    if (hosts(request.raw.rawHeaders) > 1)
      throw new Refused(400, { message: 'Name the host once.' }, { connection: 'close' })
    if (!place.accepts(request)) throw refuse(421, 'This name is not ours. See the setting public-url.')
    if (request.method === 'OPTIONS' && isApi(request.url)) return reply.code(204).send()
  })
  // After everything else, so that only what said nothing of its own is covered.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/** RFC 9112 §3.2: more than one is refused. Node takes the first, and a web server in front of us perhaps the last. */
function hosts(rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
}

export function isApi(url: string): boolean {
  return url.startsWith('/api/')
}

/**
 * Any page may use the API: it has no cookies, and the vaults of password managers are pages of other origins (contract
 * rule 3). A bare `*` would not cover Authorization, so the names that were asked for come back.
 */
export function corsHeaders(asked: string | string[] | undefined): Record<string, string> {
  const usual =
    'authorization, authentication, content-type, accept, x-requested-with, x-requested-from, x-csrf-token'
  const names = typeof asked === 'string' && /^[\w ,-]{1,500}$/.test(asked) ? asked : usual
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': names,
    'access-control-expose-headers': 'retry-after',
    'access-control-max-age': '600',
  }
}
