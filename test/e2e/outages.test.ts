import { describe, vi } from 'vitest'
import { mailServersMissing } from '../support/mta/packages.ts'
import { startPostfix } from '../support/mta/postfix.ts'
import { outagesBehind } from './outages.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('postfix')

describe.skipIf(missing)('while Postfix brings mail', () =>
  outagesBehind(startPostfix, { locked: 2, restarts: 1 }),
)
