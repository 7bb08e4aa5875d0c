// Contract A, making an address, and the parts of contract C that a script or the browser extension needs: what addy.io's
// clients call. A token sees the addresses of its own prefix, and everything else is not found.

import type { FastifyRequest } from 'fastify'
import type { Desk, Explanation } from '../../service/index.ts'
import type { TokenRecord } from '../../store/store.ts'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure, Refused, refuse } from '../problems.ts'
import { Done } from '../schemas.ts'
import { listAliases } from './addy-list.ts'
import { localPartOf } from './alias-id.ts'
import { bad, membersOf, readAliasRequest, readText } from './fields.ts'
import { explained, mint } from './minting.ts'
import { addyResource, aliasFrom } from './resources.ts'
import {
  AddyAnswer,
  AddyChange,
  AddyList,
  AddyProblem,
  AddyQuery,
  AliasId,
  AliasMembers,
  DomainOptions,
  Nobody,
  TokenDetails,
} from './shapes.ts'
import { cleanDescription } from './site.ts'

const tags = ['addy.io']
/** Whatever is asked: of no token, of one that may do nothing, of one that asks too often. */
const always = { 401: AddyProblem, 403: AddyProblem, 429: AddyProblem }
const ofBody = { 400: AddyProblem, 413: AddyProblem, 415: AddyProblem, 422: AddyProblem }
const ofId = { 404: AddyProblem }

/** One address of the caller's, found by its number. */
interface Found {
  readonly desk: Desk
  readonly token: TokenRecord
  readonly address: string
  readonly explanation: Explanation
}

export function addyRoutes(app: App, { gate, services, clock, place }: Parts): void {
  const config = access('token')
  const caller = (request: FastifyRequest): { readonly desk: Desk; readonly token: TokenRecord } => {
    const { token, actor } = gate.bearer(request)
    return { token, desk: services.as(actor) }
  }

  app.post(
    '/api/v1/aliases',
    {
      config,
      schema: {
        tags,
        summary: 'Make an address',
        description: 'One site gets one address a day. Without a site each answer is a new one.',
        body: AliasMembers,
        response: { 201: AddyAnswer, ...always, ...ofBody },
      },
    },
    async (request, reply) => {
      const { desk, token } = caller(request)
      const wishes = readAliasRequest(request.body, token)
      const made =
        wishes.localPart === undefined
          ? await mint(desk, token, wishes)
          : await remember(desk, token, wishes.localPart, wishes)
      return reply.code(201).send(answer(made, token))
    },
  )

  app.get(
    '/api/v1/aliases',
    {
      config,
      schema: {
        tags,
        summary: 'My addresses that have a record',
        querystring: AddyQuery,
        response: { 200: AddyList, ...always, 422: AddyProblem },
      },
    },
    async (request) => {
      const { desk, token } = caller(request)
      const url = `${place.origin(request)}${place.basePath}/api/v1/aliases`
      return (await listAliases(desk, token, request.query, url)) as never
    },
  )

  app.get(
    '/api/v1/aliases/:id',
    {
      config,
      schema: {
        tags,
        summary: 'One address',
        params: AliasId,
        response: { 200: AddyAnswer, ...always, ...ofId },
      },
    },
    async (request) => {
      const { explanation, token } = await find(request, request.params.id)
      return answer(explanation, token)
    },
  )

  app.patch(
    '/api/v1/aliases/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Describe an address, or let it live longer',
        params: AliasId,
        body: AddyChange,
        response: { 200: AddyAnswer, ...always, ...ofId, ...ofBody },
      },
    },
    async (request) => {
      const { desk, token, address } = await find(request, request.params.id)
      const members = membersOf(request.body)
      const { description: given } = members
      const description = given === null ? '' : readText(members, 'description')
      const until = readText(members, 'until')
      if (until !== undefined) {
        const extended = await desk.addresses.extend(address, until)
        if (!extended.ok) throw bad('until', extended.objection.message)
      }
      if (description !== undefined) {
        ensure(await desk.addresses.annotate(address, { note: cleanDescription(description) }))
      }
      return answer(await explained(desk, address), token)
    },
  )

  app.delete(
    '/api/v1/aliases/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Refuse its mail from now on',
        response: { 204: Done, ...always, ...ofId },
        params: AliasId,
      },
    },
    async (request, reply) => {
      const { desk, address } = await find(request, request.params.id)
      ensure(await desk.addresses.revoke(address))
      return reply.code(204).send()
    },
  )

  app.patch(
    '/api/v1/aliases/:id/restore',
    {
      config,
      schema: {
        tags,
        summary: 'Take a revocation back',
        params: AliasId,
        response: { 200: AddyAnswer, ...always, ...ofId, 422: AddyProblem },
      },
    },
    async (request) => restore(await find(request, request.params.id)),
  )

  app.post(
    '/api/v1/active-aliases',
    {
      config,
      schema: {
        tags,
        summary: 'Take a revocation back',
        body: AliasId,
        response: { 200: AddyAnswer, ...always, ...ofId, ...ofBody },
      },
    },
    async (request) => {
      const id = readText(membersOf(request.body), 'id')
      if (id === undefined) throw bad('id', 'The id is missing.')
      return restore(await find(request, id))
    },
  )

  app.delete(
    '/api/v1/active-aliases/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Refuse its mail from now on',
        response: { 204: Done, ...always, ...ofId },
        params: AliasId,
      },
    },
    async (request, reply) => {
      const { desk, address } = await find(request, request.params.id)
      ensure(await desk.addresses.revoke(address))
      return reply.code(204).send()
    },
  )

  app.get(
    '/api/v1/domain-options',
    {
      config,
      schema: { tags, summary: 'The domain of this token', response: { 200: DomainOptions, ...always } },
    },
    async (request) => {
      const { domain } = caller(request).token
      return {
        data: [domain],
        sharedDomains: [],
        defaultAliasDomain: domain,
        defaultAliasFormat: 'random_characters',
      }
    },
  )

  app.get(
    '/api/v1/recipients',
    {
      config,
      schema: {
        tags,
        summary: 'Nobody: a token does not tell where mail goes',
        response: { 200: Nobody, ...always },
      },
    },
    async () => ({ data: [] }),
  )

  app.get(
    '/api/v1/api-token-details',
    { config, schema: { tags, summary: 'This token', response: { 200: TokenDetails, ...always } } },
    async (request) => {
      const { name, createdAt } = caller(request).token
      return { name, created_at: new Date(createdAt).toISOString(), expires_at: null }
    },
  )

  function answer(explanation: Explanation, token: TokenRecord): never {
    const alias = aliasFrom(explanation, clock())
    if (alias === undefined) throw refuse(404, 'Not found.')
    return { data: addyResource(alias, token) } as never
  }

  /** An address of the token's prefix that is genuine, or has a record: what the list shows can be asked for. */
  async function find(request: FastifyRequest, id: string): Promise<Found> {
    const { desk, token } = caller(request)
    const localPart = localPartOf(token, id)
    if (localPart === undefined) throw refuse(404, 'Not found.')
    const address = `${localPart}@${token.domain}`
    const explanation = await explained(desk, address)
    if (!isOwn(explanation, token)) throw refuse(404, 'Not found.')
    return { desk, token, address, explanation }
  }

  async function restore({ desk, token, address, explanation }: Found): Promise<never> {
    const { meaning } = explanation
    // Found, so it has one.
    const { record, lastDay, extendedThrough = lastDay, today } = meaning!
    if (today > extendedThrough) {
      throw new Refused(422, { message: 'It has ended. Let it live longer first.', field: 'id' })
    }
    // Not by the reason: a disabled prefix is told before a revocation.
    if (record?.revokedAt !== undefined) ensure(await desk.addresses.restore(address))
    return answer(await explained(desk, address), token)
  }
}

/** Contract 3.1: an address made elsewhere is returned as it is, and its note kept. */
async function remember(
  desk: Desk,
  token: TokenRecord,
  localPart: string,
  { note, site }: { readonly note: string; readonly site: string | undefined },
): Promise<Explanation> {
  const refusal = bad('local_part', 'Write a lifetime in days, or an address of yours that works.')
  const answer = await desk.addresses.explain(`${localPart}@${token.domain}`, { domain: token.domain })
  if (!answer.ok || !isOwn(answer.value, token)) throw refusal
  const { because, recipient } = answer.value
  if (because !== undefined && because !== 'not-yet-valid') throw refusal
  if (note !== '' || site !== undefined) {
    ensure(await desk.addresses.annotate(recipient, { note, ...(site === undefined ? {} : { site }) }))
  }
  return explained(desk, recipient)
}

function isOwn({ meaning, domain }: Explanation, { prefix, domain: own }: TokenRecord): boolean {
  if (meaning?.prefix === undefined || domain?.name !== own || meaning.prefix.name !== prefix) return false
  if (meaning.record !== undefined) return true
  return meaning.seal === 'right' || (meaning.seal === 'none' && !meaning.prefix.signed)
}
