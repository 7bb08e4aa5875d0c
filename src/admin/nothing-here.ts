// What a browser is shown where there is no page: words and a way out. It needs no script, so it stands at any depth of
// path, whether or not somebody is signed in.

import type { FastifyRequest } from 'fastify'

/** A person looks at a path in a browser; programs do not name HTML, and our routes of data answer in JSON to all. */
export function wantsPage(request: FastifyRequest): boolean {
  const { method, url, headers } = request
  if (method !== 'GET' && method !== 'HEAD') return false
  return !/^\/(?:api|console)\//.test(url) && /\btext\/html\b/.test(headers.accept ?? '')
}

/** Its links are relative to the console's root, however a web server in front of it calls that. */
export function nothingHere(request: FastifyRequest): string {
  const root = rootFrom(request.url)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Nothing here · timedelay</title>
<link rel="stylesheet" href="${root}docs.css"></head><body><main>
<p>time<span class="needle" aria-hidden="true"></span>delay</p>
<h1>There is nothing here.</h1>
<p>The address of this page may be mistyped, or old. <a href="${root}">Make an address</a> leads on.</p>
</main></body></html>
`
}

/** From `/addresses` to `/` it is `./`; each further slash is a step up. */
function rootFrom(url: string): string {
  const path = url.split('?')[0] ?? ''
  return '../'.repeat(path.split('/').length - 2) || './'
}
