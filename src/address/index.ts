// The door of the address floor: what an address means. Pure: values in, values out; no clock, no I/O.

export { addDays, Calendar, type Day, formatDay, parseDay, parseTimeZone, type TimeZone } from './calendar.ts'
export { type DomainName, parseDomainName, parseHostName } from './domain-name.ts'
export { type DelayAddress, formatLocalPart, type Parsed, parseLocalPart } from './local-part.ts'
export { type Mailbox, mailboxDomain, type ParsedMailbox, parseMailbox } from './mailbox.ts'
export { organisationOf, organisationOfSender } from './organisation.ts'
export {
  DEFAULT_MAX_PREFIX_LENGTH,
  LONGEST_PREFIX_LENGTH,
  MIN_PREFIX_LENGTH,
  type PrefixName,
  parsePrefixName,
} from './prefix.ts'
export { parseRecipient, type Recipient } from './recipient.ts'
export { type MasterKey, Signer, saltFromBytes } from './signature.ts'
export { type Lifetime, lifetimeOf, type Validity, validityOn } from './validity.ts'
