// What a filter answers. A verdict is a value that a handler returns, so that none can be forgotten or sent twice.

/** Goes on with the message, or at end of message accepts it. */
export interface Continue {
  readonly kind: 'continue'
}
/** Ends this filter's part in the message and accepts it: at RCPT, too, the *whole message*, later recipients unseen. */
export interface Accept {
  readonly kind: 'accept'
}
/** 550 in the MTA's words. At RCPT: this recipient. */
export interface Reject {
  readonly kind: 'reject'
}
/** 451 in the MTA's words. At RCPT: this recipient. */
export interface Tempfail {
  readonly kind: 'tempfail'
}
/** Accepts the whole message with a 250 and drops it. */
export interface Discard {
  readonly kind: 'discard'
}
/** No more of this body, please; end of message still comes. */
export interface Skip {
  readonly kind: 'skip'
}
/** Refuses (5xx) or defers (4xx) in our own words. Made by `reply` only, which checks them. */
export interface Reply {
  readonly kind: 'reply'
  readonly code: number
  /** The payload of SMFIR_REPLYCODE: one or more lines, `%` doubled, NUL at the end. */
  readonly payload: Buffer
}

/** sendmail would leave a message unfiltered after DISCARD at CONNECT, so it is none of these. */
export type ConnectVerdict = Continue | Accept | Reject | Tempfail | Reply
export type Verdict = ConnectVerdict | Discard
export type BodyVerdict = Verdict | Skip
/** ACCEPT and DISCARD at an unknown command would decide over an open message: not offered. */
export type CommandVerdict = Continue | Reject | Tempfail | Reply

export const CONTINUE: Continue = Object.freeze({ kind: 'continue' })
export const ACCEPT: Accept = Object.freeze({ kind: 'accept' })
export const REJECT: Reject = Object.freeze({ kind: 'reject' })
export const TEMPFAIL: Tempfail = Object.freeze({ kind: 'tempfail' })
export const DISCARD: Discard = Object.freeze({ kind: 'discard' })
export const SKIP: Skip = Object.freeze({ kind: 'skip' })
