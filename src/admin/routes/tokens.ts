// Tokens for password managers and scripts: one's own; everybody's for a postmaster.

import { Type } from 'typebox'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { Done, MadeToken, NewToken, TokenList } from '../schemas.ts'
import { tokenView } from '../views.ts'

const Params = Type.Object({ id: Type.Integer({ minimum: 0 }) }, { additionalProperties: false })
const tags = ['Tokens']

export function tokenRoutes(app: App, { gate }: Parts): void {
  const config = access('person')

  app.get(
    '/console/tokens',
    { config, schema: { tags, summary: 'Tokens', response: { 200: TokenList } } },
    async (request) => ({ tokens: (await gate.desk(request).tokens.list()).map(tokenView) }),
  )

  app.post(
    '/console/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token; it is shown once',
        body: NewToken,
        response: { 201: MadeToken },
      },
    },
    async (request, reply) => {
      const { secret, token } = ensure(await gate.desk(request).tokens.add(request.body))
      return reply.code(201).send({ token: secret, view: tokenView(token) })
    },
  )

  app.delete(
    '/console/tokens/:id',
    { config, schema: { tags, summary: 'Revoke a token', response: { 204: Done }, params: Params } },
    async (request, reply) => {
      ensure(await gate.desk(request).tokens.revoke(request.params.id))
      return reply.code(204).send()
    },
  )
}
