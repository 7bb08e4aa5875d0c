// What a console of some weeks looks like: addresses that were given away, and the mail that came for them.

import type { Day, DomainName, PrefixName } from '../../../src/address/index.ts'
import type { MailEvent, Store } from '../../../src/store/store.ts'
import { TD } from '../mta/mta.ts'
import { dayNumber, granted, isoDay, servicesOn } from './console.ts'

export interface GivenAway {
  readonly prefix?: string
  /** Its first day, counted from today. */
  readonly from?: number
  readonly days?: number
  readonly site?: string
  readonly note?: string
  readonly signed?: boolean
}

/** Makes an address as somebody did some time ago. */
export async function give(store: Store, wishes: GivenAway = {}): Promise<string> {
  const { prefix = 'djb', from = 0, days = 45, ...more } = wishes
  const services = servicesOn(store, () => Date.now() + Math.min(from, 0) * 86_400_000)
  const issued = granted(
    await services.addresses.issueSeveral({ prefix, from: isoDay(from), days, domain: TD, ...more }),
  )
  const [first] = issued
  if (first === undefined) throw new Error('nothing was made')
  return first.address
}

export interface ArrivedMail {
  readonly to: string
  readonly from: string
  /** 'forward', 'expired', 'revoked' ... */
  readonly verdict?: string
  /** Days ago. */
  readonly ago?: number
  /** Minutes before that, 10 unless told. */
  readonly minutes?: number
  readonly times?: number
  readonly client?: string
  /** Leaves no record of the address. */
  readonly stray?: boolean
}

/** Mail of earlier days, as the filter would have recorded it. */
export async function arrive(store: Store, mails: readonly ArrivedMail[]): Promise<void> {
  await store.record(
    mails.flatMap((mail) => Array.from({ length: mail.times ?? 1 }, (_, index) => eventOf(mail, index))),
  )
}

function eventOf({ to, from, ago = 0, minutes = 10, ...mail }: ArrivedMail, index: number): MailEvent {
  const { verdict = 'forward', client = 'mx.elsewhere.example', stray = false } = mail
  const genuine = !stray && verdict !== 'not-understood' && verdict !== 'unknown'
  const [localPart = '', domain = TD] = to.split('@')
  const prefix = /^[a-z]+/.exec(localPart)?.[0]
  // A minute apart, and never in the time to come.
  const at = Date.now() - ago * 86_400_000 - minutes * 60_000 + index * 60_000
  return {
    at: Math.min(at, Date.now()),
    day: dayNumber(-ago) as Day,
    queueId: `4F${(index + 1000).toString(16)}`,
    client,
    sender: from,
    recipient: to,
    domain: domain as DomainName,
    // Of a prefix that nobody has the filter keeps no name.
    prefix: (verdict === 'unknown' ? undefined : prefix) as PrefixName | undefined,
    localPart: genuine ? localPart : undefined,
    verdict,
  }
}
