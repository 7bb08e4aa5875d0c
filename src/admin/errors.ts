// The one error handler: every failure, ours or theirs, becomes a status and a sentence here.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../log.ts'
import { nothingHere, wantsPage } from './nothing-here.ts'
import { FAILED, Refused, refusalFor } from './problems.ts'
import type { RouteTable } from './routing.ts'
import type { Problem } from './schemas.ts'

export function addErrorHandler(app: FastifyInstance, routes: RouteTable, log: Log): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, log))
  app.setNotFoundHandler((request) => {
    throw routes.refusal(request)
  })
}

export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const refusal = refusalFor(error)
  if (refusal === undefined || refusal.status === 503) {
    const { method, routeOptions } = request
    log.error({ err: error, method, route: routeOptions.url }, 'a request failed')
  }
  const { status, problem, headers } = refusal ?? new Refused(500, FAILED)
  if (status === 404 && wantsPage(request)) {
    return reply.code(404).type('text/html; charset=utf-8').serializer(String).send(nothingHere(request))
  }
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(bodyOf(request.url, problem, refusal))
}

/** Contracts A and C read `message`, B and D `error`: never both, since one client joins them. */
function bodyOf(url: string, problem: Problem, refusal: Refused | undefined): object {
  if (url.startsWith('/api/alias')) return { error: problem.message }
  if (url.startsWith('/api/')) {
    const { message, field } = problem
    return refusal?.status === 422 && field !== undefined
      ? { message, errors: { [field]: [message] } }
      : { message }
  }
  return refusal?.details === undefined ? problem : { ...problem, ...refusal.details }
}
