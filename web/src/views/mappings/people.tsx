// The people with an account: what they may do, and how they come back in when they have lost a key.

import { useSignal } from '@preact/signals'
import type { PersonChange, PersonConflict, PersonView } from '../../../../src/admin/schemas.ts'
import { api, refreshState } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { whenShort } from '../../days.ts'
import { SelectField, TextField } from '../../field.tsx'
import { Link } from '../../link.tsx'
import { StateWords } from '../../mark.tsx'
import { me, severalDomains, todayIn, zoneOf } from '../../state.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { ofPeople, type PersonDraft } from './conflict.ts'
import { Conflict, theirsIn } from './conflict-notice.tsx'
import { lengthFault } from './faults.ts'
import { moveByRow, NEW, type OpenRow, RowOpener, useOpenRow } from './open-row.tsx'
import { RowForm, useSaving } from './row-form.tsx'
import { Head, Rules, TableFoot } from './table.tsx'

const ROLES = [
  { value: 'owner', text: 'owner' },
  { value: 'postmaster', text: 'postmaster' },
]
const roleOf = (value: string) => (value === 'postmaster' ? ('postmaster' as const) : ('owner' as const))

export function People() {
  const list = useLoaded(api.people)
  const rows = useOpenRow()
  const close = async (to?: string) => {
    await Promise.all([list.again(), refreshState()])
    rows.close(to)
  }
  return (
    <>
      <table class="mapping people" onKeyDown={moveByRow}>
        <Head columns={['name', 'role', 'second factor', 'prefixes', 'last here', ['state', 'number']]} />
        <tbody>
          {list.value.value === undefined && <Rules columns={6} rows={3} />}
          {list.value.value?.people.map((person) =>
            rows.at === person.name ? (
              <tr key={person.name} class="sunk editing">
                <th scope="row">{person.name}</th>
                <td colSpan={5}>
                  <EditPerson person={person} onDone={close} onLeave={rows.close} />
                </td>
              </tr>
            ) : (
              <PersonRow key={person.name} person={person} rows={rows} />
            ),
          )}
          {rows.at === NEW && (
            <tr class="sunk editing">
              <td colSpan={6}>
                <AddPerson onDone={close} onLeave={rows.close} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <TableFoot list={list} rows={rows} words="Add a person" waiting="Still reading the people ..." />
      <p class="note">Times in {zoneOf()}.</p>
    </>
  )
}

function PersonRow({ person, rows }: { person: PersonView; rows: OpenRow }) {
  const { name, role, totp, enabled, prefixes, lastSeen } = person
  return (
    <tr class={enabled ? '' : 'off'} onClick={() => rows.open(name)}>
      <th scope="row">
        <RowOpener row={name} rows={rows}>
          {name}
          <span class="unseen">, edit</span>
        </RowOpener>
      </th>
      <td>{role}</td>
      <td class="wide">{totp ? 'yes' : 'no'}</td>
      <td class="main">
        {prefixes.length === 0 ? <span class="note">none</span> : prefixes.map(shownPrefix).join(', ')}
      </td>
      <td class="wide">
        {lastSeen === undefined ? <span class="note">never</span> : whenShort(lastSeen, zoneOf(), todayIn())}
      </td>
      <td class="number">
        <StateWords state={enabled ? 'works' : 'ended'} words={enabled ? 'may sign in' : 'disabled'} />
      </td>
    </tr>
  )
}

/** With one domain a prefix leaves it out, as addresses do. */
const shownPrefix = (prefix: string) => (severalDomains.value ? prefix : prefix.replace(/@.*/, ''))

type Asking = 'disable' | 'remove' | 'totp' | undefined

function EditPerson(props: {
  person: PersonView
  onDone: (to?: string) => Promise<void>
  onLeave: () => void
}) {
  const { name, role, totp, enabled } = props.person
  const isMe = name === me.value?.name
  // What one started from: the list behind may be read again meanwhile.
  const base = useSignal(props.person)
  const theirs = useSignal<PersonView | undefined>(undefined)
  const chosen = useSignal<string>(role)
  const password = useSignal('')
  const asking = useSignal<Asking>(undefined)
  const saving = useSaving(['role', 'password'])

  const change = async (wishes: PersonChange) => {
    const answer = await api.changePerson(name, wishes)
    if (answer.ok) await props.onDone()
    return answer.ok ? undefined : answer.problem.message
  }
  const mine = (): PersonDraft => ({ role: roleOf(chosen.value), enabled: base.value.enabled })
  /** `draft` as a change of what stands in `over`. */
  const save = async (draft: PersonDraft, over: PersonView) => {
    theirs.value = undefined
    const wishes: PersonChange = {
      ...(draft.role === over.role ? {} : { role: draft.role }),
      ...(password.value === '' ? {} : { password: password.value }),
    }
    if (Object.keys(wishes).length === 0) return props.onLeave()
    const fault = password.value === '' ? undefined : lengthFault(password.value)
    const found = fault === undefined ? undefined : { field: 'password', message: fault }
    const answer = await saving.run(found, () =>
      api.changePerson(name, { ...wishes, revision: over.revision }),
    )
    if (answer?.ok === true) await props.onDone()
    else if (answer !== undefined) theirs.value = theirsIn<PersonConflict>(answer)
  }
  const other = theirs.value
  const ask = (what: Asking) => {
    asking.value = what
  }
  if (asking.value !== undefined) {
    return (
      <AskPerson
        person={props.person}
        asking={asking.value}
        onNo={() => ask(undefined)}
        onChange={change}
        onRemove={async () => {
          const answer = await api.removePerson(name)
          if (answer.ok) await props.onDone(NEW)
          return answer.ok ? undefined : answer.problem.message
        }}
      />
    )
  }
  return (
    <RowForm
      save={`Save ${name}`}
      fields="of-person"
      saving={saving}
      onSave={() => void save(mine(), base.value)}
      onLeave={props.onLeave}
      between={
        other !== undefined && (
          <Conflict
            name={name}
            words={ofPeople.words(base.value, mine(), other)}
            onMine={() => void save(ofPeople.mineOver(base.value, mine(), other), other)}
            onTheirs={() => {
              base.value = other
              chosen.value = other.role
              theirs.value = undefined
            }}
          />
        )
      }
      aside={
        isMe ? (
          <span class="note">
            This is you. Your password and second factor are in <Link to="settings">your settings</Link>.
          </span>
        ) : (
          <>
            {totp && <LinkButton onClick={() => ask('totp')}>Switch the second factor off</LinkButton>}
            {enabled ? (
              <LinkButton onClick={() => ask('disable')}>Disable {name}</LinkButton>
            ) : (
              <>
                <LinkButton onClick={() => void saving.run(undefined, () => enable())}>
                  Enable {name}
                </LinkButton>
                <LinkButton onClick={() => ask('remove')}>Remove {name}</LinkButton>
              </>
            )}
          </>
        )
      }
    >
      <SelectField
        label="role"
        value={chosen}
        choices={ROLES}
        hint="A postmaster manages everything; an owner makes addresses of their own prefixes."
        fault={saving.at('role')}
        disabled={isMe}
      />
      {!isMe && (
        <TextField
          label="new password, if any"
          value={password}
          input={{ type: 'password', autocomplete: 'new-password' }}
          hint="It ends all of their sessions."
          fault={saving.at('password')}
          onInput={saving.clear}
        />
      )}
    </RowForm>
  )

  async function enable() {
    const answer = await api.changePerson(name, { enabled: true })
    if (answer.ok) await props.onDone()
    return answer
  }
}

function AskPerson(props: {
  person: PersonView
  asking: 'disable' | 'remove' | 'totp'
  onNo: () => void
  onChange: (wishes: PersonChange) => Promise<string | undefined>
  onRemove: () => Promise<string | undefined>
}) {
  const { name } = props.person
  if (props.asking === 'totp') {
    return (
      <Ask
        title={`Let ${name} in without a code?`}
        yes="Switch it off"
        no="Keep it on"
        onYes={() => props.onChange({ totp: false })}
        onNo={props.onNo}
      >
        The password alone opens the account then. Do it when the phone is lost; {name} can set up a new one.
      </Ask>
    )
  }
  if (props.asking === 'disable') {
    return (
      <Ask
        title={`Keep ${name} out from now on?`}
        yes={`Disable ${name}`}
        no="Leave it as it is"
        onYes={() => props.onChange({ enabled: false })}
        onNo={props.onNo}
      >
        All sessions end at once, and tokens make nothing any longer. Mail to their addresses goes on. You can
        enable the account again any day.
      </Ask>
    )
  }
  return (
    <Ask
      title={`Remove ${name}?`}
      yes={`Remove ${name}`}
      no={`Keep ${name}`}
      onYes={props.onRemove}
      onNo={props.onNo}
    >
      The account and its tokens go, and this cannot be undone. The prefixes stay and belong to nobody; mail
      goes on.
    </Ask>
  )
}

function AddPerson(props: { onDone: (to?: string) => Promise<void>; onLeave: () => void }) {
  const name = useSignal('')
  const role = useSignal('owner')
  const password = useSignal('')
  const saving = useSaving(['name', 'role', 'password'])
  const save = async () => {
    const fault = lengthFault(password.value)
    const found =
      name.value.trim() === ''
        ? { field: 'name', message: 'No name is given. Give the one to sign in with.' }
        : fault === undefined
          ? undefined
          : { field: 'password', message: fault }
    const answer = await saving.run(found, () =>
      api.addPerson({ name: name.value.trim(), role: roleOf(role.value), password: password.value }),
    )
    if (answer?.ok === true) await props.onDone(answer.value.name)
  }
  return (
    <RowForm
      save="Add the person"
      leave="Leave it"
      fields="of-new-person"
      saving={saving}
      onSave={() => void save()}
      onLeave={props.onLeave}
    >
      <TextField
        label="name"
        value={name}
        input={{ maxLength: 64, autocapitalize: 'none' }}
        fault={saving.at('name')}
        onInput={saving.clear}
      />
      <SelectField label="role" value={role} choices={ROLES} fault={saving.at('role')} />
      <TextField
        label="password"
        value={password}
        input={{ type: 'password', autocomplete: 'new-password' }}
        hint="At least 10 characters. They can change it."
        fault={saving.at('password')}
        onInput={saving.clear}
      />
    </RowForm>
  )
}
