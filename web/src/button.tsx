// Buttons. A button that did its work says so in its own word and changes back after two seconds; there are no toasts.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** How long a button says that it is done, in milliseconds. */
export const DONE_MS = 2000

/** A flag that is up for two seconds after `raise()`. */
export function useDone(): { readonly up: boolean; raise(): void } {
  const up = useSignal(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    up: up.value,
    raise: () => {
      up.value = true
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        up.value = false
      }, DONE_MS)
    },
  }
}

/** Writes the string to the clipboard; answers false where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

// Without https the clipboard API is missing; selecting a field and copying still works there.
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  const before = document.activeElement
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  return copied
}

export function Button(props: {
  children: string
  /** The word it shows for two seconds when `isDone`. */
  done?: string
  isDone?: boolean
  onClick?: () => void
  primary?: boolean
  small?: boolean
  /** The key that does the same, shown inside. */
  hotkey?: string
  type?: 'submit' | 'button'
  disabled?: boolean
  class?: string
}) {
  const away = (hidden: boolean) => (hidden ? ({ 'data-away': '', 'aria-hidden': true } as const) : {})
  const word = (
    <>
      {props.children}
      {props.hotkey !== undefined && (
        <span class="key" aria-hidden="true">
          {props.hotkey}
        </span>
      )}
    </>
  )
  return (
    <button
      type={props.type ?? 'button'}
      class={`button ${props.primary === true ? 'primary' : ''} ${props.small === true ? 'small' : ''} ${props.class ?? ''}`}
      onClick={props.onClick}
      disabled={props.disabled}
    >
      {props.done === undefined ? (
        word
      ) : (
        <span class="words">
          <span {...away(props.isDone === true)}>{word}</span>
          <span {...away(props.isDone !== true)}>{props.done}</span>
        </span>
      )}
    </button>
  )
}

/** Reads as a link: underlined ink. */
export function LinkButton(props: {
  children: ComponentChildren
  onClick: () => void
  disabled?: boolean
  expanded?: boolean
}) {
  return (
    <button
      type="button"
      class="link"
      onClick={props.onClick}
      disabled={props.disabled}
      aria-expanded={props.expanded}
    >
      {props.children}
    </button>
  )
}

/** Copies `text`, says "Copied" for two seconds. As `link` it reads as a link. */
export function CopyButton(props: {
  text: string
  children?: string
  link?: boolean
  primary?: boolean
  small?: boolean
  onCopied?: () => void
}) {
  const done = useDone()
  const copy = async () => {
    if (!(await copyText(props.text))) return
    done.raise()
    props.onCopied?.()
  }
  const word = props.children ?? 'Copy'
  if (props.link === true)
    return <LinkButton onClick={() => void copy()}>{done.up ? 'Copied' : word}</LinkButton>
  return (
    <Button
      done="Copied"
      isDone={done.up}
      onClick={() => void copy()}
      primary={props.primary ?? false}
      small={props.small ?? false}
    >
      {word}
    </Button>
  )
}
