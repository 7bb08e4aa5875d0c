// SMFIC_OPTNEG: what the MTA can do and what the filter wants become one agreement, or a refusal. Pure. An agreement
// never changes, and belongs to its very offer: libmilter keeps one table for the process, and flags leak from one
// connection into another.

import { type ByteReader, ByteWriter } from './bytes.ts'
import { byte } from './codec.ts'
import { ProtocolError } from './errors.ts'
import type { Action, Filter, MacroStage, NoReplyStage, Offer, Wish } from './filter.ts'

/** SMFIF_*: what a filter may do at end of message. */
export const ACTIONS = {
  addHeader: 0x001,
  replaceBody: 0x002,
  addRecipient: 0x004,
  deleteRecipient: 0x008,
  changeHeader: 0x010,
  quarantine: 0x020,
  changeSender: 0x040,
  addRecipientWithParameters: 0x080,
} as const satisfies Record<Action, number>

/** SMFIF_SETSYMLIST: macro lists may follow the answer. */
const MACRO_LISTS = 0x100

/** SMFIP_NO*: what the MTA need not send. There is no flag against end of message, ABORT, QUIT and macros. */
export const NO_STEPS = {
  connect: 0x000001,
  helo: 0x000002,
  mail: 0x000004,
  rcpt: 0x000008,
  body: 0x000010,
  header: 0x000020,
  endOfHeaders: 0x000040,
  unknown: 0x000100,
  data: 0x000200,
} as const

/** SMFIP_NR_*: commands that are not answered. */
export const NO_REPLY = {
  header: 0x000080,
  connect: 0x001000,
  helo: 0x002000,
  mail: 0x004000,
  rcpt: 0x008000,
  data: 0x010000,
  unknown: 0x020000,
  endOfHeaders: 0x040000,
  body: 0x080000,
} as const satisfies Record<NoReplyStage, number>

/** SMFIP_SKIP: the MTA understands the answer SKIP. */
export const SKIP_STEP = 0x000400
/** SMFIP_RCPT_REJ */
export const REJECTED_RECIPIENTS = 0x000800
/** SMFIP_HDR_LEADSPC */
export const LEADING_SPACE = 0x100000

/** What sendmail 8.17 and Postfix 3.7 offer. */
export const CURRENT_OFFER: Offer = Object.freeze({ version: 6, actions: 0x1ff, steps: 0x1fffff })

/** The versions we speak. 2 is sendmail 8.11; 3 brought UNKNOWN, 4 DATA, 6 the rest. */
const OLDEST_VERSION = 2
const NEWEST_VERSION = 6

/** Stage numbers of the lists. End of headers came last, so it has the higher number than end of message. */
const MACRO_STAGES = {
  connect: 0,
  helo: 1,
  mail: 2,
  rcpt: 3,
  data: 4,
  endOfMessage: 5,
  endOfHeaders: 6,
} as const satisfies Record<MacroStage, number>

/** sendmail's MAXFILTERMACROS. */
const MAX_MACROS = 50

/** One list of SMFIR_SETSYMLIST. */
export interface MacroList {
  /** 0 to 6; sendmail stops reading at a number it does not know. */
  readonly stage: number
  /** Names with blanks between; '' asks for none. */
  readonly names: string
}

/** The filter's answer to an offer. */
export interface Agreement {
  readonly version: number
  readonly actions: number
  readonly steps: number
  readonly macroLists: readonly MacroList[]
}

/** An agreement and its bytes. */
export interface Answered {
  readonly offer: Offer
  readonly agreement: Agreement
  readonly frame: Buffer
}

const ANSWERED = new WeakMap<object, Answered>()

/**
 * What a filter answers to an offer. A filter without a say of its own answers the same offer alike, and mail servers
 * make the same one each time: so the last answer is kept. It is for that very offer, and nothing can change it.
 * @throws ProtocolError as `negotiate` does, and whatever the filter's own `negotiate` throws.
 */
export function answerOffer<State>(filter: Filter<State>, offer: Offer): Answered {
  const last = filter.negotiate === undefined ? ANSWERED.get(filter) : undefined
  if (last !== undefined && isSameOffer(last.offer, offer)) return last
  const agreement = negotiate(offer, needsOf(filter, offer))
  const writer = new ByteWriter()
  encodeAgreement(agreement, writer)
  const answered = { offer, agreement, frame: writer.finish() }
  ANSWERED.set(filter, answered)
  return answered
}

function isSameOffer(a: Offer, b: Offer): boolean {
  return a.version === b.version && a.actions === b.actions && a.steps === b.steps
}

/** What a filter needs from the protocol: its wishes, and the stages it has handlers for. */
interface Needs {
  readonly wish: Wish
  readonly handles: Readonly<Record<keyof typeof NO_STEPS, boolean>>
}

const WISHES = [
  'actions',
  'optionalActions',
  'macros',
  'noReply',
  'rejectedRecipients',
  'leadingSpace',
] as const satisfies (keyof Wish)[]

/** A mistake in the lists of macros should show at the start, not with the first mail: throws `TypeError`. */
export function checkMacros(wish: Wish): void {
  if (wish.macros !== undefined) macroLists(wish.macros)
}

/** Reads off an author's object what it needs; `negotiate` has the last word. */
function needsOf<State>(filter: Filter<State>, offer: Offer): Needs {
  const answer = filter.negotiate?.(offer)
  const wish: Wish = Object.fromEntries(WISHES.map((field) => [field, answer?.[field] ?? filter[field]]))
  const content = ['rcpt', 'data', 'header', 'endOfHeaders', 'body', 'endOfMessage'] as const
  const perMessage = ['newMessage', 'mail', 'abort', 'messageEnded', ...content] as const
  return {
    wish,
    handles: {
      connect: filter.connect !== undefined,
      helo: filter.helo !== undefined,
      // MAIL marks a new message. Without it sendmail sends no ABORT after RSET either, and a filter would take the
      // recipients of the message before for those of the next.
      mail: perMessage.some((method) => filter[method] !== undefined),
      rcpt: filter.rcpt !== undefined,
      data: filter.data !== undefined,
      header: filter.header !== undefined,
      endOfHeaders: filter.endOfHeaders !== undefined,
      body: filter.body !== undefined,
      unknown: filter.unknown !== undefined,
    },
  }
}

/**
 * Intersects.
 * @throws ProtocolError `negotiation` for a version below 2, or when a required action is not offered.
 */
function negotiate(offer: Offer, { wish, handles }: Needs): Agreement {
  if (offer.version < OLDEST_VERSION) {
    throw new ProtocolError(
      'negotiation',
      `the MTA speaks milter protocol version ${offer.version}, which is too old`,
    )
  }
  const missing = (wish.actions ?? []).filter((action) => (offer.actions & ACTIONS[action]) === 0)
  if (missing.length > 0) {
    throw new ProtocolError(
      'negotiation',
      `the MTA does not offer what the filter requires: ${missing.join(', ')}`,
    )
  }
  const withLists = wish.macros !== undefined && (offer.actions & MACRO_LISTS) !== 0
  return {
    version: Math.min(offer.version, NEWEST_VERSION),
    // `>>> 0`: an offer may use the highest bit, and the operators of JavaScript are signed.
    actions: (offer.actions & (actionFlags(wish) | (withLists ? MACRO_LISTS : 0))) >>> 0,
    steps: (offer.steps & stepFlags(wish, handles)) >>> 0,
    macroLists: withLists ? macroLists(wish.macros ?? {}) : [],
  }
}

function actionFlags(wish: Wish): number {
  const wished = [...(wish.actions ?? []), ...(wish.optionalActions ?? [])]
  return wished.reduce((flags, action) => flags | ACTIONS[action], 0)
}

function stepFlags(wish: Wish, handles: Needs['handles']): number {
  let flags = 0
  for (const stage of Object.keys(NO_STEPS) as (keyof typeof NO_STEPS)[]) {
    if (!handles[stage]) flags |= NO_STEPS[stage]
  }
  for (const stage of wish.noReply ?? []) flags |= NO_REPLY[stage]
  if (handles.body) flags |= SKIP_STEP
  if (wish.rejectedRecipients === true) flags |= REJECTED_RECIPIENTS
  if (wish.leadingSpace === true) flags |= LEADING_SPACE
  return flags
}

/**
 * sendmail 8.17.1 reads stages 5 and 6 wrongly: a list for end of message counts only when end of headers has one,
 * too, and a list for end of headers alone takes the macros of end of message away. So both are sent, or neither.
 */
function macroLists(wished: NonNullable<Wish['macros']>): MacroList[] {
  const { endOfHeaders, endOfMessage } = wished
  const asked =
    endOfHeaders === undefined && endOfMessage === undefined
      ? wished
      : { ...wished, endOfHeaders: endOfHeaders ?? [], endOfMessage: endOfMessage ?? ['i', '{msg_id}'] }
  return Object.entries(MACRO_STAGES).flatMap(([stage, number]) => {
    const names = asked[stage as MacroStage]
    return names === undefined ? [] : [{ stage: number, names: macroNames(names) }]
  })
}

function macroNames(names: readonly string[]): string {
  if (names.length > MAX_MACROS)
    throw new TypeError(`${names.length} macros for one stage, above ${MAX_MACROS}`)
  return names.map(macroName).join(' ')
}

/** Names of more than one character travel in braces. */
function macroName(name: string): string {
  if (!/^(?:[!-z|~]|\{[!-z|~]+\}|[!-z|~]{2,})$/.test(name) || name.includes(',')) {
    throw new TypeError(`${JSON.stringify(name)} is no macro name`)
  }
  return name.length === 1 || name.startsWith('{') ? name : `{${name}}`
}

const CODE = byte('O')

/** Appends the answer to an offer as one frame. */
export function encodeAgreement(agreement: Agreement, to: ByteWriter): void {
  to.beginFrame(CODE)
  to.u32(agreement.version)
  to.u32(agreement.actions)
  to.u32(agreement.steps)
  for (const { stage, names } of agreement.macroLists) {
    to.u32(stage)
    to.cstring(names)
  }
  to.endFrame()
}

/** Reads the payload of a filter's answer, as an MTA does. */
export function decodeAgreement(from: ByteReader): Agreement {
  const version = from.u32()
  const actions = from.u32()
  const steps = from.u32()
  const macroLists: MacroList[] = []
  // Bytes that are no whole list make Postfix fail the filter, and they throw here.
  while (from.remaining > 0) macroLists.push({ stage: from.u32(), names: from.cstring() })
  return { version, actions, steps, macroLists }
}
