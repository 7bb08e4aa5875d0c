// The domains that are ours: their zone says when a day ends, their postmaster where mail to the postmaster goes.

import { useSignal } from '@preact/signals'
import type { DomainConflict, DomainView } from '../../../../src/admin/schemas.ts'
import { api, refreshState } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { SelectField, TextField } from '../../field.tsx'
import { state } from '../../state.ts'
import { count, NO_POSTMASTER } from '../../words.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { type DomainDraft, ofDomains } from './conflict.ts'
import { Conflict, theirsIn } from './conflict-notice.tsx'
import { type Fault, mailboxFault } from './faults.ts'
import { moveByRow, NEW, type OpenRow, RowOpener, useOpenRow } from './open-row.tsx'
import { RowForm, type Saving, useSaving } from './row-form.tsx'
import { Head, Rules, TableFoot } from './table.tsx'

export function Domains() {
  const list = useLoaded(api.domains)
  const rows = useOpenRow()
  const zones = list.value.value?.timeZones ?? []
  const close = async (to?: string) => {
    await Promise.all([list.again(), refreshState()])
    rows.close(to)
  }
  return (
    <>
      <table class="mapping domains" onKeyDown={moveByRow}>
        <Head
          columns={[
            'domain',
            'time zone',
            'postmaster',
            ['letters, at most', 'number'],
            ['prefixes', 'number'],
          ]}
        />
        <tbody>
          {list.value.value === undefined && <Rules columns={5} rows={2} />}
          {list.value.value?.domains.map((domain) =>
            rows.at === domain.name ? (
              <tr key={domain.name} class="sunk editing">
                <th scope="row">{domain.name}</th>
                <td colSpan={4}>
                  <EditDomain domain={domain} zones={zones} onDone={close} onLeave={rows.close} />
                </td>
              </tr>
            ) : (
              <DomainRow key={domain.name} domain={domain} rows={rows} />
            ),
          )}
          {rows.at === NEW && (
            <tr class="sunk editing">
              <td colSpan={5}>
                <AddDomain zones={zones} onDone={close} onLeave={rows.close} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <TableFoot list={list} rows={rows} words="Add a domain" waiting="Still reading the domains ..." />
    </>
  )
}

function DomainRow({ domain, rows }: { domain: DomainView; rows: OpenRow }) {
  const { name, timeZone, postmaster, maxPrefixLength, prefixes } = domain
  return (
    <tr onClick={() => rows.open(name)}>
      <th scope="row">
        <RowOpener row={name} rows={rows}>
          {name}
          <span class="unseen">, edit</span>
        </RowOpener>
      </th>
      <td>{timeZone}</td>
      <td class="main">
        {postmaster === '' ? (
          <span class="note">postmaster@ and abuse@ bounce: name a mailbox</span>
        ) : (
          postmaster
        )}
      </td>
      <td class="number wide">{maxPrefixLength}</td>
      <td class="number wide">{count(prefixes)}</td>
    </tr>
  )
}

const FIELDS = ['name', 'timeZone', 'postmaster', 'maxPrefixLength']

function useDomainFields(from: Pick<DomainView, 'timeZone' | 'postmaster' | 'maxPrefixLength'>) {
  const timeZone = useSignal(from.timeZone)
  const postmaster = useSignal(from.postmaster)
  const longest = useSignal(String(from.maxPrefixLength))
  const ours = state.value?.domains.map(({ name }) => name) ?? []
  return {
    timeZone,
    postmaster,
    longest,
    take: (from: DomainDraft) => {
      timeZone.value = from.timeZone
      postmaster.value = from.postmaster
      longest.value = String(from.maxPrefixLength)
    },
    wishes: (): DomainDraft => ({
      timeZone: timeZone.value,
      postmaster: postmaster.value.trim(),
      maxPrefixLength: Number(longest.value),
    }),
    check: (): Fault | undefined => {
      const mailbox = postmaster.value.trim()
      const fault = mailbox === '' ? undefined : mailboxFault(mailbox, ours)
      if (fault !== undefined) return { field: 'postmaster', message: fault }
      const letters = Number(longest.value)
      if (Number.isInteger(letters) && letters >= 2 && letters <= 16) return undefined
      return { field: 'maxPrefixLength', message: 'A prefix has 2 to 16 letters. Give a number between.' }
    },
  }
}

function DomainFields(props: {
  fields: ReturnType<typeof useDomainFields>
  zones: readonly string[]
  saving: Saving
}) {
  const { timeZone, postmaster, longest } = props.fields
  const { at, clear } = props.saving
  const zones = [...new Set([timeZone.value, ...props.zones])]
  return (
    <>
      <SelectField
        label="time zone"
        value={timeZone}
        choices={zones.map((zone) => ({ value: zone, text: zone }))}
        hint="Its addresses end at midnight here."
        fault={at('timeZone')}
      />
      <TextField
        label="postmaster's mailbox"
        value={postmaster}
        {...(postmaster.value.trim() === '' ? { hint: NO_POSTMASTER } : {})}
        fault={at('postmaster')}
        onInput={clear}
      />
      <TextField
        label="letters, at most"
        value={longest}
        input={{ inputMode: 'numeric', maxLength: 3 }}
        hint="2 to 16"
        fault={at('maxPrefixLength')}
        onInput={clear}
      />
    </>
  )
}

function EditDomain(props: {
  domain: DomainView
  zones: readonly string[]
  onDone: (to?: string) => Promise<void>
  onLeave: () => void
}) {
  const { name, prefixes } = props.domain
  // What one started from: the list behind may be read again meanwhile.
  const base = useSignal(props.domain)
  const theirs = useSignal<DomainView | undefined>(undefined)
  const fields = useDomainFields(props.domain)
  const saving = useSaving(FIELDS)
  const asking = useSignal(false)
  /** `mine` as a change of what stands in `over`. */
  const save = async (mine: DomainDraft, over: DomainView) => {
    theirs.value = undefined
    const touched = ofDomains.changed(over, mine)
    if (touched.length === 0 && fields.check() === undefined) return props.onLeave()
    const wishes = Object.fromEntries(touched.map((member) => [member, mine[member]]))
    const answer = await saving.run(fields.check(), () =>
      api.changeDomain(name, { ...wishes, revision: over.revision }),
    )
    if (answer?.ok === true) await props.onDone()
    else if (answer !== undefined) theirs.value = theirsIn<DomainConflict>(answer)
  }
  const other = theirs.value
  if (asking.value) {
    return (
      <Ask
        title={`Remove ${name}?`}
        yes={`Remove ${name}`}
        no={`Keep ${name}`}
        onYes={async () => {
          const answer = await api.removeDomain(name)
          if (answer.ok) await props.onDone(NEW)
          return answer.ok ? undefined : answer.problem.message
        }}
        onNo={() => {
          asking.value = false
        }}
      >
        From then on its mail is not judged here, and passes untouched. The list of its addresses goes, with
        what was revoked and extended; this cannot be undone.
      </Ask>
    )
  }
  return (
    <RowForm
      save={`Save ${name}`}
      fields="of-domain"
      saving={saving}
      onSave={() => void save(fields.wishes(), base.value)}
      onLeave={props.onLeave}
      between={
        other !== undefined && (
          <Conflict
            name={name}
            words={ofDomains.words(base.value, fields.wishes(), other)}
            onMine={() => void save(ofDomains.mineOver(base.value, fields.wishes(), other), other)}
            onTheirs={() => {
              base.value = other
              fields.take(other)
              theirs.value = undefined
            }}
          />
        )
      }
      aside={
        prefixes > 0 ? (
          <span class="note">To remove {name}, remove its prefixes first.</span>
        ) : (
          <LinkButton
            onClick={() => {
              asking.value = true
            }}
          >
            Remove {name}
          </LinkButton>
        )
      }
    >
      <DomainFields fields={fields} zones={props.zones} saving={saving} />
    </RowForm>
  )
}

function AddDomain(props: {
  zones: readonly string[]
  onDone: (to?: string) => Promise<void>
  onLeave: () => void
}) {
  const name = useSignal('')
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const fields = useDomainFields({ timeZone: here, postmaster: '', maxPrefixLength: 3 })
  const saving = useSaving(FIELDS)
  const save = async () => {
    const wanted = name.value.trim().toLowerCase()
    const missing = { field: 'name', message: 'No domain is given. Give one like td.example.com.' }
    const { postmaster, ...wishes } = fields.wishes()
    const answer = await saving.run(wanted === '' ? missing : fields.check(), () =>
      api.addDomain({ name: wanted, ...wishes, ...(postmaster === '' ? {} : { postmaster }) }),
    )
    if (answer?.ok === true) await props.onDone(answer.value.name)
  }
  return (
    <RowForm
      save="Add the domain"
      leave="Leave it"
      fields="of-new-domain"
      saving={saving}
      onSave={() => void save()}
      onLeave={props.onLeave}
    >
      <TextField label="domain" value={name} fault={saving.at('name')} onInput={saving.clear} />
      <DomainFields fields={fields} zones={props.zones} saving={saving} />
    </RowForm>
  )
}
