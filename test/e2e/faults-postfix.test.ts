import { describe, vi } from 'vitest'
import { mailServersMissing } from '../support/mta/packages.ts'
import { startPostfix } from '../support/mta/postfix.ts'
import { faultsBehind } from './faults.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('postfix')

describe.skipIf(missing)('behind postfix, with the service', () => faultsBehind('postfix', startPostfix))
