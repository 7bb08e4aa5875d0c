// What the configuration of a mail server is made of, before it becomes text on a screen.

import type { DomainName } from '../../address/index.ts'

/** Everything about this installation that the mail server must be told. */
export interface Installation {
  /** Our domains; at least one. */
  readonly domains: readonly DomainName[]
  /** Where the milter listens, as SPECs; at least one. */
  readonly listeners: readonly string[]
  /** Longest time in milliseconds that the milter takes for one answer: the server must wait longer. */
  readonly handlerDeadline: number
  /** Folder of the server's own configuration; /etc/mail or /etc/postfix unless told. */
  readonly directory?: string
  /** Port that unrewritten mail is sent back to: 25 for sendmail, 10026 for Postfix unless told. */
  readonly loopPort?: number
  /** Postfix's queue_directory, which its chroot is; /var/spool/postfix unless told. */
  readonly queueDirectory?: string
}

/** Text that belongs into one place of one file. */
export interface ConfigurationBlock {
  readonly file: string
  /** Where in the file, and what it is for: a sentence or two. */
  readonly purpose: string
  /** The lines themselves, each ended by a line feed. */
  readonly text: string
}

export interface ConfigurationStep {
  readonly command: string
  readonly purpose: string
}

export interface MtaConfiguration {
  readonly kind: 'configuration'
  readonly mta: 'sendmail' | 'postfix'
  /** What the reader must know before pasting: a sentence or two each. */
  readonly remarks: readonly string[]
  readonly blocks: readonly ConfigurationBlock[]
  /** To be run afterwards, in this order. */
  readonly steps: readonly ConfigurationStep[]
}

/** There is nothing to print yet; `says` is a sentence that says what to do first. */
export interface NoConfiguration {
  readonly kind: 'refused'
  readonly says: string
}
