import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BatchingRecorder, type RecorderOptions, type RecorderTrouble } from '../../src/store/recorder.ts'
import type { MailEvent } from '../../src/store/store.ts'
import { anEvent } from './build.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A sink whose batches end when the test says so. */
class Sink {
  readonly batches: number[][] = []
  readonly stored: number[] = []
  #end: { resolve(): void; reject(error: Error): void } | undefined

  readonly write = (events: readonly MailEvent[]): Promise<void> => {
    const numbers = events.map(({ at }) => at)
    this.batches.push(numbers)
    return new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject }
    }).then(() => {
      this.stored.push(...numbers)
    })
  }

  async succeed(): Promise<void> {
    this.#end?.resolve()
    await vi.advanceTimersByTimeAsync(0)
  }

  async fail(message = 'locked'): Promise<void> {
    this.#end?.reject(new Error(message))
    await vi.advanceTimersByTimeAsync(0)
  }
}

function setUp(options: Partial<RecorderOptions> = {}) {
  const sink = new Sink()
  const troubles: RecorderTrouble[] = []
  const recorder = new BatchingRecorder({
    sink: sink.write,
    report: (trouble) => troubles.push(trouble),
    batchSize: 3,
    capacity: 9,
    retryAfter: 100,
    retryAtMost: 1000,
    ...options,
  })
  let next = 0
  const record = (count: number) => {
    for (let index = 0; index < count; index++) recorder.record(anEvent({ at: next++ }))
  }
  return { sink, recorder, troubles, record }
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

describe('batches', () => {
  test('wait 200 ms for more, counted from the first event', async () => {
    const { sink, record } = setUp()
    record(1)
    await pass(150)
    record(1)
    await pass(49)
    expect(sink.batches).toEqual([])
    await pass(1)
    expect(sink.batches).toEqual([[0, 1]])
  })

  test('go at once when they are full', () => {
    const { sink, record } = setUp()
    record(3)
    expect(sink.batches).toEqual([[0, 1, 2]])
  })

  test('follow each other once a second, unless they are full, and soon again after a quiet while', async () => {
    const { sink, record } = setUp()
    record(1)
    await pass(200)
    await sink.succeed()
    record(1)
    await pass(999)
    expect(sink.batches).toEqual([[0]])
    await pass(1)
    await sink.succeed()
    expect(sink.batches).toEqual([[0], [1]])
    record(3)
    await sink.succeed()
    expect(sink.batches).toHaveLength(3)
    await pass(5000)
    record(1)
    await pass(200)
    expect(sink.batches).toEqual([[0], [1], [2, 3, 4], [5]])
  })

  test('go one at a time, in order, each event once', async () => {
    const { sink, recorder, record } = setUp()
    record(8)
    await pass(1000)
    expect(sink.batches).toEqual([[0, 1, 2]])
    await sink.succeed()
    expect(sink.batches.at(-1)).toEqual([3, 4, 5])
    await sink.succeed()
    // The rest is no full batch, so it waits for others.
    expect(sink.batches).toHaveLength(2)
    await pass(1000)
    await sink.succeed()
    expect(sink.stored).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(recorder.waiting).toBe(0)
  })
})

describe('a sink that fails', () => {
  test('is tried again with the same events, ever more seldom up to a bound', async () => {
    const { sink, record } = setUp()
    record(3)
    for (const pause of [100, 200, 400, 800, 1000, 1000]) {
      const tried = sink.batches.length
      await sink.fail()
      await pass(pause - 1)
      expect(sink.batches).toHaveLength(tried)
      await pass(1)
      expect(sink.batches).toHaveLength(tried + 1)
    }
    expect(new Set(sink.batches.map(String))).toEqual(new Set(['0,1,2']))
    await sink.succeed()
    expect(sink.stored).toEqual([0, 1, 2])
  })

  test('is not hurried by events that arrive meanwhile, which follow in order', async () => {
    const { sink, record } = setUp()
    record(5)
    await sink.fail()
    record(2)
    expect(sink.batches).toHaveLength(1)
    await pass(100)
    await sink.succeed()
    await sink.succeed()
    await pass(1000)
    await sink.succeed()
    expect(sink.stored).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('that throws instead of rejecting hurts nobody', async () => {
    const { recorder, record, troubles } = setUp({
      sink: () => {
        throw new Error('at once')
      },
    })
    record(3)
    await pass(0)
    expect(recorder.waiting).toBe(3)
    expect(troubles[0]?.error).toMatchObject({ message: 'at once' })
  })

  test('is reported once a minute', async () => {
    const { sink, record, troubles } = setUp()
    record(3)
    await sink.fail('disk full')
    expect(troubles).toEqual([
      { dropped: 0, waiting: 3, error: expect.objectContaining({ message: 'disk full' }) },
    ])
    for (let passed = 0; passed < 59_000; passed += 1000) {
      await pass(1000)
      await sink.fail()
    }
    expect(troubles).toHaveLength(1)
    await pass(2000)
    await sink.fail()
    expect(troubles).toHaveLength(2)
  })
})

describe('too many events', () => {
  test('cost the oldest, which are counted and reported', async () => {
    const { sink, recorder, record, troubles } = setUp()
    record(12)
    // 0 to 2 are being written; 3 to 5 had to go.
    expect(recorder.waiting).toBe(9)
    expect(recorder.dropped).toBe(3)
    expect(troubles).toEqual([{ dropped: 3, waiting: 7, error: undefined }])
    for (let batch = 0; batch < 3; batch++) await sink.succeed()
    expect(sink.stored).toEqual([0, 1, 2, 6, 7, 8, 9, 10, 11])
  })

  test('keep the memory bounded for as long as the sink fails', async () => {
    const { sink, recorder, record } = setUp()
    record(3)
    await sink.fail()
    record(10_000)
    expect(recorder.waiting).toBeLessThanOrEqual(9)
    expect(recorder.waiting + recorder.dropped).toBe(10_003)
  })

  test('and a log that is gone, too, hurt nobody', () => {
    const { recorder, record } = setUp({
      report: () => {
        throw new Error('EPIPE')
      },
    })
    record(100)
    expect(recorder.dropped).toBeGreaterThan(0)
  })
})

describe('closing', () => {
  test('stores what waits without further delay', async () => {
    const { sink, recorder, record } = setUp()
    record(5)
    const closed = recorder.close(10_000)
    await sink.succeed()
    await sink.succeed()
    await closed
    expect(sink.stored).toEqual([0, 1, 2, 3, 4])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is quick when nothing waits', async () => {
    await setUp().recorder.close(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('tries a failing sink until the deadline, then says what was lost', async () => {
    const { sink, recorder, record, troubles } = setUp()
    record(4)
    await sink.fail()
    let over = false
    const closed = recorder.close(450).then(() => {
      over = true
    })
    for (const _ of [1, 2, 3, 4]) {
      await sink.fail()
      await pass(100)
    }
    expect(over).toBe(false)
    expect(sink.batches.length).toBeGreaterThanOrEqual(4)
    await pass(50)
    await closed
    expect(troubles.at(-1)).toMatchObject({ dropped: 4 })
    expect(vi.getTimerCount()).toBe(0)
    record(1)
    expect(recorder.dropped).toBe(5)
  })
})
