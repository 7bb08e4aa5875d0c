// The door of the milter library, published as timedelay/milter. What is not named here is nobody's business.

export { DEFAULT_TIMEOUTS, type Timeouts } from './connection.ts'
export { ListenError, ProtocolError, type ProtocolFault, SpecError } from './errors.ts'
export type {
  Action,
  Awaitable,
  Changes,
  Client,
  Connection,
  EnvelopeAddress,
  Filter,
  MacroStage,
  Message,
  NoReplyStage,
  Offer,
  Outcome,
  Wish,
} from './filter.ts'
export type { SocketAccess } from './listener.ts'
export type { Log, LogLevel, MilterLogEvent } from './log-event.ts'
export { reply } from './replies.ts'
export { type CfMilter, findMilter, listMilters, type MilterTimeouts } from './sendmail-cf.ts'
export { type Limits, type Listener, MilterServer, type MilterServerOptions } from './server.ts'
export { formatPostfixSpec, formatSocketSpec, parseSocketSpec, type SocketSpec } from './socket-spec.ts'
export { bytesOf, utf8 } from './text.ts'
export {
  ACCEPT,
  type Accept,
  type BodyVerdict,
  CONTINUE,
  type CommandVerdict,
  type ConnectVerdict,
  type Continue,
  DISCARD,
  type Discard,
  REJECT,
  type Reject,
  type Reply,
  SKIP,
  type Skip,
  TEMPFAIL,
  type Tempfail,
  type Verdict,
} from './verdict.ts'
