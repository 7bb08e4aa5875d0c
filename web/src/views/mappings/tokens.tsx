// Tokens: each lets one program make addresses of one prefix. The token itself is shown once, with what to type into
// the password managers that speak our contracts.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { MadeToken, TokenView } from '../../../../src/admin/schemas.ts'
import { api } from '../../api.ts'
import { CopyButton, LinkButton } from '../../button.tsx'
import { dayIn, daysInWords, shortDate, whenShort } from '../../days.ts'
import { SelectField, TextField } from '../../field.tsx'
import { StateWords } from '../../mark.tsx'
import { Teach } from '../../notice.tsx'
import { isPostmaster, severalDomains, state, todayIn, zoneOf } from '../../state.ts'
import { Ask } from '../ask.tsx'
import { useLoaded } from '../loaded.ts'
import { NoPrefix } from '../make/no-prefix.tsx'
import { ZoneNote } from '../zone-note.tsx'
import { daysFault } from './faults.ts'
import { moveByRow, NEW, useOpenRow } from './open-row.tsx'
import { RowForm, useSaving } from './row-form.tsx'
import { Head, Rules, TableFoot } from './table.tsx'
import { tokenUses } from './token-text.ts'

export function Tokens() {
  const list = useLoaded(api.tokens)
  const rows = useOpenRow()
  const made = useSignal<MadeToken | undefined>(undefined)
  const tokens = list.value.value?.tokens
  const domain = made.value?.view.domain ?? state.value?.domains[0]?.name ?? ''
  if (tokens?.length === 0 && state.value?.prefixes.length === 0) return <NoPrefix />
  if (tokens?.length === 0 && rows.at !== NEW) {
    return (
      <Teach
        title="No tokens yet."
        action={<LinkButton onClick={() => rows.open(NEW)}>Make the first one</LinkButton>}
      >
        With a token, a password manager makes an address for each new site by itself.
      </Teach>
    )
  }
  return (
    <>
      {made.value !== undefined && <Shown made={made.value} />}
      <table class="mapping tokens" onKeyDown={moveByRow}>
        <Head
          columns={[
            'token',
            'makes',
            isPostmaster.value ? 'belongs to' : 'made',
            'last used',
            'state',
            ['actions', 'unseen-head'],
          ]}
        />
        <tbody>
          {tokens === undefined && <Rules columns={6} rows={3} />}
          {tokens?.map((token) =>
            rows.at === String(token.id) ? (
              <tr key={token.id} class="sunk editing">
                <th scope="row">{token.name}</th>
                <td colSpan={5}>
                  <AskRevoke
                    token={token}
                    onDone={async () => {
                      await list.again()
                      if (made.value?.view.id === token.id) made.value = undefined
                      rows.close(NEW)
                    }}
                    onNo={() => rows.close()}
                  />
                </td>
              </tr>
            ) : (
              <TokenRow key={token.id} token={token} onRevoke={() => rows.open(String(token.id))} />
            ),
          )}
          {rows.at === NEW && (
            <tr class="sunk editing">
              <td colSpan={6}>
                <AddToken
                  onLeave={() => rows.close()}
                  onMade={async (it) => {
                    made.value = it
                    await list.again()
                    rows.close('')
                  }}
                />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {tokens !== undefined && <ZoneNote />}
      <TableFoot list={list} rows={rows} words="Make a token" waiting="Still reading the tokens ..." />
      <Uses domain={domain} token={made.value?.token} />
    </>
  )
}

function TokenRow({ token, onRevoke }: { token: TokenView; onRevoke: () => void }) {
  const zone = zoneOf(token.domain)
  const today = todayIn(token.domain)
  const on = (instant: string) => shortDate(dayIn(zone, instant), today)
  return (
    <tr class={token.revokedAt === undefined ? '' : 'off'}>
      <th scope="row">{token.name}</th>
      <td class="main">
        {token.prefix}
        {severalDomains.value && `@${token.domain}`}, {daysInWords(token.days)}
      </td>
      <td class="wide">{isPostmaster.value ? token.person : on(token.createdAt)}</td>
      <td class="wide">
        {token.lastUsedAt === undefined ? (
          <span class="note">never</span>
        ) : (
          whenShort(token.lastUsedAt, zone, today)
        )}
      </td>
      <td>
        {token.revokedAt === undefined ? (
          <StateWords state="works" words="works" />
        ) : (
          <StateWords state="revoked" words={`revoked ${on(token.revokedAt)}`} />
        )}
      </td>
      <td class="number">
        {token.revokedAt === undefined && (
          <button type="button" class="link" data-row={String(token.id)} onClick={onRevoke}>
            Revoke<span class="unseen"> {token.name}</span>
          </button>
        )}
      </td>
    </tr>
  )
}

function AskRevoke(props: { token: TokenView; onDone: () => Promise<void>; onNo: () => void }) {
  return (
    <Ask
      title="Revoke this token?"
      yes="Revoke it"
      no="Keep it"
      onYes={async () => {
        const answer = await api.revokeToken(props.token.id)
        if (answer.ok) await props.onDone()
        return answer.ok ? undefined : answer.problem.message
      }}
      onNo={props.onNo}
    >
      The program that has it makes no more addresses. Those it made go on working. A revoked token does not
      come back; make a new one instead.
    </Ask>
  )
}

function AddToken(props: { onMade: (made: MadeToken) => Promise<void>; onLeave: () => void }) {
  const prefixes = state.value?.prefixes ?? []
  const name = useSignal('')
  const key = ({ name: prefix, domain }: { name: string; domain: string }) => `${prefix}@${domain}`
  const chosen = useSignal(prefixes[0] === undefined ? '' : key(prefixes[0]))
  const days = useSignal(String(prefixes[0]?.defaultDays ?? ''))
  const saving = useSaving(['name', 'prefix', 'days', 'domain'])
  const prefix = prefixes.find((each) => key(each) === chosen.value)
  const save = async () => {
    if (prefix === undefined) {
      const message = 'There is no prefix to make addresses of. The postmaster adds one under Mappings.'
      await saving.run({ field: 'prefix', message }, () => api.addToken({ name: '', domain: '', prefix: '' }))
      return
    }
    const wrong = daysFault(days.value, prefix.maxDays)
    const found =
      name.value.trim() === ''
        ? { field: 'name', message: 'It has no name yet. Name the program that will have it.' }
        : wrong === undefined
          ? undefined
          : { field: 'days', message: wrong }
    const answer = await saving.run(found, () =>
      api.addToken({
        name: name.value.trim(),
        domain: prefix.domain,
        prefix: prefix.name,
        days: Number(days.value),
      }),
    )
    if (answer?.ok === true) await props.onMade(answer.value)
  }
  return (
    <RowForm
      save="Make the token"
      leave="Leave it"
      fields="of-token"
      saving={saving}
      onSave={() => void save()}
      onLeave={props.onLeave}
    >
      <TextField
        label="what has it"
        value={name}
        input={{ maxLength: 64, placeholder: 'Bitwarden on the phone' }}
        fault={saving.at('name')}
        onInput={saving.clear}
      />
      <SelectField
        label="prefix"
        value={chosen}
        choices={prefixes.map((each) => ({
          value: key(each),
          text: severalDomains.value ? key(each) : each.name,
        }))}
        fault={saving.at('prefix') ?? saving.at('domain')}
        onInput={(value) => {
          days.value = String(prefixes.find((each) => key(each) === value)?.defaultDays ?? days.value)
        }}
      />
      <TextField
        label="days, unless told"
        value={days}
        input={{ inputMode: 'numeric', maxLength: 3 }}
        {...(prefix === undefined ? {} : { hint: `1 to ${prefix.maxDays}` })}
        fault={saving.at('days')}
        onInput={saving.clear}
      />
    </RowForm>
  )
}

/** The only time that the token is on the page. */
function Shown({ made }: { made: MadeToken }) {
  const ref = useRef<HTMLElement>(null)
  useEffect(() => ref.current?.querySelector('button')?.focus(), [made])
  return (
    <section class="hung token-shown" ref={ref} aria-label="The new token">
      <p>
        <strong>Copy this token now.</strong> It is shown this once, and kept nowhere in this form.
      </p>
      <p>
        <code class="token-text">{made.token}</code>
      </p>
      <CopyButton text={made.token} primary small>
        Copy the token
      </CopyButton>
    </section>
  )
}

function Uses({ domain, token }: { domain: string; token: string | undefined }) {
  const server = new URL('./', document.baseURI).href
  return (
    <section class="uses">
      <h2>In your password manager</h2>
      {tokenUses(server, domain, token).map(({ program, where, fields }) => (
        <div key={program} class="use">
          <h3>{program}</h3>
          <p class="note">{where}</p>
          <dl>
            {fields.map(([label, value]) => (
              <div key={label}>
                <dt class="label">{label}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  )
}
