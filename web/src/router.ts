// Which view stands on the page. The History API below any path prefix: every view lies one level below the console's
// root, so relative addresses (of scripts, of `console/...`, of each other) mean the same in all of them.

import { computed, signal } from '@preact/signals'

export const PLACES = [
  'make',
  'addresses',
  'still-trying',
  'explain',
  'activity',
  'mappings',
  'tokens',
  'settings',
] as const
export type Place = (typeof PLACES)[number]
export type Query = Readonly<Record<string, string | number | undefined>>

export interface Route {
  readonly place: Place
  readonly query: ReadonlyMap<string, string>
}

/** Reads a URL. An unknown last segment is Make, the first thing one sees. */
export function readRoute(url: string): Route {
  const { pathname, searchParams } = new URL(url)
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1)
  return { place: PLACES.find((place) => place === segment) ?? 'make', query: new Map(searchParams) }
}

/** The relative address of a view. Make is the root itself. */
export function href(place: Place, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return `./${place === 'make' ? '' : place}${text === '' ? '' : `?${text}`}`
}

const location = signal(typeof document === 'undefined' ? 'http://localhost/' : document.baseURI)

/** The present view and its query. */
export const route = computed(() => readRoute(location.value))

/** Goes to a view. `replace` leaves no step to go back to: for searches as one types. */
export function go(place: Place, query: Query = {}, how: { replace?: boolean } = {}): void {
  const url = new URL(href(place, query), document.baseURI).href
  if (url === location.value) return
  const moved = readRoute(url).place !== route.value.place
  history[how.replace === true ? 'replaceState' : 'pushState'](null, '', url)
  location.value = url
  if (moved) window.scrollTo(0, 0)
}

/** Follows the back and forward buttons. */
export function followHistory(): void {
  addEventListener('popstate', () => {
    location.value = document.baseURI
  })
}

/** Where the service's JSON lies: `console/...` below the console's root. */
export function serviceUrl(path: string): string {
  return new URL(`console/${path}`, document.baseURI).href
}
