import { describe, expect, it } from 'vitest'
import { Envelope, type EnvelopeRules } from '../../../src/milter/simulator/envelope.ts'

function envelope(rules: EnvelopeRules, ...recipients: string[]): Envelope {
  const made = new Envelope(rules)
  for (const recipient of recipients) made.rcpt(recipient, [], true)
  return made
}

const POSTFIX: EnvelopeRules = { like: 'postfix' }
const SENDMAIL: EnvelopeRules = { like: 'sendmail', localDomains: ['local.example'] }
const CATCH_ALL: EnvelopeRules = { like: 'sendmail', catchAll: { 'td.example': 'dev-null' } }

describe('DELRCPT', () => {
  it.each<[string, EnvelopeRules, string, string, boolean]>([
    [
      'sendmail finds a remote recipient with or without brackets',
      SENDMAIL,
      '<a@x.example>',
      'a@x.example',
      true,
    ],
    [
      'sendmail is exact about case for remote recipients',
      SENDMAIL,
      '<One@X.Example>',
      '<one@x.example>',
      false,
    ],
    ['sendmail folds case for local ones', SENDMAIL, '<Root@Local.Example>', '<root@local.example>', true],
    [
      'sendmail finds a routed recipient by its route',
      SENDMAIL,
      '<@r.example:a@x.example>',
      '<@r.example:a@x.example>',
      true,
    ],
    [
      'sendmail finds a routed recipient without its route',
      SENDMAIL,
      '<@r.example:a@x.example>',
      '<a@x.example>',
      true,
    ],
    [
      'sendmail reads over trailing parameters',
      SENDMAIL,
      '<a@x.example>',
      '<a@x.example> NOTIFY=NEVER',
      true,
    ],
    ['sendmail does not mind quotes', SENDMAIL, '<"q s"@x.example>', '"q s"@x.example', true],
    [
      'sendmail deletes any address of a catch-all, even one never given',
      CATCH_ALL,
      '<a@td.example>',
      '<never@td.example>',
      true,
    ],
    [
      'sendmail deletes a catch-all recipient by the mailbox behind it',
      CATCH_ALL,
      '<a@td.example>',
      '<dev-null>',
      true,
    ],
    ['Postfix finds a recipient with or without brackets', POSTFIX, '<One@X.Example>', 'One@X.Example', true],
    ['Postfix is exact about case', POSTFIX, '<One@X.Example>', '<one@x.example>', false],
    ['Postfix is exact about the case of the domain', POSTFIX, '<One@X.Example>', '<One@x.example>', false],
    [
      'Postfix finds a routed recipient without its route',
      POSTFIX,
      '<@r.example:a@x.example>',
      '<a@x.example>',
      true,
    ],
    [
      'Postfix does not find it by its route',
      POSTFIX,
      '<@r.example:a@x.example>',
      '<@r.example:a@x.example>',
      false,
    ],
    ['Postfix does not mind quotes', POSTFIX, '<"djb"@x.example>', '<djb@x.example>', true],
    ['Postfix keeps a bare name apart', POSTFIX, '<ok>', '<ok@mx.example>', false],
    ['Postfix finds a bare name', POSTFIX, '<ok>', '<ok>', true],
    ['nobody is found by an empty string', POSTFIX, '<a@x.example>', '', false],
    ['nobody is found by <>', SENDMAIL, '<a@x.example>', '<>', false],
  ])('%s', (_, rules, recipient, text, found) => {
    const made = envelope(rules, recipient)
    made.delete(text)
    expect(made.recipients).toHaveLength(found ? 0 : 1)
  })

  it('takes a list in sendmail, and its first address in Postfix, with a warning', () => {
    const list = '<a@x.example>,<b@x.example>'
    const sendmail = envelope(SENDMAIL, '<a@x.example>', '<b@x.example>')
    sendmail.delete(list)
    expect(sendmail.recipients).toEqual([])
    const postfix = envelope(POSTFIX, '<a@x.example>', '<b@x.example>')
    postfix.delete(list)
    expect(postfix.recipients).toEqual(['b@x.example'])
    expect(postfix.warnings).toHaveLength(1)
  })
})

describe('ADDRCPT', () => {
  it('of a recipient that is there already is one delivery in sendmail and two in Postfix', () => {
    const sendmail = envelope(SENDMAIL, '<a@x.example>')
    sendmail.add('<a@x.example>')
    expect(sendmail.recipients).toEqual(['a@x.example'])
    const postfix = envelope(POSTFIX, '<a@x.example>')
    postfix.add('<a@x.example>')
    expect(postfix.recipients).toEqual(['a@x.example', 'a@x.example'])
  })

  it('twice is one delivery, whatever the case in Postfix', () => {
    const postfix = envelope(POSTFIX)
    postfix.add('<a@x.example>')
    postfix.add('<A@X.example>')
    expect(postfix.recipients).toEqual(['a@x.example'])
    const sendmail = envelope(SENDMAIL)
    sendmail.add('<a@x.example>')
    sendmail.add('<A@x.example>')
    expect(sendmail.recipients).toEqual(['a@x.example', 'A@x.example'])
  })

  it('is done in the order sent, with DELRCPT', () => {
    for (const rules of [SENDMAIL, POSTFIX]) {
      const kept = envelope(rules, '<a@x.example>')
      kept.delete('<a@x.example>')
      kept.add('<a@x.example>')
      expect(kept.recipients).toEqual(['a@x.example'])
      const gone = envelope(rules)
      gone.add('<a@x.example>')
      gone.delete('<a@x.example>')
      expect(gone.recipients).toEqual([])
    }
  })

  it.each(['<>', '', '<bad@@x.example>'])('of %j adds nobody, and is warned about', (text) => {
    for (const rules of [SENDMAIL, POSTFIX]) {
      const made = envelope(rules, '<a@x.example>')
      made.add(text)
      expect(made.recipients).toEqual(['a@x.example'])
      expect(made.warnings).toHaveLength(1)
    }
  })
})

describe('recipients that sendmail takes for one', () => {
  it('are one, and a refusal of the second takes the first back', () => {
    const made = envelope(CATCH_ALL, '<a@td.example>')
    made.rcpt('<b@td.example>', [], false)
    expect(made.recipients).toEqual([])
    made.delete('<a@td.example>')
    made.add('<real@x.example>')
    expect(made.recipients).toEqual(['real@x.example'])
  })

  it('are not lost when the refusal came first', () => {
    const made = new Envelope(CATCH_ALL)
    made.rcpt('<b@td.example>', [], false)
    made.rcpt('<a@td.example>', [], true)
    expect(made.recipients).toHaveLength(1)
  })

  it('are deleted again when the target that was added is behind the same catch-all', () => {
    const made = envelope(CATCH_ALL, '<a@td.example>')
    made.add('<dev-null>')
    made.delete('<a@td.example>')
    expect(made.recipients).toEqual([])
  })

  it('are kept apart by Postfix', () => {
    const made = envelope(POSTFIX, '<a@td.example>')
    made.rcpt('<b@td.example>', [], false)
    expect(made.recipients).toEqual(['a@td.example'])
  })
})

describe('the same recipient twice in RCPT', () => {
  it('is one in Postfix, whatever the case, unless its DSN options differ', () => {
    const made = envelope(POSTFIX, '<a@x.example>', '<A@X.example>')
    expect(made.recipients).toEqual(['a@x.example'])
    made.rcpt('<a@x.example>', ['NOTIFY=NEVER'], true)
    expect(made.recipients).toEqual(['a@x.example', 'a@x.example'])
  })

  it('is one in sendmail if it is spelled the same', () => {
    expect(envelope(SENDMAIL, '<a@x.example>', '<a@x.example>', '<A@x.example>').recipients).toEqual([
      'a@x.example',
      'A@x.example',
    ])
  })
})
