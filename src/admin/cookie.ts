// The session's cookie: unreadable for scripts, never sent by other sites' pages, and only below our own path.

// For the methods that it adds to requests and replies.
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Place } from './place.ts'

const NAME = 'timedelay'

/**
 * Under https a name that browsers take from nobody but this very host: a page of a sibling host, or of this one in the
 * clear, cannot plant a session of its own here (RFC 6265bis section 4.1.3). `__Host-` stands for the path `/` alone.
 */
function nameOf(place: Place, request: FastifyRequest): string {
  if (!place.isSecure(request)) return NAME
  return place.basePath === '' ? `__Host-${NAME}` : `__Secure-${NAME}`
}

/** Leaves of the request's cookies the one that counts here, under its plain name. */
export function keepOwnCookie(request: FastifyRequest, place: Place): void {
  const value = request.cookies[nameOf(place, request)]
  request.cookies = value === undefined ? {} : { [NAME]: value }
}

/** The cookie's value where it can be one of ours. After `keepOwnCookie`. */
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
  reply.setCookie(nameOf(place, request), cookie, {
    ...attributes(place, request),
    expires: new Date(expiresAt),
  })
}

export function clearCookie(reply: FastifyReply, place: Place, request: FastifyRequest): void {
  reply.clearCookie(nameOf(place, request), attributes(place, request))
}

function attributes(place: Place, request: FastifyRequest) {
  return {
    path: `${place.basePath}/`,
    httpOnly: true,
    sameSite: 'strict',
    secure: place.isSecure(request),
  } as const
}
