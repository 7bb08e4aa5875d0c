// The session's cookie: unreadable for scripts, never sent by other sites' pages, and only below our own path.

// For the methods that it adds to requests and replies.
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Place } from './place.ts'

const NAME = 'timedelay'

/** The cookie's value where it can be one of ours. */
export function readCookie(request: FastifyRequest): string | undefined {
  const value = request.cookies[NAME]
  return value !== undefined && /^[\w-]{1,100}$/.test(value) ? value : undefined
}

export function setCookie(
  reply: FastifyReply,
  place: Place,
  request: FastifyRequest,
  { cookie, expiresAt }: { readonly cookie: string; readonly expiresAt: number },
): void {
  reply.setCookie(NAME, cookie, { ...attributes(place, request), expires: new Date(expiresAt) })
}

export function clearCookie(reply: FastifyReply, place: Place, request: FastifyRequest): void {
  reply.clearCookie(NAME, attributes(place, request))
}

function attributes(place: Place, request: FastifyRequest) {
  return {
    path: `${place.basePath}/`,
    httpOnly: true,
    sameSite: 'strict',
    secure: place.isSecure(request),
  } as const
}
