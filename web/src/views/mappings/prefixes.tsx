// The prefixes: whose mailboxes the mail goes to. One piece, because row, form, conflict and new prefix share the columns of
// one table and what was typed into it.

import { useSignal } from '@preact/signals'
import type { PersonView, PrefixConflict, PrefixView, PrefixWishes } from '../../../../src/admin/schemas.ts'
import { api, refreshState } from '../../api.ts'
import { LinkButton } from '../../button.tsx'
import { SelectField, TextField } from '../../field.tsx'
import { StateWords } from '../../mark.tsx'
import { severalDomains, state } from '../../state.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { USUAL_DAYS } from '../make/lifetimes.ts'
import { draftOf, ofPrefixes, type PrefixDraft } from './conflict.ts'
import { Conflict, theirsIn } from './conflict-notice.tsx'
import { daysFault, type Fault, mailboxesFault, splitMailboxes } from './faults.ts'
import { ImportLines } from './import-lines.tsx'
import { moveByRow, NEW, type OpenRow, RowOpener, useOpenRow } from './open-row.tsx'
import { RowForm, useSaving } from './row-form.tsx'
import { Head, Rules, TableFoot } from './table.tsx'

const keyOf = ({ domain, name }: Pick<PrefixView, 'domain' | 'name'>) => `${name}@${domain}`
const sealWords = (signed: boolean) => (signed ? 'sealed only' : 'sealed or plain')

export function Prefixes() {
  const list = useLoaded(api.prefixes)
  const people = useLoaded(api.people).value.value?.people ?? []
  const rows = useOpenRow()
  const prefixes = list.value.value?.prefixes
  const settled = async () => {
    await Promise.all([list.again(), refreshState()])
  }
  const close = async (to?: string) => {
    await settled()
    rows.close(to)
  }
  return (
    <>
      <table class="mapping prefixes" onKeyDown={moveByRow}>
        <Head
          columns={[
            'prefix',
            'mailboxes',
            ['days', 'number'],
            ['at most', 'number'],
            ['seal', 'apart'],
            ['owner', 'apart'],
            ['state', 'number'],
          ]}
        />
        <tbody>
          {prefixes === undefined && <Rules columns={7} />}
          {prefixes?.map((prefix) =>
            rows.at === keyOf(prefix) ? (
              <tr key={keyOf(prefix)} class="sunk editing">
                <th scope="row">
                  <PrefixName prefix={prefix} />
                </th>
                <td colSpan={6}>
                  <EditPrefix prefix={prefix} people={people} onDone={close} onLeave={rows.close} />
                </td>
              </tr>
            ) : (
              <PrefixRow key={keyOf(prefix)} prefix={prefix} rows={rows} />
            ),
          )}
          {rows.at === NEW && (
            <tr class="sunk editing">
              <td colSpan={7}>
                <AddPrefix people={people} onDone={close} onLeave={rows.close} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <TableFoot list={list} rows={rows} words="Add a prefix" waiting="Still reading the prefixes ..." />
      <ImportLines onImported={settled} />
    </>
  )
}

function PrefixName({ prefix }: { prefix: PrefixView }) {
  return (
    <>
      <span class="prefix-name">{prefix.name}</span>
      {severalDomains.value && <span class="note of-domain">@{prefix.domain}</span>}
    </>
  )
}

function PrefixRow({ prefix, rows }: { prefix: PrefixView; rows: OpenRow }) {
  const { enabled, mailboxes, defaultDays, maxDays, signed, owner, note } = prefix
  return (
    <tr class={enabled ? '' : 'off'} onClick={() => rows.open(keyOf(prefix))}>
      <th scope="row">
        <RowOpener row={keyOf(prefix)} rows={rows}>
          <PrefixName prefix={prefix} />
          <span class="unseen">, edit</span>
        </RowOpener>
      </th>
      <td class="main">
        {mailboxes.join(', ')}
        {note !== '' && <span class="note second">{note}</span>}
        <span class="note second narrow-only">
          {defaultDays} days, at most {maxDays}, {sealWords(signed)}
          {owner === '' ? '' : `, ${owner}`}
        </span>
      </td>
      <td class="number wide">{defaultDays}</td>
      <td class="number wide">{maxDays}</td>
      <td class="apart wide">{sealWords(signed)}</td>
      <td class="apart wide">{owner === '' ? '–' : owner}</td>
      <td class="number">
        <StateWords state={enabled ? 'works' : 'ended'} words={enabled ? 'on' : 'off'} />
      </td>
    </tr>
  )
}

// ---- the fields, which adding and editing share ----

interface DraftFields {
  readonly draft: (enabled: boolean) => PrefixDraft
  readonly check: () => Fault | undefined
  readonly take: (draft: PrefixDraft) => void
  readonly signals: ReturnType<typeof useDraftSignals>
}

function useDraftSignals(from: PrefixDraft) {
  return {
    mailboxes: useSignal(from.mailboxes.join(', ')),
    defaultDays: useSignal(String(from.defaultDays)),
    maxDays: useSignal(String(from.maxDays)),
    signed: useSignal(from.signed ? 'only' : 'plain'),
    owner: useSignal(from.owner),
    note: useSignal(from.note),
  }
}

function useDraft(from: PrefixDraft): DraftFields {
  const signals = useDraftSignals(from)
  const ours = state.value?.domains.map(({ name }) => name) ?? []
  return {
    signals,
    draft: (enabled) => ({
      mailboxes: splitMailboxes(signals.mailboxes.value),
      defaultDays: Number(signals.defaultDays.value),
      maxDays: Number(signals.maxDays.value),
      signed: signals.signed.value === 'only',
      owner: signals.owner.value,
      note: signals.note.value.trim(),
      enabled,
    }),
    check: () =>
      faultOf('mailboxes', mailboxesFault(signals.mailboxes.value, ours)) ??
      faultOf('maxDays', daysFault(signals.maxDays.value)) ??
      faultOf('defaultDays', daysFault(signals.defaultDays.value, Number(signals.maxDays.value))),
    take: (draft) => {
      signals.mailboxes.value = draft.mailboxes.join(', ')
      signals.defaultDays.value = String(draft.defaultDays)
      signals.maxDays.value = String(draft.maxDays)
      signals.signed.value = draft.signed ? 'only' : 'plain'
      signals.owner.value = draft.owner
      signals.note.value = draft.note
    },
  }
}

function faultOf(field: string, message: string | undefined): Fault | undefined {
  return message === undefined ? undefined : { field, message }
}

const FIELDS = ['name', 'domain', 'mailboxes', 'defaultDays', 'maxDays', 'signed', 'owner', 'note']
// One digit more than a lifetime has: what is too long is told, not cut.
const inDigits = { inputMode: 'numeric', maxLength: 3 } as const

function PrefixFields(props: {
  fields: DraftFields
  people: readonly PersonView[]
  saving: ReturnType<typeof useSaving>
}) {
  const { signals } = props.fields
  const { at, clear } = props.saving
  const owners = [...new Set([...props.people.map(({ name }) => name), ...ownerOf(signals.owner.peek())])]
  return (
    <>
      <TextField
        label="mailboxes, separated by commas"
        value={signals.mailboxes}
        fault={at('mailboxes')}
        onInput={clear}
      />
      <TextField
        label="days, unless told"
        value={signals.defaultDays}
        input={inDigits}
        fault={at('defaultDays')}
        onInput={clear}
      />
      <TextField
        label="days, at most"
        value={signals.maxDays}
        input={inDigits}
        hint="1 to 99"
        fault={at('maxDays')}
        onInput={clear}
      />
      <SelectField
        label="seal"
        value={signals.signed}
        choices={[
          { value: 'plain', text: 'sealed or plain' },
          { value: 'only', text: 'sealed only' },
        ]}
        fault={at('signed')}
      />
      <SelectField
        label="owner"
        value={signals.owner}
        choices={[{ value: '', text: 'nobody' }, ...owners.map((name) => ({ value: name, text: name }))]}
        fault={at('owner')}
      />
    </>
  )
}

const ownerOf = (name: string) => (name === '' ? [] : [name])

function NoteField(props: { fields: DraftFields; saving: ReturnType<typeof useSaving> }) {
  return (
    <div class="row-fields second-line">
      <TextField
        label="note"
        value={props.fields.signals.note}
        input={{ maxLength: 500 }}
        fault={props.saving.at('note')}
      />
    </div>
  )
}

// ---- editing ----

type Asking = 'disable' | 'remove' | undefined

function EditPrefix(props: {
  prefix: PrefixView
  people: readonly PersonView[]
  onDone: (to?: string) => Promise<void>
  onLeave: () => void
}) {
  // What one started from: the list behind may be read again meanwhile.
  const base = useSignal(props.prefix)
  const theirs = useSignal<PrefixView | undefined>(undefined)
  const asking = useSignal<Asking>(undefined)
  const noting = useSignal(props.prefix.note !== '')
  const fields = useDraft(draftOf(props.prefix))
  const saving = useSaving(FIELDS)
  const { domain, name } = props.prefix

  const send = async (wishes: PrefixWishes, revision: string, found?: Fault) => {
    const answer = await saving.run(found, () => api.changePrefix(domain, name, { ...wishes, revision }))
    if (answer === undefined) return undefined
    if (answer.ok) {
      await props.onDone()
      return undefined
    }
    const other = theirsIn<PrefixConflict>(answer)
    if (other !== undefined) {
      theirs.value = other
      asking.value = undefined
    }
    return answer.problem.message
  }
  const save = () => {
    const mine = fields.draft(base.value.enabled)
    const touched = ofPrefixes.changed(draftOf(base.value), mine)
    if (touched.length === 0) props.onLeave()
    else void send(wishesOf(mine, touched), base.value.revision, fields.check())
  }
  const saveMine = (over: PrefixView) => {
    const mine = ofPrefixes.mineOver(draftOf(base.value), fields.draft(base.value.enabled), draftOf(over))
    const touched = ofPrefixes.changed(draftOf(over), mine)
    theirs.value = undefined
    if (touched.length === 0) void props.onDone()
    else void send(wishesOf(mine, touched), over.revision, fields.check())
  }
  const takeTheirs = (over: PrefixView) => {
    base.value = over
    fields.take(draftOf(over))
    theirs.value = undefined
  }

  if (asking.value !== undefined) {
    return (
      <AskPrefix
        prefix={base.value}
        asking={asking.value}
        onNo={() => {
          asking.value = undefined
        }}
        onDisable={() => send({ enabled: false }, base.value.revision)}
        onRemove={async () => {
          const answer = await api.removePrefix(domain, name)
          if (answer.ok) await props.onDone()
          return answer.ok ? undefined : answer.problem.message
        }}
      />
    )
  }
  return (
    <RowForm
      save={`Save ${name}`}
      fields="of-prefix"
      saving={saving}
      onSave={save}
      onLeave={props.onLeave}
      between={
        <>
          {noting.value && <NoteField fields={fields} saving={saving} />}
          {theirs.value !== undefined && (
            <Conflict
              name={name}
              words={ofPrefixes.words(
                draftOf(base.value),
                fields.draft(base.value.enabled),
                draftOf(theirs.value),
              )}
              onMine={() => theirs.value !== undefined && saveMine(theirs.value)}
              onTheirs={() => theirs.value !== undefined && takeTheirs(theirs.value)}
            />
          )}
        </>
      }
      aside={
        <>
          {!noting.value && (
            <LinkButton
              onClick={() => {
                noting.value = true
              }}
            >
              Add a note
            </LinkButton>
          )}
          {base.value.enabled ? (
            <LinkButton
              onClick={() => {
                asking.value = 'disable'
              }}
            >
              Disable {name}
            </LinkButton>
          ) : (
            <>
              <LinkButton onClick={() => void send({ enabled: true }, base.value.revision)}>
                Enable {name}
              </LinkButton>
              <LinkButton
                onClick={() => {
                  asking.value = 'remove'
                }}
              >
                Remove {name}
              </LinkButton>
            </>
          )}
        </>
      }
    >
      <PrefixFields fields={fields} people={props.people} saving={saving} />
    </RowForm>
  )
}

function wishesOf(mine: PrefixDraft, touched: readonly (keyof PrefixDraft)[]): PrefixWishes {
  return Object.fromEntries(touched.map((member) => [member, mine[member]]))
}

function AskPrefix(props: {
  prefix: PrefixView
  asking: 'disable' | 'remove'
  onNo: () => void
  onDisable: () => Promise<string | undefined>
  onRemove: () => Promise<string | undefined>
}) {
  const { name } = props.prefix
  if (props.asking === 'disable') {
    return (
      <Ask
        title={`Refuse all mail to ${name} from now on?`}
        yes={`Disable ${name}`}
        no="Leave it on"
        onYes={props.onDisable}
        onNo={props.onNo}
      >
        The next mail to any address of {name} is turned away at the door. You can enable it again any day.
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
      Its mailboxes, days and owner are forgotten, and its tokens make nothing any longer. Its addresses stay
      in the list; what was revoked is still revoked when somebody adds {name} again.
    </Ask>
  )
}

// ---- adding ----

const BLANK: PrefixDraft = {
  mailboxes: [],
  defaultDays: USUAL_DAYS,
  maxDays: 99,
  signed: false,
  owner: '',
  note: '',
  enabled: true,
}

function AddPrefix(props: {
  people: readonly PersonView[]
  onDone: (to?: string) => Promise<void>
  onLeave: () => void
}) {
  const name = useSignal('')
  const domains = state.value?.domains ?? []
  const domain = useSignal(domains[0]?.name ?? '')
  const fields = useDraft(BLANK)
  const saving = useSaving(FIELDS)
  const save = async () => {
    const { enabled: _, ...wishes } = fields.draft(true)
    const wanted = name.value.trim().toLowerCase()
    // What is no prefix anywhere goes alone: the service says what the domain allows.
    const well = /^[a-z]{2,16}$/.test(wanted)
    const answer = await saving.run(well ? fields.check() : undefined, () =>
      api.addPrefix({ domain: domain.value, name: wanted, ...(well ? wishes : {}) }),
    )
    if (answer?.ok === true) await props.onDone(keyOf(answer.value))
  }
  return (
    <RowForm
      save="Add the prefix"
      leave="Leave it"
      fields="of-new-prefix"
      saving={saving}
      onSave={() => void save()}
      onLeave={props.onLeave}
      between={
        <div class="row-fields second-line indented">
          <TextField
            label="note"
            value={fields.signals.note}
            input={{ maxLength: 500 }}
            fault={saving.at('note')}
          />
          {domains.length > 1 && (
            <SelectField
              label="domain"
              value={domain}
              choices={domains.map((each) => ({ value: each.name, text: each.name }))}
              fault={saving.at('domain')}
            />
          )}
        </div>
      }
    >
      <TextField
        label="prefix"
        value={name}
        mono
        input={{ maxLength: 16, autocapitalize: 'none' }}
        fault={saving.at('name')}
        onInput={saving.clear}
      />
      <PrefixFields fields={fields} people={props.people} saving={saving} />
    </RowForm>
  )
}
