// One address in the table: five cells, and a sixth that is the calendar. What one can do with it takes the place of
// its second line while it is hovered or has the focus.

import type { AddressView } from '../../../../src/admin/schemas.ts'
import { AddressRow } from '../../address-parts.tsx'
import { StateWords } from '../../mark.tsx'
import { href } from '../../router.ts'
import type { Scale } from '../../ruler-geometry.ts'
import { severalDomains, todayIn, zoneOf } from '../../state.ts'
import { count, stateInWords } from '../../words.ts'
import { RowCalendar } from './calendar.tsx'
import { asideOf, lastMail, nameOf } from './row-words.ts'
import type { Panel } from './rows.ts'

export interface RowDoes {
  toggle(panel: Panel): void
  copy(): void
  restore(): void
  explain(): void
}

export interface RowProps {
  readonly view: AddressView
  readonly scale: Scale
  readonly open: Panel | undefined
  /** Tab reaches this row. */
  readonly reached: boolean
  readonly copied: boolean
  readonly does: RowDoes
  readonly onReach: () => void
}

export function Row({ view, scale, open, reached, copied, does, onReach }: RowProps) {
  const [today, zone] = [todayIn(view.domain), zoneOf(view.domain)]
  return (
    <tr
      class={`row ${open === undefined ? '' : 'open'}`}
      onClick={(event) => {
        if (isPlainClick(event)) does.toggle(open ?? 'record')
      }}
    >
      <th scope="row" class="given">
        <button
          type="button"
          class="row-open"
          tabIndex={reached ? 0 : -1}
          aria-expanded={open !== undefined}
          onClick={() => does.toggle(open ?? 'record')}
          onFocus={onReach}
        >
          <GivenTo view={view} />
        </button>
      </th>
      <td class="whose">
        <AddressRow address={view.address} state={view.state} bare={!severalDomains.value} />
        <span class="second sender">{lastMail(view, zone, today)}</span>
        <Actions view={view} reached={reached} copied={copied} does={does} />
      </td>
      <td class="how">
        <StateWords state={view.state} words={stateInWords(view, today, zone)} />
      </td>
      <td class="when">
        <RowCalendar view={view} scale={scale} today={today} zone={zone} />
      </td>
      <td class="number in">
        {count(view.accepted)}
        <span class="only-narrow"> in{view.refused > 0 && `, ${count(view.refused)} refused`}</span>
      </td>
      <td class={`number out ${view.refused === 0 ? 'zero' : ''}`}>{count(view.refused)}</td>
    </tr>
  )
}

export function GivenTo({ view }: { view: AddressView }) {
  const name = nameOf(view)
  return (
    <>
      <span class={`first ${name === '' ? 'unnamed' : ''}`}>{name === '' ? 'no site, no note' : name}</span>
      <Aside view={view} />
    </>
  )
}

/** What needs the reader stands in the place of the note. */
function Aside({ view }: { view: AddressView }) {
  if (view.leak !== undefined) return <span class="second leaked">leaked to {view.leak.to}</span>
  const alive = view.state === 'works' || view.state === 'soon' || view.state === 'waiting'
  if (view.barred !== undefined && alive) return <span class="second barred">refused: {view.barred}</span>
  const aside = asideOf(view)
  return aside === '' ? null : <span class="second">{aside}</span>
}

function Actions({ view, reached, copied, does }: Pick<RowProps, 'view' | 'reached' | 'copied' | 'does'>) {
  const tabIndex = reached ? 0 : -1
  return (
    <span class="row-actions">
      <button type="button" class="link" tabIndex={tabIndex} onClick={does.copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
      {view.state === 'revoked' ? (
        <button type="button" class="link" tabIndex={tabIndex} onClick={does.restore}>
          Restore
        </button>
      ) : (
        <>
          <button type="button" class="link" tabIndex={tabIndex} onClick={() => does.toggle('extend')}>
            Extend
          </button>
          <button type="button" class="link" tabIndex={tabIndex} onClick={() => does.toggle('revoke')}>
            Revoke
          </button>
        </>
      )}
      <a
        class="link"
        tabIndex={tabIndex}
        href={href('explain', { address: view.address })}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
          event.preventDefault()
          does.explain()
        }}
      >
        Explain
      </a>
    </span>
  )
}

/** A click on the row itself: not on something in it that has its own meaning, and not the end of a selection. */
export function isPlainClick(event: MouseEvent): boolean {
  const target = event.target instanceof Element ? event.target : undefined
  if (target?.closest('a, button, input, label, select, textarea') != null) return false
  return getSelection()?.isCollapsed !== false
}
