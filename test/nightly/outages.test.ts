// The long version of test/e2e/outages.test.ts: behind both servers, and with a database that is locked for a minute.

import { describe, vi } from 'vitest'
import { outagesBehind } from '../e2e/outages.ts'
import { mailServersMissing } from '../support/mta/packages.ts'
import { SERVERS } from '../support/mta/servers.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')

describe.skipIf(missing).each(SERVERS)('while %s brings mail', (_, start) =>
  outagesBehind(start, { locked: 60, restarts: 3 }),
)
