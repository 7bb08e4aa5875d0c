// The server: keys, what the doctor finds, mail server configuration, and who changed what. The postmaster's.

import { Type } from 'typebox'
import type { Desk } from '../../service/index.ts'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { AuditList, AuditQuery, Findings, KeyList, MtaText } from '../schemas.ts'
import { auditView, instant } from '../views.ts'

const MtaParams = Type.Object(
  { mta: Type.Union([Type.Literal('sendmail'), Type.Literal('postfix')]) },
  { additionalProperties: false },
)
const tags = ['Server']

export function serverRoutes(app: App, { gate, findings, mtaText }: Parts): void {
  const config = access('postmaster')

  app.get(
    '/console/keys',
    { config, schema: { tags, summary: 'Signing keys, without their secrets', response: { 200: KeyList } } },
    async (request) => keysOf(gate.desk(request)),
  )

  app.post(
    '/console/keys/rotate',
    { config, schema: { tags, summary: 'Sign with a new key', response: { 200: KeyList } } },
    async (request) => {
      const desk = gate.desk(request)
      ensure(await desk.keys.rotate())
      return keysOf(desk)
    },
  )

  app.get(
    '/console/server/findings',
    { config, schema: { tags, summary: 'What the doctor finds', response: { 200: Findings } } },
    async () => ({ findings: [...(await findings())] }),
  )

  app.get(
    '/console/server/mta/:mta',
    {
      config,
      schema: {
        tags,
        summary: 'Configuration for the mail server',
        params: MtaParams,
        response: { 200: MtaText },
      },
    },
    async (request) => ({ text: ensure(await mtaText(request.params.mta)) }),
  )

  app.get(
    '/console/audit',
    {
      config,
      schema: {
        tags,
        summary: 'Changes by people, newest first',
        querystring: AuditQuery,
        response: { 200: AuditList },
      },
    },
    async (request) => ({
      entries: ensure(await gate.desk(request).audit.list(request.query)).map(auditView),
    }),
  )
}

async function keysOf(desk: Desk): Promise<KeyList> {
  const keys = ensure(await desk.keys.list())
  return { keys: keys.map(({ id, createdAt, signs }) => ({ id, createdAt: instant(createdAt), signs })) }
}
