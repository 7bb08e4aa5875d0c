// For those who watch the service: is it alive, can it work, what does it count. None of it names an address.

import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { refuse } from '../problems.ts'

const Closed = { additionalProperties: false } as const
const Alive = Type.Object({ status: Type.Literal('ok') }, Closed)
const Ready = Type.Object(
  {
    ready: Type.Boolean(),
    database: Type.Union([Type.Literal('ok'), Type.Literal('fault')]),
    /** 'off': no filter runs beside this console. */
    milter: Type.Union([
      Type.Literal('listening'),
      Type.Literal('off'),
      Type.Literal('closed'),
      Type.Literal('silent'),
    ]),
  },
  Closed,
)
type Ready = Type.Static<typeof Ready>
/** Milliseconds for which a look at the database stands. */
const FRESH = 1000
const tags = ['Health']

export function healthRoutes(app: App, { metrics, checkWritable, place }: Parts): void {
  const config = access('public')
  let looked: { readonly at: number; readonly answer: Promise<boolean> } | undefined

  /** For whoever watches the machine: web servers keep them from everybody else, by their names. */
  const spelled = (path: string) => async (request: FastifyRequest) => {
    if (!place.isSpelled(path, request)) throw refuse(404, 'Not found.')
  }

  function writable(): Promise<boolean> {
    const now = performance.now()
    if (looked === undefined || now - looked.at > FRESH) {
      const answer = checkWritable().then(
        () => true,
        () => false,
      )
      looked = { at: now, answer }
    }
    return looked.answer
  }

  async function readiness(): Promise<Ready> {
    const [database, asked] = await Promise.all([writable(), metrics.ask()])
    const milter = asked === 'silent' ? 'silent' : stateOf(asked.figures?.listening)
    const ready = database && (milter === 'listening' || milter === 'off')
    return { ready, database: database ? 'ok' : 'fault', milter }
  }

  app.get(
    '/healthz',
    { config, schema: { tags, summary: 'The console answers', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config,
      onRequest: spelled('/readyz'),
      schema: {
        tags,
        summary: 'The database can be written to, the filter listens',
        response: { 200: Ready, 503: Ready },
      },
    },
    async (_request, reply) => {
      const state = await readiness()
      return reply.code(state.ready ? 200 : 503).send(state)
    },
  )

  app.get(
    '/metrics',
    {
      config,
      onRequest: spelled('/metrics'),
      schema: { tags, summary: 'Figures for Prometheus', produces: ['text/plain'] },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text(await writable())),
  )
}

function stateOf(listening: number | undefined): Ready['milter'] {
  if (listening === undefined) return 'off'
  return listening > 0 ? 'listening' : 'closed'
}
