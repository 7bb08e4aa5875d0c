// The secrets that stand for a person: made here, told once, stored as their SHA-256.

import { createHash, randomBytes, randomInt } from 'node:crypto'
import type { SessionBounds } from '../store/store.ts'

const DAY = 86_400_000

/** A session ends 30 days after it began, or after 7 days in which nobody used it. */
export const SESSION_BOUNDS: SessionBounds = { lifetime: 30 * DAY, idle: 7 * DAY }
/** Uses within that time are noted once: each is a commit. */
export const NOTED_EVERY = 60_000
/** The code of the first visit. */
export const SET_UP_LIFETIME = DAY

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** What is stored of a secret. 128 random bits and more need no salt and no slow function. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** 256 random bits in base64url. */
export function newSessionId(): string {
  return randomBytes(32).toString('base64url')
}

function letters(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

/** `td1` and 45 letters and digits, 267 random bits: a form that the addy.io extension accepts. */
export function newToken(): string {
  return `td1${letters(BASE_62, 45)}`
}

export function isTokenForm(text: string): boolean {
  return /^td1[0-9A-Za-z]{45}$/.test(text)
}

/** 130 random bits in groups that can be read aloud: `7k2m9-q4w8e-...`. */
export function newSetUpCode(): string {
  return Array.from({ length: 5 }, () => letters(CROCKFORD, 5)).join('-')
}

/** As it was printed, whatever was typed: in any case, with or without dashes, o for 0, i or l for 1. */
export function canonicalSetUpCode(typed: string): string {
  const plain = typed
    .toLowerCase()
    .replace(/o/g, '0')
    .replace(/[il]/g, '1')
    .replace(/[^0-9a-z]/g, '')
  return plain.replace(/(.{5})(?=.)/g, '$1-')
}
