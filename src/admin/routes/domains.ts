// Domains: the postmaster's.

import { Type } from 'typebox'
import { parseTimeZone } from '../../address/index.ts'
import type { Domain } from '../../service/index.ts'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { ensure } from '../problems.ts'
import { ensureFresh, revisionIn } from '../revision.ts'
import { DomainConflict, DomainList, DomainView, DomainWishes, Done, NewDomain } from '../schemas.ts'
import { domainView } from '../views.ts'

const Params = Type.Object({ name: Type.String({ maxLength: 253 }) }, { additionalProperties: false })
const tags = ['Domains']

/** Renamed since the tables that runtimes list by: the names that people look for. */
const NAMES_OF_TODAY = [
  'America/Argentina/Buenos_Aires',
  'America/Nuuk',
  'Asia/Ho_Chi_Minh',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Yangon',
  'Atlantic/Faroe',
  'Europe/Kyiv',
]

/** UTC first, then what this runtime knows, by their old names and by those of today. */
function timeZones(): string[] {
  const today = NAMES_OF_TODAY.filter((name) => parseTimeZone(name) !== undefined)
  return ['UTC', ...new Set([...Intl.supportedValuesOf('timeZone'), ...today].sort())].filter(
    (name, at) => at === 0 || name !== 'UTC',
  )
}

export function domainRoutes(app: App, { gate }: Parts): void {
  const config = access('postmaster')

  app.get(
    '/console/domains',
    {
      config,
      schema: { tags, summary: 'Domains, and the time zones there are', response: { 200: DomainList } },
    },
    async (request) => {
      const desk = gate.desk(request)
      const [domains, prefixes] = await Promise.all([desk.domains.list(), desk.prefixes.list()])
      const all = ensure(prefixes)
      const count = ({ name }: Domain): number => all.filter(({ domain }) => domain === name).length
      return {
        domains: domains.map((domain) => domainView(domain, count(domain))),
        timeZones: timeZones(),
      }
    },
  )

  app.post(
    '/console/domains',
    { config, schema: { tags, summary: 'Add a domain', body: NewDomain, response: { 201: DomainView } } },
    async (request, reply) => {
      const { name, revision: _unused, ...wishes } = request.body
      const domain = ensure(await gate.desk(request).domains.add(name, wishes))
      return reply.code(201).send(domainView(domain, 0))
    },
  )

  app.patch(
    '/console/domains/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Change a domain',
        params: Params,
        body: DomainWishes,
        response: { 200: DomainView, 409: DomainConflict },
      },
    },
    async (request) => {
      const desk = gate.desk(request)
      const { revision, ...wishes } = request.body
      const { name } = request.params
      const answer = await desk.domains.change(name, { ...wishes, ...revisionIn(revision) })
      const shown = async (domain: Domain) =>
        domainView(domain, ensure(await desk.prefixes.list(domain.name)).length)
      return shown(await ensureFresh(answer, async () => shown(ensure(await desk.domains.find(name)))))
    },
  )

  app.delete(
    '/console/domains/:name',
    {
      config,
      schema: { tags, summary: 'Remove a domain without prefixes', response: { 204: Done }, params: Params },
    },
    async (request, reply) => {
      ensure(await gate.desk(request).domains.remove(request.params.name))
      return reply.code(204).send()
    },
  )
}
