// What the tables of the mappings have in common: rules before the rows are known, and the line below them.

import { Notice } from '../../notice.tsx'
import type { Loaded } from '../loaded.ts'
import { NEW, type OpenRow } from './open-row.tsx'

/** The heads of the columns, each with its class if it has one. */
export function Head({ columns }: { columns: readonly (string | readonly [words: string, kind: string])[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const [words, kind] = typeof column === 'string' ? [column, ''] : column
          return (
            <th key={words} scope="col" class={kind}>
              <span>{words}</span>
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

/** Empty rules where rows will be. */
export function Rules({ columns, rows = 5 }: { columns: number; rows?: number }) {
  return (
    <>
      {Array.from({ length: rows }, (_, row) => (
        <tr key={row}>
          <td colSpan={columns} />
        </tr>
      ))}
    </>
  )
}

/** Says that rows are late or refused, and adds one. */
export function TableFoot(props: {
  list: Pick<Loaded<unknown>, 'slow' | 'refusal'>
  rows: OpenRow
  words: string
  waiting: string
}) {
  return (
    <>
      {props.list.slow && <p class="note">{props.waiting}</p>}
      {props.list.refusal !== undefined && <Notice title={props.list.refusal} />}
      {props.rows.at !== NEW && (
        <p class="add">
          <button type="button" class="link" data-row={NEW} onClick={() => props.rows.open(NEW)}>
            {props.words}
          </button>
        </p>
      )}
    </>
  )
}
