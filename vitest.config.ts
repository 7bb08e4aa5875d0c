import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/nightly/**'],
    pool: 'forks',
    reporters: ['default', './test/totals.ts'],
    restoreMocks: true,
  },
})
