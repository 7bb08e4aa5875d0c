// Passwords: scrypt (RFC 7914), stored as a string that says how it was made.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { type Answer, declined, granted } from './answer.ts'

const SHORTEST = 10
/** More is surely a mistake, and costs time to hash. */
const LONGEST = 1024
const BLOCK_SIZE = 8
const PARALLEL = 1
const KEY_BYTES = 32
/** Each takes 32 MiB and a thread of the pool, which the files of the page need too. */
const AT_ONCE = 2

/** At least 10 characters; no other rule, for those make passwords worse (NIST SP 800-63B §3.1.1). */
export function checkPassword(password: string, name: string, field = 'password'): Answer<string> {
  if ([...password].length < SHORTEST) {
    return declined(
      'invalid',
      `A password has at least ${SHORTEST} characters. Several words do well.`,
      field,
    )
  }
  if (password.length > LONGEST) {
    return declined('invalid', `A password has at most ${LONGEST} characters.`, field)
  }
  if (password.toLowerCase() === name.toLowerCase()) {
    return declined('invalid', 'The password is the name. Choose another.', field)
  }
  return granted(password)
}

export class Passwords {
  readonly #cost: number
  /** What a name that nobody has is compared with, so that it takes as long. */
  #nobody: Promise<string> | undefined
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** `cost`: binary logarithm of scrypt's N; 15 unless told, some 0.1 s. */
  constructor(cost = 15) {
    this.#cost = cost
  }

  /** `scrypt$15$8$1$SALT$KEY`, salt and key in base64url. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const key = await this.#derive(password, salt, this.#cost)
    const parameters = [this.#cost, BLOCK_SIZE, PARALLEL].join('$')
    return `scrypt$${parameters}$${salt.toString('base64url')}$${key.toString('base64url')}`
  }

  /** Whether `stored` was made from the password. Without `stored` it takes as long and is not. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    this.#nobody ??= this.hash(randomBytes(16).toString('hex'))
    const [, cost = '', salt = '', key = ''] =
      /^scrypt\$(\d+)\$8\$1\$([\w-]+)\$([\w-]+)$/.exec(stored ?? (await this.#nobody)) ?? []
    const expected = Buffer.from(key, 'base64url')
    const derived = await this.#derive(password, Buffer.from(salt, 'base64url'), Number(cost))
    const same = expected.length === derived.length && timingSafeEqual(expected, derived)
    return same && stored !== undefined
  }

  /** Waits for its turn. */
  async #derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await derive(password, salt, cost)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const N = 2 ** cost
  const options = { N, r: BLOCK_SIZE, p: PARALLEL, maxmem: 129 * N * BLOCK_SIZE + 1024 * 1024 }
  return new Promise((resolve, reject) => {
    // The same letters may be coded in several ways by several keyboards.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
