// The marks of the four states, and of one that has not begun. 11 px, in the colour of the text they stand in.

import type { AddressState } from '../../src/admin/schemas.ts'

export function Mark({ state, size = 11 }: { state: AddressState; size?: number }) {
  return (
    <svg class="mark" viewBox="0 0 11 11" width={size} height={size} aria-hidden="true">
      {state === 'works' ? (
        <circle cx="5.5" cy="5.5" r="5" fill="currentColor" />
      ) : (
        <circle cx="5.5" cy="5.5" r="4.6" fill="none" stroke="currentColor" stroke-width="1.5" />
      )}
      {state === 'soon' && <path d="M5.5 1a4.5 4.5 0 0 1 0 9z" fill="currentColor" />}
      {state === 'revoked' && <path d="M2.4 8.6 8.6 2.4" stroke="currentColor" stroke-width="1.5" />}
      {state === 'waiting' && <circle cx="5.5" cy="5.5" r="1.4" fill="currentColor" />}
    </svg>
  )
}

/** A state told three times: by mark, by colour, by the words given. */
export function StateWords({ state, words }: { state: AddressState; words: string }) {
  return (
    <span class={`state ${state}`}>
      <Mark state={state} />
      {words}
    </span>
  )
}
