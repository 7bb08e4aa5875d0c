// The table: one calendar for all rows, one needle through all of them, and one row at a time that is open.

import { type Signal, useSignal } from '@preact/signals'
import { type ComponentChildren, Fragment } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { AddressPage, AddressView } from '../../../../src/admin/schemas.ts'
import { AddressRow } from '../../address-parts.tsx'
import { api } from '../../api.ts'
import { copyText, DONE_MS, LinkButton } from '../../button.tsx'
import { isAfterG, isTyping } from '../../keys.ts'
import { Notice } from '../../notice.tsx'
import { go } from '../../router.ts'
import { calendarAround, type Scale } from '../../ruler-geometry.ts'
import { letterKeys, todayIn } from '../../state.ts'
import { CalendarHead, RowNeedle } from './calendar.tsx'
import { ExtendPanel, RecordPanel, RevokePanel } from './panels.tsx'
import { type Query, type Sort, sortedBy } from './query.ts'
import { Row, type RowDoes } from './row.tsx'
import { type Panel, type Rows, rowKey, settled, toggled } from './rows.ts'

const COLUMNS = 6

export interface AddressTableProps {
  readonly query: Query
  /** Undefined until the first answer: the rows are rules then. */
  readonly page: AddressPage | undefined
  readonly pageSize: number
  /** The first answer takes its time: the first row says so. */
  readonly slow: boolean
  readonly onSort: (query: Query) => void
  readonly onChanged: (view: AddressView) => void
  /** Read out to those who cannot see the row change. */
  readonly says: Signal<string>
  readonly children?: ComponentChildren
}

export function AddressTable(props: AddressTableProps) {
  const { query, page, pageSize, onSort, says } = props
  const scale = calendarAround(todayIn())
  const rows = page?.rows ?? []
  const table = useRows(rows, props.onChanged, says)
  return (
    <>
      {table.trouble.value !== undefined && <Notice title={table.trouble.value} />}
      <table class="addresses" aria-busy={page === undefined}>
        <caption class="unseen">Addresses</caption>
        <thead>
          <tr>
            <Head query={query} sort="site" onSort={onSort} class="given">
              given to
            </Head>
            <th scope="col" class="whose" aria-sort={sorting(query, 'address') ?? sorting(query, 'seen')}>
              <SortButton query={query} sort="address" onSort={onSort}>
                address
              </SortButton>
              <span aria-hidden="true">, </span>
              <SortButton query={query} sort="seen" onSort={onSort}>
                last sender
              </SortButton>
            </th>
            <Head query={query} sort="ends" onSort={onSort} class="how">
              ends
            </Head>
            <CalendarHead scale={scale} />
            <Head query={query} sort="accepted" onSort={onSort} class="number in">
              accepted
            </Head>
            <Head query={query} sort="refused" onSort={onSort} class="number out">
              refused
            </Head>
          </tr>
        </thead>
        <tbody ref={table.body} onKeyDown={table.onKeyDown}>
          {page === undefined
            ? Array.from({ length: pageSize }, (_, index) => (
                <EmptyRow
                  key={index}
                  scale={scale}
                  says={index === 0 && props.slow ? 'Still reading ...' : ''}
                />
              ))
            : rows.map((view, index) => {
                const does = table.does(view, index)
                const open =
                  table.rows.value.open?.address === view.address ? table.rows.value.open.panel : undefined
                return (
                  <Fragment key={view.address}>
                    <Row
                      view={view}
                      scale={scale}
                      open={open}
                      reached={table.rows.value.at === index}
                      copied={table.copied.value === view.address}
                      does={does}
                      onReach={() => table.reach(index)}
                    />
                    {open !== undefined && (
                      <PanelRow
                        key={`${view.address} ${open}`}
                        columns={COLUMNS}
                        {...{ view, open, does }}
                        onDone={table.done}
                        onLeave={table.leave}
                      />
                    )}
                  </Fragment>
                )
              })}
        </tbody>
      </table>
    </>
  )
}

/** What both tables of addresses share: where the place is, what is open, and what keys and buttons do. */
export function useRows(
  views: readonly AddressView[],
  onChanged: (view: AddressView) => void,
  says: Signal<string>,
) {
  const rows = useSignal<Rows>({ at: 0, open: undefined })
  const copied = useSignal<string | undefined>(undefined)
  const trouble = useSignal<string | undefined>(undefined)
  const body = useRef<HTMLTableSectionElement>(null)
  const addresses = views.map(({ address }) => address)
  useEffect(() => {
    rows.value = settled(rows.peek(), addresses)
  }, [addresses.join(' ')])

  const focusRow = (index: number) => body.current?.querySelectorAll<HTMLElement>('.row-open')[index]?.focus()
  const leave = () => {
    const { open, at } = rows.peek()
    rows.value = { at, open: undefined }
    focusRow(open === undefined ? at : addresses.indexOf(open.address))
  }
  const done = (view: AddressView, words: string) => {
    trouble.value = undefined
    says.value = words
    onChanged(view)
    leave()
  }
  const does = (view: AddressView, index: number): RowDoes => ({
    toggle: (panel) => {
      const before = rows.peek().open
      rows.value = toggled(rows.peek(), index, view.address, panel)
      if (rows.peek().open === undefined && before !== undefined) focusRow(index)
    },
    copy: () => {
      void copyText(view.address).then((written) => {
        if (!written) {
          trouble.value =
            'The browser does not allow copying here. Open the row, select the address and copy it.'
          return
        }
        copied.value = view.address
        says.value = 'Copied.'
        setTimeout(() => {
          if (copied.peek() === view.address) copied.value = undefined
        }, DONE_MS)
      })
    },
    restore: () => {
      void api.restoreAddress(view.address).then((answer) => {
        if (answer.ok) done(answer.value, 'Restored.')
        else trouble.value = answer.problem.message
      })
    },
    explain: () => go('explain', { address: view.address }),
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const { at, open } = rows.peek()
    const view = views[at]
    if (view === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const typing = isTyping(event.target)
    if (typing && event.key !== 'Escape') return
    const key = rowKey(event.key, {
      at,
      count: views.length,
      revoked: view.state === 'revoked',
      open: open !== undefined,
      letters: letterKeys.value && !isAfterG(event),
    })
    if (key === undefined) return
    event.preventDefault()
    if (key.kind === 'move') focusRow(key.to)
    else if (key.kind === 'close') leave()
    else if (key.kind === 'open') does(view, at).toggle(key.panel)
    else does(view, at)[key.action]()
  }
  return {
    rows,
    body,
    copied,
    trouble,
    does,
    done,
    leave,
    onKeyDown,
    reach: (index: number) => {
      if (rows.peek().at !== index) rows.value = { ...rows.peek(), at: index }
    },
  }
}

function sorting(query: Query, sort: Sort): 'ascending' | 'descending' | undefined {
  if (query.sort !== sort) return undefined
  return query.order === 'up' ? 'ascending' : 'descending'
}

interface HeadProps {
  readonly query: Query
  readonly sort: Sort
  readonly onSort: (query: Query) => void
  readonly children: string
}

function Head(props: HeadProps & { class: string }) {
  return (
    <th scope="col" class={props.class} aria-sort={sorting(props.query, props.sort)}>
      <SortButton {...props} />
    </th>
  )
}

function SortButton({ query, sort, onSort, children }: HeadProps) {
  const chosen = query.sort === sort
  return (
    <button
      type="button"
      class={`sort ${chosen ? 'chosen' : ''}`}
      onClick={() => onSort(sortedBy(query, sort))}
    >
      {children}
      {chosen && <span aria-hidden="true"> {query.order === 'up' ? '↑' : '↓'}</span>}
    </button>
  )
}

function EmptyRow({ scale, says }: { scale: Scale; says: string }) {
  return (
    <tr class="row empty">
      <td class="given note">{says}</td>
      <td class="whose" />
      <td class="how" />
      <td class="when">
        <RowNeedle scale={scale} />
      </td>
      <td class="number in" />
      <td class="number out" />
    </tr>
  )
}

export function PanelRow(props: {
  columns: number
  view: AddressView
  open: Panel
  does: RowDoes
  onDone: (view: AddressView, says: string) => void
  onLeave: () => void
}) {
  const { view, open, does } = props
  return (
    <tr class="panel">
      <td colSpan={props.columns}>
        <p class="whole-address">
          <AddressRow address={view.address} state={view.state} />
        </p>
        {open === 'extend' && <ExtendPanel {...props} />}
        {open === 'revoke' && <RevokePanel {...props} />}
        {open === 'record' && (
          <RecordPanel {...props}>
            <span class="record-actions">
              <LinkButton onClick={does.copy}>Copy</LinkButton>
              {view.state === 'revoked' ? (
                <LinkButton onClick={does.restore}>Restore</LinkButton>
              ) : (
                <>
                  <LinkButton onClick={() => does.toggle('extend')}>Extend</LinkButton>
                  <LinkButton onClick={() => does.toggle('revoke')}>Revoke</LinkButton>
                </>
              )}
              <LinkButton onClick={does.explain}>Explain</LinkButton>
            </span>
          </RecordPanel>
        )}
      </td>
    </tr>
  )
}
