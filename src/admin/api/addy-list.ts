// Contract C 4.1: the list of addresses, in addy.io's envelope. The keys have brackets, which the query parser leaves alone.

import type { BookWishes, Desk } from '../../service/index.ts'
import type { TokenRecord } from '../../store/store.ts'
import { ensure } from '../problems.ts'
import { bad } from './fields.ts'
import { addyResource, aliasFromRow } from './resources.ts'

const MOST_ROWS = 100
/** Ours, where there is a like one. A map: whoever asks for `toString` finds nothing in it. */
const SORTS: ReadonlyMap<string, NonNullable<BookWishes['sort']>> = new Map([
  ['local_part', 'address'],
  ['domain', 'address'],
  ['email', 'address'],
  ['emails_forwarded', 'accepted'],
  ['emails_blocked', 'refused'],
  ['last_forwarded', 'seen'],
  ['last_blocked', 'seen'],
  ['last_used', 'seen'],
  // A record does not know when it was changed: an alias says the same time twice.
  ['updated_at', 'created'],
  ['created_at', 'created'],
])

type Query = Readonly<Record<string, string | readonly string[] | undefined>>

export async function listAliases(
  desk: Desk,
  token: TokenRecord,
  given: unknown,
  url: string,
): Promise<object> {
  const query = given as Query
  const number = pageNumber(query, 'page[number]', 1, 1_000_000)
  const size = pageNumber(query, 'page[size]', MOST_ROWS, MOST_ROWS)
  const { total, rows } = await selected(desk, token, query, number, size)
  const domain = ensure(await desk.domains.find(token.domain))
  const data = rows.map((row) => addyResource(aliasFromRow(row, domain.timeZone), token))
  const lastPage = Math.max(1, Math.ceil(total / size))
  const link = (page: number): string => `${url}?${linkQuery(query, page, size)}`
  const from = rows.length === 0 ? null : (number - 1) * size + 1
  return {
    data,
    links: {
      first: link(1),
      last: link(lastPage),
      prev: number > 1 ? link(number - 1) : null,
      next: number < lastPage ? link(number + 1) : null,
    },
    meta: {
      current_page: number,
      from,
      last_page: lastPage,
      links: [{ url: null, label: String(number), active: true }],
      path: url,
      per_page: size,
      to: from === null ? null : from + rows.length - 1,
      total,
    },
  }
}

async function selected(desk: Desk, token: TokenRecord, query: Query, number: number, size: number) {
  const { prefix, domain } = token
  const search = value(query, 'filter[search]')
  // Nothing is ever deleted or pinned here.
  if (value(query, 'filter[deleted]') === 'only' || value(query, 'filter[pinned]') === 'true') {
    return { total: 0, rows: [] }
  }
  const active = value(query, 'filter[active]')
  const wishes = {
    prefix,
    domain,
    ...(search === undefined ? {} : { search: search.slice(0, 200) }),
    ...(active === 'true' || active === 'false' ? { active: active === 'true' } : {}),
  }
  return ensure(
    await desk.book.page({ ...wishes, ...sorting(query), limit: size, offset: (number - 1) * size }),
  )
}

/** Newest first, unless another order is asked for: nothing is pinned here. */
function sorting(query: Query): Pick<BookWishes, 'sort' | 'order'> {
  const [, minus, name = ''] = /^(-?)(\w+)$/.exec(value(query, 'sort') ?? '') ?? []
  // What is active stands first in the order of ends; false comes before true.
  if (name === 'active') return { sort: 'ends', order: minus === '' ? 'down' : 'up' }
  const sort = SORTS.get(name)
  return sort === undefined ? { sort: 'created' } : { sort, order: minus === '' ? 'up' : 'down' }
}

/** An empty value counts as absent. */
function value(query: Query, name: string): string | undefined {
  const given = query[name]
  const first = typeof given === 'string' ? given : given?.[0]
  return first === '' ? undefined : first
}

function pageNumber(query: Query, name: string, otherwise: number, most: number): number {
  const text = value(query, name)
  if (text === undefined) return otherwise
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= most) return number
  throw bad(name, `The ${name} must be a whole number from 1 to ${most}.`)
}

/** The same question about another page. */
function linkQuery(query: Query, page: number, size: number): string {
  const kept = Object.keys(query).flatMap((name): [string, string][] => {
    const text = name.startsWith('page[') ? undefined : value(query, name)
    return text === undefined ? [] : [[name, text]]
  })
  return new URLSearchParams([
    ...kept,
    ['page[number]', String(page)],
    ['page[size]', String(size)],
  ]).toString()
}
