// One's own account: sessions, password, second factor.

import type { SessionRecord } from '../store/store.ts'
import type { Answer } from './answer.ts'

/** `slow`: too many wrong passwords; `retryAfter` in seconds. */
export interface TotpOffer {
  /** Base 32, to be typed. */
  readonly secret: string
  /** otpauth://..., to be shown as a QR code. */
  readonly uri: string
}

export class AccountService {
  /** One's own, the latest used first. */
  sessions(): Promise<readonly SessionRecord[]> {
    throw new Error('not built yet')
  }

  endSession(_id: number): Promise<Answer<void>> {
    throw new Error('not built yet')
  }

  /** Everywhere, or everywhere but in the session `keep`. Answers how many ended. */
  endSessions(_keep?: number): Promise<number> {
    throw new Error('not built yet')
  }

  /** Ends all other sessions. A wrong current password is an objection with the field 'current'; it is slowed. */
  changePassword(
    _wishes: { readonly current: string; readonly password: string },
    _sessionId: number | undefined,
  ): Promise<Answer<void>> {
    throw new Error('not built yet')
  }

  /** A new secret, which asks for nothing before it is confirmed. */
  offerTotp(): Promise<Answer<TotpOffer>> {
    throw new Error('not built yet')
  }

  /** The app shows the right code: from now on signing in asks for one. */
  confirmTotp(_code: string): Promise<Answer<void>> {
    throw new Error('not built yet')
  }

  removeTotp(_code: string): Promise<Answer<void>> {
    throw new Error('not built yet')
  }
}
