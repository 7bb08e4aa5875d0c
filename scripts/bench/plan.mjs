// What an MTA writes for one message, as bytes, and what the filter must answer. Encoded by the simulator's codec, once,
// before anything is measured, so that the load generator is not what is measured.
import { ByteWriter } from '../../dist/milter/bytes.js'
import { encodeCommand } from '../../dist/milter/commands.js'
import { NO_REPLY, NO_STEPS } from '../../dist/milter/negotiation.js'
import {
  connectMacros,
  macroPairs,
  recipientMacros,
  senderMacros,
} from '../../dist/milter/simulator/macros.js'
import { recipientNumber } from './world.mjs'

const CLIENT = { host: 'client.example.org', family: 'ipv4', address: '192.0.2.25', port: 40_025 }
const HOSTNAME = 'mail.example.com'
const BODY_LINE = 'The quick brown fox jumps over the lazy dog, once more, and then it rests.\r\n'

/** Version 6 with everything, as sendmail 8.17 and Postfix 3.7 offer it. */
export const FULL_OFFER = { version: 6, actions: 0x1ff, steps: 0x1fffff }
/**
 * An MTA that lets nothing be left out, so that every stage is sent and answered. The one flag is for libmilter, which
 * takes 0 for an MTA of the first days.
 */
export const ALL_STAGES = { version: 6, actions: 0x1ff, steps: NO_STEPS.unknown }

export function encodeOffer(offer) {
  return encoded({ kind: 'negotiate', offer })
}

function encoded(...commands) {
  const writer = new ByteWriter()
  for (const command of commands) encodeCommand(command, writer)
  return Buffer.from(writer.finish())
}

export const QUIT = encoded({ kind: 'quit' })
const ABORT = encoded({ kind: 'abort' })

/** Collects the packets of one conversation into steps: what is written, and the answer that is then waited for. */
class Script {
  steps = []
  #agreement
  #together
  #macros = new Map(Object.entries(connectMacros('sendmail', HOSTNAME, CLIENT)))
  #packets = []

  /** `together`: packets that wait for no answer leave in one write, as Postfix does it; sendmail writes each alone. */
  constructor(agreement, together) {
    this.#agreement = agreement
    this.#together = together
  }

  setMacros(values) {
    for (const [name, value] of Object.entries(values)) this.#macros.set(name, value)
  }

  /** A command with its macros, as far as the filter wants it, and `answer` if it is answered. */
  command(command, answer) {
    const { steps, macroLists } = this.#agreement
    const sends = command.kind === 'endOfMessage' || (steps & NO_STEPS[command.kind]) === 0
    // Switching a step off does not switch its macros off.
    const stage = STAGE_LETTERS[command.kind]
    const pairs = stage && macroPairs('sendmail', command.kind, macroLists, this.#macros)
    if (pairs !== undefined)
      this.#packets.push(encoded({ kind: 'macros', stage: stage.charCodeAt(0), pairs }))
    if (!sends) return
    this.#packets.push(encoded(command))
    const silent = command.kind !== 'endOfMessage' && (steps & NO_REPLY[command.kind]) !== 0
    if (!silent) this.#wait(answer)
  }

  abort() {
    this.#packets.push(ABORT)
    this.#wait(undefined)
  }

  /** What no answer followed goes out with what comes next. */
  end() {
    if (this.#packets.length > 0) this.#wait(undefined)
    return this.steps
  }

  #wait(answer) {
    const writes = this.#together ? [Buffer.concat(this.#packets)] : this.#packets
    this.steps.push({ writes, answer })
    this.#packets = []
  }
}

const STAGE_LETTERS = {
  connect: 'C',
  helo: 'H',
  mail: 'M',
  rcpt: 'R',
  data: 'T',
  endOfHeaders: 'N',
  endOfMessage: 'E',
}
const CONTINUE = { kind: 'continue' }
const EXPIRED = { kind: 'reply', text: '551 5.7.1 Expiration Reached.' }

/** The steps from accept to the first MAIL. */
export function openingSteps(agreement, { together = false } = {}) {
  const script = new Script(agreement, together)
  script.command({ kind: 'connect', client: CLIENT }, CONTINUE)
  script.command({ kind: 'helo', name: CLIENT.host }, CONTINUE)
  return script.end()
}

/**
 * `count` different messages. `shape`: `recipients` of each, `headers` and `body` (bytes) of their content, and where
 * the recipients come from (`prefixes`, `letters`, `variants`).
 */
export function messagePlans(agreement, shape, count) {
  const content = { fields: headerFields(shape.headers), chunks: bodyChunks(shape.body) }
  return Array.from({ length: count }, (_, index) => messagePlan(agreement, shape, content, index))
}

function messagePlan(agreement, shape, { fields, chunks }, index) {
  const recipients = Array.from({ length: shape.recipients }, (_, nth) =>
    recipientNumber(index * shape.recipients + nth, shape),
  )
  const script = new Script(agreement, shape.together)
  const sender = `<sender${index}@shop.example>`
  script.setMacros({ i: `4AMB${String(index).padStart(6, '0')}`, '{msg_id}': `<${index}@shop.example>` })
  script.setMacros(senderMacros('sendmail', sender))
  script.command({ kind: 'mail', sender: { argument: sender, parameters: ['SIZE=2048'] } }, CONTINUE)
  for (const { argument, kind } of recipients) {
    const address = argument.slice(1, -1)
    const resolved = { local: false, host: `${address.split('@')[1]}.`, address }
    script.setMacros(recipientMacros('sendmail', argument, resolved))
    const recipient = { argument, parameters: [] }
    script.command({ kind: 'rcpt', recipient }, kind === 'expired' ? EXPIRED : CONTINUE)
  }
  if (recipients.every(({ kind }) => kind === 'expired')) script.abort()
  else addContent(script, fields, chunks, recipients)
  return { steps: script.end(), recipients: recipients.length }
}

function addContent(script, fields, chunks, recipients) {
  script.command({ kind: 'data' }, CONTINUE)
  for (const [name, value] of fields) script.command({ kind: 'header', name, value }, CONTINUE)
  script.command({ kind: 'endOfHeaders' }, CONTINUE)
  for (const chunk of chunks) script.command({ kind: 'body', chunk }, CONTINUE)
  const ours = recipients.filter(({ kind }) => kind === 'valid')
  script.command(
    { kind: 'endOfMessage', lastChunk: Buffer.alloc(0) },
    {
      kind: 'end',
      deleted: [...new Set(ours.map(({ argument }) => argument))],
      added: [...new Set(ours.map(({ target }) => target))],
    },
  )
}

function headerFields(count) {
  const usual = [
    [
      'Received',
      'from client.example.org (client.example.org [192.0.2.25])\n\tby mail.example.com with ESMTPS',
    ],
    ['From', '"A shop" <news@shop.example>'],
    ['To', 'somebody@td.example.com'],
    ['Subject', 'What you have left in your basket'],
    ['Date', 'Sun, 22 Nov 2026 12:00:00 +0000'],
    ['Message-ID', '<20261122120000.4711@shop.example>'],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
  ]
  return Array.from(
    { length: count },
    (_, index) => usual[index] ?? [`X-Mailer-Field-${index}`, `${'value '.repeat(8)}${index}`],
  )
}

function bodyChunks(bytes) {
  const body = Buffer.alloc(bytes, BODY_LINE)
  const chunks = []
  for (let at = 0; at < bytes; at += 65_535) chunks.push(body.subarray(at, at + 65_535))
  return chunks
}
