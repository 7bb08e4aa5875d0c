// Tags and salts: what makes an address that nobody else can make. HKDF and HMAC with SHA-256 (RFC 5869, RFC 2104).

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { DomainName } from './domain-name.ts'
import { compactDate, compactDays, type DelayAddress } from './local-part.ts'
import type { PrefixName } from './prefix.ts'

/** A master key: `id` is the kid of the derivation, `secret` 32 bytes. */
export interface MasterKey {
  readonly id: string
  readonly secret: Buffer
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LETTERS = 'abcdefghjkmnpqrstvwxyz'
const NO_SALT = Buffer.alloc(32)
const TAG_LENGTH = 6
const SALT_LENGTH = 3
/** Derived keys kept in memory. Beyond it all are forgotten: whoever sends many dates only costs us the derivation. */
const MEMORY = 4096

/** The first `length` characters of the first 8 bytes of `mac`: a letter, then base 32. */
function encode(mac: Uint8Array, length: number): string {
  let value = Buffer.from(mac.buffer, mac.byteOffset, 8).readBigUInt64BE()
  let text = LETTERS.charAt(Number(value % 22n))
  value /= 22n
  while (text.length < length) {
    text += ALPHABET.charAt(Number(value % 32n))
    value /= 32n
  }
  return text
}

function hmac(key: Uint8Array, ...fields: readonly string[]): Buffer {
  return createHmac('sha256', key).update(fields.join('\0')).digest()
}

function derive(label: string, key: MasterKey, prefix: PrefixName): Buffer {
  return Buffer.from(hkdfSync('sha256', key.secret, NO_SALT, `${label}\0${key.id}\0${prefix}`, 32))
}

/** K_tag: stands for one prefix. */
export function tagKey(key: MasterKey, prefix: PrefixName): Buffer {
  return derive('td-tag-key', key, prefix)
}

/** K_salt: turns sites into salts. */
export function saltKey(key: MasterKey, prefix: PrefixName): Buffer {
  return derive('td-salt-key', key, prefix)
}

/** K_day: stands for one prefix and one day. A device that holds only these can make only these days' addresses. */
export function dayKey(tagKey: Uint8Array, issued: DelayAddress['issued']): Buffer {
  return hmac(tagKey, 'td-day', compactDate(issued))
}

/** The tag of an address under its day's key; a tag that the address already has does not matter. */
export function tagUnder(dayKey: Uint8Array, domain: DomainName, address: DelayAddress): string {
  const fields = ['td1', domain, address.prefix, compactDate(address.issued), compactDays(address.days)]
  if (address.salt !== undefined) fields.push(address.salt)
  return encode(hmac(dayKey, ...fields), TAG_LENGTH)
}

/** A salt for no site in particular, from at least 8 random bytes. */
export function saltFromBytes(random: Uint8Array): string {
  return encode(random, SALT_LENGTH)
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
}

/** Signs and verifies under a set of master keys: the first signs, all verify. Derived keys are kept. */
export class Signer {
  readonly #keys: readonly MasterKey[]
  readonly #derived = new Map<string, Buffer>()

  constructor(keys: readonly MasterKey[]) {
    this.#keys = keys
  }

  /** The address with its tag, replacing any it had. Throws when there is no key. */
  sign(domain: DomainName, address: DelayAddress): DelayAddress & { readonly tag: string } {
    return { ...address, tag: tagUnder(this.#dayKey(this.#signing(), address), domain, address) }
  }

  /** Whether the address carries a tag that one of the keys made for this domain. */
  verify(domain: DomainName, address: DelayAddress): boolean {
    const { tag } = address
    if (tag === undefined) return false
    return this.#keys.some((key) => sameText(tag, tagUnder(this.#dayKey(key, address), domain, address)))
  }

  /** The salt that stands for a site, a host name in any case. */
  saltFor(prefix: PrefixName, site: string): string {
    return this.#saltFor(this.#signing(), prefix, site)
  }

  /** The salt number `turn` for a text that stands for no site: the same text always has the same. */
  saltForText(prefix: PrefixName, text: string, turn: number): string {
    // A blank is in no host name: this is never the salt of a site that somebody asks about.
    return this.#saltFor(this.#signing(), prefix, ` ${turn} ${text}`)
  }

  /** Whether the address' salt is the one that stands for `site`. By chance it is so once in 22,528 times. */
  madeFor(address: DelayAddress, site: string): boolean {
    return this.#keys.some((key) => this.#saltFor(key, address.prefix, site) === address.salt)
  }

  #signing(): MasterKey {
    const [key] = this.#keys
    if (key === undefined) throw new Error('there is no signing key')
    return key
  }

  #saltFor(key: MasterKey, prefix: PrefixName, site: string): string {
    const derived = this.#keep(`salt ${key.id} ${prefix}`, () => saltKey(key, prefix))
    return encode(hmac(derived, 'td-site', site.toLowerCase()), SALT_LENGTH)
  }

  #dayKey(key: MasterKey, { prefix, issued }: DelayAddress): Buffer {
    return this.#keep(`day ${key.id} ${prefix} ${issued}`, () => {
      const tags = this.#keep(`tag ${key.id} ${prefix}`, () => tagKey(key, prefix))
      return dayKey(tags, issued)
    })
  }

  #keep(name: string, make: () => Buffer): Buffer {
    const known = this.#derived.get(name)
    if (known !== undefined) return known
    const made = make()
    if (this.#derived.size >= MEMORY) this.#derived.clear()
    this.#derived.set(name, made)
    return made
  }
}
