// The keys that seal addresses. The newest seals; the one before it still counts; older ones do not.

import { useSignal } from '@preact/signals'
import type { KeyList } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { dayIn, longDate } from '../../days.ts'
import { StateWords } from '../../mark.tsx'
import { Notice } from '../../notice.tsx'
import { todayIn, zoneOf } from '../../state.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { rotationWords } from './rotation.ts'
import { Head, Rules } from './table.tsx'

export function Keys() {
  const list = useLoaded(api.keys)
  const asking = useSignal(false)
  const keys = list.value.value?.keys
  const stop = () => {
    asking.value = false
  }
  return (
    <>
      <table class="mapping keys">
        <Head columns={['key', 'made on', 'what it does']} />
        <tbody>
          {keys === undefined && <Rules columns={3} rows={2} />}
          {keys?.map(({ id, createdAt, signs }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>{longDate(dayIn(zoneOf(), createdAt))}</td>
              <td>
                <StateWords
                  state={signs ? 'works' : 'waiting'}
                  words={signs ? 'seals new addresses' : 'addresses it sealed still work'}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.slow && <p class="note">Still reading the keys ...</p>}
      {list.refusal !== undefined && <Notice title={list.refusal} />}
      {keys !== undefined && !asking.value && (
        <p class="add">
          <LinkButton
            onClick={() => {
              asking.value = true
            }}
          >
            Make a new key
          </LinkButton>
        </p>
      )}
      {keys !== undefined && asking.value && (
        <div class="sunk standing">
          <AskRotate
            keys={keys}
            onDone={async () => {
              await list.again()
              stop()
            }}
            onNo={stop}
          />
        </div>
      )}
    </>
  )
}

function AskRotate(props: { keys: KeyList['keys']; onDone: () => Promise<void>; onNo: () => void }) {
  const present = props.keys.find(({ signs }) => signs)
  const days = props.keys.map((key) => ({ ...key, made: dayIn(zoneOf(), key.createdAt) }))
  return (
    <Ask
      title="Seal with a new key from now on?"
      yes="Make the key"
      no={present === undefined ? 'Leave it' : `Keep key ${present.id}`}
      onYes={async () => {
        const answer = await api.rotateKeys()
        if (answer.ok) await props.onDone()
        return answer.ok ? undefined : answer.problem.message
      }}
      onNo={props.onNo}
    >
      {rotationWords(days, todayIn())}
    </Ask>
  )
}
