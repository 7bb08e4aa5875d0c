// Tokens for password managers and scripts: each makes addresses of one prefix.

import type { TokenRecord } from '../store/store.ts'
import type { Answer } from './answer.ts'

export interface TokenWishes {
  /** What it is for, 1 to 64 characters. */
  readonly name: string
  readonly prefix: string
  readonly domain?: string | undefined
  /** Lifetime when a request does not say; the prefix's default unless told. */
  readonly days?: number | undefined
  /** Whose it is; the actor's own unless told. Only a postmaster can say so; who has no account must. */
  readonly person?: string | undefined
}

export class TokenService {
  /** One's own; everybody's for a postmaster. Newest first. */
  list(): Promise<readonly TokenRecord[]> {
    throw new Error('not built yet')
  }

  /** `secret` is `td1` and 45 letters and digits: shown now and never again. */
  add(_wishes: TokenWishes): Promise<Answer<{ readonly secret: string; readonly token: TokenRecord }>> {
    throw new Error('not built yet')
  }

  /** From now on it is unknown. */
  revoke(_id: number): Promise<Answer<TokenRecord>> {
    throw new Error('not built yet')
  }
}
