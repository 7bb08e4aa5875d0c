import { describe, expect, it } from 'vitest'
import { type MacroCommand, macroPairs } from '../../../src/milter/simulator/macros.ts'
import type { MtaKind } from '../../../src/milter/simulator/mta.ts'

const VALUES = new Map(
  Object.entries({
    j: 'mx.example',
    i: 'Q1',
    '{mail_addr}': 's@x',
    '{rcpt_addr}': 'r@x',
    '{msg_id}': '<1@x>',
    '{client_addr}': '::1',
  }),
)
const STAGES = { connect: 0, mail: 2, rcpt: 3, endOfMessage: 5, endOfHeaders: 6 }

/** The names in the packet before `command`; undefined when there is no packet. */
function names(
  like: MtaKind,
  command: MacroCommand,
  lists: Partial<Record<keyof typeof STAGES, string>> = {},
) {
  const asked = Object.entries(lists).map(([stage, list]) => ({
    stage: STAGES[stage as keyof typeof STAGES],
    names: list,
  }))
  return macroPairs(like, command, asked, VALUES)
    ?.split('\0')
    .filter((_, at, all) => at % 2 === 0 && at < all.length - 1)
    .join(' ')
}

describe('macro lists', () => {
  it('replace the names of their stage, and of no other', () => {
    for (const like of ['sendmail', 'postfix'] as const) {
      expect(names(like, 'rcpt', { rcpt: '{client_addr} {mail_addr}' })).toBe('{client_addr} {mail_addr}')
      expect(names(like, 'mail', { rcpt: '{client_addr}' })).toBe('i {mail_addr}')
    }
  })

  it('may have commas, and names without a value, which are left out', () => {
    expect(names('sendmail', 'connect', { connect: 'j,{unheard_of},{client_addr}' })).toBe('j {client_addr}')
  })

  it('that are empty take the packet away', () => {
    expect(names('sendmail', 'connect', { connect: '' })).toBeUndefined()
    expect(names('postfix', 'connect', { connect: '' })).toBeUndefined()
  })

  it('for end of message count in sendmail only beside one for end of headers', () => {
    expect(names('sendmail', 'endOfMessage', { endOfMessage: 'i' })).toBe('{msg_id}')
    expect(names('sendmail', 'endOfMessage', { endOfMessage: 'i', endOfHeaders: '' })).toBe('i')
    expect(names('postfix', 'endOfMessage', { endOfMessage: 'i {client_addr}' })).toBe('i {client_addr}')
  })

  it('for end of headers alone take those of end of message away, in sendmail', () => {
    expect(names('sendmail', 'endOfMessage', { endOfHeaders: 'i' })).toBeUndefined()
    expect(names('postfix', 'endOfMessage', { endOfHeaders: 'j' })).toBe('i')
  })
})

describe('without a list', () => {
  it('the content has no sender and no recipient in Postfix, whose cleanup does not know them', () => {
    expect(names('postfix', 'endOfMessage', { endOfMessage: '{mail_addr} {rcpt_addr} i' })).toBe('i')
  })

  it('Postfix has a packet before each header and chunk, and an empty one before an unknown command', () => {
    expect(names('postfix', 'header')).toBe('i')
    expect(names('postfix', 'body')).toBe('i')
    expect(names('postfix', 'unknown')).toBe('')
    expect(names('sendmail', 'unknown')).toBeUndefined()
  })

  it('sendmail has a packet without names where nothing is set, and none where nothing could be', () => {
    expect(names('sendmail', 'helo')).toBe('')
    expect(names('sendmail', 'data')).toBeUndefined()
  })
})
