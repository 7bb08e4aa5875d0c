// The description of the API as one HTML page. Written by hand: a page of a dozen routes needs neither a script nor a
// library, and every text in it is escaped here.

import { curlFor } from './docs-examples.ts'

/** As much of OpenAPI as is shown. */
interface Schema {
  readonly type?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
}
interface Operation {
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>
}
export interface Description {
  readonly info: { readonly version: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Route {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

/** `base`: where clients reach the service, without a slash at its end. */
export function renderDocs(description: Description, base: string): string {
  const sections = (description.tags ?? []).map(({ name, description: about = '' }) => {
    const routes = routesOf(description, name)
    return `<section><h2>${text(name)}</h2><p>${text(about)}</p>${routes.map((route) => renderRoute(route, base)).join('')}</section>`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>The API of timedelay</title>
<link rel="stylesheet" href="./docs.css"></head><body><main>
<h1>time<span class="needle" aria-hidden="true"></span>delay <small>${text(description.info.version)}</small></h1>
<p>Every request takes a token: <code>Authorization: Bearer TOKEN</code>. A token is made in the console, or with
<code>timedelay token add</code>; it makes addresses of one prefix. An error is JSON with one sentence. Ten addresses a
minute, a hundred an hour, five hundred a day.</p>
<p>The same for programs, with the console's own routes: <a href="./openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
</main></body></html>
`
}

function routesOf({ paths = {} }: Description, tag: string): Route[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      method !== 'head' && operation.tags?.includes(tag) === true
        ? [{ path, method: method.toUpperCase(), operation }]
        : [],
    ),
  )
}

function renderRoute({ path, method, operation }: Route, base: string): string {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  const members = Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
    name,
    where: 'body',
    schema,
    about: aboutOf(schema),
    required: body?.required?.includes(name) === true,
  }))
  const inPath = parameters.map(({ name, in: where, description: about, schema = {}, required = false }) => ({
    name,
    where,
    schema,
    about: about ?? aboutOf(schema),
    required,
  }))
  const rows = [...inPath, ...members].map(
    ({ name, where, about, required }) =>
      `<tr><th scope="row"><code>${text(name)}</code></th><td>${where}${required ? ', needed' : ''}</td><td>${text(about)}</td></tr>`,
  )
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr><th scope="col">member</th><th scope="col">where</th><th scope="col">what</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  const example = curlFor(method, path, base)
  return `<article id="${text(anchor(method, path))}">
<h3><code>${method} ${text(path)}</code></h3><p>${text([summary, description].filter(Boolean).join('. '))}</p>
${table}${example === undefined ? '' : `<pre tabindex="0"><code>${text(example)}</code></pre>`}
<p class="answers">Answers ${Object.keys(responses).map(text).join(', ')}</p></article>`
}

/** A member that may be null has its description one level down. */
function aboutOf({ description, anyOf = [] }: Schema): string {
  return description ?? anyOf.find((one) => one.description !== undefined)?.description ?? ''
}

function anchor(method: string, path: string): string {
  return `${method}${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}

/** For text and for values of attributes in double quotes. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
