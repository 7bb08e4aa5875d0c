// The time line of one address: accepted mail as ticks above it, refused mail below, today as the needle. Its words are
// said again in a sentence below wherever they find no room beside the bars, and for screen readers always.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type Day, dateNear, dayIn, dayOf } from '../../days.ts'
import { Bar, EmptyLine, LifeLine, MonthDates, Needle, Ruler, Ticks } from '../../ruler.tsx'
import { isOn, type Life, placeOf, type Scale } from '../../ruler-geometry.ts'
import { type Explained, endInWords, endOf, mailInWords, momentOf, stateOfExplained } from './explained.ts'
import { beside, mailTicks, timeScale } from './time-scale.ts'

/** Rough widths of a character in pixels, to see whether words fit; a little too wide rather than too narrow. */
const [BOLD, PLAIN, SMALL] = [7.6, 7.4, 6]
const LINE = 58
const NARROW = 560
/** Pixels from where the needle crosses nothing. */
const NO_NEEDLE = -1000

export function TimeLine({ explanation, today, zone }: { explanation: Explained; today: Day; zone: string }) {
  const { width, place } = useWidth()
  const end = endOf(explanation)
  const mails = explanation.marks.map(({ at, accepted }) => ({ at: momentOf(at, zone), accepted }))
  const firstDay = dayOf(explanation.parts.firstDay)
  const scale = timeScale({ firstDay, end, today, mails: mails.map(({ at }) => at) })
  const state = stateOfExplained(explanation, today) ?? 'works'
  const revoked = state === 'revoked' && explanation.record?.revokedAt !== undefined
  const cut = revoked ? dayIn(zone, explanation.record?.revokedAt ?? 0) : undefined
  const words = mailInWords(explanation)
  const label = cut === undefined ? endInWords(end, today) : `revoked ${dateNear(cut, today)}`
  const over = state === 'ended' || state === 'revoked'
  const room = layOut({ scale, today, width, first: firstDay, end: cut ?? end, over, label, words })
  const ticks = (accepted: boolean) =>
    mailTicks(
      mails.filter((mail) => mail.accepted === accepted).map(({ at }) => at),
      scale,
      width,
    )
  return (
    <figure class="time-line" ref={place}>
      <Ruler height={136}>
        <EmptyLine y={LINE} />
        <Ticks scale={scale} y={102} width={width} />
        <MonthDates scale={scale} y={132} clear={today} width={width} />
        {room.start && (
          <text class="says" x={`${placeOf(scale, firstDay)}%`} y={12}>
            starts {dateNear(firstDay, today)}
          </text>
        )}
        {room.accepted && (
          <text class="accepted" x={`${placeOf(scale, firstDay)}%`} y={29}>
            {words.accepted}
          </text>
        )}
        <g class="works">
          {ticks(true).map((tick) => (
            <Bar key={tick} class="mail" place={tick} y={34} height={16} width={2} />
          ))}
        </g>
        <g class="ended">
          {ticks(false).map((tick) => (
            <Bar key={tick} class="mail" place={tick} y={67} height={12} width={1.5} />
          ))}
        </g>
        <Drawn explanation={explanation} scale={scale} today={today} state={state} cut={cut} />
        {isOn(scale, cut ?? end) && (
          <>
            {cut === undefined && (
              <g class={state}>
                <Bar class="mail" place={placeOf(scale, end)} y={18} height={80} width={2} />
              </g>
            )}
            <text
              class="ends"
              x={`${placeOf(scale, cut ?? end)}%`}
              y={room.endAbove ? 12 : 29}
              {...leaning(room.end)}
            >
              {width < NARROW && cut === undefined ? dateNear(end, today) : label}
            </text>
          </>
        )}
        {room.refused !== undefined && (
          <text class="refused" x={`${placeOf(scale, cut ?? end)}%`} y={94} {...leaning(room.refused)}>
            {refusedSince(words)}
          </text>
        )}
        <Needle scale={scale} day={today} y={18} height={98} word="today" wordY={132} />
      </Ruler>
      <figcaption class={room.allSaid ? 'unseen' : ''}>
        <span class="works">{words.accepted}</span>, <span class="ended">{words.refused}</span>
        {words.from !== '' && `, ${words.from}`}.
      </figcaption>
    </figure>
  )
}

function Drawn(props: {
  explanation: Explained
  scale: Scale
  today: Day
  state: NonNullable<ReturnType<typeof stateOfExplained>>
  cut: Day | undefined
}) {
  const { explanation, state, cut } = props
  const first = dayOf(explanation.parts.firstDay)
  const { extendedThrough } = explanation.record ?? {}
  const life: Life = {
    first,
    last: dayOf(explanation.parts.lastDay),
    ...(extendedThrough === undefined ? {} : { extended: dayOf(extendedThrough) }),
    ...(cut === undefined ? {} : { cut }),
  }
  // What has ended is looked back at: its whole life is thick, and what came after is the empty line.
  const seenFrom = state === 'ended' ? first : props.today
  return <LifeLine scale={props.scale} life={life} today={seenFrom} state={state} y={LINE} tall={24} />
}

type Room = ReturnType<typeof layOut>

/** Which words find room beside their bars, and on which side. */
function layOut(props: {
  scale: Scale
  today: Day
  width: number
  first: Day
  end: Day
  /** Mail has been refused since that end. */
  over: boolean
  label: string
  words: ReturnType<typeof mailInWords>
}) {
  const { scale, width, words, label } = props
  const x = (day: Day) => (placeOf(scale, day) / 100) * width
  const [start, end, needle] = [x(props.first), x(props.end), x(props.today)]
  const wide = width >= NARROW
  const endWidth = (wide ? label.length : label.length - 12) * BOLD
  // Above the needle's top, where it would cross the words.
  const beneath = beside(end, endWidth, needle, width)
  const endAbove = !beneath.fits
  const endSide = endAbove ? beside(end, endWidth, NO_NEEDLE, width).side : beneath.side
  const accepted = beside(start, words.accepted.length * SMALL, needle, width, 0)
  const free = endSide === 'right' ? end : end - endWidth - 10
  const refused = beside(end, refusedSince(words).length * SMALL, needle, width)
  const roomForAccepted = accepted.fits && start + words.accepted.length * SMALL < free - 8
  const below = wide && props.over && words.anyRefused && refused.fits ? refused.side : undefined
  const above = wide && accepted.side === 'right' && roomForAccepted
  return {
    end: endSide,
    endAbove,
    start: wide && start >= 0 && start + 22 * PLAIN < (endAbove ? free : width),
    accepted: above,
    refused: below,
    allSaid: above && (below !== undefined || !words.anyRefused),
  }
}

function leaning(side: Room['end']) {
  return side === 'right' ? { dx: 10 } : ({ dx: -10, 'text-anchor': 'end' } as const)
}

function refusedSince({ refused, from }: ReturnType<typeof mailInWords>): string {
  return from === '' ? `${refused} since` : `${refused} since, ${from}`
}

/** How wide the line is on this page, in pixels. */
function useWidth() {
  const width = useSignal(Math.min(1088, innerWidth - 40))
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const watch = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) width.value = entry.contentRect.width
    })
    watch.observe(place.current)
    return () => watch.disconnect()
  }, [])
  return { width: width.value, place }
}
