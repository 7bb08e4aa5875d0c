// Where browsers see the console: below which path, at which origin, behind which web servers.

import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

export interface PlaceParts {
  /** '' or `/td`. */
  readonly basePath: string
  /** `https://td.example.com`, where it is known. */
  readonly publicUrl: string | undefined
}

export class Place {
  readonly basePath: string
  readonly #publicUrl: URL | undefined

  constructor({ basePath, publicUrl }: PlaceParts) {
    this.basePath = basePath
    this.#publicUrl = publicUrl === undefined ? undefined : new URL(publicUrl)
  }

  /**
   * A request target as the routes know it: without the path below which we are seen (a web server may have taken it off
   * already), with single slashes (clients append to a base URL that ends in one), and without the origin of a request to
   * a proxy.
   */
  route(target: string): string {
    const local = target.replace(/^https?:\/\/[^/?#]*/i, '')
    const at = local.search(/[?#]/)
    const path = (at < 0 ? local : local.slice(0, at)).replace(/\/{2,}/g, '/')
    const rest = at < 0 ? '' : local.slice(at)
    if (this.basePath !== '' && path.startsWith(`${this.basePath}/`))
      return path.slice(this.basePath.length) + rest
    return (path === '' ? '/' : path) + rest
  }

  /**
   * The request names this path, which begins with a slash, in no other spelling: neither doubled slashes, nor one at its
   * end, nor percent signs. A web server in front of us that keeps a path to itself knows it by one.
   */
  isSpelled(path: string, request: FastifyRequest): boolean {
    const [given = ''] = request.originalUrl.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
    return given === path || given === `${this.basePath}${path}`
  }

  /** The browser got here over https: its cookie must not travel in the clear. */
  isSecure(request: FastifyRequest): boolean {
    return request.protocol === 'https' || this.#publicUrl?.protocol === 'https:'
  }

  /** `origin` is that of our own pages, under whichever of our names. */
  isOwn(origin: string, request: FastifyRequest): boolean {
    return origin === this.origin(request) || origin === `${request.protocol}://${request.host}`
  }

  origin(request: FastifyRequest): string {
    return this.#publicUrl?.origin ?? `${request.protocol}://${request.host}`
  }

  /**
   * A page of somebody else's whose name was made to lead here (DNS rebinding) says that name. It can be told only where
   * our own is known; addresses and localhost are always ours.
   */
  accepts(request: FastifyRequest): boolean {
    if (this.#publicUrl === undefined) return true
    const name = request.hostname.replace(/^\[|\]$/g, '').toLowerCase()
    return name === this.#publicUrl.hostname || name === 'localhost' || isIP(name) !== 0
  }
}
