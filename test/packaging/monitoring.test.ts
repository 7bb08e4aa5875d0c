import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Metrics } from '../../src/admin/metrics.ts'
import { DurationTally } from '../../src/figures.ts'
import { REFUSALS } from '../../src/filter/replies.ts'
import { ROOT } from './installed-package.ts'

const read = (name: string) => readFileSync(join(ROOT, 'scripts/packaging', name), 'utf8')
const rules = read('prometheus/timedelay.rules.yml')
const page = read('monitoring.md')
const METRIC = /\btimedelay_[a-z_]*[a-z]/g

/** The names of all series that Prometheus would read. */
async function series(): Promise<ReadonlySet<string>> {
  const { histogram } = new DurationTally()
  const figures = {
    listening: 1,
    connections: 0,
    verdicts: { forward: 1 },
    replies: histogram,
    database: histogram,
    waiting: 0,
    dropped: 0,
  }
  const text = await new Metrics({ figures: async () => figures }).text(true)
  const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(
    typed.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  )
}

test('every alert asks about figures that the service has', async () => {
  const known = await series()
  const asked = new Set(rules.match(METRIC))
  expect(asked.size).toBeGreaterThan(7)
  expect([...asked].filter((name) => !known.has(name))).toEqual([])
})

test('every figure of the filter and of its console is explained, and no other', async () => {
  const known = await series()
  const told = new Set(page.match(METRIC)?.filter((name) => name !== 'timedelay_console'))
  expect([...told].filter((name) => !known.has(name))).toEqual([])
  const parts = /_(?:bucket|count|sum)$|^timedelay_console_/
  expect([...known].filter((name) => !parts.test(name) && !told.has(name))).toEqual([])
})

test('every alert is explained, and every verdict', () => {
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
  expect(alerts.length).toBeGreaterThan(8)
  for (const name of alerts) expect(page).toContain(name)
  const verdicts = [
    'forward',
    'postmaster',
    'defer',
    'throttled',
    ...Object.values(REFUSALS).map(({ verdict }) => verdict),
  ]
  const told = /by `verdict`: ([^|]+)/.exec(page)?.[1]?.trim().split(', ') ?? []
  expect(new Set(told)).toEqual(new Set(verdicts))
})
