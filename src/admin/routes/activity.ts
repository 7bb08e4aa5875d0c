// Verdicts: those that were, those of each day, and those that come.

import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { Activity, ActivityDays, ActivityQuery } from '../schemas.ts'
import { dayView, eventView, mailboxesOf } from '../views.ts'

/** Rows, unless the request says. */
const ROWS = 50
const tags = ['Activity']

export function activityRoutes(app: App, { gate, feed, refusalCode }: Parts): void {
  const config = access('person')

  app.get(
    '/console/activity',
    {
      config,
      schema: {
        tags,
        summary: 'Verdicts, newest first',
        querystring: ActivityQuery,
        response: { 200: Activity },
      },
    },
    async (request) => {
      const desk = gate.desk(request)
      const [events, prefixes] = await Promise.all([
        desk.activity.list({ limit: ROWS, ...request.query }),
        desk.prefixes.list(),
      ])
      const mailboxes = mailboxesOf(prefixes.ok ? prefixes.value : [])
      return { events: events.map((event) => eventView(event, mailboxes, refusalCode)) }
    },
  )

  app.get(
    '/console/activity/days',
    { config, schema: { tags, summary: 'Verdicts of the last 30 days', response: { 200: ActivityDays } } },
    async (request) => ({ days: (await gate.desk(request).activity.days()).map(dayView) }),
  )

  app.get(
    '/console/activity/stream',
    {
      config,
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Verdicts as they happen (server-sent events)',
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const stream = await feed.open(request)
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store, no-transform')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )
}
