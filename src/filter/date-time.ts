// Instants as mail headers write them.

import type { Calendar } from '../address/index.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Mon, 4 Jan 2027 00:00:00 +0100`: RFC 5322 §3.3, in the calendar's zone. `instant` in milliseconds since 1970. */
export function dateTime(instant: number, calendar: Calendar): string {
  const local = calendar.wallClock(instant)
  const [hour, minute, second] = [local.hour, local.minute, local.second].map((n) =>
    String(n).padStart(2, '0'),
  )
  const year = String(local.year).padStart(4, '0')
  // Old local times have seconds in their offset; a mail header has no room for them.
  const offset = local.offset.slice(0, 6).replace(':', '')
  const day = `${WEEKDAYS[local.dayOfWeek - 1]}, ${local.day} ${MONTHS[local.month - 1]} ${year}`
  return `${day} ${hour}:${minute}:${second} ${offset}`
}
