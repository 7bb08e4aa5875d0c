// Who may use a route: each says so where it stands, and one that says nothing cannot be registered. This is the only
// place where a request is let in.

import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { type BearerAnswer, type Desk, networkOf, type Services, type Visitor } from '../service/index.ts'
import { clearCookie, readCookie } from './cookie.ts'
import { Limit } from './limits.ts'
import type { Place } from './place.ts'
import { refuse, slowDown } from './problems.ts'
import type { RouteTable } from './routing.ts'

/**
 * `public`: anybody. `person`: whoever signed in, for what is theirs. `postmaster`: only they. `token`: a program with
 * an API token; a session means nothing there, nor a token elsewhere.
 */
export type Access = 'public' | 'person' | 'postmaster' | 'token'

interface Declared extends FastifyContextConfig {
  readonly access: Access
}

export function access(level: Access): Declared {
  return { access: level }
}

export function accessOf(config: object): Access | undefined {
  return (config as Partial<Declared>).access
}

export type Bearer = Extract<BearerAnswer, { kind: 'known' }>

export interface GateParts {
  readonly services: Services
  readonly place: Place
  readonly clock: Clock
}

/** Wrong tokens from one client that are answered as such. */
const WRONG_TOKENS = [{ times: 30, seconds: 60 }]
/** Longest token that is looked at. */
const LONGEST_TOKEN = 200

export class Gate {
  readonly #parts: GateParts
  readonly #wrongTokens: Limit
  readonly #visitors = new WeakMap<FastifyRequest, Visitor>()
  readonly #bearers = new WeakMap<FastifyRequest, Bearer>()

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#wrongTokens = new Limit(WRONG_TOKENS, parts.clock)
  }

  /** Guards every route that is registered from now on. */
  guard(app: FastifyInstance, routes: RouteTable): void {
    app.addHook('onRoute', ({ method, url, config }) => {
      if (accessOf(config ?? {}) === undefined)
        throw new Error(`${method} ${url} does not say who may use it`)
    })
    app.addHook('onRequest', async (request, reply) => {
      if (request.is404) throw routes.refusal(request)
      const { url = '' } = request.routeOptions
      if (url.startsWith('/console/')) this.#checkOrigin(request)
      switch (accessOf(request.routeOptions.config)) {
        case 'public':
          return
        case 'token':
          return this.#admitBearer(request)
        case 'person':
          return this.#admitVisitor(request, reply)
        case 'postmaster':
          await this.#admitVisitor(request, reply)
          if (this.visitor(request).person.role === 'postmaster') return
          throw refuse(403, 'Only a postmaster may do that.')
        default:
          throw new Error(`${url} was registered without its access`)
      }
    })
  }

  /** Who signed in. For routes of a person or a postmaster. */
  visitor(request: FastifyRequest): Visitor {
    const visitor = this.#visitors.get(request)
    if (visitor === undefined) throw new Error('a public route asks who signed in')
    return visitor
  }

  /** What this request's person can do. */
  desk(request: FastifyRequest): Desk {
    return this.#parts.services.as(this.visitor(request).actor)
  }

  bearer(request: FastifyRequest): Bearer {
    const bearer = this.#bearers.get(request)
    if (bearer === undefined) throw new Error('a route without tokens asks for one')
    return bearer
  }

  /** For public routes that look different to whoever signed in. */
  findVisitor(request: FastifyRequest): Promise<Visitor | undefined> {
    const cookie = readCookie(request)
    return cookie === undefined
      ? Promise.resolve(undefined)
      : this.#parts.services.identity.visitor(cookie, visitOf(request))
  }

  async #admitVisitor(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const visitor = await this.findVisitor(request)
    if (visitor !== undefined) {
      this.#visitors.set(request, visitor)
      return
    }
    if (readCookie(request) === undefined) throw refuse(401, 'Sign in first.')
    clearCookie(reply, this.#parts.place, request)
    throw refuse(401, 'The session has ended. Sign in again.')
  }

  async #admitBearer(request: FastifyRequest): Promise<void> {
    const token = tokenIn(request)
    const answer =
      token === undefined ? undefined : await this.#parts.services.identity.bearer(token, request.ip)
    if (answer?.kind === 'known') {
      this.#bearers.set(request, answer)
      return
    }
    if (answer?.kind === 'disabled') throw refuse(403, 'This token may not create addresses.')
    const wait = this.#wrongTokens.take(networkOf(request.ip))
    if (wait !== undefined) throw slowDown('Too many wrong tokens. Wait a moment.', wait)
    throw refuse(401, isSimpleLogin(request) ? 'Wrong api key' : 'Unauthenticated.')
  }

  /**
   * A browser says which page a request comes from. Without either field it is no browser's, or one from before both
   * were invented; nobody else has a cookie to lose, so it is turned down.
   */
  #checkOrigin(request: FastifyRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return
    const { origin, 'sec-fetch-site': site } = request.headers
    if (site === 'same-origin') return
    if (site === undefined && origin !== undefined && this.#parts.place.isOwn(origin, request)) return
    throw refuse(403, 'This request does not come from the console itself.')
  }
}

/** Contract B and D: a path family of SimpleLogin's. */
export function isSimpleLogin(request: FastifyRequest): boolean {
  return request.url.startsWith('/api/alias/')
}

export function visitOf(request: FastifyRequest): { readonly client: string; readonly agent: string } {
  return { client: request.ip, agent: (request.headers['user-agent'] ?? '').slice(0, 200) }
}

/** Contract rule 8: either header, with or without its scheme. */
function tokenIn({ headers }: FastifyRequest): string | undefined {
  const { authorization, authentication } = headers
  const field = authorization ?? (Array.isArray(authentication) ? authentication[0] : authentication)
  const token = field?.replace(/^\s*Bearer\s+/i, '').trim()
  return token === undefined || token === '' || token.length > LONGEST_TOKEN ? undefined : token
}
