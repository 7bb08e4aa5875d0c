// A link between views: a real one, so that it can be opened in a new tab.

import type { ComponentChildren } from 'preact'
import { go, href, type Place, type Query } from './router.ts'

export function Link(props: {
  to: Place
  query?: Query
  class?: string
  current?: boolean
  children: ComponentChildren
}) {
  return (
    <a
      class={props.class ?? 'link'}
      href={href(props.to, props.query)}
      aria-current={props.current === true ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return
        event.preventDefault()
        go(props.to, props.query)
      }}
    >
      {props.children}
    </a>
  )
}
