// Turning the pages of a list: what is shown of how many, and the way back and on.

import { Link } from '../../link.tsx'
import type { Place, Query } from '../../router.ts'
import { count } from '../../words.ts'

export interface PagesProps {
  /** 0 is the first. */
  readonly page: number
  readonly pageSize: number
  /** Rows on this page. */
  readonly rows: number
  readonly total: number
  readonly slow: boolean
  readonly to: Place
  /** What stands in the address bar on that page. */
  readonly at: (page: number) => Query
}

export function Pages({ page, pageSize, rows, total, slow, to, at }: PagesProps) {
  const first = page * pageSize
  const last = Math.min(first + rows, total)
  const rest = total - last
  const shown = rows === 0 ? 'Nothing here' : `${count(first + 1)}–${count(last)} of ${count(total)}`
  return (
    <nav class="pages" aria-label="Pages">
      <span>{slow ? 'Still reading ...' : shown}</span>
      <span class="turns">
        {page > 1 && (
          <Link to={to} query={at(0)}>
            First
          </Link>
        )}
        {page > 0 && (
          <Link to={to} query={at(page - 1)}>
            Previous {pageSize}
          </Link>
        )}
        {rest > 0 && rows > 0 && (
          <Link to={to} query={at(page + 1)}>
            Next {Math.min(pageSize, rest)}
          </Link>
        )}
      </span>
    </nav>
  )
}
