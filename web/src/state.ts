// What every view knows: who is signed in, the domains and their today, the prefixes, whether the server answers. What
// a view alone needs lives in the view.

import { computed, effect, signal } from '@preact/signals'
import type { State } from '../../src/admin/schemas.ts'
import { type Day, dayIn, dayOf, dayText } from './days.ts'

/** The service's answer to `GET console/state`; undefined until the first one. */
export const state = signal<State | undefined>(undefined)

/** The session ended while somebody was at work: the sign-in covers the view, which keeps what was typed. */
export const sessionEnded = signal(false)

/** Seconds until the next try while the server does not answer. */
export const awaySeconds = signal<number | undefined>(undefined)

/** Milliseconds that the server's clock is ahead of this one, as of the last answer. */
let ahead = 0
state.subscribe((fresh) => {
  if (fresh !== undefined) ahead = Date.parse(fresh.now) - Date.now()
})

/** Whether midnight has passed in one of the domains since the last answer. */
export function isYesterdays(): boolean {
  const now = Date.now() + ahead
  return state.value?.domains.some(({ timeZone, today }) => dayIn(timeZone, now) !== dayOf(today)) ?? false
}

export const me = computed(() => state.value?.me)
export const isPostmaster = computed(() => me.value?.role === 'postmaster')
/** With one domain, addresses in lists leave it out. */
export const severalDomains = computed(() => (state.value?.domains.length ?? 0) > 1)

/** Today in a domain's zone, by the server's clock. Without a name: in the first domain's. */
export function todayIn(domain?: string): Day {
  const known = state.value?.domains.find(({ name }) => domain === undefined || name === domain)
  if (known !== undefined) return dayOf(known.today)
  return todayOfZone(Intl.DateTimeFormat().resolvedOptions().timeZone)
}

/** Today in a zone of which no domain is yet, by the server's clock. */
export function todayOfZone(timeZone: string): Day {
  return dayIn(timeZone, state.value?.now ?? Date.now())
}

/** The zone of a domain; of the first one without a name. Times are written in it, and say so. */
export function zoneOf(domain?: string): string {
  const known = state.value?.domains.find(({ name }) => domain === undefined || name === domain)
  return known?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}

export type Theme = 'auto' | 'light' | 'dark'
/** Chosen by the reader, kept in this browser. */
export const theme = signal<Theme>('auto')
/** Single letters as keys (WCAG 2.1.4: they can be switched off), kept in this browser. */
export const letterKeys = signal(true)

const THEME = 'timedelay.theme'
const LETTERS = 'timedelay.letter-keys'

/** Reads the reader's choices and keeps them up to date. Call once, before the first paint. */
export function keepChoices(): void {
  const chosen = recall(THEME)
  if (chosen === 'light' || chosen === 'dark') theme.value = chosen
  letterKeys.value = recall(LETTERS) !== 'off'
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    remember(THEME, theme.value === 'auto' ? undefined : theme.value)
  })
  effect(() => remember(LETTERS, letterKeys.value ? undefined : 'off'))
}

/** What this browser remembers; undefined where it may not. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a text in this browser; undefined forgets it. A browser that refuses loses a comfort, nothing else. */
export function remember(key: string, text: string | undefined): void {
  try {
    if (text === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch {
    // Private windows and full disks: the choice lasts as long as the page.
  }
}

const LAST = 'timedelay.state'

/** The last state of this tab, with today set by this clock: a reload draws the whole page before the first answer. */
export function recallState(): State | undefined {
  try {
    return readState(sessionStorage.getItem(LAST) ?? '', Date.now())
  } catch {
    return undefined
  }
}

/** Reads a remembered state; one that another version left behind in another shape is none. */
export function readState(text: string, now: number): State | undefined {
  try {
    const last = JSON.parse(text) as Partial<State>
    if (last.stage !== 'ready' || last.me === undefined) return undefined
    const domains = last.domains?.map((domain) => ({
      ...domain,
      today: dayText(dayIn(domain.timeZone, now)),
    }))
    if (domains === undefined || !Array.isArray(last.prefixes)) return undefined
    return { ...(last as State), now: new Date(now).toISOString(), domains }
  } catch {
    return undefined
  }
}

/** Keeps the state for the next reload of this tab, while somebody is signed in. */
export function keepState(): void {
  effect(() => {
    try {
      if (state.value?.stage === 'ready') sessionStorage.setItem(LAST, JSON.stringify(state.value))
      else if (state.value !== undefined) sessionStorage.removeItem(LAST)
    } catch {
      // A browser that remembers nothing shows the name for a moment instead.
    }
  })
}

/** Nothing of this person is to be found in this tab. */
export function forgetState(): void {
  try {
    sessionStorage.removeItem(LAST)
  } catch {
    // It kept nothing.
  }
}
