// The first thing the page asks, the first visit, signing in and out.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Calendar, formatDay } from '../../address/index.ts'
import type { Domain, Prefix, SignedIn, Visitor } from '../../service/index.ts'
import { access, visitOf } from '../access.ts'
import { clearCookie, readCookie, setCookie } from '../cookie.ts'
import type { App, Parts } from '../parts.ts'
import { Refused, slowDown } from '../problems.ts'
import { Done, Problem, SessionView, SetUp, SignIn, State } from '../schemas.ts'
import { instant, meView, sessionView, usablePrefixView } from '../views.ts'

const Sessions = Type.Object({ sessions: Type.Array(SessionView) }, { additionalProperties: false })
const tags = ['Session']

export function sessionRoutes(app: App, parts: Parts): void {
  const { gate, place, services, feed } = parts
  const { identity } = services

  app.get(
    '/console/state',
    {
      config: access('public'),
      schema: { tags, summary: 'Who I am and what I can do', response: { 200: State } },
    },
    async (request) => stateOf(parts, await gate.findVisitor(request)),
  )

  app.post(
    '/console/set-up',
    {
      config: access('public'),
      schema: {
        tags,
        summary: 'Make the first account with the one-time code',
        body: SetUp,
        response: { 200: State, 400: Problem },
      },
    },
    async (request, reply) => {
      const answer = await identity.setUp(request.body, visitOf(request))
      if (answer.kind === 'signed-in') return signedIn(parts, answer, request, reply)
      if (answer.kind === 'slow') throw slowDown(answer.message, answer.retryAfter)
      const { message, field } = answer
      throw new Refused(400, { message, ...(field === undefined ? {} : { field }) })
    },
  )

  app.post(
    '/console/session',
    {
      config: access('public'),
      schema: {
        tags,
        summary: 'Sign in',
        body: SignIn,
        response: { 200: State, 401: Problem, 429: Problem },
      },
    },
    async (request, reply) => {
      const answer = await identity.signIn(request.body, visitOf(request))
      if (answer.kind === 'signed-in') return signedIn(parts, answer, request, reply)
      if (answer.kind === 'slow') throw slowDown(answer.message, answer.retryAfter)
      const { message, needsCode } = answer
      throw new Refused(401, { message, ...(needsCode ? { needsCode } : {}) })
    },
  )

  // Public: to end a session that has ended is no failure.
  app.delete(
    '/console/session',
    { config: access('public'), schema: { tags, summary: 'Sign out', response: { 204: Done } } },
    async (request, reply) => {
      const cookie = readCookie(request)
      if (cookie !== undefined) await identity.signOut(cookie)
      clearCookie(reply, place, request)
      await feed.recheck()
      return reply.code(204).send()
    },
  )

  app.get(
    '/console/sessions',
    { config: access('person'), schema: { tags, summary: 'My sessions', response: { 200: Sessions } } },
    async (request) => {
      const { sessionId } = gate.visitor(request)
      const sessions = await gate.desk(request).account.sessions()
      return { sessions: sessions.map((session) => sessionView(session, sessionId)) }
    },
  )

  app.delete(
    '/console/sessions',
    { config: access('person'), schema: { tags, summary: 'Sign out everywhere', response: { 204: Done } } },
    async (request, reply) => {
      await gate.desk(request).account.endSessions()
      clearCookie(reply, place, request)
      await feed.recheck()
      return reply.code(204).send()
    },
  )
}

async function signedIn(
  parts: Parts,
  answer: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<State> {
  // One browser has one session: the earlier one has lost its cookie, and would go on until it ends by itself.
  const earlier = readCookie(request)
  if (earlier !== undefined) {
    await parts.services.identity.signOut(earlier)
    await parts.feed.recheck()
  }
  setCookie(reply, parts.place, request, answer)
  return stateOf(parts, answer)
}

async function stateOf(
  { services, clock, version }: Parts,
  visitor: Pick<Visitor, 'person' | 'actor'> | undefined,
): Promise<State> {
  const now = clock()
  if (visitor === undefined) {
    // Strangers learn nothing but whether there is somebody to sign in as.
    const stage = await services.identity.stage()
    return { stage, now: instant(now), domains: [], prefixes: [], stillTrying: 0, version: '' }
  }
  const desk = services.as(visitor.actor)
  const [domains, prefixes, tried] = await Promise.all([
    desk.domains.list(),
    desk.prefixes.list(),
    desk.book.countTrying(),
  ])
  const usable = prefixes.ok ? prefixes.value.filter(({ enabled }) => enabled) : []
  return {
    stage: 'ready',
    me: meView(visitor.person),
    now: instant(now),
    domains: domainsIn(domains, now),
    prefixes: usable.map((prefix: Prefix) => usablePrefixView(prefix)),
    stillTrying: tried,
    version,
  }
}

function domainsIn(domains: readonly Domain[], now: number): State['domains'] {
  return domains.map(({ name, timeZone }) => ({
    name,
    timeZone,
    today: formatDay(new Calendar(timeZone).today(now)),
  }))
}
