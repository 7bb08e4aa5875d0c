// The door of the services: what people do, whichever door of theirs they come through.

import type { Clock } from '../clock.ts'
import { Judge } from '../filter/judge.ts'
import type { RefusalCode } from '../filter/replies.ts'
import type { AddressRecord, Domain, Prefix, Store } from '../store/store.ts'
import { AddressService } from './addresses.ts'
import { DomainService } from './domains.ts'
import { KeyService } from './keys.ts'
import { PrefixService } from './prefixes.ts'

export type { AddressPage, AddressService, Kept, ListedAddress, ListWishes } from './addresses.ts'
export { type Answer, counted, type Objection } from './answer.ts'
export type { DomainService, DomainWishes } from './domains.ts'
export type { ExplainWishes, Explanation, Meaning } from './explain.ts'
export { explainInWords, type Words } from './explain-words.ts'
export type { IssuedAddress, IssueWishes } from './issue.ts'
export type { KeyService, KeyView, Rotation } from './keys.ts'
export type { Imported, PrefixService, PrefixWishes } from './prefixes.ts'
export type { AddressRecord, Domain, Prefix }

export interface ServiceParts {
  readonly store: Store
  readonly clock: Clock
  /** The code of a refusal, as the filter gives it. */
  readonly refusalCode: RefusalCode
}

export interface Services {
  readonly domains: DomainService
  readonly prefixes: PrefixService
  readonly addresses: AddressService
  readonly keys: KeyService
}

export function createServices({ store, clock, refusalCode }: ServiceParts): Services {
  const domains = new DomainService(store, clock)
  const prefixes = new PrefixService(store, clock, domains)
  const keys = new KeyService(store, clock)
  const judge = new Judge(store, clock)
  const addresses = new AddressService({ store, clock, judge, domains, prefixes, refusalCode })
  return { domains, prefixes, addresses, keys }
}
