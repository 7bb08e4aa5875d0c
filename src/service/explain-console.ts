// An explanation as the console draws it: the verdict in a sentence, the questions of `decide` in their order, what a
// sender hears, and the mail that came.

import type { Day } from '../address/index.ts'
import type { BookAddress } from './address-book.ts'

/** One question of `decide`. */
export interface Step {
  readonly question: string
  readonly answer: string
  /** It settled the verdict: no further question was asked. */
  readonly settles: boolean
}

export interface ConsoleExplanation {
  /** `local@domain`, or what was given where it has no domain. */
  readonly recipient: string
  /** In one of our domains. */
  readonly ours: boolean
  readonly accepted: boolean
  /** "Refused. It ended 32 days ago." */
  readonly verdict: string
  /** The headline and sentences of `timedelay address explain`. */
  readonly sentences: readonly string[]
  readonly steps: readonly Step[]
  /** What a sender hears, verbatim; '250 ...' is the mail server's own, so an accepted one has the words for it. */
  readonly smtp: string
  readonly parts:
    | {
        readonly prefix: string
        /** As they stand in the address: `20261120`, `45`. */
        readonly date: string
        readonly days: string
        /** Salt and tag together, or ''. */
        readonly seal: string
        readonly domain: string
        readonly firstDay: Day
        readonly lastDay: Day
      }
    | undefined
  readonly timeZone: string | undefined
  readonly today: Day | undefined
  /** Its record, when it has one and the actor may see it. */
  readonly record: BookAddress | undefined
  /** Its mail, oldest first, the latest 200. */
  readonly marks: readonly { readonly at: number; readonly accepted: boolean; readonly sender: string }[]
}
