import { defineConfig } from 'vitest/config'

/** The long runs: more fuzzing, more messages, more time. Not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/nightly/**/*.test.ts'],
    pool: 'forks',
    // What is timed has the machine to itself.
    fileParallelism: false,
    reporters: ['default', './test/totals.ts'],
    testTimeout: 3_600_000,
  },
})
