// The number by which the API names an address. It is a UUID, because clients parse it as one, and the address can be
// read back from it: most addresses have no record, so there is no row that a number could point to.
//
// RFC 9562 version 8, "custom": date and days of the address (34 bits), salt (15) and tag (30), which of the two there
// are (2), and the first 41 bits of a hash of the whole address, which tell a number of ours from any other.

import { createHash } from 'node:crypto'

/** Crockford's alphabet, of which salts and tags are made. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'
const CHECK_BITS = 41n
const TAIL = /^(\d{10})([a-z][0-9a-z]{2})?([a-z][0-9a-z]{5})?$/
const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-([89ab])([0-9a-f]{3})-([0-9a-f]{12})$/i

export interface AliasOwner {
  readonly prefix: string
  readonly domain: string
}

/** `localPart`: canonical, of that owner's prefix. */
export function aliasId({ prefix, domain }: AliasOwner, localPart: string): string {
  const [, digits = '0', salt = '', tag = ''] = TAIL.exec(localPart.slice(prefix.length)) ?? []
  let value = BigInt(digits)
  value = (value << 15n) | lettersToBits(salt.padStart(3, '0'))
  value = (value << 30n) | lettersToBits(tag.padStart(6, '0'))
  value = (value << 2n) | BigInt((salt === '' ? 0 : 2) + (tag === '' ? 0 : 1))
  value = (value << CHECK_BITS) | checkOf(`${localPart}@${domain}`)
  // 48 bits, 12 behind the version, 62 behind the variant.
  const low = value & ((1n << 62n) - 1n)
  const middle = (value >> 62n) & 0xfffn
  const high = value >> 74n
  const text = [
    high.toString(16).padStart(12, '0'),
    `8${middle.toString(16).padStart(3, '0')}`,
    ((2n << 62n) | low).toString(16).padStart(16, '0'),
  ].join('')
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The local part that a number stands for; nothing when it is not the number of an address of this owner's. */
export function localPartOf({ prefix, domain }: AliasOwner, id: string): string | undefined {
  const [, first, second, third, variant, fourth, last] = UUID.exec(id) ?? []
  if (last === undefined) return undefined
  const low = BigInt(`0x${variant}${fourth}${last}`) & ((1n << 62n) - 1n)
  let value = (BigInt(`0x${first}${second}`) << 74n) | (BigInt(`0x${third}`) << 62n) | low
  const take = (bits: bigint): bigint => {
    const taken = value & ((1n << bits) - 1n)
    value >>= bits
    return taken
  }
  const check = take(CHECK_BITS)
  const forms = Number(take(2n))
  const tag = bitsToLetters(take(30n), 6)
  const salt = bitsToLetters(take(15n), 3)
  const digits = String(take(34n)).padStart(10, '0')
  const localPart = `${prefix}${digits}${(forms & 2) === 0 ? '' : salt}${(forms & 1) === 0 ? '' : tag}`
  return checkOf(`${localPart}@${domain}`) === check ? localPart : undefined
}

function checkOf(address: string): bigint {
  const digest = createHash('sha256').update(`timedelay alias ${address}`).digest()
  return digest.readBigUInt64BE() >> (64n - CHECK_BITS)
}

function lettersToBits(text: string): bigint {
  return [...text].reduce((bits, letter) => (bits << 5n) | BigInt(Math.max(0, LETTERS.indexOf(letter))), 0n)
}

function bitsToLetters(bits: bigint, length: number): string {
  const letters = Array.from({ length }, (_, at) => LETTERS[Number((bits >> BigInt(5 * at)) & 31n)] ?? '0')
  return letters.reverse().join('')
}

const NAMESPACE = Buffer.from('9e0c8a5d6f0b4b6f8c1d2d3e4f506172', 'hex')

/** UUIDv5 (RFC 9562 §5.5) of a name among ours. */
export function uuidOf(name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16)
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** SimpleLogin counts its aliases: 48 bits of a hash stay below 2^53. */
export function aliasNumber(address: string): number {
  return createHash('sha256').update(`timedelay number ${address}`).digest().readUIntBE(0, 6)
}
