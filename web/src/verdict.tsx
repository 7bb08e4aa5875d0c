// The one sentence that matters, and the quieter one under it.

import type { ComponentChildren } from 'preact'
import type { AddressState } from '../../src/admin/schemas.ts'
import { Mark } from './mark.tsx'

export function Verdict(props: {
  children: ComponentChildren
  /** 34 px instead of 30: Explain and set-up. */
  large?: boolean
  state?: AddressState
  /** The second line. */
  more?: ComponentChildren
}) {
  return (
    <div>
      <p class={props.large === true ? 'verdict large' : 'verdict'}>
        {props.state !== undefined && (
          <span class={props.state}>
            <Mark state={props.state} size={16} />{' '}
          </span>
        )}
        {props.children}
      </p>
      {props.more !== undefined && <p class="quiet">{props.more}</p>}
    </div>
  )
}
