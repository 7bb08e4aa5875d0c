// What the SMTP client sees of a verdict. The reply code packet is a format string to both MTAs, and each has its own
// idea of what to do with a broken one.

import type { MtaKind } from './mta.ts'

/** One reply of the MTA. */
export interface SmtpReply {
  readonly code: number
  /** `5.1.1`, where there is one. */
  readonly enhanced: string | undefined
  /** Without the codes; the lines of a longer reply are joined by LF. */
  readonly text: string
}

export type SmtpStage =
  | 'connect'
  | 'helo'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'header'
  | 'endOfHeaders'
  | 'body'
  | 'endOfMessage'
  | 'unknown'

export function smtpReply(code: number, enhanced: string | undefined, text: string): SmtpReply {
  return { code, enhanced, text }
}

/** The whole line, or the first of several: `550 5.1.1 No such user`. */
export function formatSmtpReply(reply: SmtpReply): string {
  return [reply.code, reply.enhanced, reply.text.split('\n').join(' / ')]
    .filter((part) => part !== undefined)
    .join(' ')
}

export const isPositive = (reply: SmtpReply): boolean => reply.code < 400

/** What an MTA says when nobody objects, or when the client is wrong. */
export const WORDS = {
  sendmail: {
    mail: (argument: string) => smtpReply(250, '2.1.0', `${argument}... Sender ok`),
    rcpt: (argument: string) => smtpReply(250, '2.1.5', `${argument}... Recipient ok`),
    rset: smtpReply(250, '2.0.0', 'Reset state'),
    queued: (id: string) => smtpReply(250, '2.0.0', `${id} Message accepted for delivery`),
    nestedMail: smtpReply(503, '5.5.0', 'Sender already specified'),
    noMail: smtpReply(503, '5.0.0', 'Need MAIL command'),
    noRecipients: smtpReply(503, '5.0.0', 'Need RCPT (recipient)'),
    unknown: (line: string) => smtpReply(500, '5.5.1', `Command unrecognized: "${line}"`),
  },
  postfix: {
    mail: () => smtpReply(250, '2.1.0', 'Ok'),
    rcpt: () => smtpReply(250, '2.1.5', 'Ok'),
    rset: smtpReply(250, '2.0.0', 'Ok'),
    queued: (id: string) => smtpReply(250, '2.0.0', `Ok: queued as ${id}`),
    nestedMail: smtpReply(503, '5.5.1', 'Error: nested MAIL command'),
    noMail: smtpReply(503, '5.5.1', 'Error: need MAIL command'),
    noRecipients: smtpReply(554, '5.5.1', 'Error: no valid recipients'),
    unknown: () => smtpReply(500, '5.5.2', 'Error: command not recognized'),
  },
} as const

/** What the MTA says for REJECT without words. */
export function rejectReply(like: MtaKind, stage: SmtpStage): SmtpReply {
  const late = stage === 'body' || stage === 'endOfMessage'
  return smtpReply(like === 'sendmail' && late ? 554 : 550, '5.7.1', 'Command rejected')
}

/** What the MTA says for TEMPFAIL without words. */
export function tempfailReply(like: MtaKind): SmtpReply {
  return like === 'sendmail'
    ? smtpReply(451, '4.3.2', 'Please try again later')
    : smtpReply(451, '4.7.1', 'Service unavailable - try again later')
}

/**
 * What becomes of the text of SMFIR_REPLYCODE. sendmail may also put `<address>...` before it at MAIL and RCPT; it does
 * not always, so nobody may depend on it and we leave it out.
 */
export function readReplyCode(like: MtaKind, stage: SmtpStage, text: string): SmtpReply {
  return like === 'sendmail' ? readLikeSendmail(stage, text) : readLikePostfix(text)
}

function readLikeSendmail(stage: SmtpStage, text: string): SmtpReply {
  const lines = splitLines(text)
  // A format string to sendmail: one lone percent sign spoils the whole reply.
  if (lines === undefined || /%(?:[^%]|$)/.test(text.replaceAll('%%', ''))) {
    return text.startsWith('4') ? tempfailReply('sendmail') : rejectReply('sendmail', stage)
  }
  const { code, enhanced, words } = lines
  const seven = words
    .replaceAll('%%', '%')
    .replace(/[\x80-\xff]/g, (char) => String.fromCharCode(char.charCodeAt(0) & 0x7f))
  return smtpReply(code, enhanced ?? `${String(code)[0]}.0.0`, seven)
}

function readLikePostfix(text: string): SmtpReply {
  const lines = splitLines(text)
  if (lines === undefined || (lines.enhanced !== undefined && lines.enhanced[0] !== String(lines.code)[0])) {
    return smtpReply(451, '4.3.5', 'Server configuration problem - try again later')
  }
  const words = lines.words.replace(/%(%?)/g, '$1')
  return smtpReply(lines.code, lines.enhanced, words)
}

function splitLines(text: string): { code: number; enhanced: string | undefined; words: string } | undefined {
  const parts = text
    .split('\r\n')
    .map((line) => /^([45]\d\d)[ -](?:([245]\.\d{1,3}\.\d{1,3})(?: |$))?(.*)$/s.exec(line))
  const first = parts[0]
  if (first == null || parts.some((part) => part == null)) return undefined
  return {
    code: Number(first[1]),
    enhanced: first[2],
    words: parts.map((part) => part?.[3] ?? '').join('\n'),
  }
}
