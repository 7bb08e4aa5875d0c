import { describe, expect, test } from 'vitest'
import { type ClockFacts, checkClock } from '../../../src/service/doctor/clock.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((finding) => finding.check === check).map(({ level }) => level)
}

describe('the clock', () => {
  function facts(change: Partial<ClockFacts>): ClockFacts {
    return { now: NOW, past: [], zoneData: '2026a', zones: [], ...change }
  }

  test.each([Date.UTC(1970, 0, 1), Date.UTC(2024, 0, 1), Date.UTC(2201, 0, 1)])(
    'cannot be right at %d',
    (now) => {
      expect(levels(checkClock(facts({ now })), 'clock')).toEqual(['fault'])
    },
  )

  test('has gone back when a verdict is in the future, give or take a minute', () => {
    const past = (at: number) => facts({ past: [{ what: 'the newest verdict', at }] })
    expect(levels(checkClock(past(NOW + 30_000)), 'clock')).toEqual(['ok'])
    expect(levels(checkClock(past(NOW + 3_600_000)), 'clock')).toEqual(['fault'])
  })

  test('needs time zone data that is not too old', () => {
    expect(levels(checkClock(facts({ zoneData: '2023c' })), 'time-zone-data')).toEqual(['warn'])
    expect(levels(checkClock(facts({ zoneData: '2025b' })), 'time-zone-data')).toEqual(['ok'])
  })

  test('needs the zone of every domain', () => {
    const zones = [{ domain: 'td.example.com', timeZone: 'Mars/Olympus', known: false }]
    const [found] = checkClock(facts({ zones })).filter(({ check }) => check === 'time-zone')
    expect(found).toMatchObject({
      level: 'fault',
      todo: expect.stringContaining('timedelay domain set td.example.com --time-zone'),
    })
  })
})
