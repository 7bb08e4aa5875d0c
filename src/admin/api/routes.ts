// What password managers and scripts call. All of it takes a token; a session means nothing here.

import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { isSimpleLogin } from '../access.ts'
import { Limit } from '../limits.ts'
import type { App, Parts } from '../parts.ts'
import { slowDown } from '../problems.ts'
import { addyRoutes } from './addy.ts'
import { simpleLoginRoutes } from './simple-login.ts'

/** Contract rule 9, for each token. */
const CREATIONS = [
  { times: 10, seconds: 60 },
  { times: 100, seconds: 3600 },
  { times: 500, seconds: 86_400 },
]
/** Everything else that a token asks for. */
const REQUESTS = [{ times: 240, seconds: 60 }]
const CREATING = new Set(['/api/v1/aliases', '/api/alias/random/new'])

export async function aliasRoutes(app: App, parts: Parts): Promise<void> {
  const creations = new Limit(CREATIONS, parts.clock)
  const requests = new Limit(REQUESTS, parts.clock)
  const plugin: FastifyPluginAsync = async (plain) => {
    const scope = plain as unknown as App
    // Members are read by hand, and answered for in the shapes of the contracts: the schemas only describe them.
    scope.setValidatorCompiler(() => () => true)
    scope.setSerializerCompiler(() => JSON.stringify)
    // After the gate has found the token, before the body is read: contract 3.4.
    scope.addHook('onRequest', async (request) => limit(request))
    addyRoutes(scope, parts)
    simpleLoginRoutes(scope, parts)
  }
  await app.register(plugin)

  function limit(request: FastifyRequest): void {
    const { token } = parts.gate.bearer(request)
    const creates = request.method === 'POST' && CREATING.has(request.routeOptions.url ?? '')
    const wait = (creates ? creations : requests).take(String(token.id))
    if (wait === undefined) return
    if (isSimpleLogin(request)) throw slowDown('Rate limit exceeded', wait)
    throw slowDown(
      creates
        ? 'You have reached your hourly limit for creating new addresses.'
        : 'Too many requests. Wait a moment.',
      wait,
    )
  }
}
