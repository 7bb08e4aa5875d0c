// The fields of Make. Each stands under the bracket of the part it changes, where the page is wide enough for that.

import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { dateNear, daysInWords, weekdayDate } from '../../days.ts'
import { DateInput, TextField } from '../../field.tsx'
import { state } from '../../state.ts'
import {
  checkSite,
  choosePrefix,
  days,
  daysText,
  first,
  fromDay,
  isBeyond,
  keyOf,
  most,
  noteText,
  prefix,
  problem,
  sealed,
  sealWish,
  siteText,
  today,
} from './making.ts'

/** What the service says about one of these members. */
export function faultAt(...fields: readonly string[]): string | undefined {
  const found = problem.value
  return found?.field !== undefined && fields.includes(found.field) ? found.message : undefined
}

export function WhoField() {
  const id = useId()
  const prefixes = state.value?.prefixes ?? []
  const domains = [...new Set(prefixes.map(({ domain }) => domain))]
  const options = (domain: string) =>
    prefixes
      .filter((one) => one.domain === domain)
      .map((one) => (
        <option key={keyOf(one)} value={keyOf(one)}>
          {prefixes.filter(({ name }) => name === one.name).length > 1 ? `${one.name}@${domain}` : one.name}
        </option>
      ))
  return (
    <div class="field who-field">
      <label for={id}>who</label>
      <span class="select">
        <select
          id={id}
          class="input"
          value={prefix.value === undefined ? '' : keyOf(prefix.value)}
          onInput={(event) => choosePrefix(event.currentTarget.value)}
        >
          {domains.length === 1
            ? options(domains[0] ?? '')
            : domains.map((domain) => (
                <optgroup key={domain} label={domain}>
                  {options(domain)}
                </optgroup>
              ))}
        </select>
      </span>
    </div>
  )
}

export function FromField({ short }: { short: boolean }) {
  const id = useId()
  const fault = isBeyond.value ? 'An address ends with the year 9999. Give an earlier day.' : faultAt('from')
  const words = short ? dateNear(first.value, today.value) : weekdayDate(first.value)
  return (
    <div class="field from-field">
      <label for={id}>from</label>
      <DateInput
        id={id}
        chevron
        day={first.value}
        words={words}
        onDay={(day) => {
          fromDay.value = day === today.value ? undefined : day
        }}
      />
      {fault !== undefined && <p class="hung fault">{fault}</p>}
    </div>
  )
}

/** What is wrong with the days that were typed. */
export function daysFault(): string | undefined {
  if (days.value !== undefined) return faultAt('days', 'until')
  return daysText.value.trim() === ''
    ? 'Give a number of days.'
    : `${prefix.value?.name ?? 'It'} allows 1 to ${daysInWords(most.value)}.`
}

export function DaysField({ short }: { short: boolean }) {
  return (
    <TextField
      class="days-field"
      label={short ? 'for' : 'for days'}
      value={daysText}
      fault={daysFault()}
      input={{ inputMode: 'numeric', maxLength: 6, 'aria-label': 'for days' }}
    />
  )
}

export function SiteField({ focus }: { focus: boolean }) {
  const place = useRef<HTMLDivElement>(null)
  // With the view, not after it is painted: who sees the form may type at once.
  useLayoutEffect(() => {
    if (focus) place.current?.querySelector('input')?.focus({ preventScroll: true })
  }, [])
  const without = sealWish.value === 'without' && !sealed.value
  return (
    <div class="site-field" ref={place} onFocusOut={checkSite}>
      <TextField
        label="sealed for the site"
        value={siteText}
        fault={faultAt('site', 'signed')}
        {...(without ? { hint: 'Only a seal has room for a site.' } : {})}
        input={{
          placeholder: 'shop.example',
          inputMode: 'url',
          autocapitalize: 'none',
          maxLength: 2000,
          disabled: without,
        }}
      />
    </div>
  )
}

export function NoteField() {
  return (
    <TextField
      class="note-field"
      label="note, for your eyes only"
      value={noteText}
      fault={faultAt('note')}
      input={{ placeholder: 'bicycle lamp, order 1182 …', maxLength: 500 }}
    />
  )
}
