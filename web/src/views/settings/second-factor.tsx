// The second factor: a code from an app, asked for after the password.

import { useSignal } from '@preact/signals'
import type { TotpOffer } from '../../../../src/admin/schemas.ts'
import { api, refreshState } from '../../api.ts'
import { Button, CopyButton } from '../../button.tsx'
import { TextField } from '../../field.tsx'
import { me } from '../../state.ts'
import { QrCode } from '../make/qr.tsx'
import { useSaving } from '../mappings/row-form.tsx'

const CODE = { inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 10 } as const
const SIX_DIGITS = /^\d{3} ?\d{3}$/
const codeFault = (code: string) =>
  SIX_DIGITS.test(code.trim())
    ? undefined
    : { field: 'code', message: 'A code has six digits. Type the one that the app shows now.' }

export function SecondFactor() {
  const offer = useSignal<TotpOffer | undefined>(undefined)
  const leaving = useSignal(false)
  const on = me.value?.totp === true
  const settle = async () => {
    await refreshState()
    offer.value = undefined
    leaving.value = false
  }
  return (
    <section aria-labelledby="second-factor">
      <h2 id="second-factor">Second factor</h2>
      {on ? (
        <p class="quiet">Signing in asks for a code of your app.</p>
      ) : (
        offer.value === undefined && (
          <p class="quiet">
            Signing in asks for the password only. With a code from an app on your phone, a password alone
            opens nothing.
          </p>
        )
      )}
      {on && !leaving.value && (
        <Button
          onClick={() => {
            leaving.value = true
          }}
        >
          Switch it off
        </Button>
      )}
      {on && leaving.value && (
        <CodeForm
          save="Switch it off"
          leave="Keep it on"
          says="The password alone opens the account then."
          send={(code) => api.removeTotp({ code })}
          onDone={settle}
          onLeave={() => {
            leaving.value = false
          }}
        />
      )}
      {!on && offer.value === undefined && (
        <Begin
          onOffer={(made) => {
            offer.value = made
          }}
        />
      )}
      {!on && offer.value !== undefined && (
        <>
          <Offer offer={offer.value} />
          <CodeForm
            save="Switch it on"
            leave="Leave it"
            says="The code proves that the app has it right. From then on signing in asks for one."
            send={(code) => api.confirmTotp({ code })}
            onDone={settle}
            onLeave={() => {
              offer.value = undefined
            }}
          />
        </>
      )}
    </section>
  )
}

function Begin({ onOffer }: { onOffer: (offer: TotpOffer) => void }) {
  const saving = useSaving([])
  const begin = async () => {
    const answer = await saving.run(undefined, () => api.offerTotp())
    if (answer?.ok === true) onOffer(answer.value)
  }
  return (
    <>
      {saving.trouble !== undefined && (
        <p class="hung fault" role="alert">
          {saving.trouble}
        </p>
      )}
      <Button disabled={saving.busy} onClick={() => void begin()}>
        Set up a second factor
      </Button>
    </>
  )
}

function Offer({ offer }: { offer: TotpOffer }) {
  return (
    <div class="offer">
      <QrCode text={offer.uri} label="The second factor as a QR code, for the app on your phone" />
      <div>
        <p class="quiet">Scan this with the app, or type the secret into it:</p>
        <p>
          <code>{offer.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        </p>
        <CopyButton link text={offer.secret}>
          Copy the secret
        </CopyButton>
      </div>
    </div>
  )
}

function CodeForm(props: {
  save: string
  leave: string
  says: string
  send: (code: string) => ReturnType<typeof api.confirmTotp>
  onDone: () => Promise<void>
  onLeave: () => void
}) {
  const code = useSignal('')
  const saving = useSaving(['code'])
  const save = async () => {
    const answer = await saving.run(codeFault(code.value), () => props.send(code.value.replaceAll(' ', '')))
    if (answer?.ok === true) await props.onDone()
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.onLeave()}
    >
      <TextField
        label="code"
        value={code}
        input={CODE}
        hint={props.says}
        fault={saving.at('code')}
        onInput={saving.clear}
      />
      {saving.trouble !== undefined && (
        <p class="hung fault" role="alert">
          {saving.trouble}
        </p>
      )}
      <p class="actions">
        <Button primary type="submit" disabled={saving.busy}>
          {props.save}
        </Button>
        <Button onClick={props.onLeave}>{props.leave}</Button>
      </p>
    </form>
  )
}
