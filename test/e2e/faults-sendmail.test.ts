import { describe, vi } from 'vitest'
import { mailServersMissing } from '../support/mta/packages.ts'
import { startSendmail } from '../support/mta/sendmail.ts'
import { faultsBehind } from './faults.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail')

describe.skipIf(missing)('behind sendmail, with the service', () => faultsBehind('sendmail', startSendmail))
