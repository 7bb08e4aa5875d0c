// One's own password and second factor.

import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { Done, NewPassword, TotpCode, TotpOffer } from '../schemas.ts'

const tags = ['Session']

export function accountRoutes(app: App, { gate, feed }: Parts): void {
  const config = access('person')

  app.put(
    '/console/me/password',
    {
      config,
      schema: {
        tags,
        summary: 'Change my password; ends my other sessions',
        response: { 204: Done },
        body: NewPassword,
      },
    },
    async (request, reply) => {
      const { sessionId } = gate.visitor(request)
      ensure(await gate.desk(request).account.changePassword(request.body, sessionId))
      await feed.recheck()
      return reply.code(204).send()
    },
  )

  app.post(
    '/console/me/totp',
    { config, schema: { tags, summary: 'Offer me a second factor', response: { 200: TotpOffer } } },
    async (request) => ensure(await gate.desk(request).account.offerTotp()),
  )

  app.put(
    '/console/me/totp',
    {
      config,
      schema: {
        tags,
        summary: 'Confirm the second factor with its first code',
        response: { 204: Done },
        body: TotpCode,
      },
    },
    async (request, reply) => {
      ensure(await gate.desk(request).account.confirmTotp(request.body.code))
      return reply.code(204).send()
    },
  )

  app.delete(
    '/console/me/totp',
    {
      config,
      schema: { tags, summary: 'Do without the second factor', response: { 204: Done }, body: TotpCode },
    },
    async (request, reply) => {
      ensure(await gate.desk(request).account.removeTotp(request.body.code))
      return reply.code(204).send()
    },
  )
}
