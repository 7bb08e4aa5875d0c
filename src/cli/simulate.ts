// timedelay simulate: be the mail server, and show what the filter does.

import type { Command } from 'commander'
import { Option } from 'commander'
import type { Config } from '../config.ts'
import type { MessageEnd, MtaKind, RecipientResult, Simulation } from '../service/simulation.ts'
import { UsageError } from './errors.ts'
import { listenersOf } from './listeners.ts'
import { readNamedFile } from './named-file.ts'
import { examples, withJson, withListeners } from './options.ts'
import { plain } from './output.ts'
import type { Session } from './session.ts'

interface SimulateFlags {
  readonly to: readonly string[]
  readonly from: string
  readonly message?: string
  readonly as: MtaKind
}

type Change = MessageEnd['changes'][number]

export function addSimulateCommand(program: Command, session: Session): void {
  const command = program
    .command('simulate')
    .summary('be the mail server, and show what the filter does')
    .description(
      'Talk to a running filter as a mail server does, and print its verdicts and changes. No mail is sent, but the ' +
        'verdicts are recorded as if it were. The exit code is 1 when a recipient or the message is refused.',
    )
    .requiredOption('--to <ADDRESS...>', 'recipients')
    .option('--from <ADDRESS>', "sender; '' for the null sender", 'sender@client.example')
    .option('--message <FILE>', 'message to send, with its headers')
    .addOption(
      new Option('--as <SERVER>', 'which mail server to be')
        .choices(['sendmail', 'postfix'])
        .default('sendmail'),
    )
  withListeners(command, 'sendmailCf', 'name')
  examples(
    withJson(command),
    'simulate --to djb2026112045@td.example.com',
    'simulate --to a@x.example b@y.example --as postfix',
  )
  command.action(async (flags: SimulateFlags) => {
    const nobody = flags.to.find((recipient) => !/^<?[^@].*@.*[^@>]>?$|^<?postmaster>?$/i.test(recipient))
    if (nobody !== undefined)
      throw new UsageError(`--to names an address such as a@x.example, not "${nobody}".`)
    const milter = await milterOf(session.config(command))
    const message = flags.message === undefined ? undefined : await readNamedFile(flags.message)
    const { askFilter } = await import('../service/simulation.ts')
    const simulation = await askFilter({ ...flags, milter, message })
    session.print(command, view(simulation, milter), told(flags, simulation, milter))
    session.exitCode = delivered(simulation) ? 0 : 1
  })
}

async function milterOf(config: Config): Promise<string> {
  const [milter] = await listenersOf(config)
  if (milter === undefined)
    throw new UsageError('No filter is configured here. Say where it listens, with --milter SPEC.')
  return milter
}

function delivered({ messages: [message] }: Simulation): boolean {
  if (message === undefined) return false
  return message.recipients.every(({ accepted }) => accepted) && message.end?.outcome === 'accepted'
}

function told(
  { from, as }: SimulateFlags,
  { agreement, greeting, messages }: Simulation,
  milter: string,
): string {
  const lines = [
    `The filter at ${milter} speaks protocol version ${agreement.version}; asked as ${as} would.`,
    '',
  ]
  const [message] = messages
  if (message === undefined)
    return `${[...lines, `It refused the connection: ${smtp(greeting)}`].join('\n')}\n`
  const { senderReply, recipients, end } = message
  lines.push(
    `MAIL FROM:<${plain(from.replace(/^<|>$/g, ''))}>`,
    `  ${smtp(senderReply)}`,
    ...recipients.flatMap(recipientLines),
  )
  if (end !== undefined) lines.push('the message', `  ${smtp(end.reply)}`, ...endLines(end))
  return `${lines.join('\n')}\n`
}

function recipientLines({ argument, reply }: RecipientResult): string[] {
  return [`RCPT TO:${plain(argument)}`, `  ${smtp(reply)}`]
}

function endLines({ changes, envelope, outcome, filtered, warnings }: MessageEnd): string[] {
  const asked = changes.map((change) => `  ${plain(changeInWords(change))}`)
  const lines = ['', asked.length === 0 ? 'The filter changes nothing.' : 'The filter asks to', ...asked]
  if (!filtered) lines.push('The filter was not asked at the end of the message.')
  lines.push(...warnings.map(plain))
  if (outcome === 'accepted')
    lines.push(`The message goes to ${envelope.recipients.map(plain).join(', ') || 'nobody'}.`)
  return lines
}

function changeInWords(change: Change): string {
  switch (change.kind) {
    case 'addRecipient':
    case 'addRecipientWithParameters':
      return `add the recipient ${change.address}`
    case 'deleteRecipient':
      return `delete the recipient ${change.address}`
    case 'changeSender':
      return `change the sender to ${change.address}`
    case 'addHeader':
      return `add ${change.name}: ${change.value.trim()}`
    case 'insertHeader':
      return `insert ${change.name}: ${change.value.trim()}`
    case 'changeHeader':
      return change.value === ''
        ? `delete ${change.name}, no. ${change.index}`
        : `change ${change.name} to ${change.value.trim()}`
    case 'replaceBody':
      return `replace the body (${change.chunk.length} bytes)`
    case 'quarantine':
      return `quarantine the message: ${change.reason}`
  }
}

function smtp({ code, enhanced, text }: RecipientResult['reply']): string {
  return plain([code, enhanced, text].filter((part) => part !== undefined).join(' '))
}

function view({ agreement, greeting, messages }: Simulation, milter: string) {
  const [message] = messages
  const end = message?.end
  return {
    milter,
    protocolVersion: agreement.version,
    greeting: smtp(greeting),
    sender: message === undefined ? null : smtp(message.senderReply),
    recipients: (message?.recipients ?? []).map(({ argument, reply, accepted }) => {
      return { recipient: argument, accepted, reply: smtp(reply) }
    }),
    message:
      end === undefined ? null : { outcome: end.outcome, reply: smtp(end.reply), warnings: end.warnings },
    changes: (end?.changes ?? []).map(changeInWords),
    goesTo: end?.outcome === 'accepted' ? end.envelope.recipients : [],
  }
}
