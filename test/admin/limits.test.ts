import { describe, expect, test } from 'vitest'
import { Limit } from '../../src/admin/limits.ts'

describe('a limit', () => {
  test('lets so many through in each window and says how long to wait', () => {
    let now = 0
    const limit = new Limit(
      [
        { times: 2, seconds: 60 },
        { times: 3, seconds: 3600 },
      ],
      () => now,
    )
    expect(limit.take('a')).toBeUndefined()
    now = 20_000
    expect(limit.take('a')).toBeUndefined()
    expect(limit.take('a')).toBe(40)
    expect(limit.take('b')).toBeUndefined()
    now = 60_000
    expect(limit.take('a')).toBeUndefined()
    expect(limit.take('a')).toBe(3540)
    now = 3_600_000
    expect(limit.take('a')).toBeUndefined()
  })

  test('locks nobody out when the clock is set back', () => {
    let now = 1_000_000
    const limit = new Limit([{ times: 1, seconds: 60 }], () => now)
    limit.take('a')
    now = 0
    expect(limit.take('a')).toBeUndefined()
  })
})
