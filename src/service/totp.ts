// The second factor: codes of six digits by the clock (RFC 6238), as every authenticator app makes them.

import { Secret, TOTP } from 'otpauth'

const PERIOD = 30

function totp(secret: string, name: string): TOTP {
  return new TOTP({
    issuer: 'timedelay',
    label: name,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD,
    secret: Secret.fromBase32(secret),
  })
}

/** 160 random bits in base 32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** `otpauth://totp/...`, for a QR code. */
export function totpUri(secret: string, name: string): string {
  return totp(secret, name).toString()
}

/** The time step whose code that is: this one, the one before or after. Nothing when it is none of these. */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = totp(secret, '').validate({ token, timestamp: now, window: 1 })
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD) + delta
}
