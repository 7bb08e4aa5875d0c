// The drawing of the thirty days, and the same numbers as a table.

import { dayOf, shortDate, weekdayDate } from '../../days.ts'
import { count } from '../../words.ts'
import { type Chart, type Column, chartOf } from './chart.ts'
import { type DayCount, totalsOf } from './verdicts.ts'

export function DaysChart({ days }: { days: readonly DayCount[] }) {
  const chart = chartOf(days)
  return (
    <svg class="days-chart" height={chart.height} role="img" aria-label={sentence(days)}>
      <defs>
        <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse">
          <path d="M-1 1 1-1M0 4 4 0M3 5 5 3" class="hatching" />
        </pattern>
      </defs>
      <Lines chart={chart} />
      {chart.columns.map((column) => (
        <Bar key={column.day} column={column} chart={chart} />
      ))}
      {chart.needle !== undefined && (
        <line
          class="needle"
          x1={`${chart.needle.x}%`}
          x2={`${chart.needle.x}%`}
          y1="0"
          y2={Math.max(chart.needle.to, 8)}
        />
      )}
    </svg>
  )
}

function Lines({ chart }: { chart: Chart }) {
  const compact = new Intl.NumberFormat(undefined, { notation: 'compact' })
  return (
    <g>
      {chart.lines.map(({ y, label }) => (
        <g key={y}>
          <line class="scale" x1="0" x2="100%" y1={y} y2={y} />
          <text x="-12" y={y + 4} text-anchor="end">
            {compact.format(Number(label))}
          </text>
        </g>
      ))}
      {[chart.floor, chart.ceiling].map((y) => (
        <line key={y} class="zero" x1="0" x2="100%" y1={y} y2={y} />
      ))}
    </g>
  )
}

// A nested drawing stands at a share of the width and counts pixels from there: the bars keep their width, and the
// page may have any.
function Bar({ column, chart }: { column: Column; chart: Chart }) {
  const day = dayOf(column.day)
  return (
    <svg x={`${column.x}%`} overflow="visible" aria-hidden="true">
      {column.up !== undefined && (
        <rect class="bar delivered" y={column.up.y} height={Math.max(column.up.height, 1)} />
      )}
      {column.down.map(({ kind, y, height }) =>
        kind === 'ended' ? (
          <rect key={kind} class="bar ended" y={y} height={height} />
        ) : (
          <rect
            key={kind}
            class="bar outlined"
            y={y + 0.5}
            height={Math.max(height - 1, 0.01)}
            fill={kind === 'revoked' ? 'url(#hatch)' : 'none'}
          />
        ),
      )}
      {column.named && (
        <>
          {!column.today && <line class="tick" y1={chart.floor} y2={chart.floor + 6} />}
          <text class={column.today ? 'today' : ''} y={chart.floor + 19} text-anchor="middle">
            {column.today ? 'today' : shortDate(day, day)}
          </text>
        </>
      )}
    </svg>
  )
}

function sentence(days: readonly DayCount[]): string {
  const { delivered, refused, ended, revoked, other } = totalsOf(days)
  const busiest = days.reduce(
    (most, day) => (day.delivered > most.delivered ? day : most),
    days[0] as DayCount,
  )
  const peak =
    delivered === 0 ? '' : ` Most were delivered on ${weekdayDate(dayOf(busiest.day))}: ${busiest.delivered}.`
  return (
    `Thirty days of mail: ${count(delivered)} delivered, ${count(refused)} refused ` +
    `(${count(ended)} ended, ${count(revoked)} revoked, ${count(other)} for other reasons).${peak}`
  )
}

/** Newest first: that is what one looks for. */
export function DaysTable({ days }: { days: readonly DayCount[] }) {
  const rows = days.toReversed()
  return (
    <table class="days-table">
      <thead>
        <tr>
          <th scope="col">day</th>
          {['delivered', 'ended', 'revoked', 'other reasons', 'put off'].map((head) => (
            <th key={head} scope="col" class="number">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((day) => (
          <tr key={day.day}>
            <th scope="row">
              <span class="wide-only">{weekdayDate(dayOf(day.day))}</span>
              <span class="narrow-only">{shortDate(dayOf(day.day), dayOf(day.day))}</span>
            </th>
            {[day.delivered, day.ended, day.revoked, day.other, day.putOff].map((value, index) => (
              <td key={index} class={`number ${value === 0 ? 'none' : ''}`}>
                {count(value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the legend shows beside each reason: the same fill as in the chart. */
export function Swatch({ kind }: { kind: 'ended' | 'revoked' | 'other' }) {
  return (
    <svg class="swatch" width="12" height="12" aria-hidden="true">
      {kind === 'ended' ? (
        <rect class="bar ended" width="12" height="12" />
      ) : (
        <rect
          class="bar outlined"
          x="0.5"
          y="0.5"
          width="11"
          height="11"
          fill={kind === 'revoked' ? 'url(#hatch)' : 'none'}
        />
      )}
    </svg>
  )
}
