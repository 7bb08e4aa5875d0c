// What is being made: what was typed, and what follows from it. It outlives the view, so that a look at another view
// loses nothing. The address itself is written here; only its seal comes from the service.

import { batch, computed, effect, signal } from '@preact/signals'
import type {
  AddressChange,
  AddressWishes,
  MadeAddress,
  Problem,
  UsablePrefix,
} from '../../../../src/admin/schemas.ts'
import type { Anatomy } from '../../anatomy.ts'
import { takeApart } from '../../anatomy.ts'
import { api, type Refused } from '../../api.ts'
import { copyText } from '../../button.tsx'
import { type Day, dayDigits, daysInWords, dayText, LAST_DAY, longDate } from '../../days.ts'
import { awaySeconds, me, recall, remember, state, todayIn, zoneOf } from '../../state.ts'
import { readDays } from './lifetimes.ts'
import { keepMade } from './made-before.ts'
import { looksWhole, siteIn } from './site-name.ts'

/** With or without a seal; 'auto': as the prefix demands, and with one when there is a site. */
export type SealWish = 'auto' | 'with' | 'without'

const PREFIX = 'timedelay.prefix'
/** A tag has 6 characters, a salt 3. */
const TAG = 6
const SALT = 3
/** Milliseconds after the last key before the service is asked for the seal. */
const TYPING_MS = 120

const prefixKey = signal('')
export const fromDay = signal<Day | undefined>(undefined)
export const daysText = signal('')
export const siteText = signal('')
export const noteText = signal('')
export const sealWish = signal<SealWish>('auto')
/** How many at once; undefined while one is made. */
export const severalText = signal<string | undefined>(undefined)
/** What the service turned down, until the member at fault changes. */
export const problem = signal<Problem | undefined>(undefined)
/** The wishes that the service turned down for good; the same again would be turned down again. */
const hopeless = signal('')
/** Something that went wrong beside the fields: not copied, not recorded. */
export const trouble = signal<string | undefined>(undefined)

export const keyOf = (prefix: UsablePrefix) => `${prefix.domain}/${prefix.name}`

export const prefix = computed<UsablePrefix | undefined>(() => {
  const prefixes = state.value?.prefixes ?? []
  return prefixes.find((one) => keyOf(one) === prefixKey.value) ?? prefixes[0]
})
export const today = computed(() => todayIn(prefix.value?.domain))
export const zone = computed(() => zoneOf(prefix.value?.domain))
export const first = computed(() => fromDay.value ?? today.value)
export const most = computed(() => prefix.value?.maxDays ?? 99)
/** Undefined while what was typed is no lifetime of this prefix. */
export const days = computed(() => readDays(daysText.value, most.value))
export const last = computed(() => first.value + (days.value ?? 1) - 1)
/** Nothing is offered that would be refused from the start. */
export const isOver = computed(() => days.value !== undefined && last.value < today.value)
/** An address has room for four digits of a year. */
export const isBeyond = computed(() => last.value > LAST_DAY)
export const site = computed(() => siteIn(siteText.value))
/** Undefined while what was typed is no number from 2 to 50. */
export const several = computed(() => {
  if (severalText.value === undefined) return 1
  const count = /^\s*\d{1,2}\s*$/.test(severalText.value) ? Number(severalText.value) : 0
  return count >= 2 && count <= 50 ? count : undefined
})

export const sealed = computed(() => {
  if (prefix.value?.signed === true || several.value !== 1) return true
  return sealWish.value === 'auto' ? site.value !== '' : sealWish.value === 'with'
})

/** What tells the next address from this one where no site does: the service makes a salt of it. */
const serial = signal(newSerial())

function newSerial(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

/** What the fields say. */
const said = computed<AddressWishes | undefined>(() => {
  if (prefix.value === undefined || days.value === undefined || several.value === undefined) return undefined
  if (isBeyond.value) return undefined
  if (isOver.value) return undefined
  return {
    prefix: prefix.value.name,
    domain: prefix.value.domain,
    from: dayText(first.value),
    days: days.value,
    ...(sealed.value && site.value !== '' ? { site: site.value } : {}),
    ...(sealed.value === prefix.value.signed ? {} : { signed: sealed.value }),
    ...(several.value > 1 ? { count: several.value } : {}),
    ...(sealed.value && (site.value === '' || several.value > 1) ? { unique: serial.value } : {}),
  }
})

/** What the fields said when its address turned out to be a revoked one. */
const revoked = signal('')
/** The address that this site would get is revoked: the site gets another one, which differs by its salt. */
export const isAnother = computed(() => revoked.value !== '' && revoked.value === JSON.stringify(said.value))

const wishes = computed<AddressWishes | undefined>(() => {
  if (said.value === undefined || !isAnother.value) return said.value
  const { site: _, ...others } = said.value
  return { ...others, unique: serial.value }
})
const wishesText = computed(() => (wishes.value === undefined ? '' : JSON.stringify(wishes.value)))

/** The service's answer, with the wishes that it answers. */
const previewed = signal<{ readonly wishes: string; readonly made: readonly MadeAddress[] }>({
  wishes: '',
  made: [],
})

/** The whole addresses, once their seals are known; empty until then. */
export const addresses = computed<readonly string[]>(() => {
  if (previewed.value.wishes !== '' && previewed.value.wishes === wishesText.value)
    return previewed.value.made.map(({ address }) => address)
  const plain = wishes.value === undefined || sealed.value ? undefined : plainAddress.value
  return plain === undefined ? [] : [plain]
})

const plainAddress = computed(() => {
  const { name = '', domain = '' } = prefix.value ?? {}
  const number = daysText.value.trim().replace(/^\d$/, '0$&')
  return `${name}${dayDigits(first.value)}${number}@${domain}`
})

/** How many characters of the seal are still to come. */
export const sealDots = computed(() => {
  if (!sealed.value || addresses.value.length > 0) return 0
  return TAG + SALT
})

/** The address as it stands now, taken apart. */
export const anatomy = computed<Anatomy>(() => {
  const known = addresses.value[0] ?? plainAddress.value
  const parts = takeApart(known)
  if (parts !== undefined) return parts
  // What was typed as days are no two digits: the rest stands as it is.
  const { name = '', domain = '' } = prefix.value ?? {}
  return { who: name, from: dayDigits(first.value), days: '', seal: '', at: `@${domain}` }
})

/** What must be done before there is anything to copy, as the button says it. */
export const lacking = computed(() => {
  if (days.value === undefined) return 'Give its days first'
  if (isOver.value) return 'Give a later day first'
  if (isBeyond.value) return 'Give an earlier day first'
  if (several.value === undefined) return 'Say how many first'
  if (problem.value?.field === 'site') return 'Correct the site first'
  return hopeless.value === wishesText.value && hopeless.value !== '' ? 'Change something first' : undefined
})

const refused = signal<readonly [wishes: string, says: string]>(['', ''])
/** Why a day that was typed as the last one cannot be; until something else is wished. */
export const refusedLast = computed(() => (refused.value[0] === wishesText.value ? refused.value[1] : ''))

/** Takes the last day, or says why not. */
export function chooseLast(day: Day): void {
  const latest = Math.min(first.value + most.value - 1, LAST_DAY)
  if (day >= first.value && day <= latest) {
    chooseDays(day - first.value + 1)
    return
  }
  refused.value = [
    wishesText.value,
    day < first.value
      ? `It begins on ${longDate(first.value)}. Give that day or a later one.`
      : `${prefix.value?.name} allows ${daysInWords(most.value)}: through ${longDate(latest)}.`,
  ]
}

/** The address that "Next one" would make again. */
const before = signal('')
export const isSameAgain = computed(() => !sealed.value && addresses.value[0] === before.value)

/** Takes a prefix: its usual lifetime comes with it. */
export function choosePrefix(key: string): void {
  batch(() => {
    prefixKey.value = key
    if (prefix.value !== undefined) daysText.value = String(prefix.value.defaultDays)
    sealWish.value = 'auto'
    problem.value = undefined
  })
  remember(PREFIX, key)
}

export function chooseDays(value: number): void {
  refused.value = ['', '']
  daysText.value = String(value)
}

/** Remembers the prefix of the last visit. Does nothing when a prefix is chosen already and still there. */
export function startMaking(): void {
  const prefixes = state.value?.prefixes ?? []
  if (prefixes.some((one) => keyOf(one) === prefixKey.value)) return
  const remembered = prefixes.find((one) => keyOf(one) === recall(PREFIX)) ?? prefixes[0]
  if (remembered === undefined) return
  batch(() => {
    prefixKey.value = keyOf(remembered)
    daysText.value = String(remembered.defaultDays)
  })
}

const away = computed(() => awaySeconds.value !== undefined)

let asking: AbortController | undefined

/** The one conflict that is about no field: the very address was made before and revoked. */
function wasRevoked({ status, problem: { field } }: Refused): boolean {
  return status === 409 && field === undefined
}

/** Asks the service for the seal of what stands there now. */
async function ask(): Promise<boolean> {
  const wished = wishes.value
  const text = wishesText.value
  if (wished === undefined) return false
  asking?.abort()
  asking = new AbortController()
  const answer = await api.previewAddresses(wished, asking.signal)
  if (!answer.ok) {
    if (answer.status <= 0 || text !== wishesText.value) return false
    if (!isAnother.value && wished.site !== undefined && wasRevoked(answer)) {
      revoked.value = text
      return ask()
    }
    problem.value = answer.problem
    if (answer.status < 500) hopeless.value = text
    return false
  }
  batch(() => {
    previewed.value = { wishes: text, made: answer.value.addresses }
    problem.value = undefined
  })
  return text === wishesText.value
}

/** Keeps the seal up to date while the view is on the page; answers with what stops it. */
export function keepSealed(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = effect(() => {
    const text = wishesText.value
    clearTimeout(timer)
    problem.value = undefined
    // When the server is back, this runs again.
    if (away.value || text === '' || !sealed.value || previewed.peek().wishes === text) return
    if (site.value !== '' && !looksWhole(site.value)) return
    // The first address waits for nobody; later ones for the end of the typing.
    timer = setTimeout(
      () => addresses.peek().length === 0 && void ask(),
      previewed.peek().wishes === '' ? 0 : TYPING_MS,
    )
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

/** Leaves the host name of what was pasted, and asks the service about one that may be wrong, so that it can say so. */
export function checkSite(): void {
  siteText.value = site.value
  if (site.value !== '' && addresses.value.length === 0) void ask()
}

/** Copies what stands there, and has the service record it when it has a name. Answers whether it was copied. */
export async function copyAddresses(): Promise<boolean> {
  trouble.value = undefined
  if (wishes.value === undefined || lacking.value !== undefined) return false
  if (addresses.value.length === 0 && !(await ask())) return false
  const named = noteText.value.trim() !== '' || (sealed.value && site.value !== '')
  if (!(await copyNow(addresses.value))) return false
  if (named) void record()
  return true
}

async function copyNow(list: readonly string[]): Promise<boolean> {
  if (!(await copyText(list.join('\n')))) {
    trouble.value = 'The browser did not let it be copied. Select the address and copy it by hand.'
    return false
  }
  for (const address of list) {
    keepMade(me.value?.name ?? '', {
      address,
      name: site.value || noteText.value.trim(),
      lastDay: dayText(last.value),
      zone: zone.value,
      copiedAt: new Date().toISOString(),
    })
  }
  return true
}

async function record(): Promise<void> {
  const note = noteText.value.trim()
  const answer = isAnother.value
    ? await recordAnother(addresses.value, { site: site.value, note })
    : await api.makeAddresses({ ...(wishes.value as AddressWishes), ...(note === '' ? {} : { note }) })
  if (answer.ok) return
  batch(() => {
    problem.value = answer.problem
    trouble.value = 'The address was copied and works, but its site and note were not recorded.'
  })
}

/** Its seal says nothing of the site, so the record has to. */
async function recordAnother(
  list: readonly string[],
  change: AddressChange,
): Promise<Refused | { readonly ok: true }> {
  for (const address of list) {
    const answer = await api.changeAddress(address, change)
    if (!answer.ok) return answer
  }
  return { ok: true }
}

/** Starts the next one: prefix and days stay. */
export function startNext(): void {
  batch(() => {
    siteText.value = ''
    noteText.value = ''
    before.value = plainAddress.value
    serial.value = newSerial()
    problem.value = undefined
  })
}
