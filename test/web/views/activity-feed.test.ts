import { describe, expect, test } from 'vitest'
import {
  arrive,
  BOUND,
  catchUp,
  type Feed,
  feedOf,
  goOn,
  hold,
  pauseWord,
  release,
  withEarlier,
} from '../../../web/src/views/activity/feed.ts'

const rows = (...ids: number[]) => ids.map((id) => ({ id }))
const ids = (feed: Feed<{ id: number }>) => feed.rows.map(({ id }) => id)
const upTo = (feed: Feed<{ id: number }>, from: number, through: number) => {
  let next = feed
  for (let id = from; id <= through; id += 1) next = arrive(next, { id })
  return next
}

describe('the list of verdicts', () => {
  test('adds the newest on top', () => {
    expect(ids(arrive(feedOf(rows(2, 1)), { id: 3 }))).toEqual([3, 2, 1])
  })

  test('takes nothing twice when the stream begins again', () => {
    const feed = feedOf(rows(3, 2))
    expect(arrive(feed, { id: 3 })).toBe(feed)
    expect(arrive(feed, { id: 1 })).toBe(feed)
  })

  test('what the filter hides moves nothing, but does not come again either', () => {
    const feed = arrive(feedOf(rows(2)), { id: 3 }, false)
    expect(ids(feed)).toEqual([2])
    expect(arrive(feed, { id: 3 })).toBe(feed)
  })

  test('is bounded, and forgets the oldest', () => {
    const feed = upTo(feedOf(rows(1)), 2, BOUND + 50)
    expect(feed.rows).toHaveLength(BOUND)
    expect(ids(feed)[0]).toBe(BOUND + 50)
  })

  test('keeps pages of earlier ones that were asked for', () => {
    const feed = withEarlier(
      feedOf(rows(...Array.from({ length: BOUND }, (_, index) => 1000 - index))),
      rows(800, 799),
    )
    expect(feed.rows).toHaveLength(BOUND + 2)
    expect(arrive(feed, { id: 1001 }).rows).toHaveLength(BOUND + 2)
    expect(ids(withEarlier(feed, rows(799, 798))).slice(-3)).toEqual([800, 799, 798])
  })
})

describe('a held list', () => {
  test('does not move while paused, and counts what arrives', () => {
    const feed = upTo(hold(feedOf(rows(2, 1)), 'paused'), 3, 16)
    expect(ids(feed)).toEqual([2, 1])
    expect(pauseWord(feed)).toBe('Go on, 14 new')
    expect(ids(release(feed, 'paused')).slice(0, 3)).toEqual([16, 15, 14])
    expect(pauseWord(release(feed, 'paused'))).toBe('Pause')
  })

  test('stays where it is under the pointer although it was never paused', () => {
    const feed = upTo(hold(feedOf(rows(1)), 'pointed'), 2, 3)
    expect(ids(feed)).toEqual([1])
    expect(ids(release(feed, 'pointed'))).toEqual([3, 2, 1])
  })

  test('moves only when the last of those who hold it has let go', () => {
    let feed = upTo(hold(hold(feedOf(rows(1)), 'pointed'), 'paused'), 2, 2)
    feed = release(feed, 'pointed')
    expect(ids(feed)).toEqual([1])
    expect(ids(release(feed, 'paused'))).toEqual([2, 1])
  })

  test('counts more than it can keep, and then shows no row beside one it does not follow', () => {
    const feed = upTo(hold(feedOf(rows(1)), 'paused'), 2, BOUND + 101)
    expect(feed.waiting).toHaveLength(BOUND)
    expect(pauseWord(feed)).toBe(`Go on, ${BOUND + 100} new`)
    const next = release(feed, 'paused')
    expect(ids(next)).toEqual(Array.from({ length: BOUND }, (_, index) => BOUND + 101 - index))
    expect(next.arrived).toBe(0)
  })

  test('letting go of what was not held changes nothing', () => {
    const feed = feedOf(rows(1))
    expect(release(feed, 'paused')).toBe(feed)
    expect(ids(goOn(feed))).toEqual([1])
  })
})

describe('after the stream was away', () => {
  const listed = (from: number, count: number) =>
    rows(...Array.from({ length: count }, (_, index) => from - index))

  test('takes what it missed, in order, and nothing twice', () => {
    expect(ids(catchUp(feedOf(rows(3, 2, 1)), listed(5, 4), true))).toEqual([5, 4, 3, 2, 1])
  })

  test('begins anew when more was missed than is listed', () => {
    expect(ids(catchUp(feedOf(rows(3, 2, 1)), listed(90, 5), true))).toEqual([90, 89, 88, 87, 86])
  })

  test('a held list stays, and begins anew when it goes on', () => {
    const feed = catchUp(hold(feedOf(rows(3, 2, 1)), 'paused'), listed(90, 5), true)
    expect(ids(feed)).toEqual([3, 2, 1])
    expect(ids(release(feed, 'paused'))).toEqual([90, 89, 88, 87, 86])
  })

  test('an empty list takes all there is', () => {
    expect(ids(catchUp(feedOf<{ id: number }>([]), listed(2, 2), false))).toEqual([2, 1])
  })
})
