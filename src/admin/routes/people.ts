// People with an account: the postmaster's.

import { Type } from 'typebox'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { ensureFresh, revisionIn } from '../revision.ts'
import { Done, NewPerson, PersonChange, PersonConflict, PersonList, PersonView } from '../schemas.ts'
import { personView } from '../views.ts'

const Params = Type.Object({ name: Type.String({ maxLength: 64 }) }, { additionalProperties: false })
const tags = ['People']

export function peopleRoutes(app: App, { gate, feed }: Parts): void {
  const config = access('postmaster')

  app.get(
    '/console/people',
    { config, schema: { tags, summary: 'People', response: { 200: PersonList } } },
    async (request) => ({ people: ensure(await gate.desk(request).people.list()).map(personView) }),
  )

  app.post(
    '/console/people',
    { config, schema: { tags, summary: 'Add a person', body: NewPerson, response: { 201: PersonView } } },
    async (request, reply) => {
      const { name, ...wishes } = request.body
      const person = ensure(await gate.desk(request).people.add(name, wishes))
      return reply.code(201).send(personView(person))
    },
  )

  app.patch(
    '/console/people/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Change a person',
        params: Params,
        body: PersonChange,
        response: { 200: PersonView, 409: PersonConflict },
      },
    },
    async (request) => {
      const { people } = gate.desk(request)
      const { revision, ...wishes } = request.body
      const { name } = request.params
      const answer = await people.change(name, { ...wishes, ...revisionIn(revision) })
      const person = await ensureFresh(answer, async () => personView(ensure(await people.find(name))))
      await feed.recheck()
      return personView(person)
    },
  )

  app.delete(
    '/console/people/:name',
    { config, schema: { tags, summary: 'Remove a person', response: { 204: Done }, params: Params } },
    async (request, reply) => {
      ensure(await gate.desk(request).people.remove(request.params.name))
      await feed.recheck()
      return reply.code(204).send()
    },
  )
}
