// The service's routes as typed functions. A refusal is a value with a sentence in it, not an exception. A server that
// does not answer is asked again until it does (reads), or reported (changes: nobody wants them made twice).

import type {
  Activity,
  ActivityDays,
  ActivityQuery,
  AddressChange,
  AddressPage,
  AddressQuery,
  AddressView,
  AddressWishes,
  AuditList,
  AuditQuery,
  DomainList,
  DomainView,
  DomainWishes,
  ExplainRequest,
  Explanations,
  Extension,
  Findings,
  ImportResult,
  KeyList,
  MadeAddresses,
  MadeToken,
  MtaText,
  NewDomain,
  NewPassword,
  NewPerson,
  NewPrefix,
  NewToken,
  PageQuery,
  PersonChange,
  PersonList,
  PersonView,
  PrefixLines,
  PrefixList,
  PrefixView,
  PrefixWishes,
  Problem,
  SessionView,
  SetUp,
  SignIn,
  State,
  StillTrying,
  TokenList,
  TotpCode,
  TotpOffer,
} from '../../src/admin/schemas.ts'
import { serviceUrl } from './router.ts'
import { awaySeconds, forgetState, sessionEnded, state } from './state.ts'
import { NO_ANSWER, STILL_HERE } from './words.ts'

export type Refused = {
  readonly ok: false
  /** 0: the server did not answer. -1: the caller gave up. */
  readonly status: number
  readonly problem: Problem
  /** The whole body, for the few refusals that carry more than a problem (409 of a prefix: `theirs`). */
  readonly body?: unknown
}
export type Answer<T> = { readonly ok: true; readonly value: T } | Refused

type Query = Readonly<Record<string, string | number | boolean | undefined>>
interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Query | undefined
  readonly json?: unknown
  readonly csv?: string
  readonly signal?: AbortSignal | undefined
  /** A 401 is an answer here (wrong password), not the end of the session. */
  readonly signingIn?: boolean
}

/** Seconds between two tries while the server does not answer. */
const RETRY_SECONDS = 4

export function queryText(query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

async function send<T>(path: string, request: Request = {}): Promise<Answer<T>> {
  for (;;) {
    const answer = await sendOnce<T>(path, request)
    if (answer.ok) return answer
    if (answer.status === 401 && request.signingIn !== true && state.value?.me !== undefined) {
      // The view stays as it is below the sign-in, and the request goes out again afterwards.
      await signedInAgain()
      continue
    }
    if (answer.status !== 0) return answer
    if ((request.method ?? 'GET') !== 'GET') {
      void untilItAnswers()
      return answer
    }
    await untilItAnswers()
    if (request.signal?.aborted === true) return gaveUp
  }
}

const gaveUp: Refused = { ok: false, status: -1, problem: { message: '' } }
const noAnswer: Refused = { ok: false, status: 0, problem: { message: `${NO_ANSWER} ${STILL_HERE}` } }

async function sendOnce<T>(path: string, request: Request): Promise<Answer<T>> {
  let response: Response
  let text: string
  try {
    response = await fetch(serviceUrl(path) + queryText(request.query), {
      method: request.method ?? 'GET',
      credentials: 'same-origin',
      cache: 'no-store',
      ...bodyOf(request),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    // The body may be cut off, too.
    text = await response.text()
  } catch {
    return request.signal?.aborted === true ? gaveUp : noAnswer
  }
  // A proxy in front of a service that is being restarted answers in its stead.
  if (response.status >= 502 && response.status <= 504) return noAnswer
  const body = parsed(text)
  if (response.ok && (body !== undefined || text === '')) return { ok: true, value: body as T }
  return { ok: false, status: response.status, problem: problemIn(body, response.status), body }
}

function bodyOf({ json, csv }: Request): { body?: string; headers?: Record<string, string> } {
  if (csv !== undefined) return { body: csv, headers: { 'content-type': 'text/csv' } }
  if (json !== undefined)
    return { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }
  return {}
}

/** Embeddings, overrides and isolates (UAX 9): a sender could turn round what stands beside its name. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g

/** Reads what the service says. Whatever would turn the reading direction is shown as a character that is unknown. */
export function readJson(text: string): unknown {
  const calm = (_: string, value: unknown) =>
    typeof value === 'string' ? value.replace(TURNING, '\uFFFD') : value
  return JSON.parse(text, calm)
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : readJson(text)
  } catch {
    return undefined
  }
}

function problemIn(body: unknown, status: number): Problem {
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    return body as Problem
  }
  return { message: `The server answered ${status} and did not say why. Its log does.` }
}

let waiting: Promise<void> | undefined

/** Counts down and asks again until the server answers. All who wait share one count. */
function untilItAnswers(): Promise<void> {
  waiting ??= countDown().finally(() => {
    waiting = undefined
  })
  return waiting
}

async function countDown(): Promise<void> {
  for (;;) {
    for (let left = RETRY_SECONDS; left > 0; left--) {
      awaySeconds.value = left
      await new Promise((wake) => setTimeout(wake, 1000))
    }
    const answer = await sendOnce<State>('state', {})
    if (answer.ok || answer.status > 0) break
  }
  awaySeconds.value = undefined
}

function signedInAgain(): Promise<void> {
  sessionEnded.value = true
  return new Promise((resume) => {
    const stop = sessionEnded.subscribe((ended) => {
      if (ended) return
      queueMicrotask(() => stop())
      resume()
    })
  })
}

const get = <T>(path: string, query?: object, signal?: AbortSignal) =>
  send<T>(path, { query: query as Query | undefined, signal })
const post = <T>(path: string, json?: unknown) => send<T>(path, { method: 'POST', json })
const put = <T>(path: string, json?: unknown) => send<T>(path, { method: 'PUT', json })
const patch = <T>(path: string, json?: unknown) => send<T>(path, { method: 'PATCH', json })
const remove = <T = undefined>(path: string, json?: unknown) => send<T>(path, { method: 'DELETE', json })
const name = encodeURIComponent

/** One line for each route of the console. */
export const api = {
  state: () => get<State>('state'),
  setUp: (wishes: SetUp) => send<State>('set-up', { method: 'POST', json: wishes, signingIn: true }),
  signIn: (wishes: SignIn) => send<State>('session', { method: 'POST', json: wishes, signingIn: true }),
  signOut: () => send<undefined>('session', { method: 'DELETE', signingIn: true }),
  signOutEverywhere: () => remove('sessions'),
  sessions: () => get<{ sessions: SessionView[] }>('sessions'),
  changePassword: (wishes: NewPassword) => put<undefined>('me/password', wishes),
  offerTotp: () => post<TotpOffer>('me/totp'),
  confirmTotp: (code: TotpCode) => put<undefined>('me/totp', code),
  removeTotp: (code: TotpCode) => remove('me/totp', code),

  previewAddresses: (wishes: AddressWishes, signal?: AbortSignal) =>
    send<MadeAddresses>('addresses/preview', { method: 'POST', json: wishes, signal }),
  makeAddresses: (wishes: AddressWishes) => post<MadeAddresses>('addresses', wishes),
  addresses: (query: AddressQuery, signal?: AbortSignal) => get<AddressPage>('addresses', query, signal),
  addressesCsvUrl: (query: AddressQuery) => serviceUrl(`addresses.csv${queryText(query)}`),
  importAddresses: (csv: string) => send<ImportResult>('addresses/import', { method: 'POST', csv }),
  changeAddress: (address: string, change: AddressChange) =>
    patch<AddressView>(`addresses/${name(address)}`, change),
  revokeAddress: (address: string) => post<AddressView>(`addresses/${name(address)}/revoke`, {}),
  restoreAddress: (address: string) => post<AddressView>(`addresses/${name(address)}/restore`, {}),
  extendAddress: (address: string, extension: Extension) =>
    post<AddressView>(`addresses/${name(address)}/extend`, extension),
  stillTrying: (query: PageQuery, signal?: AbortSignal) => get<StillTrying>('still-trying', query, signal),
  explain: (request: ExplainRequest, signal?: AbortSignal) =>
    send<Explanations>('explain', { method: 'POST', json: request, signal }),

  activity: (query: ActivityQuery, signal?: AbortSignal) => get<Activity>('activity', query, signal),
  activityDays: (signal?: AbortSignal) => get<ActivityDays>('activity/days', {}, signal),
  activityStreamUrl: () => serviceUrl('activity/stream'),

  domains: () => get<DomainList>('domains'),
  addDomain: (wishes: NewDomain) => post<DomainView>('domains', wishes),
  changeDomain: (domain: string, wishes: DomainWishes) =>
    patch<DomainView>(`domains/${name(domain)}`, wishes),
  removeDomain: (domain: string) => remove(`domains/${name(domain)}`),
  prefixes: () => get<PrefixList>('prefixes'),
  addPrefix: (wishes: NewPrefix) => post<PrefixView>('prefixes', wishes),
  changePrefix: (domain: string, prefix: string, wishes: PrefixWishes) =>
    patch<PrefixView>(`prefixes/${name(domain)}/${name(prefix)}`, wishes),
  removePrefix: (domain: string, prefix: string) => remove(`prefixes/${name(domain)}/${name(prefix)}`),
  importPrefixes: (lines: PrefixLines) => post<ImportResult>('prefixes/import', lines),
  people: () => get<PersonList>('people'),
  addPerson: (wishes: NewPerson) => post<PersonView>('people', wishes),
  changePerson: (person: string, change: PersonChange) => patch<PersonView>(`people/${name(person)}`, change),
  removePerson: (person: string) => remove(`people/${name(person)}`),
  tokens: () => get<TokenList>('tokens'),
  addToken: (wishes: NewToken) => post<MadeToken>('tokens', wishes),
  revokeToken: (id: number) => remove(`tokens/${id}`),
  keys: () => get<KeyList>('keys'),
  rotateKeys: () => post<KeyList>('keys/rotate'),
  findings: () => get<Findings>('server/findings'),
  mtaText: (mta: 'sendmail' | 'postfix') => get<MtaText>(`server/mta/${mta}`),
  audit: (query: AuditQuery, signal?: AbortSignal) => get<AuditList>('audit', query, signal),
}

/** Reads the state anew: after a sign-in, after a change of domains or prefixes, and when the page is seen again. */
export async function refreshState(): Promise<void> {
  const answer = await api.state()
  if (!answer.ok) return
  const before = state.value?.me?.name
  if (answer.value.stage !== 'ready' && before !== undefined) {
    sessionEnded.value = true
    return
  }
  if (before !== undefined && before !== answer.value.me?.name) {
    // Somebody else signed in meanwhile, in another tab: nothing of the first one may stay on the page.
    forgetState()
    window.location.reload()
    return
  }
  state.value = answer.value
}
