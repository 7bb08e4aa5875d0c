// What an address means and whether it works, written a second time and differently: by looking at one character after
// the other and by counting days on the calendar, with no pattern, no Date, and nothing of src/address but types.

/** What is known about a prefix and an address, in plain numbers: days since 1970-01-01. */
export interface Circumstances {
  readonly prefixExists: boolean
  readonly enabled: boolean
  readonly signed: boolean
  readonly maxDays: number
  readonly maxPrefixLength: number
  readonly tagIsRight: boolean
  readonly revoked: boolean
  readonly extendedThrough: number | undefined
  readonly today: number
}

export interface Reading {
  readonly prefix: string
  readonly issued: number
  readonly days: number
  readonly canonical: string
  readonly tagged: boolean
}

const between = (character: string, low: string, high: string): boolean =>
  character.length === 1 && character >= low && character <= high
const isDigit = (character: string): boolean => between(character, '0', '9')
const isLetter = (character: string): boolean => between(character, 'a', 'z') || between(character, 'A', 'Z')

/** The lower case of an ASCII letter, without asking what Unicode thinks. */
function small(character: string): string {
  return between(character, 'A', 'Z') ? String.fromCharCode(character.charCodeAt(0) + 32) : character
}

/** Crockford's letters: no i, l, o and u of their own; the first three stand for digits where a digit may stand. */
function seal(text: string): string | undefined {
  let canonical = ''
  for (const [at, character] of [...text].entries()) {
    const one = small(character)
    if (!isLetter(character) && !isDigit(character)) return undefined
    if (one === 'u') return undefined
    const confused = one === 'i' || one === 'l' || one === 'o'
    if (at === 0 && (confused || isDigit(one))) return undefined
    canonical += confused ? (one === 'o' ? '0' : '1') : one
  }
  return canonical
}

const leap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const lengthOf = (year: number, month: number): number =>
  (LENGTHS[month - 1] ?? 0) + (month === 2 && leap(year) ? 1 : 0)

/** Days before the first of January of each year from 0 on. */
const YEARS: number[] = []
for (let year = 0, days = 0; year <= 10_000; year++) {
  YEARS.push(days)
  days += leap(year) ? 366 : 365
}
const EPOCH = YEARS[1970] ?? 0

function dayNumber(year: number, month: number, date: number): number | undefined {
  if (date < 1 || date > lengthOf(year, month)) return undefined
  let day = (YEARS[year] ?? 0) - EPOCH + date - 1
  for (let before = 1; before < month; before++) day += lengthOf(year, before)
  return day
}

export function read(text: string, maxPrefixLength: number): Reading | 'not-understood' | 'no-such-date' {
  let letters = 0
  while (letters < text.length && isLetter(text.charAt(letters))) letters++
  if (letters < 2 || letters > maxPrefixLength) return 'not-understood'
  const digits = text.slice(letters, letters + 10)
  if (digits.length < 10 || ![...digits].every(isDigit)) return 'not-understood'
  const rest = text.slice(letters + 10)
  let tail: string | undefined = ''
  if (rest.length === 6) tail = seal(rest)
  else if (rest.length === 9) {
    const [salt, tag] = [seal(rest.slice(0, 3)), seal(rest.slice(3))]
    tail = salt === undefined || tag === undefined ? undefined : salt + tag
  } else if (rest.length !== 0) return 'not-understood'
  if (tail === undefined) return 'not-understood'
  const number = (from: number, to: number): number => Number.parseInt(digits.slice(from, to), 10)
  const issued = dayNumber(number(0, 4), number(4, 6), number(6, 8))
  if (issued === undefined) return 'no-such-date'
  const prefix = [...text.slice(0, letters)].map(small).join('')
  return { prefix, issued, days: number(8, 10), canonical: prefix + digits + tail, tagged: tail !== '' }
}

/** The verdict's name, as section 3 of the design has it. */
export function verdict(reading: ReturnType<typeof read>, about: Circumstances): string {
  if (typeof reading === 'string') return 'not-understood'
  const strange = !about.prefixExists || !about.enabled || (reading.tagged ? !about.tagIsRight : about.signed)
  if (strange) return 'unknown'
  if (about.revoked) return 'revoked'
  const { extendedThrough, today, maxDays } = about
  if (extendedThrough !== undefined && extendedThrough >= today) return 'forward'
  const days = reading.days < maxDays ? reading.days : maxDays
  // The days on which it works, one by one; none for 00.
  for (let day = reading.issued; day < reading.issued + days; day++) if (day === today) return 'forward'
  return reading.issued <= today ? 'expired' : 'not-yet-valid'
}
