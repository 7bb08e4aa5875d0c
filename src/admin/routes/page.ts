// The page: one document for all its views, and what it loads.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { App, Parts } from '../parts.ts'
import { refuse } from '../problems.ts'

const DOCUMENT = 'index.html'
/** A view lies one level below the root, so that relative addresses mean the same in all of them. */
const VIEWS = ['addresses', 'still-trying', 'explain', 'activity', 'mappings', 'tokens', 'settings', 'make']
/** Seconds for which a file is kept whose name changes with its content. */
const YEAR = 31_536_000
const FILE = /^[\w-]+(\.[\w-]+)+$/
const File = Type.Object({ name: Type.String() })

export async function pageRoutes(app: App, { web, place }: Parts): Promise<void> {
  const options = { config: access('public'), schema: { hide: true } }
  // It serves what the routes below ask for, and adds none of its own.
  await app.register(fastifyStatic, { root: web, serve: false, cacheControl: false })

  const page = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> => {
    if (!existsSync(join(web, DOCUMENT))) throw refuse(503, 'The page is not built. Run: npm run build')
    return reply.header('cache-control', 'no-cache').sendFile(DOCUMENT)
  }
  const view = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const bare = withoutSlash(request.originalUrl)
    return bare === undefined ? page(request, reply) : reply.redirect(bare, 308)
  }
  app.get('/', options, page)
  for (const name of VIEWS) app.get(`/${name}`, options, view)
  // Without the slash at its end, relative addresses of the page would mean something else.
  if (place.basePath !== '') {
    app.get(place.basePath, options, (_request, reply) => reply.redirect(`${place.basePath}/`, 308))
  }

  const file = { config: access('public'), schema: { hide: true, params: File } }
  app.get('/assets/:name', file, (request, reply) =>
    reply
      .header('cache-control', `public, max-age=${YEAR}, immutable`)
      .sendFile(join('assets', fileName(request.params.name))),
  )
  app.get('/:name', file, (request, reply) =>
    reply.header('cache-control', 'no-cache').sendFile(fileName(request.params.name)),
  )
}

/** `/addresses/?a=1` is `../addresses?a=1` from there: relative, since a web server may have taken a path off. */
function withoutSlash(url: string): string | undefined {
  const [, name, slashes = '', query = ''] = /([^/?]+)(\/+)(\?.*)?$/.exec(url) ?? []
  return name === undefined ? undefined : `${'../'.repeat(slashes.length)}${name}${query}`
}

function fileName(name: string): string {
  if (FILE.test(name)) return name
  throw refuse(404, 'Not found.')
}
