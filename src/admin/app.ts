// The console and its API: what is set up, then every route, in reading order.

import fastifyCookie from '@fastify/cookie'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { Gate } from './access.ts'
import { aliasRoutes } from './api/routes.ts'
import { describeApi } from './api-description.ts'
import { keepOwnCookie } from './cookie.ts'
import { addErrorHandler, sendError } from './errors.ts'
import { Feed } from './feed.ts'
import { addHeaders, corsHeaders, isApi } from './headers.ts'
import { readJson, readUtf8 } from './json.ts'
import { Metrics } from './metrics.ts'
import type { AdminParts, App, Parts } from './parts.ts'
import { Place } from './place.ts'
import { refuse } from './problems.ts'
import { accountRoutes } from './routes/account.ts'
import { activityRoutes } from './routes/activity.ts'
import { addressRoutes } from './routes/addresses.ts'
import { docsRoutes } from './routes/docs.ts'
import { domainRoutes } from './routes/domains.ts'
import { healthRoutes } from './routes/health.ts'
import { pageRoutes } from './routes/page.ts'
import { peopleRoutes } from './routes/people.ts'
import { prefixRoutes } from './routes/prefixes.ts'
import { serverRoutes } from './routes/server.ts'
import { sessionRoutes } from './routes/session.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { RouteTable } from './routing.ts'

export interface Admin {
  readonly app: App
  readonly routes: RouteTable
}

const KIB = 1024
/** Bytes of a body, unless a route says otherwise; the API's is contract rule 4. */
const BODY = 64 * KIB
const API_BODY = 16 * KIB
/** Longest value of a path parameter: an address in percent signs. */
const LONGEST_PARAMETER = 1000
/** Sockets that are served at one time. */
const MOST_CONNECTIONS = 1000
/** Milliseconds in which a request's head and all of it must have come. */
const HEAD_DEADLINE = 10_000
const REQUEST_DEADLINE = 30_000

/** The HTTP service, not yet listening. `app.close()` ends the live views too. */
export async function buildAdmin(given: AdminParts): Promise<Admin> {
  const place = new Place(given)
  const gate = new Gate({ ...given, place })
  const metrics = new Metrics(given)
  const feed = new Feed(given)
  const parts: Parts = { ...given, gate, place, feed, metrics }
  const routes = new RouteTable()
  const app = createApp(given, place)

  routes.watch(app as unknown as FastifyInstance)
  await app.register(fastifyCookie)
  app.addHook('onRequest', async (request) => keepOwnCookie(request, place))
  await addHeaders(app as unknown as FastifyInstance, place)
  addErrorHandler(app as unknown as FastifyInstance, routes, given.log)
  gate.guard(app as unknown as FastifyInstance, routes)
  readBodies(app)
  metrics.observe(app)
  await describeApi(app, parts)

  sessionRoutes(app, parts)
  accountRoutes(app, parts)
  addressRoutes(app, parts)
  activityRoutes(app, parts)
  domainRoutes(app, parts)
  prefixRoutes(app, parts)
  peopleRoutes(app, parts)
  tokenRoutes(app, parts)
  serverRoutes(app, parts)
  await aliasRoutes(app, parts)
  healthRoutes(app, parts)
  docsRoutes(app, parts)
  await pageRoutes(app, parts)

  app.addHook('onReady', async () => feed.start())
  app.addHook('preClose', async () => feed.stop())
  return { app, routes }
}

function createApp({ trustedProxies, log }: AdminParts, place: Place): App {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    forceCloseConnections: true,
    requestTimeout: REQUEST_DEADLINE,
    http: { headersTimeout: HEAD_DEADLINE, connectionsCheckingInterval: 5000 },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PARAMETER },
    rewriteUrl: ({ url = '/' }) => place.route(url),
    // A path that cannot be read: the hooks do not run for it.
    frameworkErrors: (error, request, reply) => {
      if (isApi(place.route(request.raw.url ?? ''))) reply.headers(corsHeaders(undefined))
      return sendError(error, request, reply, log)
    },
  })
    .setValidatorCompiler(TypeBoxValidatorCompiler)
    .withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = MOST_CONNECTIONS
  app.addHook('onRoute', (route) => {
    if (route.bodyLimit === undefined && route.url.startsWith('/api/')) route.bodyLimit = API_BODY
  })
  return app as unknown as App
}

/** JSON, strictly, and the tables that imports take. */
function readBodies(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parsed(() => readJson(body)),
  )
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parsed(() => readUtf8(body)),
  )
}

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    // BadJson, whose message is a sentence.
    throw refuse(400, (error as Error).message)
  }
}
