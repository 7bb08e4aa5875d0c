// The calendar that all rows of a table share: its head, and the part of it in each row.

import type { CSSProperties } from 'preact'
import type { AddressView } from '../../../../src/admin/schemas.ts'
import { type Day, dayIn, dayOf } from '../../days.ts'
import { EmptyLine, LifeLine, MonthHeads, Needle, Ruler } from '../../ruler.tsx'
import { placeOf, type Scale } from '../../ruler-geometry.ts'
import { todayIn } from '../../state.ts'

export function CalendarHead({ scale, nameDays }: { scale: Scale; nameDays?: number }) {
  const today = todayIn()
  return (
    <th scope="col" class="when">
      <span class="unseen">calendar</span>
      <Ruler height={40}>
        <MonthHeads scale={scale} y={29} clear={today} {...(nameDays === undefined ? {} : { nameDays })} />
        <g class="only-wide">
          <Needle scale={scale} day={today} y={19} height={22} word="today" wordY={15} />
        </g>
      </Ruler>
    </th>
  )
}

/** The one needle, in the part of it that this row holds. */
export function RowNeedle({ scale }: { scale: Scale }) {
  const place = { '--today': `${placeOf(scale, todayIn())}%` } as CSSProperties
  return <i class="row-needle" style={place} aria-hidden="true" />
}

/** The part of the shared calendar that lies in this row. */
export function RowCalendar(props: { view: AddressView; scale: Scale; today: Day; zone: string }) {
  const { view, scale, today, zone } = props
  const life = {
    first: dayOf(view.firstDay),
    last: dayOf(view.lastDay),
    ...(view.extendedThrough === undefined ? {} : { extended: dayOf(view.extendedThrough) }),
    ...(view.state === 'revoked' && view.revokedAt !== undefined ? { cut: dayIn(zone, view.revokedAt) } : {}),
  }
  return (
    <>
      <RowNeedle scale={scale} />
      <Ruler height={20}>
        <g class="only-narrow">
          <EmptyLine y={10} />
        </g>
        <LifeLine scale={scale} life={life} today={today} state={view.state} y={10} />
        <g class="only-narrow">
          <Needle scale={scale} day={today} y={2} height={16} />
        </g>
      </Ruler>
    </>
  )
}
