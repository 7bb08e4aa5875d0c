// What this browser remembers: the theme, and whether single letters are keys.

import { LinkButton } from '../../button.tsx'
import { keyListOpen } from '../../keys.ts'
import { letterKeys, type Theme, theme } from '../../state.ts'

const THEMES: readonly (readonly [Theme, string])[] = [
  ['auto', 'As the system has it'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

export function Appearance() {
  return (
    <section aria-labelledby="theme">
      <h2 id="theme">Theme</h2>
      <fieldset class="choices" aria-labelledby="theme">
        {THEMES.map(([value, words]) => (
          <label key={value} class="check">
            <input
              type="radio"
              name="theme"
              checked={theme.value === value}
              onChange={() => {
                theme.value = value
              }}
            />
            {words}
          </label>
        ))}
      </fieldset>
      <p class="note">Kept in this browser.</p>
    </section>
  )
}

export function Keyboard() {
  return (
    <section aria-labelledby="keyboard">
      <h2 id="keyboard">Keyboard</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={letterKeys.value}
          onChange={(event) => {
            letterKeys.value = event.currentTarget.checked
          }}
        />
        Single letters are keys
      </label>
      <p class="quiet">
        Outside fields, <kbd>g</kbd> then <kbd>m</kbd>, <kbd>a</kbd>, <kbd>e</kbd>, <kbd>v</kbd> or{' '}
        <kbd>p</kbd> goes to a view, and <kbd>?</kbd> lists the keys. Switch them off if you speak to your
        computer.
      </p>
      <LinkButton
        onClick={() => {
          keyListOpen.value = true
          scrollTo(0, 0)
        }}
      >
        Show all keys
      </LinkButton>
    </section>
  )
}
