// The clock and the time zones: an address lives from midnight to midnight, so both decide over mail.

import { type Finding, fault, ok, warn } from './finding.ts'

export interface ClockFacts {
  readonly now: number
  /** Times that lie in the past if the clock is right, with what they are: "the newest verdict". */
  readonly past: readonly { readonly what: string; readonly at: number }[]
  /** Version of Node's time zone data, `2025b`. */
  readonly zoneData: string
  readonly zones: readonly { readonly domain: string; readonly timeZone: string; readonly known: boolean }[]
}

const MINUTE = 60_000
/** When this check was written: no right clock is before it. */
const WRITTEN = Date.UTC(2026, 10, 22)
/** Dates in addresses end with the year 9999, but a clock beyond this is a broken one. */
const FAR = Date.UTC(2100, 0, 1)

export function checkClock({ now, past, zoneData, zones }: ClockFacts): Finding[] {
  return [checkTime(now, past), checkZoneData(now, zoneData), ...zones.flatMap(checkZone)]
}

function checkTime(now: number, past: ClockFacts['past']): Finding {
  const shown = `The clock says ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const todo = 'timedatectl set-ntp true, then compare with: date -u'
  if (now < WRITTEN || now > FAR) return fault('clock', `${shown}, which cannot be right.`, todo)
  // A minute of grace: another machine may have written the file.
  const ahead = past.find(({ at }) => at > now + MINUTE)
  if (ahead !== undefined) {
    const by = Math.round((ahead.at - now) / MINUTE)
    return fault(
      'clock',
      `${shown}, but ${ahead.what} is ${by} minutes later: the clock has gone back.`,
      todo,
    )
  }
  return ok('clock', `${shown}. Compare it with another clock now and then.`)
}

/** Governments change their zones at short notice; data of two years ago misses some of it. */
function checkZoneData(now: number, zoneData: string): Finding {
  const year = Number(/^\d{4}/.exec(zoneData)?.[0] ?? Number.NaN)
  const age = new Date(now).getUTCFullYear() - year
  if (Number.isNaN(year) || age <= 2)
    return ok('time-zone-data', `This Node knows the time zones of ${zoneData}.`)
  return warn(
    'time-zone-data',
    `This Node knows the time zones of ${zoneData}, ${age} years ago: midnight may be an hour off where the law has changed.`,
    'Install a newer Node.',
  )
}

function checkZone({ domain, timeZone, known }: ClockFacts['zones'][number]): Finding[] {
  if (known) return [ok('time-zone', `${domain} lives in the time zone ${timeZone}.`)]
  return [
    fault(
      'time-zone',
      `${domain} lives in the time zone ${timeZone}, which this Node does not know: its mail is put off.`,
      `timedelay domain set ${domain} --time-zone Europe/Berlin, or another zone of "timedatectl list-timezones"`,
    ),
  ]
}
