import { describe, expect, it } from 'vitest'
import { beside, mailTicks, timeScale } from '../../../../web/src/views/explain/time-scale.ts'

describe('the time line of an explanation', () => {
  it('shows the whole life, today and the mail, with a little room', () => {
    const span = timeScale({ firstDay: 100, end: 145, today: 177, mails: [101.2, 176.9] })
    expect(span).toEqual({ start: 92, end: 186 })
  })

  it('shows mail that came before its first day', () => {
    expect(timeScale({ firstDay: 100, end: 110, today: 105, mails: [80.5] }).start).toBeLessThan(80)
  })

  it('does not shrink a life to a point because of one far away', () => {
    const { start: from, end: to } = timeScale({
      firstDay: 10_000,
      end: 10_010,
      today: 20_000,
      mails: [1, 19_000],
    })
    expect(to - from).toBeLessThan(1200)
    expect(from).toBeLessThan(10_000)
    expect(to).toBeGreaterThan(10_010)
  })
})

describe('the ticks of mail', () => {
  const span = { start: 0, end: 100 }

  it('stand where the mail came', () => {
    expect(mailTicks([50], span, 1000)).toEqual([50])
  })

  it('never stand closer than the eye can part them, however many there are', () => {
    const days = Array.from({ length: 5000 }, (_, index) => index / 50)
    const ticks = mailTicks(days, span, 1000)
    expect(ticks.length).toBeLessThanOrEqual(251)
    for (const [index, tick] of ticks.entries()) {
      if (index > 0) expect(tick - (ticks[index - 1] ?? 0)).toBeGreaterThanOrEqual(0.39)
    }
  })

  it('leave out mail beyond the calendar', () => {
    expect(mailTicks([-5, 105, 100], span, 1000)).toEqual([100])
  })
})

describe('words beside a bar', () => {
  it('stand to its right', () => {
    expect(beside(100, 200, 900, 1000)).toEqual({ side: 'right', fits: true })
  })

  it('stand to its left when the needle or the edge is in the way', () => {
    expect(beside(600, 200, 700, 1000)).toEqual({ side: 'left', fits: true })
    expect(beside(900, 200, 100, 1000)).toEqual({ side: 'left', fits: true })
  })

  it('say when there is no room at all', () => {
    expect(beside(150, 300, 200, 360)).toEqual({ side: 'left', fits: false })
    expect(beside(150, 190, 200, 360)).toEqual({ side: 'right', fits: false })
  })
})
