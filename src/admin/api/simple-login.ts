// Contract B: what SimpleLogin's clients call to make an address.

import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { Refused, refuse } from '../problems.ts'
import { membersOf, readText } from './fields.ts'
import { mint } from './minting.ts'
import { aliasFrom, simpleLoginResource } from './resources.ts'
import { SimpleLoginAlias, SimpleLoginNote, SimpleLoginProblem, SimpleLoginQuery } from './shapes.ts'
import { cleanDescription, cleanSite, siteInDescription } from './site.ts'

export function simpleLoginRoutes(app: App, { gate, services, clock }: Parts): void {
  app.post(
    '/api/alias/random/new',
    {
      config: access('token'),
      schema: {
        tags: ['SimpleLogin'],
        summary: 'Make an address',
        description: 'One site gets one address a day. Without a site each answer is a new one.',
        querystring: SimpleLoginQuery,
        body: SimpleLoginNote,
        response: {
          201: SimpleLoginAlias,
          400: SimpleLoginProblem,
          401: SimpleLoginProblem,
          403: SimpleLoginProblem,
          413: SimpleLoginProblem,
          415: SimpleLoginProblem,
          429: SimpleLoginProblem,
        },
      },
    },
    async (request, reply) => {
      const { token, actor } = gate.bearer(request)
      const note = noteIn(request.body)
      const site = hostnameIn(request.query) ?? siteInDescription(note)
      const wishes = { days: undefined, daysField: 'days', site, note: cleanDescription(note) }
      const made = await mint(services.as(actor), token, wishes).catch(asBadRequest)
      const alias = aliasFrom(made, clock())
      if (alias === undefined) throw new Error('an address that was just made cannot be read')
      return reply.code(201).send(simpleLoginResource(alias, token) as never)
    },
  )
}

/** Some clients send no body at all. */
function noteIn(body: unknown): string {
  if (body === undefined) return ''
  try {
    return readText(membersOf(body), 'note') ?? ''
  } catch (error) {
    return asBadRequest(error)
  }
}

/** Sent without percent-encoding, empty, or several times. */
function hostnameIn(query: unknown): string | undefined {
  const { hostname } = query as { readonly hostname?: string | readonly string[] }
  const first = typeof hostname === 'string' ? hostname : hostname?.[0]
  return first === undefined ? undefined : cleanSite(first)
}

/** This contract has no 422. */
function asBadRequest(error: unknown): never {
  if (error instanceof Refused && error.status === 422) throw refuse(400, error.message)
  throw error
}
