// The recipients of one message, and what ADDRCPT and DELRCPT do to them. The two MTAs differ more here than anywhere
// else; each difference was seen on the wire (sendmail 8.17, Postfix 3.7).

import type { MtaKind } from './mta.ts'

export interface EnvelopeRules {
  readonly like: MtaKind
  /** Domains whose mailboxes are on this host: sendmail folds the case of their local parts. */
  readonly localDomains?: readonly string[]
  /** sendmail only: a virtusertable that maps every address of a domain to one mailbox, `{ 'td.example.com': 'dev-null' }`. */
  readonly catchAll?: Readonly<Record<string, string>>
}

/** Where sendmail's rewriting led. */
export interface ResolvedRecipient {
  readonly local: boolean
  readonly host: string
  /** The user for a local recipient, the whole address for another. */
  readonly address: string
}

interface Recipient {
  /** As it would stand in the queue: no brackets, no route. */
  readonly address: string
  /** What makes two recipients the same one. */
  readonly key: string
  readonly added: boolean
  accepted: boolean
}

export class Envelope {
  readonly #rules: EnvelopeRules
  readonly #recipients: Recipient[] = []
  readonly #warnings: string[] = []

  constructor(rules: EnvelopeRules) {
    this.#rules = rules
  }

  /** Where the message would go, in the order of the queue. */
  get recipients(): string[] {
    return this.#recipients.filter((recipient) => recipient.accepted).map((recipient) => recipient.address)
  }

  /** What the MTA would have logged, or bounced, about the changes. */
  get warnings(): readonly string[] {
    return this.#warnings
  }

  /** Where the MTA's own rewriting leads, for the macros of RCPT. */
  resolve(argument: string): ResolvedRecipient {
    const address = bareAddress(argument)
    const [local, domain] = splitAddress(address)
    const target = this.#rules.catchAll?.[domain.toLowerCase()]
    if (target !== undefined)
      return target.includes('@') ? this.resolve(target) : { local: true, host: '', address: target }
    if (domain === '' || this.#isLocal(domain)) return { local: true, host: '', address: local }
    return { local: false, host: `${domain}.`, address }
  }

  /** RCPT, once all filters have spoken. */
  rcpt(argument: string, parameters: readonly string[], accepted: boolean): void {
    const address = bareAddress(argument)
    const key = this.#keyOf(address, parameters)
    const twin = this.#recipients.find((recipient) => recipient.key === key)
    if (this.#rules.like === 'postfix') {
      // Refused recipients never reach the queue, and the first spelling wins.
      if (accepted && twin === undefined) this.#recipients.push({ address, key, added: false, accepted })
      return
    }
    // sendmail keeps one record for both, so a refusal also takes back what was accepted before.
    if (twin === undefined) this.#recipients.push({ address, key, added: false, accepted })
    else twin.accepted = accepted
  }

  /** DELRCPT. Never fails: what matches nothing is ignored, in silence. */
  delete(text: string): void {
    for (const address of this.#addresses(text)) {
      const recipient = this.#recipients.find(
        (candidate) => candidate.accepted && this.#isNamedBy(address, candidate),
      )
      if (recipient) this.#recipients.splice(this.#recipients.indexOf(recipient), 1)
    }
  }

  /** ADDRCPT, and ADDRCPT_PAR without its parameters. */
  add(text: string): void {
    for (const argument of this.#addresses(text)) {
      const address = bareAddress(argument)
      if (address === '' || !isPlausible(address)) {
        this.#warnings.push(this.#complaint(argument))
        continue
      }
      const key = this.#keyOf(address, [])
      const twin = this.#recipients.find((recipient) => recipient.key === key && this.#mergesWith(recipient))
      if (twin === undefined) this.#recipients.push({ address, key, added: true, accepted: true })
      else twin.accepted = true
    }
  }

  /** Postfix merges added recipients only with each other: an address that was also in RCPT is delivered to twice. */
  #mergesWith(recipient: Recipient): boolean {
    return this.#rules.like === 'sendmail' || recipient.added
  }

  /** sendmail takes a list; Postfix takes its first address and logs a warning. */
  #addresses(text: string): string[] {
    const addresses = splitList(text)
    if (this.#rules.like === 'sendmail' || addresses.length < 2) return addresses
    this.#warnings.push(`Postfix takes only the first address of the list ${text}.`)
    return addresses.slice(0, 1)
  }

  #isNamedBy(argument: string, recipient: Recipient): boolean {
    if (this.#rules.like === 'sendmail') return this.#keyOf(bareAddress(argument), []) === recipient.key
    // Exact case, and a route in the argument matches nothing although the one in RCPT was cut off.
    return unquoted(withoutBrackets(argument)) === unquoted(recipient.address)
  }

  #keyOf(address: string, parameters: readonly string[]): string {
    if (this.#rules.like === 'postfix') {
      const options = parameters.filter((parameter) => /^(?:ORCPT|NOTIFY)=/i.test(parameter))
      return [unquoted(address).toLowerCase(), ...options].join(' ')
    }
    const [local, domain] = splitAddress(address)
    const target = this.#rules.catchAll?.[domain.toLowerCase()]
    if (target !== undefined) return target.includes('@') ? this.#keyOf(target, []) : mailboxKey(target)
    if (domain === '' || this.#isLocal(domain)) return mailboxKey(local, domain)
    // Not a mailbox of this host: sendmail compares case and all.
    return `${unquoted(local)}@${domain}`
  }

  #isLocal(domain: string): boolean {
    return this.#rules.localDomains?.some((own) => own.toLowerCase() === domain.toLowerCase()) ?? false
  }

  #complaint(argument: string): string {
    return this.#rules.like === 'sendmail'
      ? `sendmail says 250 and then bounces to the sender for the added recipient ${argument || '(empty)'}.`
      : `Postfix ignores the added recipient ${argument || '(empty)'}.`
  }
}

const mailboxKey = (local: string, domain = ''): string => `local:${unquoted(local)}@${domain}`.toLowerCase()

/** Of `Name <@a,@b:x@y> NOTIFY=NEVER` only `x@y`. */
export function bareAddress(argument: string): string {
  const address = withoutBrackets(argument)
  const route = /^@[^:]*:(.*)$/s.exec(address)
  return route?.[1] ?? address
}

function withoutBrackets(argument: string): string {
  const bracketed = /<(.*)>/s.exec(argument)
  return (bracketed?.[1] ?? argument).trim()
}

/** Local part and domain; the last `@` outside quotes parts them. */
export function splitAddress(address: string): [local: string, domain: string] {
  const found = /^((?:"(?:[^"\\]|\\.)*"|[^"])*)@([^@"]*)$/s.exec(address)
  return found ? [found[1] ?? '', found[2] ?? ''] : [address, '']
}

/** `"q s"@x` and `q s@x` are one mailbox. */
export function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, '$1'))
}

function splitList(text: string): string[] {
  const found = text.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,])+/gs)
  return found?.map((item) => item.trim()) ?? ['']
}

function isPlausible(address: string): boolean {
  const [local, domain] = splitAddress(address)
  return (
    local !== '' && (domain !== '' || !address.includes('@')) && (!local.includes('@') || local.includes('"'))
  )
}
