// Who changed what.

import { useSignal } from '@preact/signals'
import type { AuditEntry } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { Notice, Teach } from '../../notice.tsx'
import { todayIn, zoneOf } from '../../state.ts'
import { momentOf } from '../activity/event-words.ts'
import { useLoaded } from '../loaded.ts'
import { Head, Rules } from './table.tsx'

/** Changes that are read at once. */
const AT_ONCE = 100

export function Audit() {
  const list = useLoaded((signal) => api.audit({ limit: AT_ONCE }, signal))
  const older = useSignal<readonly AuditEntry[]>([])
  const ended = useSignal(false)
  const newest = list.value.value?.entries
  const entries = newest === undefined ? undefined : [...newest, ...older.value]
  const more = !ended.value && newest?.length === AT_ONCE
  const goOn = async () => {
    const before = entries?.at(-1)?.id
    if (before === undefined) return
    const answer = await api.audit({ limit: AT_ONCE, before })
    if (!answer.ok) return
    older.value = [...older.value, ...answer.value.entries]
    ended.value = answer.value.entries.length < AT_ONCE
  }
  if (entries?.length === 0) {
    return (
      <Teach title="Nobody has changed anything yet.">
        Each change by a person is kept here, with who made it and from where.
      </Teach>
    )
  }
  return (
    <>
      <table class="mapping audit">
        <Head columns={[`when, in ${zoneOf()}`, 'who', 'did what', 'to what', 'from']} />
        <tbody>
          {entries === undefined && <Rules columns={5} rows={8} />}
          {entries?.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
      {more && (
        <p>
          <LinkButton onClick={() => void goOn()}>Older changes</LinkButton>
        </p>
      )}
      {list.slow && <p class="note">Still reading the changes ...</p>}
      {list.refusal !== undefined && <Notice title={list.refusal} />}
    </>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  return (
    <tr>
      <td class="note">
        <time dateTime={entry.at}>{momentOf(entry.at, zoneOf(), todayIn())}</time>
      </td>
      <td>{entry.person}</td>
      <td>{entry.action}</td>
      <td class="main">
        {entry.subject}
        {entry.detail !== '' && <span class="note second">{entry.detail}</span>}
      </td>
      <td class="note wide">{entry.client}</td>
    </tr>
  )
}
