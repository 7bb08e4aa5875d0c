// The one way to draw time. A ruler is an SVG as wide as its place; marks stand in per cent, so nothing is measured.
// Rulers are hidden from screen readers unless they are given a sentence: the words beside them say the same.

import type { ComponentChildren } from 'preact'
import type { AddressState } from '../../src/admin/schemas.ts'
import { type Day, monthName, tickDate } from './days.ts'
import {
  isOn,
  type Life,
  lifeLine,
  monthStep,
  monthsOf,
  placeOf,
  type Scale,
  type Stretch,
  type Tick,
  ticksOf,
} from './ruler-geometry.ts'

const at = (place: number) => `${place}%`

export function Ruler(props: {
  height: number
  /** One sentence for screen readers; without it the ruler is hidden from them. */
  says?: string
  class?: string
  children: ComponentChildren
}) {
  const told =
    props.says === undefined
      ? ({ 'aria-hidden': 'true' } as const)
      : ({ role: 'img', 'aria-label': props.says } as const)
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it is hidden, or has a label; a title would show as a tooltip.
    <svg class={`ruler ${props.class ?? ''}`} height={props.height} {...told}>
      {props.children}
    </svg>
  )
}

/** A vertical mark, crisp at any place. */
export function Bar(props: { place: number; y: number; height: number; width?: number; class?: string }) {
  const width = props.width ?? 1
  return (
    <rect
      class={props.class}
      x={at(props.place)}
      y={props.y}
      width={width}
      height={props.height}
      transform={`translate(${-width / 2} 0)`}
    />
  )
}

/** Two ticks stand at least so many pixels apart, two dates below them so many. */
const TICK_ROOM = 5
const DATE_ROOM = 84

/** Ticks hanging from `y`: days short, weeks longer, months longest. `width`: pixels, where they may be too many. */
export function Ticks(props: {
  scale: Scale
  y: number
  width?: number
  lengths?: readonly [number, number, number]
}) {
  const [day, week, month] = props.lengths ?? [4, 8, 14]
  return (
    <>
      {ticksThatFit(props.scale, props.width).map((tick) => (
        <Bar
          key={tick.day}
          class={`tick ${tick.kind}`}
          place={placeOf(props.scale, tick.day)}
          y={props.y}
          height={{ day, week, month }[tick.kind]}
        />
      ))}
    </>
  )
}

function ticksThatFit(scale: Scale, width: number | undefined): readonly Tick[] {
  const pixels = width === undefined ? TICK_ROOM : width / (scale.end - scale.start)
  if (pixels >= TICK_ROOM) return ticksOf(scale)
  if (pixels * 7 >= TICK_ROOM) return ticksOf(scale).filter(({ kind }) => kind !== 'day')
  const step = monthStep(scale, width ?? 0, TICK_ROOM)
  return monthsOf(scale, step).map((day) => ({ day, kind: 'month' }))
}

/** "1 Dec", "1 Jan 2027" under the firsts of the months; those too near the ends lean inwards. */
export function MonthDates(props: {
  scale: Scale
  y: number
  /** Leave out what would touch this day's word. */
  clear?: Day
  /** Pixels, where months may be too many: quarters or years then. */
  width?: number
}) {
  const length = props.scale.end - props.scale.start
  const distance = (day: Day) => (props.clear === undefined ? length : Math.abs(day - props.clear))
  // Where the page is narrow, `near` ones are left out, too.
  const near = (day: Day) => distance(day) < length / 7
  return (
    <>
      {monthsOf(props.scale, props.width === undefined ? 1 : monthStep(props.scale, props.width, DATE_ROOM))
        .filter((day) => distance(day) > length / 18)
        .map((day) => {
          const place = placeOf(props.scale, day)
          const anchor = place > 97 ? 'end' : place < 3 ? 'start' : 'middle'
          return (
            <text
              key={day}
              class={near(day) ? 'near' : undefined}
              x={at(place)}
              y={props.y}
              text-anchor={anchor}
            >
              {tickDate(day)}
            </text>
          )
        })}
    </>
  )
}

/** "Oct", "Nov", "2027": the head of a calendar, each name at the right of its tick, none under the needle at `clear`. */
export function MonthHeads(props: { scale: Scale; y: number; clear?: Day; nameDays?: number }) {
  return (
    <>
      {monthsOf(props.scale)
        .filter((day) => day < props.scale.end)
        .map((day) => (
          <g key={day}>
            <Bar class="tick" place={placeOf(props.scale, day)} y={props.y} height={6} />
            <text {...nameBeside(props.scale, day, props.clear, props.nameDays)} y={props.y - 2}>
              {monthName(day)}
            </text>
          </g>
        ))}
    </>
  )
}

/** A name is about `wide` days wide; one that the needle would cross steps aside. */
function nameBeside(scale: Scale, month: Day, needle: Day | undefined, wide = 18) {
  const into = needle === undefined ? -1 : needle - month
  if (needle === undefined || into < 0 || into > wide) return { x: at(placeOf(scale, month)), dx: 3 }
  const x = at(placeOf(scale, needle))
  return into < wide / 2 ? { x, dx: 5 } : ({ x, dx: -4, 'text-anchor': 'end' } as const)
}

/** You, here, now. With `word`, it says so above (`wordY`) or below its line. */
export function Needle(props: {
  scale: Scale
  day: Day
  y: number
  height: number
  word?: string
  wordY?: number
}) {
  if (!isOn(props.scale, props.day)) return null
  const place = placeOf(props.scale, props.day)
  return (
    <>
      <Bar class="needle" place={place} y={props.y} height={props.height} width={2} />
      {props.word !== undefined && (
        <text
          class="needle"
          x={at(place)}
          y={props.wordY}
          text-anchor={place < 3 ? 'start' : place > 97 ? 'end' : 'middle'}
        >
          {props.word}
        </text>
      )}
    </>
  )
}

/** The empty part of a ruler. */
export function EmptyLine(props: { y: number }) {
  return <rect class="empty" x="0" width="100%" y={props.y - 0.5} height="1" />
}

/** A life on the line `y`: thin when spent, thick when still to come. Its colour is its state's. */
export function LifeLine(props: {
  scale: Scale
  life: Life
  today: Day
  state: AddressState
  y: number
  tall?: number
}) {
  const line = lifeLine(props.scale, props.life, props.today)
  const { y, tall = 11 } = props
  const strip = (stretch: Stretch | undefined, height: number, above = 0) =>
    stretch && (
      <rect
        x={at(stretch.from)}
        y={y - height / 2 + above}
        width={at(Math.max(0, stretch.to - stretch.from))}
        height={height}
      />
    )
  const bar = (place: number | undefined, height: number, width = 1.25) =>
    place !== undefined && <Bar place={place} y={y - height / 2} height={height} width={width} />
  return (
    <g class={`life ${props.state}`}>
      {strip(line.thin, 1.25)}
      {strip(line.thick, 4)}
      {strip(line.double, 1.25, -1.75)}
      {strip(line.double, 1.25, 1.75)}
      {line.dots && <line class="dotted" x1={at(line.dots.from)} x2={at(line.dots.to)} y1={y} y2={y} />}
      {bar(line.startBar, tall - 4)}
      {bar(line.oldEndBar, tall)}
      {bar(line.endBar, tall, tall > 20 ? 2 : 1.5)}
      {line.slant !== undefined && (
        <svg x={at(line.slant)} y={y} overflow="visible" width="1" height="1" aria-hidden="true">
          <line class="slant" x1="-4" y1="5" x2="4" y2="-5" />
        </svg>
      )}
    </g>
  )
}
