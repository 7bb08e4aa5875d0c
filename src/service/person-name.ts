// The name of an account.

import { type Answer, declined, granted, quoted } from './answer.ts'
import { OPERATOR } from './permission.ts'

/** Letters and digits of any script, and what stands in names and addresses; no blanks at the ends. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@+'-]{0,62}[\p{L}\p{M}\p{N}.])$/u

/** 2 to 64 characters. Whether somebody has it already is the store's to say. */
export function checkPersonName(text: string): Answer<string> {
  const name = text.normalize('NFC').trim()
  if (!NAME.test(name)) {
    const what = name === '' ? 'The name is missing.' : `${quoted(text)} is no name here.`
    const message = `${what} Give one of 2 to 64 letters, digits, blanks or . _ @ + ' -.`
    return declined('invalid', message, 'name')
  }
  if (name.toLowerCase() === OPERATOR.name) {
    return declined('taken', `${quoted(text)} stands for the terminal. Choose another name.`, 'name')
  }
  return granted(name)
}
