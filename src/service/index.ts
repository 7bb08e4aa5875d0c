// The door of the services: what people do, whichever door of theirs they come through.

import type { Clock } from '../clock.ts'
import { Judge } from '../filter/judge.ts'
import type { RefusalCode } from '../filter/replies.ts'
import type {
  AddressRecord,
  AuditRecord,
  Decision,
  Domain,
  Person,
  Prefix,
  Role,
  SenderRecord,
  SessionRecord,
  Store,
  TokenRecord,
} from '../store/store.ts'
import { AccountService } from './account.ts'
import { ActivityService } from './activity.ts'
import { AddressBookService } from './address-book.ts'
import { AddressService } from './addresses.ts'
import { AuditService, Journal } from './audit.ts'
import type { DeskParts } from './desk.ts'
import { DomainService } from './domains.ts'
import { Identity } from './identity.ts'
import { KeyService } from './keys.ts'
import { Passwords } from './passwords.ts'
import { PeopleService } from './people.ts'
import { type Actor, OPERATOR, Permission } from './permission.ts'
import { PrefixService } from './prefixes.ts'
import { SlowDown } from './slow-down.ts'
import { TokenService } from './tokens.ts'

export type { AccountService, TotpOffer } from './account.ts'
export type { ActivityService, ActivityWishes, DayOfMail } from './activity.ts'
export type {
  AddressBookService,
  BookAddress,
  BookPage,
  BookWishes,
  ImportedAddresses,
  Leak,
  TriedAddress,
} from './address-book.ts'
export type { AddressPage, AddressService, Kept, ListedAddress, ListWishes } from './addresses.ts'
export { type Answer, counted, type Objection } from './answer.ts'
export type { AuditService } from './audit.ts'
export type { DomainService, DomainWishes } from './domains.ts'
export type { ExplainWishes, Explanation, Meaning } from './explain.ts'
export type { ConsoleExplanation, Step } from './explain-console.ts'
export { explainInWords, type Words } from './explain-words.ts'
export type {
  BearerAnswer,
  Identity,
  SetUpAnswer,
  SignedIn,
  SignInAnswer,
  Visit,
  Visitor,
} from './identity.ts'
export type { IssuedAddress, IssueWishes } from './issue.ts'
export type { KeyService, KeyView, Rotation } from './keys.ts'
export { networkOf } from './network.ts'
export type { ListedPerson, PeopleService, PersonWishes } from './people.ts'
export { type Actor, actorOf, OPERATOR } from './permission.ts'
export type { Imported, PrefixService, PrefixWishes } from './prefixes.ts'
export type { TokenService, TokenWishes } from './tokens.ts'
export type { ToldDecision } from './told-decision.ts'
export type {
  AddressRecord,
  AuditRecord,
  Decision,
  Domain,
  Person,
  Prefix,
  Role,
  SenderRecord,
  SessionRecord,
  TokenRecord,
}

export interface ServiceParts {
  readonly store: Store
  readonly clock: Clock
  /** The code of a refusal, as the filter gives it. */
  readonly refusalCode: RefusalCode
  /** Binary logarithm of scrypt's N for new passwords; 15 unless told. */
  readonly passwordCost?: number
}

/** What one actor can do. Everything in it shows and changes only what the actor may, and notes every change. */
export interface Desk {
  readonly domains: DomainService
  readonly prefixes: PrefixService
  /** Single addresses: made, explained, changed. */
  readonly addresses: AddressService
  /** All that have a record: pages, files, who still tries. */
  readonly book: AddressBookService
  readonly activity: ActivityService
  readonly keys: KeyService
  readonly people: PeopleService
  readonly tokens: TokenService
  readonly audit: AuditService
  /** One's own sessions, password and second factor. */
  readonly account: AccountService
}

/** The desk of whoever has the machine, and the doors to everybody else's. */
export interface Services extends Desk {
  /** Signing in, cookies and tokens: they lead to an actor. */
  readonly identity: Identity
  as(actor: Actor): Desk
}

export function createServices(parts: ServiceParts): Services {
  const { store, clock, refusalCode } = parts
  const judge = new Judge(store, clock)
  const passwords = new Passwords(parts.passwordCost)
  const slowDown = new SlowDown(clock)
  const desk = (actor: Actor): Desk => {
    const permission = new Permission(actor)
    const journal = new Journal(store, clock, actor)
    const own: DeskParts = { store, clock, actor, permission, journal }
    const domains = new DomainService(own)
    const prefixes = new PrefixService({ ...own, domains })
    const explained = { ...own, judge, domains, prefixes, refusalCode }
    const book = new AddressBookService(explained)
    return {
      domains,
      prefixes,
      addresses: new AddressService({ ...explained, book }),
      book,
      activity: new ActivityService({ ...own, judge }),
      keys: new KeyService(own),
      people: new PeopleService({ ...own, passwords }),
      tokens: new TokenService({ ...own, prefixes }),
      audit: new AuditService(own),
      account: new AccountService({ ...own, passwords, slowDown }),
    }
  }
  const identity = new Identity({ store, clock, passwords, slowDown })
  return { ...desk(OPERATOR), as: desk, identity }
}
