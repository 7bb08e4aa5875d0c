import { defineConfig } from 'vitest/config'

/** The long runs: more fuzzing, more messages, more time. Not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/nightly/**/*.test.ts'],
    pool: 'forks',
    reporters: ['default', './test/totals.ts'],
    testTimeout: 3_600_000,
  },
})
