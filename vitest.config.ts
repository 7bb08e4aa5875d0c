import { defineConfig } from 'vitest/config'

/** Tests of single floors. They leave nothing behind, so a worker keeps what it has loaded: a quarter of their time. */
const FLOORS = ['address', 'contracts', 'filter', 'milter', 'service', 'store', 'web'].map(
  (floor) => `test/${floor}/**/*.test.{ts,tsx}`,
)

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    pool: 'forks',
    // Most of the time is spent waiting for mail servers and browsers, so two files at a time are worth it on two cores.
    maxWorkers: 2,
    // Where nobody watches, a test has a second try. What needs it is printed, and is a defect of ours until its cause is
    // known: the last one was a key that was bound only after its view was painted.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // A shared machine may stand still for seconds. Nothing waits this long when all is well.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/totals.ts'],
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'floors', include: FLOORS, isolate: false } },
      {
        extends: true,
        test: { name: 'house', include: ['test/**/*.test.ts'], exclude: [...FLOORS, 'test/nightly/**'] },
      },
    ],
  },
})
