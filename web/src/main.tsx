// The page: which view stands in the frame.

import './styles/index.css'
import { useSignal } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import type { State } from '../../src/admin/schemas.ts'
import { refreshState } from './api.ts'
import { Away, Frame, Name, Places } from './frame.tsx'
import { listenForKeys } from './keys.ts'
import { followHistory, type Place, route } from './router.ts'
import {
  awaySeconds,
  isPostmaster,
  isYesterdays,
  keepChoices,
  keepState,
  me,
  recallState,
  sessionEnded,
  state,
} from './state.ts'
import { ActivityView, THIRTY_DAYS } from './views/activity.tsx'
import { AddressesView, StillTryingView } from './views/addresses.tsx'
import { ExplainView } from './views/explain.tsx'
import { MakeView } from './views/make.tsx'
import { MappingsView, TokensView } from './views/mappings.tsx'
import { settingUp } from './views/set-up/building.ts'
import { SetUpView } from './views/set-up.tsx'
import { SettingsView } from './views/settings.tsx'
import { SignInView } from './views/sign-in.tsx'
import { followWidth } from './width.ts'

const VIEWS: Record<Place, () => preact.ComponentChildren> = {
  make: () => <MakeView />,
  addresses: () => <AddressesView />,
  'still-trying': () => <StillTryingView />,
  explain: () => <ExplainView />,
  activity: () => <ActivityView />,
  // Owners have no mappings; an address that says so leads them to what stands in its place.
  mappings: () => (isPostmaster.value ? <MappingsView /> : <TokensView />),
  tokens: () => <TokensView />,
  settings: () => <SettingsView />,
}

const TITLES: Record<Place, string> = {
  make: 'Make an address',
  addresses: 'Addresses',
  'still-trying': 'Still trying',
  explain: 'Explain',
  activity: 'Activity',
  mappings: 'Mappings',
  tokens: 'Tokens',
  settings: 'Settings',
}

/** Milliseconds of silence before it is said that the first answer takes its time. */
const SLOW_MS = 1000

/** The frame before the first answer: nothing is known yet but the name, the words and where one goes. */
function Arriving() {
  const slow = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      slow.value = true
    }, SLOW_MS)
    return () => clearTimeout(timer)
  }, [])
  const { place } = route.value
  return (
    <>
      <header class="frame">
        <span class="name">
          <Name />
        </span>
        <Places at={place} />
      </header>
      <main class="page" aria-busy="true">
        <Away />
        <h1 class={place === 'make' || place === 'explain' ? 'unseen' : ''}>
          {place === 'activity' ? THIRTY_DAYS : TITLES[place]}
        </h1>
        {slow.value && awaySeconds.value === undefined && (
          <p class="note" role="status">
            Still reading ...
          </p>
        )}
      </main>
    </>
  )
}

/** A set-up that was broken off after its first step goes on where one would make addresses. */
function nothingToMakeWith(known: State): boolean {
  if (known.stage !== 'ready' || known.me?.role !== 'postmaster' || route.value.place !== 'make') return false
  return known.domains.length === 0 || known.prefixes.length === 0
}

function App() {
  const known = state.value
  if (known === undefined) return <Arriving />
  if (known.stage === 'set-up' || settingUp.value || nothingToMakeWith(known)) return <SetUpView />
  if (known.stage === 'sign-in') return <SignInView />
  const { place } = route.value
  document.title = `${TITLES[place]} · timedelay`
  return (
    <>
      {sessionEnded.value && <SignInView again />}
      <div hidden={sessionEnded.value}>
        <Frame>{VIEWS[place]()}</Frame>
      </div>
    </>
  )
}

keepChoices()
followWidth()
followHistory()
listenForKeys(() => (isPostmaster.value ? 'mappings' : 'tokens'))
// The first paint has all that is known: after a reload that is everything, otherwise the name.
state.value = recallState()
keepState()
render(<App />, document.body)
void refreshState()
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && me.value !== undefined) void refreshState()
})
setInterval(() => {
  if (me.value !== undefined && isYesterdays()) void refreshState()
}, 60_000)
