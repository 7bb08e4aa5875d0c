// An address taken apart. One text with spans in it: no white space, no soft hyphens, no pseudo-elements, so that
// selecting and copying gives the bare address.

import type { ComponentChildren, CSSProperties } from 'preact'
import type { AddressState } from '../../src/admin/schemas.ts'
import { type Anatomy, takeApart } from './anatomy.ts'

export type Part = 'who' | 'from' | 'days' | 'seal' | 'at'

/** In rows and lists: only the days wear a colour, that of the state. `bare` leaves the domain out. */
export function AddressRow({
  address,
  state,
  bare,
}: {
  address: string
  state: AddressState
  bare?: boolean
}) {
  const parts = takeApart(address)
  if (parts === undefined)
    return (
      <span class="address row">
        <span class="at">{address}</span>
      </span>
    )
  return (
    <span class="address row">
      <span class="who">{parts.who}</span>
      <span class="from">{parts.from}</span>
      <span class={`days ${state}`}>{parts.days}</span>
      {parts.seal !== '' && <span class="seal">{parts.seal}</span>}
      {bare !== true && parts.at !== '' && (
        <>
          <wbr />
          <span class="at">{parts.at}</span>
        </>
      )}
    </span>
  )
}

/** Unknown characters, drawn and not text: copying must not find them. */
function Dots({ count }: { count: number }) {
  return (
    <svg class="dots" style={{ '--count': count } as CSSProperties} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <circle
          key={index}
          cx={`${((index + 0.5) / count) * 100}%`}
          cy="50%"
          r="0.07em"
          fill="currentColor"
        />
      ))}
    </svg>
  )
}

export interface HeroProps {
  readonly anatomy: Anatomy
  readonly state: AddressState
  /** What a screen reader says instead of the colours: "Address: d j b, from 22 November 2026, ...". */
  readonly says: string
  /** How many characters of the seal are still to come; they are drawn as dots. */
  readonly sealDots?: number
  /** The same for a prefix that is not known yet. */
  readonly whoDots?: number
  readonly faulty?: Part | undefined
  /** The part that this step of the set-up gives, in the needle's colour. */
  readonly thisStep?: Part | undefined
  /** Fields or words under the brackets, made with `HeroLabel` and `HeroSays`. Without them only the brackets stand. */
  readonly children?: ComponentChildren
  readonly id?: string
  /** Characters kept free for a seal that may come, so that a field has its place under it. */
  readonly roomForSeal?: number
  /** Only the part of this step has a bracket. */
  readonly bracketThisStep?: boolean
}

/** The address as the hero of a view, with the brackets under its parts. */
export function Hero(props: HeroProps) {
  const { anatomy, sealDots = 0, whoDots = 0 } = props
  const who = anatomy.who.length || whoDots
  const seal = anatomy.seal.length || sealDots
  const room = Math.max(seal, props.roomForSeal ?? 0)
  const local = who + 10 + room
  const style = {
    '--who-length': who,
    '--seal-room': room,
    '--seal-length': seal,
    '--local-length': local,
    '--length': local + anatomy.at.length,
    '--at-length': anatomy.at.length,
  } as CSSProperties
  const name = (part: Part, extra = '') =>
    `${part} ${extra} ${props.faulty === part ? 'faulty' : ''} ${props.thisStep === part ? 'this-step' : ''}`
  const none = (part: Part) => {
    if (props.thisStep === part) return ''
    const shown = props.bracketThisStep !== true && part !== 'at' && (part !== 'seal' || seal > 0)
    return shown ? '' : 'none'
  }
  return (
    <div class="hero">
      <div class="hero-grid" style={style}>
        <p class="unseen">{props.says}</p>
        <output class="address hero-size" id={props.id} aria-hidden="true">
          {anatomy.who === '' ? (
            whoDots > 0 && <Dots count={whoDots} />
          ) : (
            <span class={name('who')}>{anatomy.who}</span>
          )}
          <span class={name('from')}>{anatomy.from}</span>
          <span class={name('days', props.state)}>{anatomy.days || <Dots count={2} />}</span>
          {anatomy.seal !== '' && <span class={name('seal')}>{anatomy.seal}</span>}
          {anatomy.seal === '' && sealDots > 0 && <Dots count={sealDots} />}
          <wbr />
          <span class={name('at')}>{anatomy.at}</span>
        </output>
        {PARTS.map((part) => (
          <i
            key={part}
            class={`bracket ${name(part, part === 'days' ? props.state : '')} ${none(part)}`}
            aria-hidden="true"
          />
        ))}
        {props.children}
      </div>
    </div>
  )
}

const PARTS: readonly Part[] = ['who', 'from', 'days', 'seal', 'at']

/** A label under a bracket of `Hero` (above it, where the page is narrow), and what the part says. */
export function HeroLabel(props: {
  part: Part
  label: string /** where the page is narrow */
  short?: string
  says?: string
  /** In the needle's colour. */
  current?: boolean
}) {
  const style = { gridColumn: PARTS.indexOf(props.part) + 1 }
  return (
    <>
      <span class={`label ${props.part} ${props.current === true ? 'this-step' : ''}`} style={style}>
        {props.short === undefined ? (
          props.label
        ) : (
          <>
            <span class="wide-only">{props.label}</span>
            <span class="narrow-only">{props.short}</span>
          </>
        )}
      </span>
      {props.says !== undefined && (
        <span class="says" style={style}>
          {props.says}
        </span>
      )}
    </>
  )
}
