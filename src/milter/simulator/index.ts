// The published door of the MTA simulator: `timedelay/milter/simulator`.

export type { MilterTarget } from './channel.ts'
export {
  CHUNK_SIZE,
  type EndOfMessage,
  MilterClient,
  type MilterClientOptions,
} from './client.ts'
export { SimulatorError, type SimulatorFault } from './errors.ts'
export type { HeaderField } from './header-fields.ts'
export type { Macros } from './macros.ts'
export { type MessageContent, parseMessage } from './message.ts'
export { type MtaKind, TIMEOUTS, type Timeouts } from './mta.ts'
export type { MilterVerdict } from './rules.ts'
export {
  type Mailbox,
  type MessageInput,
  type MessageResult,
  type RecipientResult,
  type SimulateOptions,
  type Simulation,
  simulate,
} from './simulate.ts'
export { formatSmtpReply, type SmtpReply } from './smtp-reply.ts'
export { type MessageEnd, type SessionOptions, SmtpSession } from './smtp-session.ts'
