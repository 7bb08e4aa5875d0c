// Where one is signed in, and how to be so nowhere.

import { useSignal } from '@preact/signals'
import type { SessionView } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { Button } from '../../button.tsx'
import { whenShort } from '../../days.ts'
import { signOut, startAfresh } from '../../frame.tsx'
import { StateWords } from '../../mark.tsx'
import { Notice } from '../../notice.tsx'
import { todayIn, zoneOf } from '../../state.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { Rules } from '../mappings/table.tsx'
import { agentWords } from './agent.ts'

export function Sessions() {
  const list = useLoaded(api.sessions)
  const asking = useSignal(false)
  const sessions = list.value.value?.sessions
  return (
    <section class="whole" aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      <table class="sessions">
        <thead>
          <tr>
            <th scope="col">browser</th>
            <th scope="col">from</th>
            <th scope="col" class="wide">
              since
            </th>
            <th scope="col">last used</th>
          </tr>
        </thead>
        <tbody>
          {sessions === undefined && <Rules columns={4} rows={2} />}
          {sessions?.map((session) => (
            <Session key={session.id} session={session} />
          ))}
        </tbody>
      </table>
      <p class="note">Times in {zoneOf()}.</p>
      {list.slow && <p class="note">Still reading the sessions ...</p>}
      {list.refusal !== undefined && <Notice title={list.refusal} />}
      {asking.value ? (
        <Ask
          title="Sign out everywhere?"
          yes="Sign out everywhere"
          no="Stay signed in"
          onYes={async () => {
            const answer = await api.signOutEverywhere()
            if (answer.ok) startAfresh()
            return answer.ok ? undefined : answer.problem.message
          }}
          onNo={() => {
            asking.value = false
          }}
        >
          All of these sessions end at once, and this one too: you sign in again here. Tokens go on working.
        </Ask>
      ) : (
        <p class="actions">
          <Button onClick={() => void signOut()}>Sign out here</Button>
          <Button
            onClick={() => {
              asking.value = true
            }}
          >
            Sign out everywhere
          </Button>
        </p>
      )}
    </section>
  )
}

function Session({ session }: { session: SessionView }) {
  const when = (instant: string) => whenShort(instant, zoneOf(), todayIn())
  return (
    <tr>
      <td>{agentWords(session.agent)}</td>
      <td>{session.client}</td>
      <td class="wide">{when(session.since)}</td>
      <td>{session.current ? <StateWords state="works" words="this one" /> : when(session.lastSeen)}</td>
    </tr>
  )
}
