// "Someone changed foo while you were editing."

import type { Refused } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { Notice } from '../../notice.tsx'

export function Conflict(props: { name: string; words: string; onMine: () => void; onTheirs: () => void }) {
  return (
    <Notice class="conflict" title={`Someone changed ${props.name} while you were editing.`}>
      <br />
      <span class="quiet">{props.words}</span>{' '}
      <span class="actions">
        <LinkButton onClick={props.onMine}>Save mine</LinkButton>
        <LinkButton onClick={props.onTheirs}>Take theirs</LinkButton>
      </span>
    </Notice>
  )
}

/** What the row says by now, where a change was refused because somebody else had made one. */
export function theirsIn<T extends { readonly theirs: unknown }>(
  answer: Refused | { readonly ok: true },
): T['theirs'] | undefined {
  if (answer.ok || answer.status !== 409) return undefined
  return (answer.body as Partial<T> | undefined)?.theirs
}
