// Still trying: addresses that have ended or were revoked and still get mail. Who tries, how often, and one button that
// lets the address live again.

import { useSignal } from '@preact/signals'
import { Fragment } from 'preact'
import { useMemo } from 'preact/hooks'
import type { AddressView, StillTrying } from '../../../../src/admin/schemas.ts'
import { AddressRow } from '../../address-parts.tsx'
import { api, refreshState } from '../../api.ts'
import { Button, LinkButton } from '../../button.tsx'
import { dayText, longDate, whenShort } from '../../days.ts'
import { Link } from '../../link.tsx'
import { StateWords } from '../../mark.tsx'
import { Notice, Teach } from '../../notice.tsx'
import { route } from '../../router.ts'
import { calendarAround, type Scale } from '../../ruler-geometry.ts'
import { severalDomains, state, todayIn, zoneOf } from '../../state.ts'
import { count, lastDayOf, shortSender, stateInWords } from '../../words.ts'
import { ZoneNote } from '../zone-note.tsx'
import { CalendarHead, RowCalendar } from './calendar.tsx'
import { offeredDay, usualDaysOf } from './extension.ts'
import { useReading } from './list.ts'
import { Pages } from './pages.tsx'
import { pageSizeFor, readPage } from './query.ts'
import { GivenTo, isPlainClick, type RowDoes } from './row.tsx'
import { PanelRow, useRows } from './table.tsx'

type Trying = StillTrying['rows'][number]
/** More senders than this are a number. */
const SENDERS_SHOWN = 2
const COLUMNS = 7

export function StillTryingView() {
  const pageSize = useMemo(() => pageSizeFor(innerHeight), [])
  const page = readPage(route.value.query)
  const reading = useReading(`still-trying ${page}`, (abort) =>
    api.stillTrying({ limit: pageSize, offset: page * pageSize }, abort),
  )
  const says = useSignal('')
  const rows = reading.value.value?.rows
  const changed = (view: AddressView) => {
    // "Still trying, 6" stands elsewhere.
    void refreshState()
    const known = reading.value.value?.rows ?? []
    reading.value.value = {
      total: reading.value.value?.total ?? 0,
      rows: known.map((row) => (row.address === view.address ? { ...view, senders: row.senders } : row)),
    }
  }
  return (
    <div class="addresses-view">
      <div class="title">
        <h1>Still trying</h1>
        <div class="ways">
          <Link to="addresses">All addresses</Link>
        </div>
      </div>
      <p class="quiet lead">
        Addresses that have ended or were revoked, and still get mail. All of it is refused.
      </p>
      {reading.trouble.value !== undefined && <Notice title={reading.trouble.value} />}
      <p role="status" class="unseen">
        {says.value}
      </p>
      {rows?.length === 0 && page === 0 ? (
        <Teach title="Nobody is trying." action={<Link to="addresses">All addresses</Link>}>
          When mail comes for an address after its last day, or after you revoked it, it stands here with who
          sent it. If you still want that mail, one button lets the address live again.
        </Teach>
      ) : (
        <>
          <TryingTable rows={rows} onChanged={changed} says={says} />
          {rows !== undefined && rows.length > 0 && <ZoneNote />}
          {reading.value.value === undefined
            ? reading.slow.value && <p class="note">Still reading ...</p>
            : (page > 0 || reading.value.value.total > pageSize) && (
                <Pages
                  page={page}
                  pageSize={pageSize}
                  rows={reading.value.value.rows.length}
                  total={reading.value.value.total}
                  slow={reading.slow.value}
                  to="still-trying"
                  at={(number) => ({ page: number === 0 ? undefined : number + 1 })}
                />
              )}
        </>
      )}
    </div>
  )
}

function TryingTable(props: {
  rows: readonly Trying[] | undefined
  onChanged: (view: AddressView) => void
  says: Parameters<typeof useRows>[2]
}) {
  const { rows = [] } = props
  const scale = calendarAround(todayIn())
  const table = useRows(rows, props.onChanged, props.says)
  return (
    <>
      {table.trouble.value !== undefined && <Notice title={table.trouble.value} />}
      <table class="addresses trying" aria-busy={props.rows === undefined}>
        <caption class="unseen">Addresses that still get mail</caption>
        <thead>
          <tr>
            <th scope="col" class="given">
              given to
            </th>
            <th scope="col" class="whose">
              address, state
            </th>
            <th scope="col" class="who-tries">
              who tries
            </th>
            <CalendarHead scale={scale} nameDays={22} />
            <th scope="col" class="number often">
              how often
            </th>
            <th scope="col" class="number last">
              last
            </th>
            <th scope="col" class="again">
              <span class="unseen">what to do</span>
            </th>
          </tr>
        </thead>
        <tbody ref={table.body} onKeyDown={table.onKeyDown}>
          {rows.map((row, index) => {
            const does = table.does(row, index)
            const open =
              table.rows.value.open?.address === row.address ? table.rows.value.open.panel : undefined
            return (
              <Fragment key={row.address}>
                <TryingRow
                  row={row}
                  scale={scale}
                  open={open !== undefined}
                  reached={table.rows.value.at === index}
                  does={does}
                  onReach={() => table.reach(index)}
                  onDone={table.done}
                />
                {open !== undefined && (
                  <PanelRow
                    key={`${row.address} ${open}`}
                    columns={COLUMNS}
                    view={row}
                    open={open}
                    does={does}
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

function TryingRow(props: {
  row: Trying
  scale: Scale
  open: boolean
  reached: boolean
  does: RowDoes
  onReach: () => void
  onDone: (view: AddressView, says: string) => void
}) {
  const { row, scale, does } = props
  const [today, zone] = [todayIn(row.domain), zoneOf(row.domain)]
  const tries = row.senders.reduce((sum, sender) => sum + sender.count, 0)
  const last = row.senders
    .map((sender) => sender.last)
    .sort()
    .at(-1)
  return (
    <tr
      class={`row ${props.open ? 'open' : ''}`}
      onClick={(event) => {
        if (isPlainClick(event)) does.toggle('record')
      }}
    >
      <th scope="row" class="given">
        <button
          type="button"
          class="row-open"
          tabIndex={props.reached ? 0 : -1}
          aria-expanded={props.open}
          onClick={() => does.toggle('record')}
          onFocus={props.onReach}
        >
          <GivenTo view={row} />
        </button>
      </th>
      <td class="whose">
        <AddressRow address={row.address} state={row.state} bare={!severalDomains.value} />
        <span class="second how-it-is">
          <StateWords state={row.state} words={stateInWords(row, today, zone)} />
        </span>
      </td>
      <td class="who-tries">
        <Senders senders={row.senders} />
      </td>
      <td class="when">
        <RowCalendar view={row} scale={scale} today={today} zone={zone} />
      </td>
      <td class="number often">
        {count(tries)}
        <span class="only-narrow"> tries, last</span>
      </td>
      <td class="number last">{last === undefined ? '' : whenShort(last, zone, today)}</td>
      <td class="again">
        <LiveAgain view={row} onDone={props.onDone} onOtherDay={() => does.toggle('extend')} />
      </td>
    </tr>
  )
}

function Senders({ senders }: { senders: Trying['senders'] }) {
  const shown = senders.slice(0, SENDERS_SHOWN)
  const more = senders.length - shown.length
  return (
    <>
      {shown.map(({ domain, sender, count: times }) => (
        <span key={`${domain} ${sender}`} class="sender-line">
          <span>{shortSender(sender) || domain || 'no sender'}</span>
          {senders.length > 1 && <small>{count(times)}</small>}
        </span>
      ))}
      {more > 0 && <span class="second">and {count(more)} more</span>}
    </>
  )
}

/** One press: restored where it was revoked, and extended by its prefix's usual lifetime where its days are over. */
function LiveAgain(props: {
  view: Trying
  onDone: (view: AddressView, says: string) => void
  onOtherDay: () => void
}) {
  const { view } = props
  const fault = useSignal<string | undefined>(undefined)
  const today = todayIn(view.domain)
  if (view.state !== 'ended' && view.state !== 'revoked') {
    return (
      <span class="lives">
        through {longDate(lastDayOf(view))} <LinkButton onClick={props.onOtherDay}>another day</LinkButton>
      </span>
    )
  }
  const live = async () => {
    const answer = await letLive(view, today)
    if (answer.ok) props.onDone(answer.value, `It works through ${longDate(lastDayOf(answer.value))}.`)
    else fault.value = answer.problem.message
  }
  return (
    <>
      <Button small onClick={() => void live()}>
        Let it live again
      </Button>
      {fault.value !== undefined && (
        <p class="hung fault" role="alert">
          {fault.value}
        </p>
      )}
    </>
  )
}

async function letLive(view: AddressView, today: number) {
  if (view.state === 'revoked') {
    const restored = await api.restoreAddress(view.address)
    if (!restored.ok || lastDayOf(restored.value) >= today) return restored
  }
  const until = offeredDay({ ...view, state: 'ended' }, today, usualDaysOf(state.value?.prefixes ?? [], view))
  return api.extendAddress(view.address, { until: dayText(until) })
}
