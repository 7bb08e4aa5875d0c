// What a milter's changes make of a message. Pure; the differences between the MTAs are in envelope.ts and
// header-fields.ts.

import type { Modification } from '../replies.ts'
import { bareAddress, type Envelope } from './envelope.ts'
import { type HeaderField, HeaderFields } from './header-fields.ts'
import type { MessageContent } from './message.ts'
import type { MtaKind } from './mta.ts'

/** A message as it would be queued. */
export interface QueuedMessage {
  readonly envelope: { readonly sender: string; readonly recipients: readonly string[] }
  readonly headers: readonly HeaderField[]
  readonly body: Buffer
  /** The reason, if the message was put in quarantine. */
  readonly quarantined: string | undefined
  /** What the postmaster would see in the log, or the sender in a bounce. */
  readonly warnings: readonly string[]
}

export interface Changeable {
  readonly sender: string
  /** Is changed. */
  readonly envelope: Envelope
  readonly content: MessageContent
  readonly like: MtaKind
  readonly leadingSpace: boolean
}

export function applyChanges(message: Changeable, changes: readonly Modification[]): QueuedMessage {
  const { envelope, content } = message
  const headers = new HeaderFields(message.like, message.leadingSpace, content.headers)
  const newBody: Buffer[] = []
  let { sender } = message
  let quarantined: string | undefined
  for (const change of changes) {
    switch (change.kind) {
      case 'addRecipient':
      case 'addRecipientWithParameters':
        envelope.add(change.address)
        break
      case 'deleteRecipient':
        envelope.delete(change.address)
        break
      case 'changeSender':
        sender = bareAddress(change.address)
        break
      case 'addHeader':
        headers.add(change.name, change.value)
        break
      case 'insertHeader':
        headers.insert(change.index, change.name, change.value)
        break
      case 'changeHeader':
        headers.change(change.index, change.name, change.value)
        break
      case 'replaceBody':
        newBody.push(change.chunk)
        break
      case 'quarantine':
        quarantined = change.reason
    }
  }
  return {
    envelope: { sender, recipients: envelope.recipients },
    headers: headers.fields,
    // One empty packet is a new body, too.
    body: newBody.length > 0 ? Buffer.concat(newBody) : content.body,
    quarantined,
    warnings: [...envelope.warnings, ...lossWarning(envelope)],
  }
}

function lossWarning(envelope: Envelope): string[] {
  return envelope.recipients.length > 0
    ? []
    : ['No recipient is left: the client is told 250, and the message is gone without a trace.']
}
