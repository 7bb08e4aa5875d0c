// The ruler that is a control: a native range from one day to the prefix's maximum, and five lifetimes as radio
// buttons at their true places on it.

import type { CSSProperties } from 'preact'
import { daysInWords, fullDate, shortDate } from '../../days.ts'
import { Bar, EmptyLine, MonthDates, Needle, Ruler, Ticks } from '../../ruler.tsx'
import { isOn, placeOf, type Scale } from '../../ruler-geometry.ts'
import { stateOf } from '../../words.ts'
import { LIFETIMES, LONGEST, lifetimeName } from './lifetimes.ts'
import { chooseDays, days, first, last, most, prefix, today } from './making.ts'

const LINE = 22
/** Those whose words would leave the ruler, or touch each other, where they stand. */
const NAMED: Readonly<Record<number, string>> = { 1: 'shortest', 7: 'week', [LONGEST]: 'longest' }

export function LifetimeRuler() {
  const chosen = days.value
  const scale: Scale = { start: first.value, end: first.value + LONGEST }
  return (
    <div class="lifetime" style={{ '--most': most.value } as CSSProperties}>
      <fieldset class="lifetimes">
        <legend class="unseen">For how long</legend>
        {LIFETIMES.map((lifetime) => (
          <Choice key={lifetime} lifetime={lifetime} />
        ))}
        <OwnLifetime />
      </fieldset>
      <div class="lifetime-line">
        <input
          type="range"
          class="lifetime-range"
          aria-label="Lifetime in days"
          aria-valuetext={
            chosen === undefined ? undefined : `${daysInWords(chosen)}, through ${fullDate(last.value)}`
          }
          min={1}
          max={most.value}
          value={chosen ?? 1}
          onInput={(event) => chooseDays(event.currentTarget.valueAsNumber)}
        />
        <Ruler height={62} class="moves">
          {LIFETIMES.map((lifetime) => (
            <Bar
              key={lifetime}
              class="tick choice-tick"
              place={placeOf(scale, scale.start + lifetime)}
              y={4}
              height={12}
            />
          ))}
          <EmptyLine y={LINE} />
          <Beyond scale={scale} />
          <Ticks scale={scale} y={28} />
          {chosen !== undefined && <Lifetime scale={scale} />}
          <Needle scale={scale} day={today.value} y={11} height={35} word="today" wordY={58} />
          {!isOn(scale, today.value) && (
            <text class="first" x="0" y={58}>
              {shortDate(first.value, today.value)}
            </text>
          )}
          <MonthDates scale={scale} y={58} clear={isOn(scale, today.value) ? today.value : first.value} />
        </Ruler>
      </div>
      {most.value < LONGEST && (
        <p class="note">
          {prefix.value?.name} allows {daysInWords(most.value)}.
        </p>
      )}
    </div>
  )
}

function Choice({ lifetime }: { lifetime: number }) {
  const number = lifetime > 7
  return (
    <label class={`choice ${NAMED[lifetime] ?? ''}`} style={{ '--days': lifetime } as CSSProperties}>
      <input
        type="radio"
        name="lifetime"
        value={lifetime}
        checked={days.value === lifetime}
        disabled={lifetime > most.value}
        onChange={() => chooseDays(lifetime)}
      />
      <span class={stateOf(first.value, first.value + lifetime - 1, first.value)}>
        {number ? lifetime : lifetimeName(lifetime)}
        {number && <span class="unit"> days</span>}
      </span>
    </label>
  )
}

/** The name of a lifetime that is none of the five, where it does not touch one of theirs. */
function OwnLifetime() {
  const own = days.value
  if (own === undefined || LIFETIMES.some((lifetime) => Math.abs(lifetime - own) < 7)) return null
  return (
    <span class="choice own" style={{ '--days': own } as CSSProperties} aria-hidden="true">
      <span class={stateOf(first.value, last.value, today.value)}>{lifetimeName(own)}</span>
    </span>
  )
}

/** The life that is chosen: spent days thin, days to come thick, the end a tall bar. */
function Lifetime({ scale }: { scale: Scale }) {
  const end = placeOf(scale, last.value + 1)
  const now = Math.min(Math.max(placeOf(scale, today.value), 0), end)
  return (
    <g class={`life ${stateOf(first.value, last.value, Math.max(today.value, first.value))}`}>
      <rect x="0" width={`${now}%`} y={LINE - 0.625} height="1.25" />
      <rect x={`${now}%`} width={`${end - now}%`} y={LINE - 2} height="4" />
      <Bar place={end} y={4} height={30} width={2} />
    </g>
  )
}

/** What the prefix does not allow is dots. */
function Beyond({ scale }: { scale: Scale }) {
  if (most.value >= LONGEST) return null
  return (
    <line class="beyond" x1={`${placeOf(scale, scale.start + most.value)}%`} x2="100%" y1={LINE} y2={LINE} />
  )
}
