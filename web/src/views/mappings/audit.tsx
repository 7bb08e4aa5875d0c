// Who changed what.

import type { AuditEntry } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { Notice, Teach } from '../../notice.tsx'
import { todayIn, zoneOf } from '../../state.ts'
import { momentOf } from '../activity/event-words.ts'
import { useLoaded } from '../loaded.ts'
import { Head, Rules } from './table.tsx'

export function Audit() {
  const list = useLoaded(api.audit)
  const entries = list.value.value?.entries
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
