// "Bring a whole table": lines as mail people write them, all of them or none.

import { useSignal } from '@preact/signals'
import { api } from '../../api.ts'
import { Button, LinkButton } from '../../button.tsx'
import { SelectField, TextField } from '../../field.tsx'
import { state } from '../../state.ts'
import { count } from '../../words.ts'
import { useSaving } from './row-form.tsx'

export function ImportLines({ onImported }: { onImported: () => Promise<void> }) {
  const open = useSignal(false)
  const said = useSignal('')
  return (
    <section class="import">
      <h2>Bring a whole table</h2>
      <p class="quiet">
        Paste lines of the form <code>prefix mailbox,mailbox</code>. All of them are taken, or none, with the
        number of the first line at fault.{' '}
        {!open.value && (
          <LinkButton
            onClick={() => {
              open.value = true
              said.value = ''
            }}
          >
            Import lines
          </LinkButton>
        )}
      </p>
      {open.value && (
        <Lines
          onLeave={() => {
            open.value = false
          }}
          onDone={async (words) => {
            await onImported()
            open.value = false
            said.value = words
          }}
        />
      )}
      <p role="status">{said.value}</p>
    </section>
  )
}

function Lines(props: { onLeave: () => void; onDone: (words: string) => Promise<void> }) {
  const domains = state.value?.domains ?? []
  const domain = useSignal(domains[0]?.name ?? '')
  const text = useSignal('')
  const saving = useSaving(['text', 'domain', 'list'])
  const save = async () => {
    const empty = text.value.trim() === ''
    const found = empty
      ? { field: 'text', message: 'There are no lines yet. Paste at least one.' }
      : undefined
    const answer = await saving.run(found, () =>
      api.importPrefixes({ domain: domain.value, text: text.value }),
    )
    if (answer?.ok !== true) return
    const { added, changed } = answer.value
    const same = added + changed === 0
    await props.onDone(
      same
        ? 'All of them were here already.'
        : `${count(added)} added, ${count(changed)} given other mailboxes.`,
    )
  }
  return (
    <form
      class="row-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.onLeave()}
    >
      {domains.length > 1 && (
        <SelectField
          label="domain"
          value={domain}
          choices={domains.map(({ name }) => ({ value: name, text: name }))}
          fault={saving.at('domain')}
        />
      )}
      <TextField
        label="lines"
        value={text}
        lines={8}
        mono
        fault={saving.at('text') ?? saving.at('list')}
        onInput={saving.clear}
      />
      {saving.trouble !== undefined && (
        <p class="hung fault" role="alert">
          {saving.trouble}
        </p>
      )}
      <p class="actions row-end">
        <Button primary type="submit" disabled={saving.busy}>
          Import the lines
        </Button>
        <Button hotkey="esc" onClick={props.onLeave}>
          Leave it
        </Button>
      </p>
    </form>
  )
}
