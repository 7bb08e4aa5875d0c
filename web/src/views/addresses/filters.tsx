// Above the table: the search, the states with their counts, the prefixes.

import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { AddressFilter, AddressPage, UsablePrefix } from '../../../../src/admin/schemas.ts'
import { useKey } from '../../keys.ts'
import { Link } from '../../link.tsx'
import { Mark } from '../../mark.tsx'
import { go } from '../../router.ts'
import { severalDomains, state } from '../../state.ts'
import { count, NAMES_OF_FILTERS } from '../../words.ts'
import { FILTERS, type Query, writeQuery } from './query.ts'

/** After so many milliseconds without another key the search is asked. */
const DEBOUNCE_MS = 120
/** More prefixes than this are a list to pick from. */
const PREFIXES_IN_A_LINE = 6

/** Searches as one types. What is typed is the field's; what is asked stands in the address bar. */
export function Search({ query, onQuery }: { query: Query; onQuery: (query: Query) => void }) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const typed = useSignal(query.search)
  const asked = useRef(query.search)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    // Back, or "Clear the search": the field follows. Otherwise it is the field that leads.
    if (query.search !== asked.current) typed.value = query.search
    asked.current = query.search
  }, [query.search])
  const ask = () => {
    clearTimeout(timer.current)
    asked.current = typed.peek()
    onQuery({ ...query, search: typed.peek(), page: 0 })
  }
  useKey('/', (event) => {
    event.preventDefault()
    field.current?.select()
  })
  return (
    <search class="search">
      <label class="unseen" for={id}>
        Search site, note, sender or address
      </label>
      <input
        ref={field}
        id={id}
        class="input"
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={200}
        placeholder={innerWidth < 760 ? 'Search site, note, sender' : 'Search site, note, sender or address'}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value
          clearTimeout(timer.current)
          timer.current = setTimeout(ask, DEBOUNCE_MS)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') ask()
          if (event.key === 'Escape' && typed.value !== '') {
            event.preventDefault()
            typed.value = ''
            ask()
          }
        }}
      />
      <span class="slash" aria-hidden="true">
        <kbd>/</kbd>
      </span>
    </search>
  )
}

/** Those that most people have none of stand there when there are some. */
const RARE: ReadonlySet<AddressFilter> = new Set(['waiting', 'leaked'])

export function Filters({ query, page }: { query: Query; page: Signal<AddressPage | undefined> }) {
  const counts = page.value?.counts
  const shown = FILTERS.filter((one) => !RARE.has(one) || query.state === one || (counts?.[one] ?? 0) > 0)
  return (
    <div class="filters">
      <nav class="tabs" aria-label="State">
        <StateTab query={query} count={counts?.all} />
        {shown.map((one) => (
          <StateTab key={one} query={query} state={one} count={counts?.[one]} />
        ))}
      </nav>
      <Prefixes query={query} />
    </div>
  )
}

function StateTab(props: { query: Query; state?: AddressFilter; count: number | undefined }) {
  const { query, state: one } = props
  return (
    <Link
      to="addresses"
      query={writeQuery({ ...query, state: one, page: 0 })}
      class="tab"
      current={query.state === one}
    >
      {one !== undefined && one !== 'leaked' && (
        <span class={one}>
          <Mark state={one} />
        </span>
      )}
      {one === undefined ? 'All' : NAMES_OF_FILTERS[one]}
      {props.count !== undefined && <small>{count(props.count)}</small>}
    </Link>
  )
}

function Prefixes({ query }: { query: Query }) {
  const known = state.value?.prefixes ?? []
  if (known.length < 2 && query.prefix === undefined) return null
  if (known.length > PREFIXES_IN_A_LINE || severalDomains.value)
    return <PrefixList query={query} known={known} />
  const every = { ...query, prefix: undefined, domain: undefined, page: 0 }
  return (
    <nav class="tabs prefixes" aria-label="Prefix">
      <Link to="addresses" query={writeQuery(every)} class="tab" current={query.prefix === undefined}>
        every prefix
      </Link>
      {known.map(({ name }) => (
        <Link
          key={name}
          to="addresses"
          query={writeQuery({ ...every, prefix: name })}
          class="tab mono"
          current={query.prefix === name}
        >
          {name}
        </Link>
      ))}
    </nav>
  )
}

function PrefixList({ query, known }: { query: Query; known: readonly UsablePrefix[] }) {
  const nameOf = ({ name, domain }: Pick<UsablePrefix, 'name' | 'domain'>) => `${name}@${domain}`
  const chosen = known.find(
    ({ name, domain }) => name === query.prefix && (query.domain === undefined || query.domain === domain),
  )
  return (
    <span class="select prefixes">
      <select
        class="input"
        aria-label="Prefix"
        value={chosen === undefined ? '' : nameOf(chosen)}
        onInput={(event) => {
          const next = known.find((one) => nameOf(one) === event.currentTarget.value)
          go('addresses', writeQuery({ ...query, prefix: next?.name, domain: next?.domain, page: 0 }))
        }}
      >
        <option value="">every prefix</option>
        {known.map((one) => (
          <option key={nameOf(one)} value={nameOf(one)}>
            {severalDomains.value ? nameOf(one) : one.name}
          </option>
        ))}
      </select>
    </span>
  )
}
