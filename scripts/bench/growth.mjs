// How cost grows: with the number of prefixes, of rows that mail leaves behind, and of connections. The load and the
// messages stay the same; only what lies there already differs.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Sqlite } from '../../dist/store/sqlite/engine.js'
import { makeDatabase, memoryOf, startLoad, startOurs } from './servers.mjs'
import { figure, table } from './table.mjs'
import { jobOf, WORKLOADS } from './workloads.mjs'
import { DOMAIN } from './world.mjs'

/** Names of three letters end at 17,576. */
const LETTERS = 5
const SIZES = {
  tiny: { prefixes: [10, 100], rows: [0, 1000], connections: [1, 10] },
  usual: { prefixes: [10, 1000, 100_000], rows: [0, 10_000, 1_000_000], connections: [1, 50, 1000, 5000] },
  long: {
    prefixes: [10, 1000, 100_000, 1_000_000],
    rows: [0, 10_000, 1_000_000, 10_000_000],
    connections: [1, 50, 1000, 5000],
  },
}
/** Addresses that are all different, so that each is looked up in the database. */
const VARIANTS = 1000
const DIFFERENT = 20_000
const ROUNDS = 3

export async function measureGrowth(bench) {
  const sizes = bench.tiny ? SIZES.tiny : bench.long ? SIZES.long : SIZES.usual
  bench.say(await byPrefixes(bench, sizes.prefixes))
  bench.say(await byRows(bench, sizes.rows))
  bench.say(await byConnections(bench, sizes.connections))
}

/** Runs `measure` with a service on its own database, and stops it again. */
async function withService({ directory, cpus }, database, options, measure) {
  const place = join(directory, 'growth')
  mkdirSync(place, { recursive: true })
  const server = await startOurs(place, { database, cpu: cpus?.servers, options })
  const load = startLoad(cpus?.load)
  try {
    return await measure(server, load)
  } finally {
    await load.stop()
    await server.stop()
    rmSync(place, { recursive: true, force: true })
  }
}

/** The round with the least CPU: whatever else the machine does can only add to it. */
async function ask({ pace, requireRight }, server, load, workload, shape = {}, planCount = undefined) {
  const measure = async (times) => {
    const job = { address: server.unix, pids: [server.pid], shape, planCount, ...times }
    const result = await load.ask('measure', jobOf(workload, job))
    requireRight(server, 'growth', result)
    const cpu = (result.cpu[0] / result.messages) * 1000
    return { ...result, cpu, rate: result.messages / result.seconds }
  }
  await measure({ warmUp: 0, duration: Math.max(pace.hotUp / 4, 100) })
  let best
  for (let round = 0; round < ROUNDS; round += 1) {
    const result = await measure({ warmUp: pace.warmUp, duration: pace.duration })
    if (best === undefined || result.cpu < best.cpu) best = result
  }
  return best
}

function growthOf(cells) {
  return (cells.at(-1) / cells[0]).toFixed(2)
}

async function byPrefixes(bench, counts) {
  const rows = []
  const costs = []
  for (const prefixes of counts) {
    const { database } = makeDatabase(bench.directory, prefixes, LETTERS)
    await withService(bench, database, [], async (server, load) => {
      const rest = memoryOf(server.pid).now
      const shape = { prefixes, letters: LETTERS, variants: VARIANTS }
      const { cpu, message } = await ask(bench, server, load, WORKLOADS.a, shape, DIFFERENT)
      const { now } = memoryOf(server.pid)
      rows.push([
        figure(prefixes),
        figure(server.startedIn),
        figure(rest / 1024),
        figure(now / 1024),
        figure(cpu),
        figure(message.p50),
      ])
      costs.push(cpu)
    })
    rmSync(dirname(database), { recursive: true })
  }
  const head = ['prefixes', 'start ms', 'MiB at rest', 'MiB under load', 'CPU µs a message', 'p50 ms']
  return (
    `Prefixes; ${figure(DIFFERENT)} messages to different addresses.\n\n${table(head, rows)}\n` +
    `From the least to the most prefixes a message costs ${growthOf(costs)} times as much.\n`
  )
}

/** Decisions and address records as mail would have left them, written straight into the tables. */
function fill(database, rows) {
  const db = new Sqlite(database)
  const { id } = db.prepare('SELECT id FROM domains').get()
  const count = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)'
  const now = Date.now()
  const localPart = `substr('aaaaabacadaeafagahaiaj', 1 + i % 10 * 2, 3) || (20200101 + i / 1000000) || printf('%02d', i % 99 + 1) || i`
  db.transaction(() => {
    db.prepare(
      `${count} INSERT INTO decisions (at, day, queue_id, client, sender, recipient, domain, prefix, local_part, verdict)
       SELECT ${now} - i, ${Math.floor(now / 86_400_000)}, '4AMB' || i, 'client.example.org [192.0.2.25]',
         'sender' || (i % 1000) || '@shop.example', ${localPart} || '@${DOMAIN}', '${DOMAIN}', 'aaa', ${localPart}, 'forward'
       FROM n`,
    ).run(rows)
    db.prepare(
      `${count} INSERT INTO addresses (domain_id, local_part, prefix, created_at, accepted, last_sender, last_seen_at, by_person)
       SELECT ${id}, ${localPart}, 'aaa', ${now} - i, 1, 'sender@shop.example', ${now} - i, 0 FROM n`,
    ).run(rows)
  })()
  db.close()
}

async function byRows(bench, counts) {
  const rows = []
  const costs = []
  for (const count of counts) {
    const { database } = makeDatabase(bench.directory, 1000)
    if (count > 0) fill(database, count)
    // The bound is above what is there, and each batch takes as many rows from the old end as it adds.
    const keep = ['--keep-decisions', String(Math.max(count, 10_000))]
    await withService(bench, database, keep, async (server, load) => {
      const { cpu, message } = await ask(bench, server, load, WORKLOADS.a)
      const memory = memoryOf(server.pid)
      rows.push([
        figure(count),
        figure(server.startedIn),
        figure(cpu),
        figure(message.p50),
        figure(message.p99),
        figure(memory.now / 1024),
      ])
      costs.push(cpu)
    })
    rmSync(dirname(database), { recursive: true })
  }
  const head = ['rows in each table', 'start ms', 'CPU µs a message', 'p50 ms', 'p99 ms', 'MiB under load']
  return (
    `Rows in the tables of decisions and of addresses, the oldest decisions being pruned meanwhile.\n\n${table(head, rows)}\n` +
    `From the least to the most rows a message costs ${growthOf(costs)} times as much.\n`
  )
}

async function byConnections(bench, counts) {
  const rows = []
  const costs = []
  const { database } = makeDatabase(bench.directory, 1000)
  for (const connections of counts) {
    await withService(bench, database, [], async (server, load) => {
      const workload = { ...WORKLOADS.a, connections }
      const { cpu, rate, message, served } = await ask(bench, server, load, workload)
      rows.push([
        figure(connections),
        figure(cpu),
        figure(rate),
        figure(message.p50),
        figure(message.p99),
        (Math.min(...served) / Math.max(...served)).toFixed(2),
        figure(memoryOf(server.pid).now / 1024),
      ])
      costs.push(cpu)
    })
  }
  const head = [
    'busy connections',
    'CPU µs a message',
    'msg/s',
    'p50 ms',
    'p99 ms',
    'least / most served',
    'MiB',
  ]
  return (
    `Connections that all send, one recipient each.\n\n${table(head, rows)}\n` +
    `From the fewest to the most connections a message costs ${growthOf(costs)} times as much.\n`
  )
}
