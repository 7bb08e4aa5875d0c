// The changes of one message, gathered while `endOfMessage` runs and written at once with its verdict: a filter that
// dies in between has changed nothing. Order and spelling follow what sendmail and Postfix really do with them.

import { ByteWriter, requireByteString } from './bytes.ts'
import type { Action, Changes } from './filter.ts'
import { encodeFrame } from './frame.ts'
import { ACTIONS } from './negotiation.ts'
import { encodeResponse, type Modification } from './replies.ts'

/** MILTER_CHUNK_SIZE */
const BODY_CHUNK = 65_535
const HIGHEST_INDEX = 0xffff_ffff

export class ChangeList implements Changes {
  /** SMFIF_* that were agreed on. */
  readonly #allowed: number
  /** RCPT arguments that this filter let pass. */
  readonly #recipients: readonly string[]
  readonly #deleted = new Set<string>()
  readonly #added = new Map<string, Modification>()
  readonly #others: Modification[] = []
  #body: Buffer[] | undefined
  #open = true

  constructor(allowed: number, recipients: readonly string[]) {
    this.#allowed = allowed
    this.#recipients = recipients
  }

  allows(action: Action): boolean {
    return (this.#allowed & ACTIONS[action]) !== 0
  }

  addRecipient(address: string, parameters?: string): void {
    this.#require(parameters === undefined ? 'addRecipient' : 'addRecipientWithParameters')
    const bracketed = withBrackets(address)
    if (!isMailbox(bracketed)) throw new TypeError(`${JSON.stringify(address)} is no recipient`)
    const modification: Modification =
      parameters === undefined
        ? { kind: 'addRecipient', address: bracketed }
        : { kind: 'addRecipientWithParameters', address: bracketed, parameters: checkedLine(parameters) }
    this.#added.set(mailboxKey(bracketed), modification)
  }

  deleteRecipient(argument: string): void {
    this.#require('deleteRecipient')
    this.#deleted.add(checkedLine(withoutRoute(withBrackets(argument))))
  }

  changeSender(address: string, parameters?: string): void {
    this.#require('changeSender')
    const bracketed = withBrackets(address)
    if (bracketed !== '<>' && !isMailbox(bracketed)) {
      throw new TypeError(`${JSON.stringify(address)} is no sender`)
    }
    const checked = parameters === undefined ? undefined : checkedLine(parameters)
    this.#others.push({ kind: 'changeSender', address: bracketed, parameters: checked })
  }

  addHeader(name: string, value: string): void {
    this.#require('addHeader')
    this.#others.push({ kind: 'addHeader', name: checkedName(name), value: checkedValue(value) })
  }

  insertHeader(index: number, name: string, value: string): void {
    this.#require('addHeader')
    const header = { index: checkedIndex(index), name: checkedName(name), value: checkedValue(value) }
    this.#others.push({ kind: 'insertHeader', ...header })
  }

  changeHeader(index: number, name: string, value: string): void {
    this.#require('changeHeader')
    const header = { index: checkedIndex(index), name: checkedName(name), value: checkedValue(value) }
    this.#others.push({ kind: 'changeHeader', ...header })
  }

  deleteHeader(index: number, name: string): void {
    this.changeHeader(index, name, '')
  }

  replaceBody(part: Buffer | string): void {
    this.#require('replaceBody')
    this.#body ??= []
    this.#body.push(typeof part === 'string' ? Buffer.from(requireByteString(part), 'latin1') : part)
  }

  quarantine(reason: string): void {
    this.#require('quarantine')
    this.#others.push({ kind: 'quarantine', reason: checkedLine(reason) })
  }

  /** The verdict is known: from here on every call throws. */
  close(): void {
    this.#open = false
  }

  /**
   * All frames and after them the verdict's. Recipients are deleted first and added after: behind a catch-all the other
   * order would delete what was just added (sendmail). The body comes last and in one run: Postfix fails the message
   * when another request stands in between.
   */
  encode(verdict: Buffer): readonly Buffer[] {
    const writer = new ByteWriter()
    for (const address of this.#deleted) encodeResponse({ kind: 'deleteRecipient', address }, writer)
    this.#encodeAdded(writer)
    for (const modification of this.#others) encodeResponse(modification, writer)
    if (this.#body !== undefined) return [writer.finish(), ...bodyFrames(this.#body), verdict]
    writer.bytes(verdict)
    return [writer.finish()]
  }

  /** Postfix would deliver twice to an address that is a recipient and is added again. */
  #encodeAdded(writer: ByteWriter): void {
    if (this.#added.size === 0) return
    const present = new Set<string>()
    for (const argument of this.#recipients) {
      const address = withoutRoute(withBrackets(argument))
      if (!this.#deleted.has(address)) present.add(mailboxKey(address))
    }
    for (const [mailbox, modification] of this.#added) {
      if (!present.has(mailbox)) encodeResponse(modification, writer)
    }
  }

  #require(action: Action): void {
    if (!this.#open) throw new TypeError('the message has its verdict: changes come too late')
    if (!this.allows(action))
      throw new TypeError(`${action} was not negotiated: declare it in the filter's actions`)
  }
}

/** Any request but the body's is a few bytes; the body is not copied, only cut. */
function* bodyFrames(parts: readonly Buffer[]): Generator<Buffer> {
  const body = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  // An empty packet empties the body.
  if (body.length === 0) yield encodeFrame('b')
  for (let at = 0; at < body.length; at += BODY_CHUNK) {
    const chunk = body.subarray(at, at + BODY_CHUNK)
    const head = Buffer.allocUnsafe(5)
    head.writeUInt32BE(chunk.length + 1, 0)
    head.write('b', 4, 'latin1')
    yield head
    yield chunk
  }
}

/** A dot-string or quoted string, and perhaps a domain or address literal; 8-bit characters are left to the MTA. */
const ATOMS = String.raw`[!#-'*+\-./0-9=?A-Z^-~\x80-\xff]+`
const QUOTED = String.raw`"(?:[ !#-[\]-~\x80-\xff]|\\[ -~])*"`
const LITERAL = String.raw`\[[!-;=?-Z^-~]+\]`
const MAILBOX = new RegExp(`^<(?:${QUOTED}|${ATOMS})(?:@(?:${LITERAL}|${ATOMS}))?>$`)

/** What nearly every address is; the whole grammar takes ten times as long. */
const PLAIN_MAILBOX = /^<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>$/

function isMailbox(bracketed: string): boolean {
  return PLAIN_MAILBOX.test(bracketed) || MAILBOX.test(bracketed)
}

function withBrackets(address: string): string {
  const trimmed = trimBlanks(address)
  return trimmed.startsWith('<') && trimmed.endsWith('>') ? trimmed : `<${trimmed}>`
}

/** Blanks only. `trim` would also take line ends, which must be refused, and 0xA0, which may be half a letter. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}

/** `<@relay.example:user@dest.example>`: with its route Postfix's DELRCPT matches nothing, without it both match. */
function withoutRoute(bracketed: string): string {
  return bracketed.startsWith('<@') ? bracketed.replace(SOURCE_ROUTE, '<') : bracketed
}

/** Up to the colon that ends it; those inside an address literal do not. */
const SOURCE_ROUTE = /^<@[^:[]*(?:\[[^\]]*\][^:[]*)*:/

/** Which requests mean the same mailbox: only the domain is folded. */
function mailboxKey(bracketed: string): string {
  const at = bracketed.lastIndexOf('@')
  return at === -1 ? bracketed : bracketed.slice(0, at) + bracketed.slice(at).toLowerCase()
}

function checkedIndex(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index > HIGHEST_INDEX) {
    throw new TypeError(`${index} is no header index`)
  }
  return index
}

/** Field names, RFC 5322 section 2.2. Postfix would write a broken line for an empty one. */
function checkedName(name: string): string {
  if (!/^[!-9;-~]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no header name`)
  return name
}

/** Folded by LF and a blank. CR would be stored (Postfix), and a bare LF would begin a header of its own. */
function checkedValue(value: string): string {
  if (/\r|\n(?![\t ])/.test(value))
    throw new TypeError('a header value with CR, or LF without a blank after it')
  return requireByteString(value)
}

function checkedLine(text: string): string {
  if (/[^ -~\x80-\xff]/.test(text)) throw new TypeError('text with control characters, or beyond latin1')
  return text
}
