// Bringing addresses in: a file or pasted lines, all of them or none. What was pasted stays when a line is at fault.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { api } from '../../api.ts'
import { Button } from '../../button.tsx'
import { TextField } from '../../field.tsx'
import { importedInWords } from './import-words.ts'

export function ImportAddresses(props: { onDone: () => void; onLeave: () => void }) {
  const text = useSignal('')
  const fault = useSignal<string | undefined>(undefined)
  const done = useSignal<string | undefined>(undefined)
  const file = useRef<HTMLInputElement>(null)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('textarea')?.focus(), [])
  const send = async () => {
    if (text.value.trim() === '') {
      fault.value = 'Nothing to import yet. Paste lines, or take a file.'
      return
    }
    fault.value = undefined
    done.value = undefined
    const answer = await api.importAddresses(text.value)
    if (answer.ok) {
      done.value = importedInWords(answer.value)
      text.value = ''
      props.onDone()
    } else fault.value = answer.problem.message
  }
  return (
    <form
      class="import"
      ref={form}
      aria-label="Import"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && text.value === '') props.onLeave()
      }}
    >
      <h2>Bring addresses in</h2>
      <p class="quiet">
        A line for each, as the export writes them. The first line names the columns: <code>address</code>,
        and <code>site</code>, <code>note</code>, <code>revoked_at</code> or <code>extended_through</code>{' '}
        where you have them. All of the lines are taken, or none, with the number of the first one at fault.
      </p>
      <TextField label="lines of CSV" value={text} lines={6} mono fault={fault.value} />
      <div class="actions">
        <Button type="submit" primary small>
          Import the lines
        </Button>
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv,text/plain"
          hidden
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? []
            event.currentTarget.form?.querySelector('textarea')?.focus()
            void chosen?.text().then((read) => {
              text.value = read
            })
            event.currentTarget.value = ''
          }}
        />
        <Button small onClick={() => file.current?.click()}>
          Take a file ...
        </Button>
        <Button small hotkey="esc" onClick={props.onLeave}>
          Leave it
        </Button>
      </div>
      <p role="status" class="quiet">
        {done.value}
      </p>
    </form>
  )
}
