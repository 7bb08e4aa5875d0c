// Every JSON shape that the console and the service exchange below /console, with its static type. Imports TypeBox
// only, so that `web/` can take the types from here without seeing Node. The password managers' contracts have
// shapes of their own, in `api/`. Above 300 lines because it is one table: shapes are made of each other, and both sides read
// it as the contract.
//
// Days travel as `YYYY-MM-DD`, instants as RFC 3339 in UTC. An address is always written `local@domain`.

import { type Static, Type } from 'typebox'

const Closed = { additionalProperties: false } as const
/** A calendar day. */
const DayText = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
/** An instant, RFC 3339 in UTC. */
const InstantText = Type.String({ maxLength: 40 })
const AddressText = Type.String({ minLength: 3, maxLength: 320 })
const NameText = Type.String({ minLength: 1, maxLength: 64 })
const NoteText = Type.String({ maxLength: 500 })
const SiteText = Type.String({ maxLength: 253 })
const Count = Type.Integer({ minimum: 0 })
const Days = Type.Integer({ minimum: 1, maximum: 99 })

/** 204: nothing more to say. */
export const Done = Type.Unsafe<undefined>({ type: 'null' })

/** What is wrong, in a sentence that says what to do. `field` names the member at fault. */
export const Problem = Type.Object(
  {
    message: Type.String(),
    field: Type.Optional(Type.String()),
    /** Seconds to wait before the next try; with 429. */
    retryAfter: Type.Optional(Type.Integer()),
    /** With 401 at sign-in: the password was right, a code is missing or wrong. */
    needsCode: Type.Optional(Type.Boolean()),
  },
  Closed,
)
export type Problem = Static<typeof Problem>

// ---- people and sessions ----

const Role = Type.Union([Type.Literal('postmaster'), Type.Literal('owner')])
export type Role = Static<typeof Role>

export const Me = Type.Object({ name: Type.String(), role: Role, totp: Type.Boolean() }, Closed)
export type Me = Static<typeof Me>

/** A prefix as the one who makes addresses sees it. */
export const UsablePrefix = Type.Object(
  {
    domain: Type.String(),
    name: Type.String(),
    mailboxes: Type.Array(Type.String()),
    maxDays: Days,
    defaultDays: Days,
    signed: Type.Boolean(),
  },
  Closed,
)
export type UsablePrefix = Static<typeof UsablePrefix>

/** The first thing the page asks for. */
export const State = Type.Object(
  {
    /** 'set-up': nobody has an account yet. */
    stage: Type.Union([Type.Literal('set-up'), Type.Literal('sign-in'), Type.Literal('ready')]),
    me: Type.Optional(Me),
    /** Today in each domain's zone stands in `domains`; now by the server's clock. */
    now: InstantText,
    domains: Type.Array(
      Type.Object({ name: Type.String(), timeZone: Type.String(), today: DayText }, Closed),
    ),
    prefixes: Type.Array(UsablePrefix),
    stillTrying: Count,
    version: Type.String(),
  },
  Closed,
)
export type State = Static<typeof State>

export const SignIn = Type.Object(
  {
    name: NameText,
    password: Type.String({ maxLength: 1024 }),
    code: Type.Optional(Type.String({ maxLength: 10 })),
  },
  Closed,
)
export type SignIn = Static<typeof SignIn>

/** Step one of the set-up: the one-time code that `timedelay serve` printed, and the administrator. */
export const SetUp = Type.Object(
  {
    code: Type.String({ maxLength: 100 }),
    name: Type.String({ maxLength: 64 }),
    password: Type.String({ maxLength: 1024 }),
  },
  Closed,
)
export type SetUp = Static<typeof SetUp>

export const NewPassword = Type.Object(
  { current: Type.String({ maxLength: 1024 }), password: Type.String({ maxLength: 1024 }) },
  Closed,
)
export type NewPassword = Static<typeof NewPassword>

export const TotpOffer = Type.Object({ secret: Type.String(), uri: Type.String() }, Closed)
export type TotpOffer = Static<typeof TotpOffer>
export const TotpCode = Type.Object(
  { code: Type.String({ maxLength: 10 }), password: Type.Optional(Type.String({ maxLength: 1024 })) },
  Closed,
)
export type TotpCode = Static<typeof TotpCode>

export const SessionView = Type.Object(
  {
    id: Type.String(),
    current: Type.Boolean(),
    client: Type.String(),
    agent: Type.String(),
    since: InstantText,
    lastSeen: InstantText,
  },
  Closed,
)
export type SessionView = Static<typeof SessionView>

// ---- addresses ----

/** 'waiting': has not begun. 'soon': works, with 7 days or fewer left. */
export const AddressState = Type.Union([
  Type.Literal('works'),
  Type.Literal('soon'),
  Type.Literal('ended'),
  Type.Literal('revoked'),
  Type.Literal('waiting'),
])
export type AddressState = Static<typeof AddressState>

export const AddressView = Type.Object(
  {
    address: Type.String(),
    localPart: Type.String(),
    domain: Type.String(),
    prefix: Type.String(),
    state: AddressState,
    firstDay: DayText,
    /** Last day by its own date and days, capped at the prefix's maximum. */
    lastDay: DayText,
    /** Last day that the owner's extension gives it. */
    extendedThrough: Type.Optional(DayText),
    revokedAt: Type.Optional(InstantText),
    /** Days left, today included; 0 unless it works. */
    daysLeft: Count,
    signed: Type.Boolean(),
    site: Type.String(),
    note: Type.String(),
    accepted: Count,
    refused: Count,
    lastSender: Type.String(),
    lastSeenAt: Type.Optional(InstantText),
    /** Why it is refused whatever its dates say: its prefix is disabled, or takes sealed addresses only. */
    barred: Type.Optional(Type.String()),
    /** Mail from another organisational domain than the site's: who used it first. */
    leak: Type.Optional(
      Type.Object({ to: Type.String(), sender: Type.String(), since: InstantText }, Closed),
    ),
  },
  Closed,
)
export type AddressView = Static<typeof AddressView>

/** A page of a list: so many rows, from there on. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  },
  Closed,
)
export type PageQuery = Static<typeof PageQuery>

/** A state, or 'leaked': another organisation than the site's wrote to it. */
export const AddressFilter = Type.Union([...AddressState.anyOf, Type.Literal('leaked')])
export type AddressFilter = Static<typeof AddressFilter>

export const AddressQuery = Type.Object(
  {
    search: Type.Optional(Type.String({ maxLength: 200 })),
    state: Type.Optional(AddressFilter),
    prefix: Type.Optional(NameText),
    domain: Type.Optional(Type.String({ maxLength: 253 })),
    sort: Type.Optional(
      Type.Union([
        Type.Literal('ends'),
        Type.Literal('site'),
        Type.Literal('address'),
        Type.Literal('accepted'),
        Type.Literal('refused'),
        Type.Literal('seen'),
      ]),
    ),
    order: Type.Optional(Type.Union([Type.Literal('up'), Type.Literal('down')])),
    ...PageQuery.properties,
  },
  Closed,
)
export type AddressQuery = Static<typeof AddressQuery>

export const AddressPage = Type.Object(
  {
    total: Count,
    /** By state, for the same search and prefix. */
    counts: Type.Object(
      {
        all: Count,
        works: Count,
        soon: Count,
        ended: Count,
        revoked: Count,
        waiting: Count,
        leaked: Count,
      },
      Closed,
    ),
    rows: Type.Array(AddressView),
  },
  Closed,
)
export type AddressPage = Static<typeof AddressPage>

/** What an address is to be like. Without `days` and `until` the prefix decides. */
export const AddressWishes = Type.Object(
  {
    prefix: NameText,
    domain: Type.Optional(Type.String({ maxLength: 253 })),
    from: Type.Optional(DayText),
    days: Type.Optional(Days),
    until: Type.Optional(DayText),
    site: Type.Optional(SiteText),
    note: Type.Optional(NoteText),
    /** Unless told: as the prefix demands, and with a tag when there is a site. */
    signed: Type.Optional(Type.Boolean()),
    /**
     * Any text: the address differs from those of other texts. The same text makes the same address again, so that what
     * was previewed is what is made.
     */
    unique: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Several that differ by their salt, 1 to 50. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
  },
  Closed,
)
export type AddressWishes = Static<typeof AddressWishes>

export const MadeAddress = Type.Object(
  {
    address: Type.String(),
    localPart: Type.String(),
    domain: Type.String(),
    prefix: Type.String(),
    firstDay: DayText,
    lastDay: DayText,
    days: Days,
    signed: Type.Boolean(),
    salted: Type.Boolean(),
    mailboxes: Type.Array(Type.String()),
    timeZone: Type.String(),
  },
  Closed,
)
export type MadeAddress = Static<typeof MadeAddress>
export const MadeAddresses = Type.Object({ addresses: Type.Array(MadeAddress) }, Closed)
export type MadeAddresses = Static<typeof MadeAddresses>

export const AddressParams = Type.Object({ address: AddressText }, Closed)
export const AddressChange = Type.Object(
  { note: Type.Optional(NoteText), site: Type.Optional(SiteText) },
  Closed,
)
export type AddressChange = Static<typeof AddressChange>
export const Extension = Type.Object({ until: DayText }, Closed)
export type Extension = Static<typeof Extension>

export const Sender = Type.Object(
  { domain: Type.String(), sender: Type.String(), count: Count, first: InstantText, last: InstantText },
  Closed,
)
export type Sender = Static<typeof Sender>

export const StillTrying = Type.Object(
  {
    total: Count,
    rows: Type.Array(Type.Object({ ...AddressView.properties, senders: Type.Array(Sender) }, Closed)),
  },
  Closed,
)
export type StillTrying = Static<typeof StillTrying>

const MailMark = Type.Object({ at: InstantText, accepted: Type.Boolean(), sender: Type.String() }, Closed)
export type MailMark = Static<typeof MailMark>

/** CSV as it is exported: address, note, site, ... */
export const ImportResult = Type.Object({ added: Count, changed: Count, unchanged: Count }, Closed)
export type ImportResult = Static<typeof ImportResult>

// ---- explain ----

/** One question of `decide`, in its order. */
const ExplainStep = Type.Object(
  { question: Type.String(), answer: Type.String(), settles: Type.Boolean() },
  Closed,
)
export type ExplainStep = Static<typeof ExplainStep>

export const ExplainView = Type.Object(
  {
    recipient: Type.String(),
    /** None of ours, or of somebody else's prefix: then there is little else to say. */
    ours: Type.Boolean(),
    accepted: Type.Boolean(),
    /** "Refused. It ended 32 days ago." */
    verdict: Type.String(),
    /** What it means, in the words of `timedelay address explain`. */
    sentences: Type.Array(Type.String()),
    steps: Type.Array(ExplainStep),
    /** What a sender hears, verbatim. */
    smtp: Type.String(),
    /** The address taken apart, where it could be read. */
    parts: Type.Optional(
      Type.Object(
        {
          prefix: Type.String(),
          date: Type.String(),
          days: Type.String(),
          seal: Type.String(),
          domain: Type.String(),
          firstDay: DayText,
          lastDay: DayText,
        },
        Closed,
      ),
    ),
    timeZone: Type.Optional(Type.String()),
    today: Type.Optional(DayText),
    /** Its record, when it has one and the asker may see it. */
    record: Type.Optional(AddressView),
    marks: Type.Array(MailMark),
  },
  Closed,
)
export type ExplainView = Static<typeof ExplainView>
export const ExplainRequest = Type.Object({ text: Type.String({ minLength: 1, maxLength: 20_000 }) }, Closed)
export type ExplainRequest = Static<typeof ExplainRequest>
export const Explanations = Type.Object({ explanations: Type.Array(ExplainView) }, Closed)
export type Explanations = Static<typeof Explanations>

// ---- activity ----

export const VerdictEvent = Type.Object(
  {
    id: Count,
    at: InstantText,
    verdict: Type.String(),
    sender: Type.String(),
    recipient: Type.String(),
    prefix: Type.String(),
    client: Type.String(),
    queueId: Type.String(),
    /** Of the domain, for the time of day. */
    domain: Type.Optional(Type.String()),
    /** The SMTP code that the sender heard; without it the page says the reason alone. */
    code: Type.Optional(Type.Integer()),
    /** Where the prefix's mail goes; with mail that was delivered. */
    to: Type.Optional(Type.Array(Type.String())),
    /** The day that the reason names: revoked on, ended on (the first day that it is refused), begins on. */
    on: Type.Optional(DayText),
    /** The address was made for a site of another organisational domain than the sender's. */
    leaked: Type.Optional(Type.Boolean()),
  },
  Closed,
)
export type VerdictEvent = Static<typeof VerdictEvent>
export const ActivityQuery = Type.Object(
  {
    /** A verdict's name, or 'delivered' (forward, postmaster), 'refused' or 'other' (refused, but neither expired nor
     * revoked), each of which stands for several. */
    verdict: Type.Optional(Type.String({ maxLength: 30 })),
    prefix: Type.Optional(NameText),
    before: Type.Optional(Count),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  Closed,
)
export type ActivityQuery = Static<typeof ActivityQuery>
export const Activity = Type.Object({ events: Type.Array(VerdictEvent) }, Closed)
export type Activity = Static<typeof Activity>
/** 30 days, oldest first, days without mail included. */
export const ActivityDays = Type.Object(
  { days: Type.Array(Type.Object({ day: DayText, counts: Type.Record(Type.String(), Count) }, Closed)) },
  Closed,
)
export type ActivityDays = Static<typeof ActivityDays>

// ---- mappings ----

/** Changes with each change; send it back when saving, to hear of someone else's. */
const Revision = Type.String()
const RevisionText = Type.String({ maxLength: 64 })

export const DomainView = Type.Object(
  {
    name: Type.String(),
    timeZone: Type.String(),
    postmaster: Type.String(),
    maxPrefixLength: Type.Integer(),
    prefixes: Count,
    revision: Revision,
  },
  Closed,
)
export type DomainView = Static<typeof DomainView>
export const DomainList = Type.Object(
  { domains: Type.Array(DomainView), timeZones: Type.Array(Type.String()) },
  Closed,
)
export type DomainList = Static<typeof DomainList>
export const DomainWishes = Type.Object(
  {
    timeZone: Type.Optional(Type.String({ maxLength: 64 })),
    postmaster: Type.Optional(Type.String({ maxLength: 320 })),
    maxPrefixLength: Type.Optional(Type.Integer({ minimum: 2, maximum: 16 })),
    revision: Type.Optional(RevisionText),
  },
  Closed,
)
export type DomainWishes = Static<typeof DomainWishes>
export const NewDomain = Type.Object(
  { name: Type.String({ maxLength: 253 }), ...DomainWishes.properties },
  Closed,
)
/** 409: someone else changed it meanwhile. */
export const DomainConflict = Type.Object({ message: Type.String(), theirs: DomainView }, Closed)
export type DomainConflict = Static<typeof DomainConflict>
export type NewDomain = Static<typeof NewDomain>

export const PrefixView = Type.Object(
  {
    domain: Type.String(),
    name: Type.String(),
    mailboxes: Type.Array(Type.String()),
    maxDays: Days,
    defaultDays: Days,
    signed: Type.Boolean(),
    enabled: Type.Boolean(),
    note: Type.String(),
    owner: Type.String(),
    revision: Revision,
  },
  Closed,
)
export type PrefixView = Static<typeof PrefixView>
export const PrefixList = Type.Object({ prefixes: Type.Array(PrefixView) }, Closed)
export type PrefixList = Static<typeof PrefixList>
export const PrefixWishes = Type.Object(
  {
    mailboxes: Type.Optional(Type.Array(Type.String({ maxLength: 320 }), { minItems: 1, maxItems: 50 })),
    maxDays: Type.Optional(Days),
    defaultDays: Type.Optional(Days),
    signed: Type.Optional(Type.Boolean()),
    enabled: Type.Optional(Type.Boolean()),
    note: Type.Optional(NoteText),
    owner: Type.Optional(Type.String({ maxLength: 64 })),
    revision: Type.Optional(RevisionText),
  },
  Closed,
)
export type PrefixWishes = Static<typeof PrefixWishes>
export const NewPrefix = Type.Object(
  {
    domain: Type.String({ maxLength: 253 }),
    name: Type.String({ maxLength: 64 }),
    ...PrefixWishes.properties,
  },
  Closed,
)
export type NewPrefix = Static<typeof NewPrefix>
export const PrefixParams = Type.Object({ domain: Type.String({ maxLength: 253 }), name: NameText }, Closed)
/** 409: someone else changed it meanwhile. */
export const PrefixConflict = Type.Object({ message: Type.String(), theirs: PrefixView }, Closed)
export type PrefixConflict = Static<typeof PrefixConflict>
export const PrefixLines = Type.Object(
  { domain: Type.String({ maxLength: 253 }), text: Type.String({ maxLength: 1_000_000 }) },
  Closed,
)
export type PrefixLines = Static<typeof PrefixLines>

export const PersonView = Type.Object(
  {
    name: Type.String(),
    role: Role,
    totp: Type.Boolean(),
    enabled: Type.Boolean(),
    prefixes: Type.Array(Type.String()),
    lastSeen: Type.Optional(InstantText),
    revision: Revision,
  },
  Closed,
)
export type PersonView = Static<typeof PersonView>
export const PersonConflict = Type.Object({ message: Type.String(), theirs: PersonView }, Closed)
export type PersonConflict = Static<typeof PersonConflict>
export const PersonList = Type.Object({ people: Type.Array(PersonView) }, Closed)
export type PersonList = Static<typeof PersonList>
export const NewPerson = Type.Object(
  { name: NameText, password: Type.String({ maxLength: 1024 }), role: Role },
  Closed,
)
export type NewPerson = Static<typeof NewPerson>
export const PersonChange = Type.Object(
  {
    role: Type.Optional(Role),
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    enabled: Type.Optional(Type.Boolean()),
    /** False switches a lost second factor off; true cannot be said for somebody else. */
    totp: Type.Optional(Type.Literal(false)),
    revision: Type.Optional(RevisionText),
  },
  Closed,
)
export type PersonChange = Static<typeof PersonChange>

export const TokenView = Type.Object(
  {
    id: Count,
    name: Type.String(),
    person: Type.String(),
    domain: Type.String(),
    prefix: Type.String(),
    days: Days,
    createdAt: InstantText,
    lastUsedAt: Type.Optional(InstantText),
    revokedAt: Type.Optional(InstantText),
  },
  Closed,
)
export type TokenView = Static<typeof TokenView>
export const TokenList = Type.Object({ tokens: Type.Array(TokenView) }, Closed)
export type TokenList = Static<typeof TokenList>
export const NewToken = Type.Object(
  { name: NameText, domain: Type.String({ maxLength: 253 }), prefix: NameText, days: Type.Optional(Days) },
  Closed,
)
export type NewToken = Static<typeof NewToken>
/** The only time that the token itself is shown. */
export const MadeToken = Type.Object({ token: Type.String(), view: TokenView }, Closed)
export type MadeToken = Static<typeof MadeToken>

const KeyView = Type.Object({ id: Type.String(), createdAt: InstantText, signs: Type.Boolean() }, Closed)
export const KeyList = Type.Object({ keys: Type.Array(KeyView) }, Closed)
export type KeyList = Static<typeof KeyList>

export const FindingView = Type.Object(
  {
    check: Type.String(),
    level: Type.Union([Type.Literal('ok'), Type.Literal('warn'), Type.Literal('fault')]),
    says: Type.String(),
    todo: Type.Optional(Type.String()),
  },
  Closed,
)
export type FindingView = Static<typeof FindingView>
export const Findings = Type.Object({ findings: Type.Array(FindingView) }, Closed)
export type Findings = Static<typeof Findings>
export const MtaText = Type.Object({ text: Type.String() }, Closed)
export type MtaText = Static<typeof MtaText>

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Only those before that number. */
    before: Type.Optional(Count),
  },
  Closed,
)
export type AuditQuery = Static<typeof AuditQuery>

export const AuditEntry = Type.Object(
  {
    id: Count,
    at: InstantText,
    person: Type.String(),
    action: Type.String(),
    subject: Type.String(),
    detail: Type.String(),
    client: Type.String(),
  },
  Closed,
)
export type AuditEntry = Static<typeof AuditEntry>
export const AuditList = Type.Object({ entries: Type.Array(AuditEntry) }, Closed)
export type AuditList = Static<typeof AuditList>
