import { defineConfig } from 'vitest/config'

const onCi = process.env['CI'] === 'true'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/nightly/**'],
    pool: 'forks',
    // Most of the time is spent waiting for mail servers and browsers, so two files at a time are worth it on two cores.
    maxWorkers: onCi ? 1 : 2,
    // Browsers on a machine that others use stand still for longer than any deadline now and then. What needs its second
    // try is printed, and is a defect of ours until its cause is known.
    retry: onCi ? 1 : 0,
    // A shared machine may stand still for seconds. Nothing waits this long when all is well.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/totals.ts'],
    restoreMocks: true,
  },
})
