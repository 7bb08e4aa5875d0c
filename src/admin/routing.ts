// What a request for no route is answered with: 405 where the path exists for other methods, else 404. Fastify knows
// only the second.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refused, refuse } from './problems.ts'

export class RouteTable {
  /** Methods by path pattern, `/console/people/:name`. */
  readonly #routes = new Map<string, Set<string>>()

  /** Remembers every route that is registered from now on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', ({ method, url }) => {
      const methods = this.#routes.get(url) ?? new Set()
      for (const one of [method].flat()) methods.add(one)
      this.#routes.set(url, methods)
    })
  }

  /** Every route, for whoever wants to try them all. */
  get routes(): readonly { readonly url: string; readonly methods: readonly string[] }[] {
    return [...this.#routes].map(([url, methods]) => ({ url, methods: [...methods] }))
  }

  refusal(request: FastifyRequest): Refused {
    const path = request.url.split('?')[0] ?? ''
    const methods = new Set<string>()
    for (const [pattern, known] of this.#routes) {
      // The files of the page: any name may be one.
      if (pattern !== '/:name' && matches(pattern, path)) for (const method of known) methods.add(method)
    }
    if (methods.size === 0 || methods.has(request.method)) return refuse(404, 'Not found.')
    const allow = [...methods].sort().join(', ')
    return new Refused(405, { message: `This address takes ${allow} only.` }, { allow })
  }
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  )
}
