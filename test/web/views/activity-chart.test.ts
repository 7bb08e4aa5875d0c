import { describe, expect, test } from 'vitest'
import { chartOf, stepFor } from '../../../web/src/views/activity/chart.ts'
import type { DayCount } from '../../../web/src/views/activity/verdicts.ts'

const quiet = { delivered: 0, ended: 0, revoked: 0, other: 0, putOff: 0 }

/** Thirty days up to Sunday, 22 November 2026; those named have mail. */
function days(mail: Readonly<Record<string, Partial<DayCount>>> = {}): DayCount[] {
  return Array.from({ length: 30 }, (_, index) => {
    const day = new Date(Date.UTC(2026, 9, 24 + index)).toISOString().slice(0, 10)
    return { day, ...quiet, ...mail[day] }
  })
}

describe('the chart of thirty days', () => {
  test('draws delivered mail upwards from the upper line, refused mail downwards from the lower one', () => {
    const chart = chartOf(days({ '2026-11-10': { delivered: 80, ended: 20, revoked: 10, other: 5 } }))
    const column = chart.columns.find(({ day }) => day === '2026-11-10')
    expect(column?.up && column.up.y + column.up.height).toBeCloseTo(chart.floor)
    expect(column?.down.map(({ kind }) => kind)).toEqual(['ended', 'revoked', 'other'])
    expect(column?.down[0]?.y).toBe(chart.ceiling)
    expect(chart.ceiling).toBeGreaterThan(chart.floor)
  })

  test('uses one scale for both, so that a refused mail is as large as a delivered one', () => {
    const chart = chartOf(days({ '2026-11-10': { delivered: 40, ended: 40 } }))
    const column = chart.columns.find(({ day }) => day === '2026-11-10')
    expect(column?.down[0]?.height).toBeCloseTo(column?.up?.height ?? 0)
  })

  test('leaves a gap between the reasons, and shows a single mail among thousands', () => {
    const chart = chartOf(days({ '2026-11-10': { delivered: 9000, ended: 700, revoked: 1, other: 900 } }))
    const down = chart.columns.find(({ day }) => day === '2026-11-10')?.down ?? []
    expect(down).toHaveLength(3)
    for (const [index, segment] of down.entries()) {
      expect(segment.height).toBeGreaterThanOrEqual(1)
      const before = down[index - 1]
      if (before !== undefined && before.height > 1)
        expect(segment.y).toBeGreaterThan(before.y + before.height)
    }
  })

  test('never draws outside itself, however much of one sort there is', () => {
    for (const mail of [
      { delivered: 1 },
      { ended: 1 },
      { ended: 12_345 },
      { delivered: 77, other: 76 },
      {},
    ]) {
      const chart = chartOf(days({ '2026-11-22': mail }))
      for (const { up, down } of chart.columns) {
        if (up !== undefined) expect(up.y).toBeGreaterThanOrEqual(0)
        for (const { y, height } of down) expect(y + height).toBeLessThanOrEqual(chart.height)
      }
      for (const { y } of chart.lines) expect(y).toBeLessThanOrEqual(chart.height)
    }
  })

  test('names the Mondays and today, and no Monday that would run into today', () => {
    const named = (list: readonly DayCount[]) =>
      chartOf(list)
        .columns.filter((column) => column.named)
        .map(({ day }) => day)
    expect(named(days())).toEqual(['2026-10-26', '2026-11-02', '2026-11-09', '2026-11-16', '2026-11-22'])
    expect(named(days().slice(0, 25))).toEqual(['2026-10-26', '2026-11-02', '2026-11-09', '2026-11-17'])
  })

  test('lets the needle hang above the bar of today and never into it', () => {
    const chart = chartOf(days({ '2026-11-22': { delivered: 31 }, '2026-11-17': { delivered: 85 } }))
    const today = chart.columns.at(-1)
    expect(today?.today).toBe(true)
    expect(chart.needle?.x).toBe(today?.x)
    expect(chart.needle?.to).toBeLessThan(today?.up?.y ?? 0)
  })

  test('takes the smallest round step with which both halves fit', () => {
    expect(stepFor(85, 42)).toBe(30)
    expect(stepFor(0, 0)).toBe(1)
    expect(stepFor(4, 1)).toBe(1)
    expect(stepFor(5, 1)).toBe(2)
    expect(stepFor(0, 1000)).toBe(300)
  })

  test('labels its lines with counts of mails, from zero outwards', () => {
    const { lines, floor, ceiling } = chartOf(days({ '2026-11-10': { delivered: 85, ended: 42 } }))
    expect(lines.filter(({ y }) => y < floor).map(({ label }) => label)).toEqual(['30', '60', '90'])
    expect(lines.filter(({ y }) => y > ceiling).map(({ label }) => label)).toEqual(['30'])
  })

  test('is as tall without mail as on an ordinary month, so that nothing below it jumps', () => {
    const ordinary = chartOf(days({ '2026-11-10': { delivered: 85, ended: 42 } }))
    expect(Math.abs(chartOf(days()).height - ordinary.height)).toBeLessThan(2)
    expect(chartOf(days()).floor).toBe(ordinary.floor)
  })

  test('draws nothing at all from no days', () => {
    expect(chartOf([]).columns).toEqual([])
    expect(chartOf([]).needle).toBeUndefined()
  })
})
