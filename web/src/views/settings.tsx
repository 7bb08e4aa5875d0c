// Settings: one's own account, and what this browser remembers.

import { me } from '../state.ts'
import { Appearance, Keyboard } from './settings/appearance.tsx'
import { Password } from './settings/password.tsx'
import './settings/sections.css'
import { SecondFactor } from './settings/second-factor.tsx'
import { Sessions } from './settings/sessions.tsx'

export function SettingsView() {
  return (
    <>
      <div class="title">
        <h1>Settings</h1>
        <p class="note">
          {me.value?.name}, {me.value?.role}
        </p>
      </div>
      <div class="settings">
        <Password />
        <SecondFactor />
        <Appearance />
        <Keyboard />
        <Sessions />
      </div>
    </>
  )
}
