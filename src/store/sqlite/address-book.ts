// Pages of addresses by state, search and order, of 100,000 rows within some 50 ms. Longer than most files: the pieces of
// SQL that say what a state and an order are must agree, and stand together.
//
// What counts, searches and orders by state reads one index (`addresses_by_words`) and never the table; rows are fetched
// for the page alone.

import type { Database } from 'better-sqlite3'
import type { Day } from '../../address/index.ts'
import type {
  AddressEntry,
  AddressSearch,
  AddressSelection,
  AddressSort,
  AddressStanding,
  AddressState,
  SenderRecord,
  Todays,
} from '../store.ts'
import { AddressWalk, commonDay } from './address-walk.ts'
import { ADDRESS_COLUMNS, type Addresses, type AddressRow, rowLimit, toAddress } from './addresses.ts'
import { Senders } from './senders.ts'

/** Works for this many days more, today included, or fewer: ends soon. */
const SOON = 7

interface StandingRow extends AddressRow {
  id: number
  state: AddressState
  first_day: number
  last_day: number
  days_left: number
}

interface CountsRow {
  all: number
  works: number
  soon: number
  ended: number
  revoked: number
  waiting: number
  leaked: number
}

// Onto the record that was just made: a copy of each of 100,000 would be an export's greatest part.
const toStanding = (row: StandingRow): AddressStanding =>
  Object.assign(toAddress(row), {
    id: row.id,
    state: row.state,
    firstDay: row.first_day as Day,
    lastDay: row.last_day as Day,
    daysLeft: row.days_left,
  })

type Values = Readonly<Record<string, string | number>>

/** SQL and what is bound in it. */
interface Narrowing {
  readonly where: string
  readonly values: Values
  /** The day in the zone of a row's domain. */
  readonly today: string
}

export class AddressBook {
  readonly #db: Database
  readonly #addresses: Addresses
  readonly #senders: Senders
  readonly #walk: AddressWalk

  constructor(db: Database, addresses: Addresses) {
    this.#db = db
    this.#addresses = addresses
    this.#senders = new Senders(db)
    this.#walk = new AddressWalk(db)
    db.function('lower_case', { deterministic: true }, (text: string) => text.toLowerCase())
  }

  /** Inside a transaction, so that counts and rows agree. */
  page(search: AddressSearch): AddressSelection {
    const { counts, rows } = this.#walked(search) ?? {
      counts: this.#counts(search),
      rows: this.#rows(search),
    }
    return { total: search.state === undefined ? counts.all : counts[search.state], counts, rows }
  }

  /** The page of everything, by its end; nothing when something else is asked for. */
  #walked(search: AddressSearch): Pick<AddressSelection, 'counts' | 'rows'> | undefined {
    const { owner, domain, prefix, active, search: text = '', sort = 'ends', order = 'up' } = search
    const today = commonDay(search.today)
    const narrowed = owner ?? domain ?? prefix ?? active ?? (text === '' ? undefined : text)
    if (narrowed !== undefined || today === undefined) return undefined
    const days = { today, soon: today + SOON }
    const counts = this.#walk.counts(days)
    if (sort !== 'ends' || order !== 'up' || search.state === 'leaked')
      return { counts, rows: this.#rows(search) }
    const ids = this.#walk.ids(days, counts, search.state, rowLimit(search.limit), search.offset ?? 0)
    return { counts, rows: this.slice(search, ids) }
  }

  find(today: Todays, domain: string, localPart: string): AddressStanding | undefined {
    const row = this.#db
      .prepare<[string, string], StandingRow>(`
        SELECT ${standing(this.#todayOf(today))}, ${ADDRESS_COLUMNS}
        FROM domains JOIN addresses ON addresses.domain_id = domains.id
        WHERE domains.name = ? AND local_part = ?`)
      .get(domain, localPart)
    return row === undefined ? undefined : toStanding(row)
  }

  /** The numbers of all that match, in order: an export reads the rows slice by slice, and others have their turn. */
  chosen(search: AddressSearch): readonly number[] {
    const { sql, values } = this.#choice(search)
    return this.#db.prepare<Values, number>(`SELECT chosen FROM (${sql})`).pluck().all(values)
  }

  /** The rows of these numbers, in their order; those that are gone meanwhile are left out. */
  slice({ today }: AddressSearch, ids: readonly number[]): readonly AddressStanding[] {
    return this.#db
      .prepare<[string], StandingRow>(`
        SELECT ${standing(this.#todayOf(today))}, ${ADDRESS_COLUMNS}
        FROM json_each(?) AS wanted JOIN addresses ON addresses.id = wanted.value
        JOIN domains ON domains.id = addresses.domain_id ORDER BY wanted.key`)
      .all(JSON.stringify(ids))
      .map(toStanding)
  }

  countTrying(search: Pick<AddressSearch, 'today' | 'owner'>, since: number): number {
    const { from, values } = this.#trying(search)
    return (
      this.#db
        .prepare<Values, number>(`SELECT count(*) ${from}`)
        .pluck()
        .get({ ...values, since }) ?? 0
    )
  }

  stillTrying(
    search: Pick<AddressSearch, 'today' | 'owner' | 'limit' | 'offset'>,
    since: number,
  ): { readonly total: number; readonly rows: readonly AddressStanding[] } {
    const { from, values, today } = this.#trying(search)
    const { limit, offset = 0 } = search
    const rows = this.#db
      .prepare<Values, StandingRow>(`
        SELECT ${standing(today)}, ${ADDRESS_COLUMNS}
        FROM (SELECT id AS chosen, last_refused_at AS refused_last ${from}
          ORDER BY last_refused_at DESC, id DESC LIMIT :limit OFFSET :offset)
        JOIN addresses ON addresses.id = chosen JOIN domains ON domains.id = addresses.domain_id
        ORDER BY refused_last DESC, addresses.id DESC`)
      .all({ ...values, since, limit: rowLimit(limit), offset })
    return { total: this.countTrying(search, since), rows: rows.map(toStanding) }
  }

  /** Columns of its own index only. */
  #trying({ today, owner }: Pick<AddressSearch, 'today' | 'owner'>): Pick<Narrowing, 'values' | 'today'> & {
    from: string
  } {
    const narrowing = this.#narrow({ today, owner }, 'table')
    const from = `
      FROM addresses INDEXED BY refused_addresses WHERE last_refused_at >= :since
        AND (revoked_at IS NOT NULL OR ends <= ${narrowing.today}) AND ${narrowing.where}`
    return { ...narrowing, from }
  }

  senders(ids: readonly number[]): ReadonlyMap<number, readonly SenderRecord[]> {
    return new Map(ids.map((id) => [id, this.#senders.of(id)]))
  }

  importAll(
    entries: readonly AddressEntry[],
    at: number,
  ): { added: number; changed: number; unchanged: number } | 'no-domain' {
    const domains = this.#db.prepare<[], { id: number; name: string }>('SELECT id, name FROM domains').all()
    const ids: ReadonlyMap<string, number> = new Map(domains.map(({ id, name }) => [name, id]))
    if (entries.some(({ domain }) => !ids.has(domain))) return 'no-domain'
    const done = { added: 0, changed: 0, unchanged: 0 }
    for (const { domain, localPart, prefix, ...change } of entries) {
      const known = this.#addresses.find(domain, localPart)
      const differs = Object.entries(change).some(
        ([key, value]) => known?.[key as keyof typeof change] !== value,
      )
      if (known !== undefined && !differs) {
        done.unchanged += 1
        continue
      }
      this.#addresses.write(ids.get(domain)!, { localPart, prefix }, { ...known, ...change }, at)
      done[known === undefined ? 'added' : 'changed'] += 1
    }
    return done
  }

  #counts(search: AddressSearch): CountsRow {
    const { where, values, today } = this.#narrow(search, 'index')
    return this.#db
      .prepare<Values, CountsRow>(`SELECT ${countsOf(today)} FROM addresses ${BY_WORDS} WHERE ${where}`)
      .get(values)!
  }

  #rows(search: AddressSearch): readonly AddressStanding[] {
    const { sql, values, today, direction, tie } = this.#choice(search)
    return this.#db
      .prepare<Values, StandingRow>(`
        SELECT ${standing(today)}, ${ADDRESS_COLUMNS} FROM (${sql} LIMIT :limit OFFSET :offset)
        JOIN addresses ON addresses.id = chosen JOIN domains ON domains.id = addresses.domain_id
        ORDER BY position ${direction}, addresses.id ${tie}`)
      .all({ ...values, limit: rowLimit(search.limit), offset: search.offset ?? 0 })
      .map(toStanding)
  }

  /** Numbers and positions only: rows are fetched once they are chosen, so that sorting carries little. */
  #choice(
    search: AddressSearch,
  ): Pick<Narrowing, 'values' | 'today'> & { sql: string; direction: string; tie: string } {
    const covered = (search.sort ?? 'ends') === 'ends' && search.active === undefined
    const { where, values, today } = this.#narrow(search, covered ? 'index' : 'table')
    const { sort, direction, inState, tie } = orderOf(search, today)
    const sql = `
      SELECT id AS chosen, ${sort} AS position FROM addresses ${covered ? BY_WORDS : ''}
      WHERE ${where} AND ${inState} ORDER BY position ${direction}, id ${tie}`
    return { sql, values, today, direction, tie }
  }

  /**
   * 'table': where columns beside the index are asked for, one walk over the table is quicker than a look-up for each of
   * 100,000 rows: a plus sign keeps the index out.
   */
  #narrow(
    {
      today,
      owner,
      domain,
      prefix,
      active,
      search = '',
    }: Pick<AddressSearch, 'today'> & Partial<AddressSearch>,
    walk: 'index' | 'table',
  ): Narrowing {
    const [whose, where] = walk === 'index' ? ['prefix', 'domain_id'] : ['+prefix', '+domain_id']
    const day = this.#todayOf(today)
    const text = search.slice(0, 200)
    const folded = /[^ -~]/.test(text) ? text.toLowerCase() : undefined
    const conditions = [
      active !== undefined && `${active ? '' : 'NOT '}${activeOn(day)}`,
      owner !== undefined &&
        `(${whose}, ${where}) IN (SELECT name, domain_id FROM prefixes WHERE owner_id = :owner)`,
      domain !== undefined && `${where} = (SELECT id FROM domains WHERE name = :domain)`,
      prefix !== undefined && `${whose} = :prefix`,
      // LIKE knows the cases of ASCII letters only: other letters may be any there, and are compared by ours.
      search !== '' && `words LIKE :words ESCAPE '\\'`,
      folded !== undefined && 'instr(lower_case(words), :folded) > 0',
    ].filter((condition) => condition !== false)
    return {
      where: conditions.join(' AND ') || 'TRUE',
      values: {
        ...(owner === undefined ? {} : { owner }),
        ...(domain === undefined ? {} : { domain }),
        ...(prefix === undefined ? {} : { prefix }),
        ...(search === '' ? {} : { words: patternOf(text) }),
        ...(folded === undefined ? {} : { folded }),
      },
      today: day,
    }
  }

  /** Mostly one number: the zones of the domains share the day but for some hours. */
  #todayOf(todays: AddressSearch['today']): string {
    const days = new Set(todays.values())
    const [only = 0] = days
    if (days.size <= 1) return String(Number(only))
    const domains = this.#db.prepare<[], { id: number; name: string }>('SELECT id, name FROM domains').all()
    const known: ReadonlyMap<string, Day> = todays
    const cases = domains.map(({ id, name }) => `WHEN ${id} THEN ${Number(known.get(name) ?? only)}`)
    return `(CASE addresses.domain_id ${cases.join(' ')} END)`
  }
}

/** Of LIKE, for a part of words: any character for one whose cases LIKE does not know. */
function patternOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&').replace(/[^ -~]/gu, '_')}%`
}

/** `today` is an expression. Columns of the index only. */
const STATES: Readonly<Record<AddressState, (today: string) => string>> = {
  works: (today) => `(revoked_at IS NULL AND ends > ${today} + ${SOON} AND begins <= ${today})`,
  soon: (today) =>
    `(revoked_at IS NULL AND ends > ${today} AND ends <= ${today} + ${SOON} AND begins <= ${today})`,
  ended: (today) => `(revoked_at IS NULL AND ends <= ${today})`,
  revoked: () => '(revoked_at IS NOT NULL)',
  waiting: (today) => `(revoked_at IS NULL AND ends > ${today} AND begins > ${today})`,
}

const LEAKED = 'leaked = 1'

/** A prefix that is gone accepts nothing; ten digits follow a prefix, and then the tag. */
function activeOn(today: string): string {
  return `(revoked_at IS NULL AND ends > ${today} AND EXISTS (SELECT 1 FROM prefixes
    WHERE prefixes.domain_id = addresses.domain_id AND prefixes.name = addresses.prefix AND prefixes.enabled
      AND (NOT prefixes.signed OR length(addresses.local_part) > length(addresses.prefix) + 10)))`
}

/** Beyond every day that an address can have: four digits of year, two of days. */
const FAR = 10_000_000

const SORTS: Readonly<Record<AddressSort, (today: string) => string>> = {
  // What works, by its end; what waits, by its beginning; what ended, the latest first; what was revoked.
  ends: (today) => `CASE WHEN revoked_at IS NOT NULL THEN ${4 * FAR} - ends
    WHEN ends <= ${today} THEN ${3 * FAR} - ends WHEN begins > ${today} THEN ${FAR} + begins ELSE ends END`,
  // Those without one come last.
  site: () => `CASE WHEN site = '' THEN char(0x10ffff) ELSE site END`,
  address: () => 'local_part',
  accepted: () => 'accepted',
  refused: () => 'refused',
  seen: () => 'coalesce(last_seen_at, 0)',
  created: () => 'addresses.created_at',
}

const USUAL_ORDER: Readonly<Record<AddressSort, 'up' | 'down'>> = {
  ends: 'up',
  site: 'up',
  address: 'up',
  accepted: 'down',
  refused: 'down',
  seen: 'down',
  created: 'down',
}

const BY_WORDS = 'INDEXED BY addresses_by_words'

function orderOf(
  { sort = 'ends', order = USUAL_ORDER[sort], state }: AddressSearch,
  today: string,
): Readonly<Record<'sort' | 'direction' | 'tie' | 'inState', string>> {
  const direction = order === 'up' ? 'ASC' : 'DESC'
  return {
    sort: SORTS[sort](today),
    direction,
    // Records of one moment count up as they were made.
    tie: sort === 'created' ? direction : 'ASC',
    inState: state === undefined ? 'TRUE' : state === 'leaked' ? LEAKED : STATES[state](today),
  }
}

function countsOf(today: string): string {
  const states = (Object.keys(STATES) as AddressState[]).map(
    (state) => `count(*) FILTER (WHERE ${STATES[state](today)}) AS ${state}`,
  )
  return `count(*) AS "all", ${states.join(', ')}, count(*) FILTER (WHERE ${LEAKED}) AS leaked`
}

/** What a row says about itself today. */
function standing(today: string): string {
  const cases = (Object.keys(STATES) as AddressState[]).map(
    (state) => `WHEN ${STATES[state](today)} THEN '${state}'`,
  )
  // Its own days, capped; `ends` has the extension in it.
  const own = `min(addresses.days, coalesce((SELECT max_days FROM prefixes
    WHERE prefixes.domain_id = addresses.domain_id AND prefixes.name = addresses.prefix), 99))`
  return `addresses.id, CASE ${cases.join(' ')} ELSE 'ended' END AS state, first_day,
    first_day + ${own} - 1 AS last_day,
    CASE WHEN ${STATES.works(today)} OR ${STATES.soon(today)} THEN ends - ${today} ELSE 0 END AS days_left`
}
