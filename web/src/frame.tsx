// The frame of every view: the name, the five words, the person. The needle hangs above the word one is at.

import { type ComponentChildren, Fragment } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { api } from './api.ts'
import { Button } from './button.tsx'
import { KEY_LIST, keyListOpen } from './keys.ts'
import { Link } from './link.tsx'
import { Notice } from './notice.tsx'
import { type Place, route } from './router.ts'
import { awaySeconds, forgetState, isPostmaster, me } from './state.ts'
import { forgetMade } from './views/make/made-before.ts'
import { NO_ANSWER, STILL_HERE } from './words.ts'

export function Name() {
  return (
    <>
      time
      <i aria-hidden="true" />
      delay
    </>
  )
}

const WORDS: readonly (readonly [Place, string])[] = [
  ['make', 'Make'],
  ['addresses', 'Addresses'],
  ['explain', 'Explain'],
  ['activity', 'Activity'],
]

/** Signs out and starts from nothing. */
export async function signOut(): Promise<void> {
  const answer = await api.signOut()
  if (answer.ok || answer.status === 401) startAfresh()
}

/** The session is over: no word of the last person stays in this tab or this browser. */
export function startAfresh(): void {
  forgetMade()
  forgetState()
  location.assign(new URL('./', document.baseURI))
}

/** A view that took what had the focus away leaves it nowhere: then its title has it, and is read out. */
function useArrival(place: Place): void {
  const from = useRef(place)
  useEffect(() => {
    if (from.current === place) return
    from.current = place
    if (document.activeElement !== document.body) return
    const title = document.querySelector<HTMLElement>('main h1')
    title?.setAttribute('tabindex', '-1')
    title?.focus({ preventScroll: true })
  }, [place])
}

/** The five words; four as long as it is not known who somebody is. */
export function Places({ at }: { at: Place }) {
  const last: readonly [Place, string] = isPostmaster.value ? ['mappings', 'Mappings'] : ['tokens', 'Tokens']
  const words = me.value === undefined ? WORDS : [...WORDS, last]
  const marked: Place = at === 'still-trying' ? 'addresses' : at
  return (
    <nav class="places" aria-label="Views">
      {words.map(([to, word]) => (
        <Link key={to} to={to} class="place" current={to === marked}>
          {word}
        </Link>
      ))}
    </nav>
  )
}

export function Frame({ children }: { children: ComponentChildren }) {
  const { place } = route.value
  useArrival(place)
  return (
    <>
      <a class="skip" href="#view">
        To the view
      </a>
      <header class="frame">
        <Link to="make" class="name">
          <Name />
        </Link>
        <Places at={place} />
        <div class="person">
          <Link to="settings" class="me" current={place === 'settings'}>
            {me.value?.name}
          </Link>
          <button type="button" class="leave" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <main class="page" id="view" tabIndex={-1}>
        <Away />
        {keyListOpen.value && <KeyList />}
        {children}
      </main>
    </>
  )
}

/** The server is away: one line under the frame, and nothing is cleared. */
export function Away() {
  const seconds = awaySeconds.value
  if (seconds === undefined) return null
  return (
    <Notice class="trouble" title={NO_ANSWER}>
      <span aria-hidden="true">
        Trying again in {seconds} {seconds === 1 ? 'second' : 'seconds'}.
      </span>
      <br />
      <span class="quiet">{STILL_HERE}</span>
    </Notice>
  )
}

function KeyList() {
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    list.current?.querySelector('button')?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const close = () => {
    keyListOpen.value = false
  }
  return (
    <section aria-label="Keys" class="trouble" ref={list}>
      <h2>Keys</h2>
      <div class="key-lists">
        {KEY_LIST.map(([where, keys]) => (
          <div key={where}>
            <h3 class="label">{where}</h3>
            <dl class="key-list">
              {keys.map(([key, does]) => (
                <Fragment key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </Fragment>
              ))}
            </dl>
          </div>
        ))}
      </div>
      <Button small hotkey="esc" onClick={close}>
        Close the list
      </Button>
    </section>
  )
}
