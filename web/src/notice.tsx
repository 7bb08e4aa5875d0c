// What hangs from a needle: trouble with the whole page, or with what one just did.

import type { ComponentChildren } from 'preact'

/** Bold first sentence, then what to do. `role="alert"`, so it is read out when it appears. */
export function Notice(props: { title: string; children?: ComponentChildren; class?: string }) {
  return (
    <div class={`hung ${props.class ?? ''}`} role="alert">
      <strong>{props.title}</strong> {props.children}
    </div>
  )
}

/** An empty state that teaches: one serif sentence, one that explains, one link. */
export function Teach(props: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="teach">
      <h2>{props.title}</h2>
      <p>{props.children}</p>
      {props.action}
    </div>
  )
}
