// Prefixes: the postmaster's.

import type { Desk, Prefix } from '../../service/index.ts'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { ensureFresh, revisionIn } from '../revision.ts'
import {
  Done,
  ImportResult,
  NewPrefix,
  PrefixConflict,
  PrefixLines,
  PrefixList,
  PrefixParams,
  PrefixView,
  PrefixWishes,
} from '../schemas.ts'
import { prefixView } from '../views.ts'

/** Bytes of a list to import, as JSON. */
const IMPORT = 1024 * 1024
const tags = ['Prefixes']

export function prefixRoutes(app: App, { gate }: Parts): void {
  const config = access('postmaster')

  app.get(
    '/console/prefixes',
    { config, schema: { tags, summary: 'Prefixes', response: { 200: PrefixList } } },
    async (request) => {
      const desk = gate.desk(request)
      const [prefixes, names] = await Promise.all([desk.prefixes.list(), namesOf(desk)])
      return { prefixes: ensure(prefixes).map((prefix) => prefixView(prefix, names)) }
    },
  )

  app.post(
    '/console/prefixes',
    { config, schema: { tags, summary: 'Add a prefix', body: NewPrefix, response: { 201: PrefixView } } },
    async (request, reply) => {
      const { domain, name, revision: _unused, ...wishes } = request.body
      const desk = gate.desk(request)
      const prefix = ensure(await desk.prefixes.add(name, wishes, domain))
      return reply.code(201).send(await view(desk, prefix))
    },
  )

  app.post(
    '/console/prefixes/import',
    {
      config,
      bodyLimit: IMPORT,
      schema: {
        tags,
        summary: 'Take over lines: PREFIX MAILBOX[,MAILBOX...]',
        body: PrefixLines,
        response: { 200: ImportResult },
      },
    },
    async (request) => {
      const { text, domain } = request.body
      return ensure(await gate.desk(request).prefixes.import(text, domain))
    },
  )

  app.patch(
    '/console/prefixes/:domain/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Change a prefix',
        params: PrefixParams,
        body: PrefixWishes,
        response: { 200: PrefixView, 409: PrefixConflict },
      },
    },
    async (request) => {
      const { domain, name } = request.params
      const { revision, ...wishes } = request.body
      const desk = gate.desk(request)
      const answer = await desk.prefixes.change(name, { ...wishes, ...revisionIn(revision) }, domain)
      const theirs = async () => view(desk, ensure(await desk.prefixes.find(name, domain)))
      return view(desk, await ensureFresh(answer, theirs))
    },
  )

  app.delete(
    '/console/prefixes/:domain/:name',
    { config, schema: { tags, summary: 'Remove a prefix', response: { 204: Done }, params: PrefixParams } },
    async (request, reply) => {
      const { domain, name } = request.params
      ensure(await gate.desk(request).prefixes.remove(name, domain))
      return reply.code(204).send()
    },
  )
}

async function view(desk: Desk, prefix: Prefix): Promise<PrefixView> {
  return prefixView(prefix, await namesOf(desk))
}

/** Names of people by their number. */
async function namesOf(desk: Desk): Promise<ReadonlyMap<number, string>> {
  return new Map(ensure(await desk.people.list()).map(({ id, name }) => [id, name]))
}
