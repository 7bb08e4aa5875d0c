// The description of the API: as JSON for programs, as a page for people. The page has no script.

import { access } from '../access.ts'
import { renderDocs } from '../docs-page.ts'
import { DOCS_STYLE } from '../docs-style.ts'
import type { App, Parts } from '../parts.ts'

export function docsRoutes(app: App, { place }: Parts): void {
  const options = { config: access('public'), schema: { hide: true } }

  app.get('/openapi.json', options, async (_request, reply) =>
    reply.header('access-control-allow-origin', '*').send(app.swagger()),
  )
  app.get('/docs', options, async (request, reply) => {
    const page = renderDocs(app.swagger() as never, `${place.origin(request)}${place.basePath}`)
    return reply.type('text/html; charset=utf-8').send(page)
  })
  app.get('/docs.css', options, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(DOCS_STYLE),
  )
}
