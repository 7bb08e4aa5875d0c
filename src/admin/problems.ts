// What goes wrong, as HTTP says it. The one table from a service's objection to a status, and the one place that makes
// an error's body. Nothing that an exception says of itself reaches a client.

import type { Answer, Objection } from '../service/index.ts'
import type { Problem } from './schemas.ts'

const STATUS: Readonly<Record<Objection['kind'], number>> = {
  invalid: 400,
  loop: 400,
  forbidden: 403,
  'not-found': 404,
  taken: 409,
  conflict: 409,
  stale: 409,
  slow: 429,
}

/** A request that is turned down: thrown by handlers, answered by the error handler. */
export class Refused extends Error {
  readonly status: number
  readonly problem: Problem
  /** Header fields that go with it: Retry-After, Allow. */
  readonly headers: Readonly<Record<string, string>>
  /** More members of the body than a problem has. */
  details: object | undefined

  constructor(status: number, problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.message)
    this.status = status
    this.problem = problem
    this.headers =
      problem.retryAfter === undefined ? headers : { 'retry-after': String(problem.retryAfter), ...headers }
  }
}

export function refuse(status: number, message: string): Refused {
  return new Refused(status, { message })
}

/** Too many requests: try again after `seconds`. */
export function slowDown(message: string, seconds: number): Refused {
  return new Refused(429, { message, retryAfter: Math.max(1, Math.ceil(seconds)) })
}

export function refusalOf({ kind, message, field, retryAfter }: Objection): Refused {
  return new Refused(STATUS[kind], {
    message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}

/** The value of a granted request. @throws Refused */
export function ensure<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw refusalOf(answer.objection)
}

/** What Fastify itself finds wrong, by its code. */
const FASTIFY_FAULTS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'The body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'The body must be of another type: send application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'The body is not as long as its header says.'],
  FST_ERR_BAD_URL: [400, 'The path cannot be read.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'The path is too long.'],
  FST_ERR_ROUTE_REWRITE_NOT_STR: [400, 'The path cannot be read.'],
}

interface ValidationFault {
  readonly instancePath?: string
  readonly message?: string
  readonly keyword?: string
  readonly params?: { readonly additionalProperties?: unknown; readonly requiredProperties?: unknown }
}

/** The refusal that an error stands for; nothing when something of ours failed. */
export function refusalFor(error: unknown): Refused | undefined {
  if (error instanceof Refused) return error
  if (!(error instanceof Error)) return undefined
  const { code, validation } = error as Error & { code?: string; validation?: readonly ValidationFault[] }
  if (validation !== undefined) return invalidMember(validation)
  const known = code === undefined ? undefined : FASTIFY_FAULTS[code]
  if (known !== undefined) return refuse(...known)
  if (error.name === 'StoreError') {
    return new Refused(503, {
      message: 'The database does not answer. Try again in a moment.',
      retryAfter: 5,
    })
  }
  return undefined
}

/** The member at fault in words: typebox tells only where it stands. */
function invalidMember(faults: readonly ValidationFault[]): Refused {
  const unknown = faults.find(({ keyword }) => keyword === 'additionalProperties')
  const extra = unknown?.params?.additionalProperties
  if (Array.isArray(extra) && typeof extra[0] === 'string') {
    return named(extra[0], 'is not known here')
  }
  const missing = faults.find(({ keyword }) => keyword === 'required')?.params?.requiredProperties
  if (Array.isArray(missing) && typeof missing[0] === 'string') return named(missing[0], 'is missing')
  const path = faults.find(({ instancePath = '' }) => instancePath !== '')?.instancePath
  if (path === undefined) return refuse(400, 'The body must be a JSON object.')
  const member = path.split('/')[1] ?? ''
  const advice = Object.hasOwn(ADVICE, member) ? ADVICE[member] : undefined
  return advice === undefined
    ? named(member, 'cannot be that')
    : new Refused(400, { message: advice, field: member })
}

/** What to type instead, by the member that a person can leave empty or overfill. */
const ADVICE: Readonly<Record<string, string>> = {
  code: 'That is no code. Type it as it stands there, and nothing else.',
  name: 'A name is missing or too long. Give one of 1 to 64 characters.',
  password: 'That password is too long. Give one of 10 to 1024 characters.',
  current: 'That password is too long. Give the one that you sign in with.',
  prefix: 'Choose one of the prefixes.',
  domain: 'Choose one of the domains. A domain name has at most 253 characters.',
  timeZone: 'That is no time zone. Give one like Europe/Berlin or UTC.',
  postmaster: 'That is no mailbox. Give one as in dan@mailbox.example, or none.',
  maxPrefixLength: 'The longest prefix must have 2 to 16 letters. Give a number between.',
  mailboxes: 'Give 1 to 50 mailboxes, as in dan@mailbox.example.',
  maxDays: 'A lifetime is 1 to 99 days. Give a number between.',
  defaultDays: 'A lifetime is 1 to 99 days. Give a number between.',
  days: 'A lifetime is 1 to 99 days. Give a number between.',
  owner: 'That is the name of no account. Choose one of the people, or nobody.',
  from: 'That is no date. Give one like 2026-11-20.',
  until: 'That is no date. Give one like 2026-11-20.',
  site: 'That is too long for a host name. Give one like shop.example.',
  note: 'That note is too long. It takes 500 characters.',
  count: 'Give a number from 1 to 50.',
  search: 'That is too long to search for. Give at most 200 characters.',
  text: 'Paste an address, or a header of at most 20,000 characters.',
}

function named(member: string, fault: string): Refused {
  // It came from outside: only what can be a name of ours is repeated.
  const field = /^[A-Za-z][A-Za-z0-9]{0,30}$/.test(member) ? member : undefined
  if (field === undefined) return refuse(400, `A member ${fault}.`)
  return new Refused(400, { message: `The member ${field} ${fault}.`, field })
}

export const FAILED: Problem = { message: 'Something of ours failed. It is in the log; try again.' }
