// The description of every route, OpenAPI 3.1, made from the schemas that the routes check requests with.

import fastifySwagger from '@fastify/swagger'
import { accessOf } from './access.ts'
import type { App, Parts } from './parts.ts'

const ABOUT = `Addresses that carry their own expiry date.

The routes below /api take an API token, and are those of addy.io and SimpleLogin that password managers call. The routes below /console are the page's own: they take the session's cookie, and a change also needs a request of our own origin.`

export async function describeApi(app: App, { version, place }: Parts): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'timedelay', version, description: ABOUT },
      servers: [{ url: place.basePath === '' ? '/' : place.basePath }],
      tags: [
        {
          name: 'addy.io',
          description: 'What clients of addy.io call (Bitwarden, Keyguard, its browser extension).',
        },
        { name: 'SimpleLogin', description: 'What clients of SimpleLogin call to make an address.' },
        { name: 'Health', description: 'For those who watch the service.' },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'Authentication',
            description: 'The same, as SimpleLogin sends it.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'timedelay',
            description: 'Under https __Host-timedelay, or __Secure-timedelay below a path.',
          },
        },
      },
    },
    // A route says who may use it in one place; the description repeats it.
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, security: securityOf(accessOf(route.config ?? {})) },
      url,
    }),
    // Contract rule 4: some clients send no body. The generator takes each that is described for needed.
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      const body = document.openapiObject.paths?.['/api/alias/random/new']?.post?.requestBody
      if (body !== undefined && 'content' in body) body.required = false
      return document.openapiObject
    },
  })
}

function securityOf(access: ReturnType<typeof accessOf>) {
  if (access === 'token') return [{ token: [] }, { apiKey: [] }]
  return access === 'public' ? [] : [{ session: [] }]
}
