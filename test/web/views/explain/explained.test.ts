import { beforeAll, describe, expect, it } from 'vitest'
import type { AddressView, ExplainView } from '../../../../src/admin/schemas.ts'
import { dayOf, readAs } from '../../../../web/src/days.ts'
import {
  canBeRead,
  datesInWords,
  endInWords,
  endOf,
  mailInWords,
  momentOf,
  recordOf,
  remedyFor,
  sentencesOf,
  stateOfExplained,
} from '../../../../web/src/views/explain/explained.ts'
import { spoken } from '../../../../web/src/views/explain.tsx'

const today = dayOf('2026-11-22')
const own = [{ name: 'djb', domain: 'td.example.com' }]
const step = { question: '?', answer: 'yes', settles: false }
const steps = (count: number) => Array.from({ length: count }, () => step)

function anExplanation(wishes: Partial<ExplainView> = {}): ExplainView {
  return {
    recipient: 'djb2026090645@td.example.com',
    ours: true,
    accepted: false,
    verdict: 'Refused. It ended 32 days ago.',
    sentences: [],
    steps: steps(8),
    smtp: '551 5.7.1 Expiration Reached.',
    parts: {
      prefix: 'djb',
      date: '20260906',
      days: '45',
      seal: '',
      domain: 'td.example.com',
      firstDay: '2026-09-06',
      lastDay: '2026-10-20',
    },
    timeZone: 'Europe/Berlin',
    today: '2026-11-22',
    marks: [],
    ...wishes,
  }
}

const { parts: _, ...unread } = anExplanation({ steps: steps(2), verdict: 'Refused. It cannot be read.' })

function readable(wishes: Partial<ExplainView> = {}) {
  const explanation = anExplanation(wishes)
  if (!canBeRead(explanation)) throw new Error('it has parts')
  return explanation
}

beforeAll(() => readAs('en-GB'))

describe('the state of what is explained', () => {
  it('is that of its record', () => {
    const record = { ...recordOf(readable(), today), state: 'revoked' } as AddressView
    expect(stateOfExplained(anExplanation({ record }), today)).toBe('revoked')
  })

  it('follows from its days when it has no record', () => {
    expect(stateOfExplained(anExplanation(), today)).toBe('ended')
    const works = anExplanation({ accepted: true })
    expect(stateOfExplained(works, dayOf('2026-10-01'))).toBe('works')
    expect(stateOfExplained(works, dayOf('2026-10-18'))).toBe('soon')
    expect(stateOfExplained(anExplanation({ steps: steps(7) }), dayOf('2026-09-01'))).toBe('waiting')
  })

  it('is refused for what cannot be read, and nothing for what is not ours', () => {
    expect(stateOfExplained(unread, today)).toBe('ended')
    expect(stateOfExplained({ ...unread, ours: false, accepted: true }, today)).toBeUndefined()
  })
})

describe('what can be done about it', () => {
  it('lets an address that has ended live again, and extends one that works', () => {
    expect(remedyFor(anExplanation(), today, own)).toBe('live-again')
    expect(remedyFor(anExplanation({ accepted: true }), dayOf('2026-10-01'), own)).toBe('extend')
  })

  it("offers nothing for somebody else's, which only they can change", () => {
    const theirs = [
      { name: 'joe', domain: 'td.example.com' },
      { name: 'djb', domain: 'td2.example.com' },
    ]
    expect(remedyFor(anExplanation({ accepted: true }), today, theirs)).toBeUndefined()
    expect(remedyFor(anExplanation(), today, theirs)).toBeUndefined()
  })

  it('restores what was revoked', () => {
    const record = { ...recordOf(readable(), today), state: 'revoked' } as AddressView
    expect(remedyFor(anExplanation({ record }), today, own)).toBe('restore')
  })

  it('offers nothing for a guess, a forgery, or what is not ours', () => {
    expect(remedyFor(anExplanation({ steps: steps(4) }), today, own)).toBeUndefined()
    expect(remedyFor(unread, today, own)).toBeUndefined()
    expect(remedyFor(anExplanation({ ours: false, accepted: true }), today, own)).toBeUndefined()
  })
})

it('counts an extension into the day on which it ends', () => {
  expect(endOf(readable())).toBe(dayOf('2026-10-21'))
  const record = { ...recordOf(readable(), today), extendedThrough: '2027-01-15' }
  expect(endOf(readable({ record }))).toBe(dayOf('2027-01-16'))
  expect(endInWords(dayOf('2026-10-21'), today)).toBe('ends 21 October, 00:00')
})

it('does not say twice what has a place of its own', () => {
  const sentences = [
    'djb2026090645@td.example.com is refused: it ended 32 days ago.',
    'It belongs to djb.',
    'It is not signed.',
    'The sender is told: 551 5.7.1 Expiration Reached.',
  ]
  expect(sentencesOf(anExplanation({ sentences }))).toBe('It belongs to djb. It is not signed.')
})

it('writes the days of the service for the reader, and leaves a note as it was written', () => {
  expect(datesInWords('Delivered. It works through 2026-12-21.')).toBe(
    'Delivered. It works through 21 December 2026.',
  )
  expect(datesInWords('2026-13-01 and 12026-11-011')).toBe('2026-13-01 and 12026-11-011')
  const sentences = ['Made for 2026-09-06.', 'Its note says: back on 2026-09-06']
  expect(sentencesOf(anExplanation({ sentences }))).toBe(
    'Made for 6 September 2026. Its note says: back on 2026-09-06',
  )
})

it('is refused whatever its dates say when something else bars it, and nothing can be done here', () => {
  const record = {
    ...recordOf(readable(), today),
    state: 'works',
    barred: 'The prefix djb is disabled.',
  } as const
  expect(stateOfExplained(anExplanation({ record }), today)).toBe('ended')
  expect(remedyFor(anExplanation({ record }), today, own)).toBeUndefined()
})

describe('the mail in words', () => {
  const mark = (accepted: boolean, sender: string) => ({ at: '2026-10-25T10:00:00Z', accepted, sender })

  it('counts by the record, for the marks are the latest only', () => {
    const record = { ...recordOf(readable(), today), accepted: 1400, refused: 31 }
    const marks = [mark(false, 'a@x.example'), mark(false, 'a@x.example')]
    expect(mailInWords(anExplanation({ record, marks }))).toEqual({
      anyRefused: true,
      accepted: `${(1400).toLocaleString()} mails accepted`,
      refused: '31 mails refused',
      from: 'all from a@x.example',
    })
  })

  it('names a sender only when it is the only one', () => {
    const marks = [mark(false, 'a@x.example'), mark(false, 'b@x.example'), mark(true, 'c@x.example')]
    expect(mailInWords(anExplanation({ marks }))).toEqual({
      anyRefused: true,
      accepted: '1 mail accepted',
      refused: '2 mails refused',
      from: '',
    })
    expect(mailInWords(anExplanation())).toEqual({
      anyRefused: false,
      accepted: 'no mail accepted',
      refused: 'none refused',
      from: '',
    })
  })
})

it('places a mail by the wall clock of the zone', () => {
  expect(momentOf('2026-10-20T22:00:00Z', 'Europe/Berlin')).toBe(dayOf('2026-10-21'))
  expect(momentOf('2026-10-20T10:00:00Z', 'Europe/Berlin')).toBe(dayOf('2026-10-20') + 0.5)
})

it('is read out with its dates as one says them', () => {
  const heard = spoken([anExplanation({ verdict: 'Delivered. It works through 2027-01-05.' })])
  expect(heard).toMatch(/: Delivered\. It works through 5 January 2027\.$/)
})
