// Activity: what the server decided, by the day and as it happens. One piece, because the totals of the chart are the filter
// of the list.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { VerdictEvent } from '../../../src/admin/schemas.ts'
import { api } from '../api.ts'
import { LinkButton } from '../button.tsx'
import { useKey } from '../keys.ts'
import { Link } from '../link.tsx'
import { Mark } from '../mark.tsx'
import { Notice, Teach } from '../notice.tsx'
import { go, route } from '../router.ts'
import { awaySeconds, state, todayIn } from '../state.ts'
import { count, NO_ANSWER } from '../words.ts'
import { useLoaded } from './loaded.ts'
import './activity/activity.css'
import { DaysChart, DaysTable, Swatch } from './activity/days-chart.tsx'
import { EmptyRules, EventList, PauseButton } from './activity/event-list.tsx'
import { zoneWords } from './activity/event-words.ts'
import { arrive, catchUp, type Feed, feedOf, hold, pauseWord, release, withEarlier } from './activity/feed.ts'
import { useNews } from './activity/news.ts'
import { useStream } from './activity/stream.ts'
import { ASKED, dayCount, isShown, quietDays, type Shown, totalsOf } from './activity/verdicts.ts'

export const THIRTY_DAYS = 'The last thirty days'
/** Rows asked for at a time. */
const PAGE = 50
/** The days are read anew this long after mail came, in milliseconds: once for a whole burst. */
const SETTLE_MS = 1500

export function ActivityView() {
  const filter = readFilter()
  const days = useDays()
  const list = useFeed(filter, days.again)
  const counted = days.days ?? quietDays(todayIn())
  const totals = totalsOf(counted)
  const table = useSignal(false)
  const news = useNews(list.came, list.feed.arrived)
  const nothing = days.days !== undefined && totals.delivered + totals.refused + totals.putOff === 0

  return (
    <>
      <div class="title">
        <h1>{THIRTY_DAYS}</h1>
        <p class="note thirty-head">
          <LinkButton
            expanded={table.value}
            onClick={() => {
              table.value = !table.value
            }}
          >
            {table.value ? 'Leave the table' : 'Show as a table'}
          </LinkButton>
          {zoneWords(state.value?.domains ?? [])}
        </p>
      </div>
      <section class="thirty" aria-label={THIRTY_DAYS}>
        <div class="days-drawing">
          <DaysChart days={counted} />
        </div>
        <Totals totals={totals} known={days.days !== undefined} shown={filter.shown} onShow={show} />
      </section>
      {table.value && <DaysTable days={counted} />}
      <div class="title happens">
        <h2>As it happens</h2>
        <Filter filter={filter} putOff={totals.putOff}>
          <PauseButton words={pauseWord(list.feed)} paused={list.paused} onClick={list.toggle} />
        </Filter>
      </div>
      {list.broken && awaySeconds.value === undefined && (
        <Notice title="The list stands still.">
          {NO_ANSWER} It goes on by itself, and what it missed is added.
        </Notice>
      )}
      {days.refusal !== undefined && <Notice title={days.refusal} />}
      <p role="status" class="unseen">
        {news}
      </p>
      {!list.paused && list.feed.arrived > 0 && (
        <p class="note">{list.feed.arrived} new; they wait while you look at the rows.</p>
      )}
      <Rows list={list} nothing={nothing} filtered={filter.shown !== 'all' || filter.prefix !== ''} />
    </>
  )
}

function Rows({ list, nothing, filtered }: { list: LiveList; nothing: boolean; filtered: boolean }) {
  if (list.feed.rows.length > 0) {
    return (
      <EventList
        feed={list.feed}
        onHold={(by) => list.change((feed) => hold(feed, by))}
        onRelease={(by) => list.change((feed) => release(feed, by))}
        onEarlier={list.more ? list.earlier : undefined}
      />
    )
  }
  if (!list.known) return <EmptyRules />
  if (filtered && !nothing) {
    return (
      <Teach
        title="Nothing of that kind."
        action={<LinkButton onClick={() => show('all')}>Show all</LinkButton>}
      >
        Mail that fits appears here the moment the server decides.
      </Teach>
    )
  }
  return (
    <Teach title="No mail yet." action={<Link to="make">Make an address</Link>}>
      Every mail to these addresses appears here the moment the server decides: delivered, refused or put off.
    </Teach>
  )
}

// ---- what the list is narrowed to; it stands in the page's address ----

interface FilterState {
  readonly shown: Shown
  readonly prefix: string
}

function readFilter(): FilterState {
  const { query } = route.value
  const shown = query.get('show') ?? 'all'
  return { shown: Object.hasOwn(ASKED, shown) ? (shown as Shown) : 'all', prefix: query.get('prefix') ?? '' }
}

function narrow({ shown, prefix }: FilterState): void {
  go('activity', { show: shown === 'all' ? undefined : shown, prefix }, { replace: true })
}

/** The same again takes the filter away. */
function show(shown: Shown): void {
  const before = readFilter()
  narrow({
    ...before,
    shown: before.shown === shown ? 'all' : shown,
    ...(shown === 'all' ? { prefix: '' } : {}),
  })
}

function Filter(props: { filter: FilterState; putOff: number; children: ComponentChildren }) {
  const { shown, prefix } = props.filter
  const tab = (what: Shown, words: ComponentChildren) => (
    <button
      type="button"
      class="tab"
      aria-pressed={shown === what}
      onClick={() => narrow({ shown: what, prefix })}
    >
      {words}
    </button>
  )
  const prefixes = [...new Set(state.value?.prefixes.map(({ name }) => name) ?? [])]
  return (
    <div class="narrowing">
      {(prefixes.length > 1 || prefix !== '') && (
        <span class="select">
          <select
            class="input"
            aria-label="prefix"
            value={prefix}
            onInput={(event) => narrow({ shown, prefix: event.currentTarget.value })}
          >
            <option value="">every prefix</option>
            {[...new Set([...prefixes, ...(prefix === '' ? [] : [prefix])])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </span>
      )}
      <fieldset class="tabs" aria-label="What is shown">
        {tab('all', 'All')}
        {tab(
          'delivered',
          <>
            <span class="works">
              <Mark state="works" />
            </span>{' '}
            Delivered
          </>,
        )}
        {tab(
          'refused',
          <>
            <span class="ended">
              <Mark state="ended" />
            </span>{' '}
            Refused
          </>,
        )}
        {tab(
          'put-off',
          <>
            Put off <small>{count(props.putOff)}</small>
          </>,
        )}
      </fieldset>
      {props.children}
    </div>
  )
}

// ---- the totals: legend and filter ----

function Totals(props: {
  totals: ReturnType<typeof totalsOf>
  known: boolean
  shown: Shown
  onShow: (shown: Shown) => void
}) {
  const { totals, shown, onShow } = props
  const number = (value: number) => (props.known ? count(value) : '')
  const reasons = [
    ['ended', 'ended', totals.ended],
    ['revoked', 'revoked', totals.revoked],
    ['other', 'other reasons', totals.other],
  ] as const
  return (
    <div class="totals">
      <button
        type="button"
        class="total works"
        aria-pressed={shown === 'delivered'}
        onClick={() => onShow('delivered')}
      >
        <span class="figure">{number(totals.delivered)}</span> <span>delivered</span>
      </button>
      <div>
        <button
          type="button"
          class="total ended"
          aria-pressed={shown === 'refused'}
          onClick={() => onShow('refused')}
        >
          <span class="figure">{number(totals.refused)}</span> <span>refused</span>
        </button>
        {reasons.map(([kind, words, value]) => (
          <button
            key={kind}
            type="button"
            class="reason"
            aria-pressed={shown === kind}
            onClick={() => onShow(kind)}
          >
            <Swatch kind={kind} /> <span>{words}</span> <span class="figure">{number(value)}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

// ---- what the service tells ----

function useDays() {
  const { value, refusal, again } = useLoaded(api.activityDays)
  return { days: value.value?.days.map(dayCount), refusal, again }
}

interface LiveList {
  readonly feed: Feed<VerdictEvent>
  readonly known: boolean
  /** How many have come that the list shows, or will once it is no longer held. */
  readonly came: number
  readonly broken: boolean
  readonly paused: boolean
  readonly more: boolean
  toggle(): void
  earlier(): void
  change(by: (feed: Feed<VerdictEvent>) => Feed<VerdictEvent>): void
}

function useFeed(filter: FilterState, onMail: () => Promise<void>): LiveList {
  const feed = useSignal<Feed<VerdictEvent>>(feedOf([]))
  const more = useSignal(false)
  const known = useSignal(false)
  const came = useSignal(0)
  const settle = useRef<ReturnType<typeof setTimeout>>(undefined)
  const key = `${filter.shown} ${filter.prefix}`
  const asked = useRef(key)
  const listed = useRef<Promise<void>>(Promise.resolve())
  const query = { verdict: ASKED[filter.shown], prefix: filter.prefix === '' ? undefined : filter.prefix }
  const ask = (before?: number) =>
    api.activity({ ...definedOf(query), limit: PAGE, ...(before === undefined ? {} : { before }) })

  useEffect(() => {
    asked.current = key
    listed.current = ask().then((answer) => {
      if (asked.current !== key || !answer.ok) return
      const { events } = answer.value
      const paused = feed.value.holds.filter((by) => by === 'paused')
      feed.value = feedOf(events, paused)
      more.value = events.length === PAGE
      known.value = true
    })
  }, [key])
  useEffect(() => () => clearTimeout(settle.current), [])

  const broken = useStream(api.activityStreamUrl(), {
    onEvent: (event) => {
      const fits =
        isShown(event.verdict, filter.shown) && (filter.prefix === '' || event.prefix === filter.prefix)
      if (fits && event.id > feed.value.newest) came.value++
      feed.value = arrive(feed.value, event, fits)
      clearTimeout(settle.current)
      settle.current = setTimeout(() => void onMail(), SETTLE_MS)
    },
    onStanding: (again) => {
      void listed.current
        .then(() => ask())
        .then((answer) => {
          if (!answer.ok || asked.current !== key) return
          feed.value = catchUp(feed.value, answer.value.events, answer.value.events.length === PAGE)
        })
      if (again) void onMail()
    },
    // Whatever is wrong, a request tells: it finds the server away, or the session ended.
    onRefused: () => void onMail(),
  })
  const paused = feed.value.holds.includes('paused')
  const toggle = () => {
    feed.value = paused ? release(feed.value, 'paused') : hold(feed.value, 'paused')
  }
  useKey('p', toggle)

  return {
    feed: feed.value,
    known: known.value,
    came: came.value,
    broken,
    paused,
    more: more.value,
    toggle,
    earlier: () => {
      void ask(feed.value.rows.at(-1)?.id).then((answer) => {
        if (!answer.ok || asked.current !== key) return
        feed.value = withEarlier(feed.value, answer.value.events)
        more.value = answer.value.events.length === PAGE
      })
    },
    change: (by) => {
      feed.value = by(feed.value)
    },
  }
}

function definedOf(query: { verdict: string | undefined; prefix: string | undefined }) {
  return {
    ...(query.verdict === undefined ? {} : { verdict: query.verdict }),
    ...(query.prefix === undefined ? {} : { prefix: query.prefix }),
  }
}
