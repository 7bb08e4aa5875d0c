// One's own password.

import { useSignal } from '@preact/signals'
import { api } from '../../api.ts'
import { Button, useDone } from '../../button.tsx'
import { TextField } from '../../field.tsx'
import { me } from '../../state.ts'
import { passwordFault } from '../mappings/faults.ts'
import { useSaving } from '../mappings/row-form.tsx'

export function Password() {
  const current = useSignal('')
  const password = useSignal('')
  const again = useSignal('')
  const saving = useSaving(['current', 'password', 'again'])
  const done = useDone()
  const save = async () => {
    const found =
      current.value === ''
        ? { field: 'current', message: 'Your present password is missing. Give it first.' }
        : passwordFault(password.value, again.value)
    const wishes = { current: current.value, password: password.value }
    const answer = await saving.run(found, () => api.changePassword(wishes))
    if (answer?.ok !== true) return
    current.value = ''
    password.value = ''
    again.value = ''
    done.raise()
  }
  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {/* For password managers: whose password this is. */}
        <input
          class="unseen"
          type="text"
          name="name"
          autocomplete="username"
          value={me.value?.name}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <TextField
          label="present password"
          value={current}
          input={{ type: 'password', autocomplete: 'current-password' }}
          fault={saving.at('current')}
          onInput={saving.clear}
        />
        <TextField
          label="new password"
          value={password}
          input={{ type: 'password', autocomplete: 'new-password' }}
          hint="At least 10 characters. Your other sessions end."
          fault={saving.at('password')}
          onInput={saving.clear}
        />
        <TextField
          label="new password, again"
          value={again}
          input={{ type: 'password', autocomplete: 'new-password' }}
          fault={saving.at('again')}
          onInput={saving.clear}
        />
        {saving.trouble !== undefined && (
          <p class="hung fault" role="alert">
            {saving.trouble}
          </p>
        )}
        <p>
          <Button type="submit" primary done="Changed" isDone={done.up} disabled={saving.busy}>
            Change the password
          </Button>
        </p>
      </form>
    </section>
  )
}
