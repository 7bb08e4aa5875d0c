// What the milter decided, as it happened and by the day.

import { addDays, type Day, parsePrefixName } from '../address/index.ts'
import type { Judge } from '../filter/judge.ts'
import type { DecisionQuery } from '../store/store.ts'
import type { DeskParts } from './desk.ts'
import { type ToldDecision, tellMore } from './told-decision.ts'

const DAYS = 30

export interface ActivityWishes {
  /** A verdict's name ('forward', 'expired', ...), or that of a group: 'delivered', 'refused', 'other'. */
  readonly verdict?: string | undefined
  readonly prefix?: string | undefined
  /** Only those before that number. */
  readonly before?: number | undefined
  /** 1 to 1000; 100 unless told. */
  readonly limit?: number | undefined
}

export interface DayOfMail {
  readonly day: Day
  /** Recipients by verdict; verdicts that did not occur are left out. */
  readonly counts: Readonly<Record<string, number>>
}

/** Refused, but neither because an address had ended nor because it was revoked. */
const OTHER = ['unknown', 'not-understood', 'not-yet-valid']

const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['delivered', ['forward', 'postmaster']],
  ['refused', ['expired', 'revoked', ...OTHER]],
  ['other', OTHER],
])

export interface ActivityParts extends DeskParts {
  readonly judge: Judge
}

export class ActivityService {
  readonly #parts: ActivityParts

  constructor(parts: ActivityParts) {
    this.#parts = parts
  }

  /** Newest first: of one's own prefixes, or all of them for a postmaster. */
  list(wishes: ActivityWishes = {}): Promise<readonly ToldDecision[]> {
    const { before } = wishes
    return this.#decisions(wishes, before === undefined ? {} : { before })
  }

  /** Those after the number `id`, oldest first, `limit` at most: what a live view asks for again and again. */
  since(
    id: number,
    wishes: Pick<ActivityWishes, 'verdict' | 'prefix' | 'limit'> = {},
  ): Promise<readonly ToldDecision[]> {
    return this.#decisions(wishes, { after: id })
  }

  /** The number of the newest decision, 0 when there is none: where a live view begins. */
  async newest(): Promise<number> {
    const [newest] = await this.#parts.store.decisions({ limit: 1 })
    return newest?.id ?? 0
  }

  /** 30 days through today, oldest first, days without mail too. */
  async days(): Promise<readonly DayOfMail[]> {
    const { store, permission } = this.#parts
    const through = await this.#today()
    const from = addDays(through, 1 - DAYS)
    const days = new Map<Day, Record<string, number>>()
    for (let day = from; day <= through; day = addDays(day, 1)) days.set(day, {})
    for (const { day, verdict, count } of await store.dailyCounts(from, through, permission.owner)) {
      const counts = days.get(day)
      if (counts !== undefined) counts[verdict] = (counts[verdict] ?? 0) + count
    }
    return [...days].map(([day, counts]) => ({ day, counts }))
  }

  /** Where it is latest: mail of a domain further east is not left out. */
  async #today(): Promise<Day> {
    const { store, judge, clock } = this.#parts
    const days = (await store.domains()).map((domain) => judge.calendarOf(domain).today(clock()))
    return days.length === 0 ? (Math.floor(clock() / 86_400_000) as Day) : (Math.max(...days) as Day)
  }

  async #decisions(
    { verdict, prefix, limit }: ActivityWishes,
    cursor: Pick<DecisionQuery, 'before' | 'after'>,
  ): Promise<readonly ToldDecision[]> {
    const { store, permission } = this.#parts
    const name = prefix === undefined ? undefined : parsePrefixName(prefix)
    // What is no prefix has no mail.
    if (prefix !== undefined && name === undefined) return []
    const decisions = await store.decisions({
      ...cursor,
      ...(permission.owner === undefined ? {} : { owner: permission.owner }),
      ...(verdict === undefined ? {} : { verdict: GROUPS.get(verdict) ?? verdict }),
      ...(name === undefined ? {} : { prefix: name }),
      ...(limit === undefined ? {} : { limit }),
    })
    return tellMore(this.#parts, decisions)
  }
}
