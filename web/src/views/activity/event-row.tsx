// One verdict of the list, and under it, when asked, what only the mail server's log would tell.

import type { VerdictEvent } from '../../../../src/admin/schemas.ts'
import { AddressRow } from '../../address-parts.tsx'
import type { Day } from '../../days.ts'
import { Link } from '../../link.tsx'
import { StateWords } from '../../mark.tsx'
import { shortSender } from '../../words.ts'
import { followed, markOf, momentOf, verdictWord } from './event-words.ts'

export interface EventRowProps {
  readonly event: VerdictEvent
  readonly zone: string
  readonly today: Day
  /** The newest of all wears the needle. */
  readonly newest: boolean
  /** It came while the page looked on: its ground fades. */
  readonly fresh: boolean
  readonly open: boolean
  /** The one row that Tab reaches. */
  readonly reachable: boolean
  readonly onToggle: () => void
  readonly onFocus: () => void
}

export function EventRow(props: EventRowProps) {
  const { event, open } = props
  const state = markOf(event.verdict)
  const classes = [props.newest && 'newest', props.fresh && 'fresh', open && 'sunk'].filter(Boolean).join(' ')
  return (
    <>
      <tr class={classes}>
        <td class="moment">
          <button
            type="button"
            class="row-opener"
            aria-expanded={open}
            tabIndex={props.reachable ? 0 : -1}
            onClick={props.onToggle}
            onFocus={props.onFocus}
          >
            <time dateTime={event.at}>{momentOf(event.at, props.zone, props.today)}</time>
          </button>
        </td>
        <td>
          <StateWords state={state} words={verdictWord(event.verdict)} />
        </td>
        <td class="recipient">
          <AddressRow address={event.recipient} state={state} />
        </td>
        <td class="sender">{shortSender(event.sender) || '<> (no sender)'}</td>
        <td class={event.leaked === true ? 'followed leaked' : 'followed'}>{followed(event, props.today)}</td>
      </tr>
      {open && (
        <tr class="sunk more">
          <td colSpan={5}>
            {shortSender(event.sender) !== event.sender && <span class="mono">{event.sender}</span>}
            <span>{event.client === '' ? 'client unknown' : `from ${event.client}`}</span>
            <span>{event.queueId === '' ? 'no queue id yet' : `queue id ${event.queueId}`}</span>
            <Link to="explain" query={{ address: event.recipient }}>
              Explain this address
            </Link>
          </td>
        </tr>
      )}
    </>
  )
}
