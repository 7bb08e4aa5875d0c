import { describe, expect, it } from 'vitest'
import { href, readRoute } from '../../../../web/src/router.ts'
import {
  EVERYTHING,
  pageSizeFor,
  type Query,
  readQuery,
  serviceQuery,
  sortedBy,
  unfiltered,
  writeQuery,
} from '../../../../web/src/views/addresses/query.ts'

const asked: Query = {
  search: 'hotel & spa=50%',
  state: 'soon',
  prefix: 'djb',
  domain: 'td.example.com',
  sort: 'accepted',
  order: 'up',
  page: 3,
}

describe('the question in the address bar', () => {
  it('is read back as it was written', () => {
    expect(
      readQuery(readRoute(new URL(href('addresses', writeQuery(asked)), 'http://td.test/').href).query),
    ).toEqual(asked)
  })

  it('is empty when nothing is asked', () => {
    expect(href('addresses', writeQuery(EVERYTHING))).toBe('./addresses')
    expect(readQuery(new Map())).toEqual(EVERYTHING)
  })

  it('leaves out what it does not understand', () => {
    const odd = new Map(new URLSearchParams('state=gone&sort=colour&order=sideways&page=-1&prefix=&q='))
    expect(readQuery(odd)).toEqual(EVERYTHING)
    for (const page of ['0', '1.5', 'x', '1e9', '']) {
      expect(readQuery(new Map([['page', page]])).page).toBe(0)
    }
  })

  it('takes no more of a search than the service does', () => {
    expect(readQuery(new Map([['q', 'x'.repeat(500)]])).search).toHaveLength(200)
  })
})

describe('the question to the service', () => {
  it('asks for one page, by its offset', () => {
    expect(serviceQuery(asked, 12)).toEqual({
      search: 'hotel & spa=50%',
      state: 'soon',
      prefix: 'djb',
      domain: 'td.example.com',
      sort: 'accepted',
      order: 'up',
      limit: 12,
      offset: 36,
    })
  })

  it('asks for all of them when there is no page size', () => {
    expect(serviceQuery({ ...EVERYTHING, page: 4 })).toEqual({
      sort: 'ends',
      order: 'up',
    })
  })

  it('looks for no blanks', () => {
    expect(serviceQuery({ ...EVERYTHING, search: '  ' })).not.toHaveProperty('search')
    expect(unfiltered({ ...EVERYTHING, search: '  ' })).toBe(true)
  })
})

describe('a column head', () => {
  it('sorts names from the first and numbers from the largest', () => {
    expect(sortedBy(EVERYTHING, 'site')).toMatchObject({ sort: 'site', order: 'up' })
    expect(sortedBy(EVERYTHING, 'refused')).toMatchObject({ sort: 'refused', order: 'down' })
  })

  it('turns the order at the second press, and goes back to the first page', () => {
    expect(sortedBy({ ...EVERYTHING, page: 7 }, 'ends')).toMatchObject({
      sort: 'ends',
      order: 'down',
      page: 0,
    })
  })
})

it('shows as many rows as the window has room for, within reason', () => {
  expect([400, 900, 1000, 5000].map(pageSizeFor)).toEqual([12, 12, 14, 48])
})
