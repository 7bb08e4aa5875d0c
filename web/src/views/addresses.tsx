// Addresses: those that were named, revoked or extended, or that mail came for. Find one, see how long it lives, change
// that.

import './addresses/addresses.css'
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { AddressPage } from '../../../src/admin/schemas.ts'
import { api } from '../api.ts'
import { LinkButton } from '../button.tsx'
import { Link } from '../link.tsx'
import { Notice, Teach } from '../notice.tsx'
import { go, route } from '../router.ts'
import { state } from '../state.ts'
import { count } from '../words.ts'
import { Filters, Search } from './addresses/filters.tsx'
import { ImportAddresses } from './addresses/import.tsx'
import { useAddressList } from './addresses/list.ts'
import { Pages } from './addresses/pages.tsx'
import {
  EVERYTHING,
  pageSizeFor,
  type Query,
  readQuery,
  serviceQuery,
  unfiltered,
  writeQuery,
} from './addresses/query.ts'
import { AddressTable } from './addresses/table.tsx'
import { ZoneNote } from './zone-note.tsx'

export { StillTryingView } from './addresses/still-trying.tsx'

export function AddressesView() {
  const query = readQuery(route.value.query)
  // Once: turning a telephone must not change which rows stand on a page.
  const pageSize = useMemo(() => pageSizeFor(innerHeight), [])
  const list = useAddressList(serviceQuery(query, pageSize))
  const importing = useSignal(false)
  const says = useSignal('')
  const page = list.value.value
  const ways = {
    query,
    importing: importing.value,
    onImport: () => {
      importing.value = !importing.value
    },
  }
  return (
    <div class="addresses-view">
      <div class="title">
        <h1>Addresses</h1>
        <Ways {...ways} />
      </div>
      {importing.value && (
        <ImportAddresses
          onDone={list.reread}
          onLeave={() => {
            importing.value = false
          }}
        />
      )}
      <Search query={query} onQuery={(next) => go('addresses', writeQuery(next), { replace: true })} />
      <Filters query={query} page={list.value} />
      {list.trouble.value !== undefined && <Notice title={list.trouble.value} />}
      <p role="status" class="unseen">
        {says.value || (page === undefined ? '' : found(page))}
      </p>
      {page?.total === 0 && page.rows.length === 0 ? (
        <Nothing query={query} />
      ) : (
        <>
          <AddressTable
            query={query}
            page={page}
            pageSize={pageSize}
            onSort={(next) => go('addresses', writeQuery(next))}
            onChanged={list.changed}
            says={says}
            slow={list.slow.value}
          />
          {page !== undefined && (
            <Pages
              page={query.page}
              pageSize={pageSize}
              rows={page.rows.length}
              total={page.total}
              slow={list.slow.value}
              to="addresses"
              at={(number) => writeQuery({ ...query, page: number })}
            />
          )}
        </>
      )}
      {page !== undefined && page.rows.length > 0 && <ZoneNote />}
      <Ways {...ways} below />
    </div>
  )
}

function found({ total }: AddressPage): string {
  return total === 1 ? '1 address' : `${count(total)} addresses`
}

/** Where one can go from here. On a narrow page Import and Export stand below the list. */
function Ways(props: { query: Query; importing: boolean; onImport: () => void; below?: boolean }) {
  const trying = state.value?.stillTrying ?? 0
  return (
    <div class={props.below === true ? 'ways below' : 'ways'}>
      {props.below !== true && (
        <Link to="still-trying">Still trying{trying > 0 && `, ${count(trying)}`}</Link>
      )}
      <span class="elsewhere">
        <LinkButton onClick={props.onImport} expanded={props.importing}>
          Import
        </LinkButton>
      </span>
      <a
        class="link elsewhere"
        href={api.addressesCsvUrl(serviceQuery(props.query))}
        download="addresses.csv"
      >
        Export CSV
      </a>
    </div>
  )
}

/** Nothing yet, or nothing found: what this list is, or where was looked. */
function Nothing({ query }: { query: Query }) {
  if (unfiltered(query)) {
    return (
      <Teach title="No addresses here yet." action={<Link to="make">Make the first one</Link>}>
        This list fills itself: with the addresses you give a site or a note, those you revoke or extend, and
        every one that mail came for.
      </Teach>
    )
  }
  const sought = query.search.trim()
  const states = query.state === undefined ? 'in all states' : 'in one state only'
  const prefixes = query.prefix === undefined ? 'every prefix' : `the prefix ${query.prefix}`
  return (
    <Teach
      title={sought === '' ? 'Nothing of that kind.' : `Nothing matches “${sought}”.`}
      action={
        <div class="ways">
          {query.state !== undefined || query.prefix !== undefined ? (
            <Link to="addresses" query={writeQuery({ ...EVERYTHING, search: query.search })}>
              {sought === '' ? 'Look at all of them' : 'Look in all of them'}
            </Link>
          ) : (
            <Link to="addresses">Clear the search</Link>
          )}
          {sought !== '' && (
            <Link to="explain" query={{ address: sought }}>
              Explain “{sought}” instead
            </Link>
          )}
        </div>
      }
    >
      {sought === '' ? 'Looked' : 'Looked at site, note, sender and address,'} {states} and {prefixes}.
    </Teach>
  )
}
