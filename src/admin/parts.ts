// What the console is made of: what is put in from outside, and what routes stand on.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Clock } from '../clock.ts'
import type { MilterFigures } from '../figures.ts'
import type { RefusalCode } from '../filter/replies.ts'
import type { Log } from '../log.ts'
import type { Answer, Services } from '../service/index.ts'
import type { Gate } from './access.ts'
import type { Feed } from './feed.ts'
import type { Metrics } from './metrics.ts'
import type { Place } from './place.ts'
import type { FindingView } from './schemas.ts'

/** What is put in from outside. */
export interface AdminParts {
  readonly services: Services
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly refusalCode: RefusalCode
  /** Directory of the built page. */
  readonly web: string
  readonly basePath: string
  readonly publicUrl: string | undefined
  readonly trustedProxies: readonly string[]
  /** What the filter counts; nothing where none runs beside this console. Rejects when it does not answer. */
  readonly figures: () => Promise<MilterFigures | undefined>
  /** Rejects when the database cannot be written to. */
  readonly checkWritable: () => Promise<void>
  readonly findings: () => Promise<readonly FindingView[]>
  readonly mtaText: (mta: 'sendmail' | 'postfix') => Promise<Answer<string>>
  /** Milliseconds between two looks for new verdicts; 1000 unless told. */
  readonly pollEvery?: number
}

/** What routes stand on. */
export interface Parts extends AdminParts {
  readonly gate: Gate
  readonly place: Place
  readonly feed: Feed
  readonly metrics: Metrics
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
