// Workload f: many connections that say nothing, as a mail server's do most of the time: what each holds in memory, and
// what a message takes on one more connection beside them.
import { memoryOf } from './servers.mjs'
import { figure, table } from './table.mjs'
import { jobOf, WORKLOADS } from './workloads.mjs'

/** Milliseconds until memory that is only waiting to be collected has been. */
const SETTLE = 1500
const WORKLOAD = WORKLOADS.a

export async function measureIdle(load, servers, pace, requireRight) {
  const rows = []
  for await (const server of servers) {
    const job = (more) =>
      jobOf(WORKLOAD, { address: server.unix, pids: [server.pid], planCount: 200, ...more })
    const message = job({ warmUp: pace.hotUp / 4, duration: pace.duration })
    requireRight(server, 'f', await load.ask('measure', job({ warmUp: 0, duration: pace.hotUp / 8 })))
    const before = memoryOf(server.pid).now
    requireRight(server, 'f', await load.ask('hold', { ...job({}), connections: pace.connections }))
    await new Promise((resolve) => setTimeout(resolve, SETTLE))
    const each = (memoryOf(server.pid).now - before) / pace.connections
    const beside = await load.ask('measure', message)
    requireRight(server, 'f', beside)
    await load.ask('release', {})
    rows.push([
      server.name,
      figure(pace.connections),
      figure(each),
      figure(beside.message.p50),
      figure(beside.message.p99),
    ])
  }
  const head = ['server', 'idle connections', 'KiB each', 'message p50 ms', 'p99']
  return `(f) Idle connections; at most 12 KiB each, and a message in less than 1 ms (p50).\n\n${table(head, rows)}`
}
