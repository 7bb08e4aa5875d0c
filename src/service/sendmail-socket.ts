// Where sendmail looks for a filter: the S= of its X line.

import { findMilter } from '../milter/index.ts'
import { type Answer, declined, granted } from './answer.ts'

export interface SendmailSocket {
  readonly spec: string
  /** F=: what sendmail does while the filter is down. Without one it passes mail unfiltered. */
  readonly failure: string | undefined
}

/** What the X line of the filter `name` says. `cf` is the text of sendmail's configuration `file`. */
export function socketInSendmailCf(cf: string, file: string, name: string): Answer<SendmailSocket> {
  const found = findMilter(cf, name)
  if (found === undefined) {
    const message = `${file} has no line X${name}. Give the name that INPUT_MAIL_FILTER has there with --name.`
    return declined('not-found', message, 'name')
  }
  const { spec, failure } = found
  if (spec !== undefined) return granted({ spec, failure })
  return declined(
    'not-found',
    `The line X${name} of ${file} has no S=. Give its INPUT_MAIL_FILTER one.`,
    'name',
  )
}
