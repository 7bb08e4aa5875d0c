// The page: which view stands in the frame.

import './styles/index.css'
import { render } from 'preact'
import { refreshState } from './api.ts'
import { Frame } from './frame.tsx'
import { listenForKeys } from './keys.ts'
import { followHistory, type Place, route } from './router.ts'
import { isPostmaster, keepChoices, sessionEnded, state } from './state.ts'
import { ActivityView } from './views/activity.tsx'
import { AddressesView, StillTryingView } from './views/addresses.tsx'
import { ExplainView } from './views/explain.tsx'
import { MakeView } from './views/make.tsx'
import { MappingsView, TokensView } from './views/mappings.tsx'
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
  mappings: () => <MappingsView />,
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

function App() {
  const known = state.value
  if (known === undefined) return null
  if (known.stage === 'set-up') return <SetUpView />
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
render(<App />, document.body)
void refreshState()
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && state.value?.me !== undefined) void refreshState()
})
