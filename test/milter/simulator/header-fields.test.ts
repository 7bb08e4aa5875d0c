import { describe, expect, it } from 'vitest'
import { type HeaderField, HeaderFields } from '../../../src/milter/simulator/header-fields.ts'
import type { MtaKind } from '../../../src/milter/simulator/mta.ts'

const GIVEN: HeaderField[] = [
  ['X-A', '1'],
  ['Subject', 's'],
  ['X-A', '2'],
  ['x-a', '3'],
]

const changed = (like: MtaKind, change: (headers: HeaderFields) => void, leadingSpace = false): string[] => {
  const headers = new HeaderFields(like, leadingSpace, GIVEN)
  change(headers)
  return headers.fields.map(([name, value]) => `${name}:${value}`)
}

const same = ['X-A:1', 'Subject:s', 'X-A:2', 'x-a:3']

describe('ADDHEADER', () => {
  it('puts a new name at the end', () => {
    for (const like of ['sendmail', 'postfix'] as const) {
      expect(changed(like, (headers) => headers.add('X-B', 'b'))).toEqual([...same, 'X-B:b'])
    }
  })

  it('puts a known name before the first of it in sendmail, at the end in Postfix', () => {
    expect(changed('sendmail', (headers) => headers.add('x-A', 'n'))).toEqual(['x-A:n', ...same])
    expect(changed('postfix', (headers) => headers.add('x-A', 'n'))).toEqual([...same, 'x-A:n'])
  })
})

describe('INSHEADER', () => {
  it('counts the Received line of the MTA: 0 is above it, 1 below, and the later 0 on top', () => {
    const fields = changed('sendmail', (headers) => {
      headers.insert(0, 'I', 'first')
      headers.insert(0, 'I', 'second')
      headers.insert(3, 'I', 'below Received')
    })
    expect(fields).toEqual(['I:second', 'I:first', 'I:below Received', ...same])
  })

  it('beyond the last is the end', () => {
    expect(changed('postfix', (headers) => headers.insert(99, 'I', 'i'))).toEqual([...same, 'I:i'])
  })
})

describe('CHGHEADER', () => {
  it('changes the n-th of that name, in any case; 0 is 1', () => {
    expect(changed('postfix', (headers) => headers.change(2, 'x-a', 'n'))).toEqual([
      'X-A:1',
      'Subject:s',
      'X-A:n',
      'x-a:3',
    ])
    expect(changed('sendmail', (headers) => headers.change(0, 'subject', 'n'))[1]).toBe('Subject:n')
  })

  it('keeps numbers after a deletion in sendmail, and moves them up in Postfix', () => {
    const deleteTwo = (headers: HeaderFields): void => {
      headers.change(1, 'X-A', '')
      headers.change(2, 'X-A', '')
    }
    expect(changed('sendmail', deleteTwo)).toEqual(['Subject:s', 'x-a:3'])
    expect(changed('postfix', deleteTwo)).toEqual(['Subject:s', 'X-A:2'])
  })

  it('deletes the same fields in both when the last goes first', () => {
    const descending = (headers: HeaderFields): void => {
      headers.change(2, 'X-A', '')
      headers.change(1, 'X-A', '')
    }
    expect(changed('sendmail', descending)).toEqual(changed('postfix', descending))
  })

  it('beyond the last adds, and deletes nothing', () => {
    expect(changed('sendmail', (headers) => headers.change(9, 'X-A', 'n'))).toEqual(['X-A:n', ...same])
    expect(changed('postfix', (headers) => headers.change(9, 'X-A', 'n'))).toEqual([...same, 'X-A:n'])
    expect(changed('postfix', (headers) => headers.change(9, 'X-A', ''))).toEqual(same)
  })

  it('does not reach the Received line of the MTA', () => {
    expect(changed('sendmail', (headers) => headers.change(1, 'Received', ''))).toEqual(same)
  })
})

describe('the blank after the colon', () => {
  it('is put by the MTA, unless it was negotiated that it travels', () => {
    expect(changed('postfix', (headers) => headers.add('B', 'b'))).toContain('B:b')
    expect(changed('postfix', (headers) => headers.add('B', ' b'))).toContain('B: b')
    expect(changed('postfix', (headers) => headers.add('B', ' b'), true)).toContain('B:b')
  })
})
