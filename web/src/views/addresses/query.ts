// What the list is asked for, and how that stands in the address bar: a view can be bookmarked, and Back works.
// Whatever is not understood there is left out rather than complained about.

import type { AddressFilter, AddressQuery } from '../../../../src/admin/schemas.ts'
import type { Query as UrlQuery } from '../../router.ts'

export type Sort = NonNullable<AddressQuery['sort']>
export type Order = NonNullable<AddressQuery['order']>

export interface Query {
  readonly search: string
  readonly state: AddressFilter | undefined
  readonly prefix: string | undefined
  readonly domain: string | undefined
  readonly sort: Sort
  readonly order: Order
  /** 0 is the first. */
  readonly page: number
}

export const FILTERS: readonly AddressFilter[] = ['works', 'soon', 'ended', 'revoked', 'waiting', 'leaked']
/** Which way a column is sorted when it is first chosen: names from a, numbers and times from the largest. */
const FIRST_ORDER: Readonly<Record<Sort, Order>> = {
  ends: 'up',
  site: 'up',
  address: 'up',
  accepted: 'down',
  refused: 'down',
  seen: 'down',
}
const SEARCH_MAX = 200
const PAGE_MAX = 100_000

export const EVERYTHING: Query = {
  search: '',
  state: undefined,
  prefix: undefined,
  domain: undefined,
  sort: 'ends',
  order: 'up',
  page: 0,
}

export function readQuery(params: ReadonlyMap<string, string>): Query {
  const sort = oneOf(Object.keys(FIRST_ORDER) as Sort[], params.get('sort')) ?? EVERYTHING.sort
  return {
    search: (params.get('q') ?? '').slice(0, SEARCH_MAX),
    state: oneOf(FILTERS, params.get('state')),
    prefix: params.get('prefix') || undefined,
    domain: params.get('domain') || undefined,
    sort,
    order: oneOf(['up', 'down'], params.get('order')) ?? FIRST_ORDER[sort],
    page: readPage(params),
  }
}

/** 0 is the first; people count from 1. */
export function readPage(params: ReadonlyMap<string, string>): number {
  const page = Number(params.get('page') ?? 1)
  return Number.isInteger(page) && page >= 1 && page <= PAGE_MAX ? page - 1 : 0
}

/** The fewest parameters that `readQuery` reads back. */
export function writeQuery({ search, state, prefix, domain, sort, order, page }: Query): UrlQuery {
  return {
    q: search || undefined,
    state,
    prefix,
    domain,
    sort: sort === EVERYTHING.sort ? undefined : sort,
    order: order === FIRST_ORDER[sort] ? undefined : order,
    page: page === 0 ? undefined : page + 1,
  }
}

/** As the service reads it. Without a page size: all of them, for the export. */
export function serviceQuery(query: Query, pageSize?: number): AddressQuery {
  const { state, prefix, domain, sort, order, page } = query
  const search = query.search.trim()
  return {
    ...(search === '' ? {} : { search }),
    ...(state === undefined ? {} : { state }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(domain === undefined ? {} : { domain }),
    sort,
    order,
    ...(pageSize === undefined ? {} : { limit: pageSize }),
    ...(pageSize === undefined || page === 0 ? {} : { offset: page * pageSize }),
  }
}

/** By another column, or by the same one the other way; from the first page. */
export function sortedBy(query: Query, sort: Sort): Query {
  const turned = query.order === 'up' ? 'down' : 'up'
  return { ...query, sort, order: sort === query.sort ? turned : FIRST_ORDER[sort], page: 0 }
}

/** Nothing was asked that could leave an address out. */
export function unfiltered({ search, state, prefix, domain }: Query): boolean {
  return search.trim() === '' && state === undefined && prefix === undefined && domain === undefined
}

/** Rows on one page: as many as the window shows below the heads, so that a page is seen whole. */
export function pageSizeFor(windowHeight: number): number {
  const [heads, row] = [324, 48]
  return Math.min(48, Math.max(12, Math.floor((windowHeight - heads) / row)))
}

function oneOf<T extends string>(choices: readonly T[], text: string | undefined): T | undefined {
  return choices.find((choice) => choice === text)
}
